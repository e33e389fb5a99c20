using System.Runtime.CompilerServices;

namespace Bet.Engine.Compute.Cpu;

/// <summary>A <see cref="RowSource"/> as the kernels read it: pointers, and divisions as products.</summary>
internal unsafe struct FieldSource
{
    private readonly int head;
    private readonly int cells;
    private readonly ulong divisorReciprocal;
    private readonly ulong cellsReciprocal;

    public FieldSource(FieldLookup lookup, int place)
    {
        var source = lookup.Sources[place];
        var table = source.Table;
        head = source.Head;
        cells = (int)source.Cells;
        divisorReciprocal = Reciprocal(source.Divisor);
        cellsReciprocal = Reciprocal(source.Cells);
        Values = table.Value.Pointer;
        FirstState = table.States.Count > 0 ? table.States[0].Pointer : null;
        SecondState = table.States.Count > 1 ? table.States[1].Pointer : null;
        ThirdState = table.States.Count > 2 ? table.States[2].Pointer : null;
        Width = table.Value.Columns;
        (Field, Column, Operation, Precision) = (source.Field, source.Column, source.Operation, source.Precision);
        (Set, Next) = (lookup.SetOf(place), lookup.NextOf(place));
    }

    /// <summary>[rows, w].</summary>
    public float* Values { get; }

    /// <summary>[rows, w], or null; so are the others.</summary>
    public float* FirstState { get; }

    public float* SecondState { get; }

    public float* ThirdState { get; }

    /// <summary>w.</summary>
    public int Width { get; }

    public int Field { get; }

    public int Column { get; }

    public RowOperation Operation { get; }

    /// <summary>That the rows are rounded to where they are read.</summary>
    public Precision Precision { get; }

    /// <summary>The place of the first source of the same columns.</summary>
    public int Set { get; }

    /// <summary>The place of the next source of the same columns, or -1.</summary>
    public int Next { get; }

    /// <summary>In an update: [b], the row that each sample reads, or -1.</summary>
    public int* RowOfSample { get; set; }

    /// <summary>In an update: the loss's derivatives by the rows that the samples read, w values for each.</summary>
    public float* Slopes { get; set; }

    /// <summary>From one sample's slopes to the next's.</summary>
    public long SlopeStride { get; set; }

    /// <summary>In an update: [b, w], the rounded rows that the samples read; null where rows are read as they are, or need not be.</summary>
    public float* Rounded { get; set; }

    /// <summary><see cref="RowSource.RowOf"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int RowOf(int category)
    {
        if (category < head)
            return Operation == RowOperation.Set ? category : -1;
        uint quotient = Quotient((uint)(category - head), divisorReciprocal);
        uint cell = quotient - (Quotient(quotient, cellsReciprocal) * (uint)cells);
        return (int)cell + (Operation == RowOperation.Set ? head : 0);
    }

    /// <summary>
    /// ceil(2^64 / divisor), by which the upper half of a product is the exact quotient of any 32-bit number (Lemire, Kaser
    /// and Kurz 2019, theorem 1); 0 stands for the divisor 1. No category is as large as a divisor above 2^31.
    /// </summary>
    private static ulong Reciprocal(long divisor) => divisor switch
    {
        1 => 0,
        > int.MaxValue => 1,
        _ => (ulong.MaxValue / (ulong)divisor) + 1,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Quotient(uint value, ulong reciprocal) =>
        reciprocal == 0 ? value : (uint)Math.BigMul(reciprocal, value, out _);
}
