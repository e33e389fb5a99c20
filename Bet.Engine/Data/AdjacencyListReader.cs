namespace Bet.Engine.Data;

/// <summary>
/// Lists as NGCF and LightGCN publish them: each line a user and then the user's items, separated by spaces or tabs.
/// A user without items counts as a user; a user may have several lines.
/// </summary>
internal static class AdjacencyListReader
{
    public static void Read(ByteLines lines, InteractionBuilder builder)
    {
        builder.AgreeOnTimestamps(false);
        builder.Understand(new DatasetReading { Format = DatasetKind.Adjacency });
        while (lines.TryRead(out var line))
        {
            int position = 0;
            var token = NextToken(line, ref position);
            if (token.IsEmpty)
                continue;
            int user = builder.User(token);
            while (!(token = NextToken(line, ref position)).IsEmpty)
            {
                if (!builder.TryAdd(user, builder.Item(token)))
                    throw lines.Error("fewer interactions: the limit is reached", $"more than {builder.Count}");
            }
        }
    }

    /// <summary>The next run of bytes that are neither space nor tab; empty at the end of the line.</summary>
    private static ReadOnlySpan<byte> NextToken(ReadOnlySpan<byte> line, ref int position)
    {
        int start = position;
        while (start < line.Length && line[start] is ((byte)' ' or (byte)'\t'))
            start++;
        int end = start;
        while (end < line.Length && line[end] is not ((byte)' ' or (byte)'\t'))
            end++;
        position = end;
        return line[start..end];
    }
}
