namespace Bet.Engine.Compute.Cpu;

/// <summary>Rows of a lookup as they are read again from a table of lower precision.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Values of a row that are rounded before they are joined: all of most rows, a part of those of a path.</summary>
    private const int RoundedLength = 128;

    private static void JoinRoundedRows<TJoin>(in FieldSource source, int* rows, int samples, float* result, int columns)
        where TJoin : IJoin
    {
        float* rounded = stackalloc float[RoundedLength];
        int width = source.Width;
        for (int i = 0; i < samples; i++)
        {
            if (rows[i] < 0)
                continue;
            var row = ReadRow(source, rows[i]);
            var rounding = new RowRounding(row, source.Precision);
            for (int at = 0; at < width; at += RoundedLength)
            {
                int length = Math.Min(RoundedLength, width - at);
                rounding.Round(row.Slice(at, length), new Span<float>(rounded, length));
                Join<TJoin>(rounded, result + ((long)i * columns) + at, length);
            }
        }
    }

    /// <summary>The rows of one source that the gradients of others go by, for a chunk of the samples.</summary>
    private static void RoundFactors(in FieldUpdate update, int chunk)
    {
        int place = chunk / update.ChunksPerSource, start = chunk % update.ChunksPerSource * UpdatesPerChunk;
        var source = update.Sources[place];
        if (source.Rounded is null)
            return;
        int end = Math.Min(update.Samples, start + UpdatesPerChunk);
        for (int sample = start; sample < end; sample++)
        {
            if (sample + RowsAhead < end && source.RowOfSample[sample + RowsAhead] is >= 0 and var later)
                Prefetch(source.Values + ((long)later * source.Width), source.Width);
            if (source.RowOfSample[sample] is >= 0 and var row)
                RowQuantiser.Round(ReadRow(source, row), source.Precision, new Span<float>(source.Rounded + ((long)sample * source.Width), source.Width));
        }
    }

    private static ReadOnlySpan<float> ReadRow(in FieldSource source, int row) =>
        new(source.Values + ((long)row * source.Width), source.Width);
}
