using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;

namespace Bet.Bench;

/// <summary>
/// The data that is measured on: a folder's, or generated ones of Gowalla's shape. Train is the given train part, or
/// four fifths at random; the graph also goes into a file that the peers read (see bench/peers/peer.py).
/// </summary>
public sealed class Workload : IDisposable
{
    private const int GowallaUsers = 29_858;
    private const int GowallaItems = 40_981;
    private const int GowallaInteractions = 1_027_370;

    /// <summary>Share of a validation part, which splitting demands; put back into train.</summary>
    private const double Spare = 0.001;

    private readonly string temporary = Directory.CreateTempSubdirectory("bet-bench-").FullName;
    private readonly Lazy<PreparedDataset> prepared;
    private readonly Lazy<string> graphFile;
    private readonly string? given;

    /// <param name="folder">A data set, or null for Gowalla where it can be found, else generated data.</param>
    /// <param name="threads">How many threads compute.</param>
    /// <param name="seed">Of everything random.</param>
    public Workload(string? folder, int threads, ulong seed)
    {
        if (folder is not null && !Directory.Exists(folder))
            throw new UsageException($"--data {folder}: there is no such folder");
        given = folder ?? Gowalla();
        (Threads, Seed) = (threads, seed);
        Backend = new CpuBackend(threads);
        prepared = new Lazy<PreparedDataset>(Prepare);
        graphFile = new Lazy<string>(WriteGraph);
    }

    public Backend Backend { get; }

    public int Threads { get; }

    public ulong Seed { get; }

    /// <summary>Where the data came from, for a person.</summary>
    public string Source => given is null ? "generated data of Gowalla's shape" : Path.GetFileName(given.TrimEnd('/'));

    /// <summary>Train and Test; Validation's interactions are part of Train.</summary>
    public PreparedDataset Data => prepared.Value;

    /// <summary>The graph as the peers read it.</summary>
    public string GraphFile => graphFile.Value;

    /// <summary>A folder with the data's files.</summary>
    public string Folder
    {
        get
        {
            if (given is not null)
                return given;
            string folder = Path.Combine(temporary, "data");
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                using var stream = File.Create(Path.Combine(folder, "train.txt"));
                InteractionWriter.WriteAdjacency(Generate(), stream);
            }

            return folder;
        }
    }

    /// <summary>A path of a file that is deleted with the workload.</summary>
    public string TemporaryFile(string name) => Path.Combine(temporary, name);

    /// <summary>The arguments that every peer understands.</summary>
    public List<string> PeerArguments(params string[] more) =>
        ["--threads", $"{Threads}", "--seed", $"{Seed}", .. more];

    public Ids Upload(ReadOnlySpan<int> values)
    {
        var ids = Backend.AllocateIds(values.Length);
        Backend.Upload(values, ids);
        return ids;
    }

    /// <summary>Random rows of the given stream.</summary>
    public Tensor Random(int rows, int columns, uint stream)
    {
        var tensor = Backend.Allocate(rows, columns);
        Backend.FillNormal(new Philox(Seed, RandomPurpose.Test, stream), 1, tensor);
        return tensor;
    }

    public void Dispose()
    {
        Backend.Dispose();
        Directory.Delete(temporary, recursive: true);
    }

    private static string? Gowalla()
    {
        string place = Path.Combine("shared", "data", "gowalla");
        return Repository.Upward(Repository.Root, place) is { } above ? Path.Combine(above, place) : null;
    }

    private InteractionSet Generate() =>
        SyntheticData.Generate(new SyntheticOptions(GowallaUsers, GowallaItems, GowallaInteractions, Seed));

    private PreparedDataset Prepare()
    {
        InteractionSet set;
        try
        {
            set = given is null ? Generate() : DatasetReader.ReadFolder(given);
        }
        catch (Exception e) when (e is FileNotFoundException or DataFormatException)
        {
            throw new UsageException(e.Message);
        }

        var split = set.TestStart is null
            ? new SplitOptions(SplitKind.Random, 0.8 - Spare, Spare)
            : new SplitOptions(SplitKind.AsGiven, Validation: Spare);
        var data = Splitter.Split(set, split, Seed);
        return data with { Train = Interactions.Union(data.Train, data.Validation) };
    }

    private string WriteGraph()
    {
        string path = TemporaryFile("graph.bin");
        using var writer = new BinaryWriter(File.Create(path));
        int[] head = [Data.UserCount, Data.ItemCount, Data.Train.Count, Data.Test.Count];
        foreach (int[] part in new[] { head, Data.Train.Offsets, Data.Train.Items, Data.Test.Offsets, Data.Test.Items })
        {
            foreach (int value in part)
                writer.Write(value);
        }

        return path;
    }
}
