using System.Text.Json.Nodes;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Reports;
using Bet.Engine.Search;
using Bet.Tests.Artifacts;

namespace Bet.Tests.Search;

public sealed class ComparedTablesTests
{
    [Theory]
    [InlineData("mf")]
    [InlineData("ncf")]
    [InlineData("ngcf")]
    [InlineData("lightgcn")]
    public void Every_row_is_trained_tested_and_served_within_the_same_budget(string backbone)
    {
        using var folder = new TemporaryFolder();
        var options = Options(backbone, [.. ComparedTables.Names]);
        Run(folder, options);
        var results = TrainedResult.ReadAll(new DirectoryStepStore(folder.Path), options);
        var first = results.Where(row => row.TrainedOn == TrainedOn.Train).ToList();
        Assert.Equal(["full", .. ComparedTables.Names], first.Take(ComparedTables.Names.Count + 1).Select(row => row.Name));
        var proof = ManifestVerifier.Verify(folder["artifacts"]).Budget;
        Assert.All(results.Where(row => row.Name != "full"), row =>
        {
            // Four bits of every value and 16 centroids are all that product quantisation has use for here.
            double least = row.Name == "product-quantisation" ? 0.5 : row.Name == "low-rank" ? 0.8 : 0.98;
            Assert.InRange(row.Bytes, least * proof.MaximumBytes, proof.MaximumBytes);
            Assert.True(row.Test.RecallAt(20) > 0, $"{row.Name} finds nothing");
        });

        // Quantising what was trained costs something, and its rows say when that was trained.
        var quantised = first.Single(row => row.Name == "product-quantisation");
        Assert.Equal((first[0].Epochs, first[0].BestEpoch), (quantised.Epochs, quantised.BestEpoch));
        Assert.NotEqual(first[0].Quality, quantised.Quality);

        // Whatever is clearly the best on validation is what is served, of any kind.
        foreach (string name in Compressors.All.Select(compressor => compressor.Name))
        {
            int place = options.Compare.ToList().IndexOf(name) + 1;
            string stored = folder[$"compare-{place}.json"];
            string before = File.ReadAllText(stored);
            var row = JsonNode.Parse(before)!;
            row["quality"] = 1.0;
            File.WriteAllText(stored, row.ToJsonString());
            // Trained again on both parts are the rows that were found then; here they are not looked at.
            Run(folder, options with { Refit = false }, again: true);
            ManifestVerifier.Verify(folder["artifacts"]);
            Assert.Equal(
                File.ReadAllBytes(folder[$"compare-{place}.safetensors"]), File.ReadAllBytes(folder["artifacts/table.safetensors"]));
            Assert.Contains(
                $"Rows are stored by {ReportTitle(name)}", File.ReadAllText(folder[$"artifacts/{ReportPage.Name}"]));
            Assert.Contains(",16,\n", File.ReadAllText(folder[$"artifacts/{SizesCsv.Name}"]));
            File.WriteAllText(stored, before);
        }
    }

    /// <summary>The searched table has a quality of .4 with a standard error of .02.</summary>
    [Theory]
    [InlineData(0.401, 0.39, "uniform")]
    [InlineData(0.401, 0.409, "uniform")]
    [InlineData(0.401, 0.411, "random")]
    [InlineData(0.4, 0.409, null)]
    [InlineData(0.3, 0.411, "random")]
    public void Uniform_sizes_that_are_better_are_served_and_others_that_are_clearly_better(double uniform, double random, string? served)
    {
        var metrics = new RankingMetrics(100, [5, 10, 20], [.4, .4, .4], [.4, .4, .4], [1, 1, 1], [.02, .02, .02], [.02, .02, .02]);
        TrainedResult Row(string name, double quality) => new(
            name, 1, 1, null, quality, metrics, metrics, 1, 1, 0, TrainedOn.Train, Precision.Int4, Precision.Int4);
        Assert.Equal(0.02, Quality.ErrorOf(metrics), 1e-9);
        Assert.Equal(
            served, TrainedResult.BetterThan(Row("bet-plus", 0.4), [Row("uniform", uniform), Row("random", random)])?.Name);
    }

    [Fact]
    public void A_table_that_cannot_be_made_is_refused_before_any_training()
    {
        using var folder = new TemporaryFolder();
        var options = Options("mf", ["low-rank"]) with { Budget = new BudgetRequest(Bytes: 2100), Precision = null };
        using var backend = new CpuBackend(1);
        using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(folder.Path), Data);
        var error = Assert.Throws<BudgetException>(() => search.RunAll(null, CancellationToken.None));
        Assert.Equal("compare", error.Field);
        Assert.Contains("'low-rank' was given; its smallest table for", error.Message);
        Assert.False(search.IsDone(options.Steps()[0]));
    }

    [Fact]
    public void Sizes_by_magnitude_follow_the_pretrained_rows_and_spend_the_budget()
    {
        const int users = 200, items = 150, width = 16;
        var random = new Philox(3, RandomPurpose.Test);
        // The deviation of row r falls with r, so its values above a threshold become fewer.
        var (ofUsers, ofItems) = (Rows(users, 0), Rows(items, 1));
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0.85), users, items, 1, width);
        var full = new PackedTable(Packed(ofUsers, users), Packed(ofItems, items), new TableOrigin(1, "", budget));
        foreach (var precision in new[] { Precision.Float32, Precision.Int8 })
        {
            var sizes = SizesByMagnitude.Of(new ComparedContext(budget, 1, TablePrecision.Both(precision), null!, () => full));
            Assert.InRange(budget.MaximumBytes - sizes.Bytes, 0, 3);
            Assert.True(sizes.Users.SizeAt(0) >= sizes.Users.SizeAt(users - 1) + 3, string.Join(" ", sizes.Users.RowsOfSize));
        }

        Assert.Equal([5, 5, 3, 3, 3], FallingValues.Nearest([5, 5, 2, 3, 4]));
        Assert.Equal([], FallingValues.Nearest([]));

        float[] Rows(int rows, ulong stream) =>
            [.. Enumerable.Range(0, rows * width).Select(at => (float)(random.Normals(((ulong)at * 2) + stream).First / (1 + (at / width / 40.0))))];

        PackedRows Packed(float[] values, int rows) => PackedRows.Pack(values, width, SideSizes.Uniform(rows, width, width));
    }

    private static string ReportTitle(string name) => ComparedTables.TitleOf(name)!;

    private static void Run(TemporaryFolder folder, SearchOptions options, bool again = false)
    {
        using var backend = new CpuBackend(2);
        using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(folder.Path), Data);
        if (again)
            search.Run(options.Steps()[^1], null, CancellationToken.None);
        else
            search.RunAll(null, CancellationToken.None);
    }

    private static SearchOptions Options(string backbone, IReadOnlyList<string> compare) => SearchPresets.Create(
        backbone, new BudgetRequest(Sparsity: 0.7), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
        new SearchOverrides
        {
            MaximumSize = 16,
            Precision = Precision.Float32,
            Trials = 2,
            Candidates = 20,
            Retrained = 1,
            PretrainEpochs = 4,
            FineTuneEpochs = 1,
            RetrainEpochs = 4,
            BatchSize = 512,
            EvaluateEvery = 2,
            Compare = compare,
            Refit = true,
        });

    private static InteractionSet Data() => SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 3));
}
