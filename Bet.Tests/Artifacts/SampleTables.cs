using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Tests.Artifacts;

/// <summary>Small tables with sizes and values drawn from a seed.</summary>
internal static class SampleTables
{
    /// <summary>Ids that a careless writer would break.</summary>
    public static readonly string[] OddIds =
    [
        "plain", "", "comma,comma", "\"quoted\"", "line\nfeed", "carriage\r\nreturn", "tab\there", "back\\slash", "\\n",
        "žluťoučký 🐎", "\u2028separator\u0085", "\uFEFFmark", " spaces ", "=1+1",
    ];

    public static (SideSizes Sizes, float[] Dense) Side(Random random, int rows, int maximumSize, int minimumSize = 0)
    {
        int[] sizes = [.. Enumerable.Range(0, rows).Select(_ => random.Next(minimumSize, maximumSize + 1)).OrderDescending()];
        var dense = new float[rows * maximumSize];
        for (int i = 0; i < dense.Length; i++)
            dense[i] = i % maximumSize < sizes[i / maximumSize] ? random.NextSingle() - 0.5f : 0;
        return (SideSizes.FromRows(sizes, maximumSize), dense);
    }

    public static PackedTable Table(
        int seed, int users = 17, int items = 23, int maximumSize = 9, int minimumSize = 0, TablePrecision precision = default)
    {
        var random = new Random(seed);
        PackedSide[] sides =
        [
            Packed(Side(random, users, maximumSize, minimumSize), precision.Users),
            Packed(Side(random, items, maximumSize, minimumSize), precision.Items),
        ];
        long bytes = sides[0].ServingBytes + sides[1].ServingBytes;
        var budget = MemoryBudget.From(new BudgetRequest(Bytes: bytes), users, items, minimumSize, maximumSize);
        return new PackedTable(sides[0], sides[1], new TableOrigin((ulong)seed, "0123abcd", budget));

        // Rows of size 0 share vectors: the means of what is in their places.
        PackedSide Packed((SideSizes Sizes, float[] Dense) side, Precision stored)
        {
            int shared = side.Sizes.RowsOfSize[0] > 0 ? random.Next(1, maximumSize + 1) : 0;
            foreach (ref float value in side.Dense.AsSpan(side.Sizes.OwnRows * maximumSize))
                value = random.NextSingle() - 0.5f;
            return PackedRows.Pack(side.Dense, maximumSize, side.Sizes with { Precision = stored, SharedSize = shared });
        }
    }

    public static TrainedTable Trained(int seed = 3, TablePrecision precision = default) => new()
    {
        Table = Table(seed, users: OddIds.Length, items: 5, precision: precision),
        UserIds = OddIds,
        ItemIds = ["a", "b", "c", "d", "e"],
        UserFrequencies = [.. Enumerable.Range(0, OddIds.Length).Select(row => 100 - row)],
        ItemFrequencies = [1234567, 4, 3, 2, 1],
        Metrics = new { RecallAt20 = 0.1, Winner = SelectionRule.BestPredicted, Seconds = Environment.TickCount64 + 0.5 },
        Options = new { Backbone = "mf", Seed = 7 },
        DenseWeights = [new DenseWeight("hidden.weight", 2, 3, [1, 2, 3, 4, 5, 6]), new DenseWeight("bias", 1, 1, [-1])],
    };

    public static byte[] Bytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }
}

/// <summary>A folder that is gone after the test, with artifacts in it where a test asks for them.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("bet-artifacts-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public Manifest Write(TrainedTable trained) => ArtifactWriter.Write(trained, new DirectoryStepStore(Path).Write);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
