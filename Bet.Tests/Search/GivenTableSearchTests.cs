using System.Text;
using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Engine.Reports;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Tests.Search;

public sealed class GivenTableSearchTests : IDisposable
{
    private const int Size = 12;

    private readonly string folder = Directory.CreateTempSubdirectory("bet-given-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("mf", null)]
    [InlineData("lightgcn", Precision.Int4)]
    public void Compressed_only_every_value_is_a_given_one_rounded(string backbone, Precision? precision)
    {
        var (given, trained) = Given(backbone);
        string place = Run("cut", Options(backbone, fineTune: false, precision), given);

        // The full row is what the table was measured to be where it was trained.
        var full = Result(place, "pretrain");
        Assert.Equal(("full", TrainedOn.Given, 0), (full.Name, full.TrainedOn, full.Epochs));
        Assert.Equal(trained.Test.RecallAt(20), full.Test.RecallAt(20), 0.005);
        Assert.Equal(trained.Validation!.NdcgAt(20), full.Validation!.NdcgAt(20), 0.005);

        // Turned to its principal axes all scores are what they were ...
        var turned = Table(Path.Combine(place, "pretrain.safetensors"));
        var data = Prepared(place);
        float[] users = given.UsersInOrderOf(data.UserIds), items = given.ItemsInOrderOf(data.ItemIds);
        for (int i = 0; i < 200; i++)
        {
            int user = i % data.UserCount, item = i * 7 % data.ItemCount;
            Assert.Equal(Dot(users, user, items, item), Dot(turned.Users.Unpack(Size), user, turned.Items.Unpack(Size), item), 1e-3);
        }

        // ... and whatever is searched, compared or served holds its first values, rounded and nothing else.
        using var backend = new CpuBackend(2);
        var axes = Result(place, "retrain-1").Axes;
        foreach (string name in new[] { "retrain-1", "compare-1", "artifacts/table" })
        {
            var table = Table(Path.Combine(place, name + ".safetensors"));
            using var rounded = new Recommender(
                backend, data, Options(backbone, fineTune: false, precision).BackboneOptions, table.Shape with { Axes = axes });
            rounded.TakePrefixes(new TrainedWeights(turned, []));
            var expected = rounded.Pack(turned.Origin).Table;
            Assert.Equal(expected.Users, table.Users);
            Assert.Equal(expected.Items, table.Items);
        }

        ManifestVerifier.Verify(Path.Combine(place, "artifacts"));
        using var metrics = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(place, "artifacts", ArtifactWriter.MetricsName)));
        Assert.All(metrics.RootElement.GetProperty("tables").EnumerateArray(), row => Assert.Equal("given", row.GetProperty("trainedOn").GetString()));
        Assert.Contains("nothing was trained", metrics.RootElement.GetProperty("protocol").GetString());
        string page = File.ReadAllText(Path.Combine(place, "artifacts", ReportPage.Name), Encoding.UTF8);
        Assert.Contains("full size, as given", page);
        Assert.Contains("of the full table's Recall@20", page);
    }

    [Fact]
    public void Fine_tuned_the_tables_begin_with_the_given_values_and_are_trained()
    {
        var (given, _) = Given("mf");
        string place = Run("tuned", Options("mf", fineTune: true, Precision.Int4), given);
        Assert.Equal(TrainedOn.Given, Result(place, "pretrain").TrainedOn);
        var retrained = Result(place, "retrain-1");
        Assert.Equal(TrainedOn.Train, retrained.TrainedOn);
        Assert.InRange(retrained.BestEpoch, 1, 6);
        // A few epochs from random values would know next to nothing.
        Assert.True(retrained.Quality > 0.8 * Result(place, "pretrain").Quality, $"{retrained.Quality} of {Result(place, "pretrain").Quality}");
        var turned = Table(Path.Combine(place, "pretrain.safetensors"));
        var table = Table(Path.Combine(place, "retrain-1.safetensors"));
        Assert.NotEqual(PackedRows.Pack(turned.Users.Unpack(Size), Size, (SideSizes)table.Users.Shape), table.Users);
    }

    [Fact]
    public void The_order_of_the_given_rows_does_not_matter_and_a_curve_takes_the_table_once()
    {
        var (given, _) = Given("mf");
        var options = Options("mf", fineTune: false, Precision.Int8) with { Budgets = [new(Sparsity: 0.75), new(Sparsity: 0.9)] };
        int reads = 0;
        string one = Run("one", options, given, () => reads++);
        Assert.Equal(1, reads);
        int[] backwards = [.. Enumerable.Range(0, given.UserIds.Count).Reverse()];
        var turned = given with
        {
            UserIds = given.UserIds.InOrder(backwards),
            Users = [.. backwards.SelectMany(row => given.Users[(row * Size)..((row + 1) * Size)])],
        };
        string other = Run("other", options, turned);
        foreach (string name in new[] { "budget-1/table.safetensors", "budget-2/table.safetensors", "curve.json" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(one, "artifacts", name)), File.ReadAllBytes(Path.Combine(other, "artifacts", name)));
    }

    [Fact]
    public void A_cancelled_search_of_a_given_table_keeps_the_best_so_far()
    {
        var (given, _) = Given("mf");
        var options = Options("mf", fineTune: false, Precision.Int8);
        using var backend = new CpuBackend(2);
        using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(folder), Data, () => given);
        foreach (var step in options.Steps().Take(3))
            search.Run(step, null, CancellationToken.None);
        Assert.True(search.ExportBestSoFar());
        ManifestVerifier.Verify(Path.Combine(folder, "artifacts"));
    }

    [Theory]
    [InlineData("ncf", "backbone", "mf and lightgcn have none")]
    [InlineData("ngcf", "backbone", "has weights beside its table")]
    [InlineData("mf", "maximumSize", "64 was given; the table has rows of 12 values")]
    [InlineData("mf", "warmStart", "leave it out")]
    [InlineData("mf", "refit", "not known")]
    [InlineData("mf", "pretrainEpochs", "not trained")]
    [InlineData("mf", "fineTuneEpochs", "nothing is trained")]
    [InlineData("mf", "retrainEpochs", "nothing is trained")]
    [InlineData("mf", "minimumSize", "at most 12")]
    [InlineData("mf", "compare", "'low-rank' was given; with fineTune false nothing is trained")]
    public void What_a_given_table_leaves_no_meaning_is_refused(string backbone, string field, string message)
    {
        var overrides = new SearchOverrides { FineTune = false };
        overrides = field switch
        {
            "maximumSize" => overrides with { MaximumSize = 64 },
            "minimumSize" => overrides with { MinimumSize = 13 },
            "warmStart" => overrides with { WarmStart = false },
            "refit" => overrides with { Refit = true },
            "pretrainEpochs" => overrides with { PretrainEpochs = 3 },
            "fineTuneEpochs" => overrides with { FineTuneEpochs = 3 },
            "retrainEpochs" => overrides with { RetrainEpochs = 3 },
            "compare" => overrides with { Compare = ["magnitude", "product-quantisation", "low-rank"] },
            _ => overrides,
        };
        var error = Assert.Throws<OptionException>(() => GivenTableOptions.Create(
            backbone, new BudgetRequest(Sparsity: 0.8), Effort.Quick, 7, new SplitOptions(SplitKind.Random), overrides, Size, "ab"));
        Assert.Equal(field, error.Field);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void A_table_and_its_use_go_together()
    {
        var (given, _) = Given("mf");
        using var backend = new CpuBackend(1);
        var store = new DirectoryStepStore(folder);
        Assert.Throws<ArgumentException>(() => new BudgetedSearch(Options("mf", true, null), backend, store, Data));
        Assert.Throws<ArgumentException>(() => new CurveSearch(Options("mf", true, null) with { Table = null }, backend, store, Data, () => given));
    }

    /// <summary>A table that another search has trained, in the order of its ids, and what it measured.</summary>
    private (GivenTable Table, TrainedResult Trained) Given(string backbone)
    {
        var options = SearchPresets.Create(
            backbone, new BudgetRequest(Sparsity: 0.8), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
            new SearchOverrides { MaximumSize = Size, Layers = 2, PretrainEpochs = 10, BatchSize = 512, EvaluateEvery = 5 });
        string place = Path.Combine(folder, "elsewhere");
        using var backend = new CpuBackend(2);
        using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(place), Data);
        foreach (var step in options.Steps().Take(2))
            search.Run(step, null, CancellationToken.None);
        var data = Prepared(place);
        var table = Table(Path.Combine(place, "pretrain.safetensors"));
        return (new GivenTable(data.UserIds, data.ItemIds, Size, table.Users.Unpack(Size), table.Items.Unpack(Size)), Result(place, "pretrain"));
    }

    private static SearchOptions Options(string backbone, bool fineTune, Precision? precision) => GivenTableOptions.Create(
        backbone, new BudgetRequest(Sparsity: 0.8), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
        new SearchOverrides
        {
            FineTune = fineTune,
            Precision = precision,
            Layers = 2,
            Trials = 3,
            Candidates = 50,
            Retrained = 1,
            FineTuneEpochs = fineTune ? 1 : null,
            RetrainEpochs = fineTune ? 2 : null,
            BatchSize = 512,
        },
        Size, "ab");

    private static InteractionSet Data() => SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 3));

    private string Run(string name, SearchOptions options, GivenTable given, Action? read = null)
    {
        string place = Path.Combine(folder, name);
        using var backend = new CpuBackend(2);
        using var search = new CurveSearch(options, backend, new DirectoryStepStore(place), Data, () =>
        {
            read?.Invoke();
            return given;
        });
        search.RunAll(null, CancellationToken.None);
        return place;
    }

    private static double Dot(float[] users, int user, float[] items, int item) =>
        Enumerable.Range(0, Size).Sum(at => (double)users[(user * Size) + at] * items[(item * Size) + at]);

    private static PackedTable Table(string path)
    {
        using var stream = File.OpenRead(path);
        return TableFile.Read(stream);
    }

    private static PreparedDataset Prepared(string place)
    {
        using var stream = File.OpenRead(Path.Combine(place, "prepared.bin"));
        return PreparedDatasetFile.Read(stream);
    }

    private static TrainedResult Result(string place, string step) =>
        new SearchFiles(new DirectoryStepStore(place)).Read<TrainedResult>(step);
}
