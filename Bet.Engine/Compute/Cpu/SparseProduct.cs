namespace Bet.Engine.Compute.Cpu;

/// <summary>What the kernels of <see cref="SpMM(float, CsrMatrix, Tensor, float, Tensor, Tensor, Ids?, Ids?)"/> work on.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>The operands of one product as the kernels see them.</summary>
    private readonly struct SparseProduct(
        float alpha, CsrMatrix a, StoredRows x, float beta, Tensor z, StoredRows y, Ids? sourceSizes, Ids? resultSizes)
    {
        /// <summary>How many non-zeros ahead the rows of X are asked for, across the borders of rows.</summary>
        public const int Ahead = 12;

        public readonly float Alpha = alpha;
        public readonly float Beta = beta;
        public readonly int* Offsets = a.RowOffsets.Pointer;
        public readonly int* ColumnIds = a.ColumnIds.Pointer;
        public readonly float* Values = a.Values.Pointer;
        public readonly int NonZeros = a.NonZeros;
        public readonly int Width = x.Columns;
        public readonly byte* X = (byte*)x.Address;
        public readonly float* Z = z.Pointer;
        public readonly void* Y = y.Address;
        public readonly bool RoundsY = y.Rounded;
        public readonly int* ResultSizes = resultSizes is null ? null : resultSizes.Pointer;
        private readonly int* sourceSizes = sourceSizes is null ? null : sourceSizes.Pointer;
        private readonly int sourceRows = x.Rows;

        /// <summary>The first of the non-zeros start .. end, whose ids rise, with an id at or above the limit.</summary>
        public int FirstAtOrAbove(int limit, int start, int end)
        {
            if (limit >= sourceRows)
                return end;
            while (start < end && ColumnIds[start] < limit)
                start++;
            return start;
        }

        /// <summary>How many rows of X, the first ones, have values at the column or beyond it.</summary>
        public int SourceRowsBeyond(int column)
        {
            if (sourceSizes is null)
                return sourceRows;
            int low = 0, high = sourceRows;
            while (low < high)
            {
                int middle = (int)(((uint)low + (uint)high) / 2);
                if (sourceSizes[middle] > column)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }
    }

    /// <summary>Rows as a sparse product reads or writes them: float32, or bfloat16 in half the bytes.</summary>
    private readonly struct StoredRows(void* address, int rows, int columns, bool rounded)
    {
        public readonly void* Address = address;
        public readonly int Rows = rows;
        public readonly int Columns = columns;
        public readonly bool Rounded = rounded;

        public static StoredRows Of(Tensor tensor) => new(tensor.Pointer, tensor.Rows, tensor.Columns, rounded: false);
    }
}
