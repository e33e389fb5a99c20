using Bet.Engine.Artifacts;
using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Tests.ClickSearches;

public sealed class ClickSearchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bet-clicks-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Workers that take any step that is ready, in an order of their own and of any number of threads, end with the same bytes.</summary>
    [Fact]
    public void Any_number_of_workers_ends_with_the_same_bytes_within_the_budget()
    {
        var options = Options(new BudgetRequest(Sparsity: 0.9), new ClickSearchOverrides());
        string alone = Path.Combine(folder, "alone"), together = Path.Combine(folder, "together");
        Run(options, alone, 1);
        var plan = new SearchPlan(options);
        var done = new HashSet<string>();
        using var backend = new CpuBackend(3);
        while (plan.Ready(done).ToList() is { Count: > 0 } ready)
        {
            using var search = new ClickSearch(options, backend, new DirectoryStepStore(together), Data);
            search.Run(ready[^1], null, CancellationToken.None);
            done.Add(ready[^1].Name);
        }

        string[] Names(string of) => [.. Directory.GetFiles(Path.Combine(of, "artifacts")).Select(Path.GetFileName).Order()!];
        Assert.Equal(Names(alone), Names(together));
        Assert.All(Names(alone), name => Assert.Equal(
            File.ReadAllBytes(Path.Combine(alone, "artifacts", name)), File.ReadAllBytes(Path.Combine(together, "artifacts", name))));

        var manifest = ManifestVerifier.Verify(Path.Combine(alone, "artifacts"));
        Assert.True(manifest.Budget.UsedBytes <= manifest.Budget.MaximumBytes);
        Assert.Equal(new BudgetRequest(Sparsity: 0.9), manifest.Budget.Asked);
        Assert.Contains("bet_fields.py", manifest.Files.Select(file => file.Name));
        Assert.Contains("<tr class=\"found\"><td>bet-plus</td>", File.ReadAllText(Path.Combine(alone, "artifacts", "report.html")));
    }

    [Fact]
    public void Full_tables_know_something_and_the_found_ones_know_nearly_as_much()
    {
        var options = Options(new BudgetRequest(Sparsity: 0.75), new ClickSearchOverrides { Compare = ["hashing", "mixed-dimensions"] }) with { TrialShare = 1 };
        using var search = Run(options, folder, 2);
        var full = search.Results()[0];
        var found = search.Results().Where(row => row.Name == options.Method).MaxBy(row => row.Quality)!;
        Assert.InRange(full.Quality, 0.02, 1);
        Assert.InRange(found.Quality, 0.8 * full.Quality, 1);
        Assert.True(found.Bytes <= search.Budget!.MaximumBytes && found.Bytes < full.Bytes / 3.9);
        Assert.Equal(found.Bytes, found.Fields.Sum(field => field.Bytes));
        Assert.All(search.Results(), row => Assert.True(row.Name == "full" || row.Bytes <= search.Budget.MaximumBytes));
        Assert.All(search.Trials(), trial => Assert.True(trial.Bytes <= search.Budget.MaximumBytes));
        Assert.Equal(Enumerable.Range(1, options.Trials), search.Trials().Select(trial => trial.Number));
        Assert.Equal(search.Trials().Count, search.Trials().Select(trial => trial.Recipe).Distinct().Count());
    }

    [Fact]
    public void A_named_method_takes_its_collisions_and_tries_nothing()
    {
        var options = Options(null, new ClickSearchOverrides { Method = "quotient-remainder", Operation = "multiply", Collisions = 4, Threshold = 50 });
        using var search = Run(options, folder, 2);
        Assert.Empty(search.Trials());
        var found = search.Results()[^1];
        Assert.Equal("quotient-remainder-multiply", found.Name);
        // About a quarter of the rows, and four quotients; the others are below the threshold.
        Assert.All(found.Fields, field => Assert.Equal(
            field.Categories > 50 ? ((field.Categories + 3) / 4) + 4 : field.Categories, field.Rows));
        Assert.Contains(found.Fields, field => field.Categories > 50);
        Assert.Null(search.Budget);
        ManifestVerifier.Verify(Path.Combine(folder, "artifacts"));
    }

    [Theory]
    [InlineData(3_000, 3, 128)]
    [InlineData(10_000, 3, 256)]
    [InlineData(100_000, 3, 512)]
    [InlineData(1_250_000, 3, 512)]
    [InlineData(1_250_001, 1, 512)]
    public void Few_samples_are_gone_through_more_often_and_in_smaller_steps(int rows, int epochs, int batch)
    {
        var options = ClickSearchPresets.Create(
            "dcn", new BudgetRequest(Sparsity: 0.5), Effort.Quick, 1, new ClickSplitOptions(ClickSplitKind.Random, 0.8, 0.1), new ClickSearchOverrides(),
            ClickSummary.Of(Data()) with { Rows = rows });
        Assert.Equal((epochs, batch), (options.Training.Epochs, options.Training.BatchSize!.Value));
    }

    [Fact]
    public void Fields_that_make_no_sense_are_named()
    {
        void Wrong(string field, BudgetRequest? budget, ClickSearchOverrides overrides) => Assert.Equal(
            field, Assert.Throws<OptionException>(() => Options(budget, overrides)).Field);
        var budget = new BudgetRequest(Sparsity: 0.5);
        Wrong("budget", null, new ClickSearchOverrides());
        Wrong("budget", budget, new ClickSearchOverrides { Method = "hashing", Collisions = 2 });
        Wrong("collisions", budget, new ClickSearchOverrides { Collisions = 4 });
        Wrong("method", budget, new ClickSearchOverrides { Method = "nothing" });
        Wrong("operation", budget, new ClickSearchOverrides { Operation = "add" });
        Wrong("compare", budget, new ClickSearchOverrides { Compare = ["hashing", "hashing"] });
        Wrong("trials", budget, new ClickSearchOverrides { Method = "hashing", Trials = 3 });
        Wrong("size", budget, new ClickSearchOverrides { Size = 0 });
        Wrong("epochs", budget, new ClickSearchOverrides { Epochs = 0 });
        Wrong("learningRate", budget, new ClickSearchOverrides { LearningRate = double.NaN });
    }

    [Fact]
    public void A_precision_belongs_to_a_named_method_as_well()
    {
        var options = Options(new BudgetRequest(Sparsity: 0.75), new ClickSearchOverrides { Method = "hashing", Precision = Precision.Int8, Compare = ["full-int4"] });
        Assert.Equal("hashing-int8", options.Method);
        using var search = Run(options, folder, threads: 1);
        var found = search.Results()[^1];
        Assert.Equal("hashing-int8", found.Name);
        Assert.Contains(found.Fields, field => field.Precision == Precision.Int8);
        Assert.InRange(found.Bytes, 1, search.Budget!.MaximumBytes);
        Assert.Equal("precision", Assert.Throws<OptionException>(() => Options(
            new BudgetRequest(Sparsity: 0.75), new ClickSearchOverrides { Method = "hashing-int4", Precision = Precision.Int8 })).Field);
    }

    /// <summary>Every name there is, in every precision: what the bound of values and that of bytes allow is not exceeded.</summary>
    [Fact]
    public void Parameters_bound_named_methods_in_every_precision()
    {
        int[] categories = [5000, 900, 60];
        var budget = FieldBudget.From(new BudgetRequest(Parameters: 20_000), categories, 16);
        foreach (var method in FieldMethods.All.SelectMany(_ => Precisions.All, (known, precision) => known.In(precision)))
        {
            if (method.LeastBytes(categories, 16, 0) <= budget.LargestBytes(method.Precision))
                Assert.True(budget.Holds(method.Largest(categories, null, 16, budget.LargestBytes(method.Precision), 0)), method.Name);
        }
    }

    /// <summary>Metrics that such a part does not define are no reason to fail.</summary>
    [Fact]
    public void A_test_part_of_one_click_is_enough()
    {
        const int Tested = 100;
        var data = Data();
        data = data with { TestStart = data.Count - Tested, Labels = [.. data.Labels[..^Tested], 1, .. new byte[Tested - 1]] };
        var options = Options(new BudgetRequest(Sparsity: 0.75), new ClickSearchOverrides { Method = "hashing", Compare = [] }) with
        {
            Split = new ClickSplitOptions(ClickSplitKind.AsGiven, Validation: 0.1),
        };
        using var backend = new CpuBackend(2);
        using var search = new ClickSearch(options, backend, new DirectoryStepStore(folder), () => data);
        search.RunAll(null, CancellationToken.None);
        Assert.Contains(search.Results(), row => double.IsNaN(row.Test.Auc.Error) && double.IsFinite(row.Test.LogLoss.Value));
        Assert.All(search.Results(), row => Assert.InRange(row.Quality, 0.001, 1));
        ManifestVerifier.Verify(Path.Combine(folder, "artifacts"));
    }

    /// <summary>A negative quality as the measure of all trials would turn their order round.</summary>
    [Fact]
    public void Trials_on_too_few_samples_to_learn_anything_have_all()
    {
        var overrides = new ClickSearchOverrides { Compare = [] };
        using var few = Run(Options(new BudgetRequest(Sparsity: 0.75), overrides with { TrialShare = 0.001 }), Path.Combine(folder, "few"), 2);
        using var all = Run(Options(new BudgetRequest(Sparsity: 0.75), overrides with { TrialShare = 1 }), Path.Combine(folder, "all"), 2);
        Assert.Equal(all.Trials().Select(trial => trial.Fitness), few.Trials().Select(trial => trial.Fitness));
        Assert.Contains("\"trialShare\": 1\n", File.ReadAllText(Path.Combine(folder, "few", "artifacts", "metrics.json")));
        Assert.All(few.Trials(), trial => Assert.Equal(few.Results()[0].Quality, trial.Quality / trial.Fitness, 1e-9));
    }

    [Fact]
    public void A_search_that_is_cancelled_among_its_trials_exports_the_best_of_them()
    {
        var options = Options(new BudgetRequest(Sparsity: 0.75), new ClickSearchOverrides());
        using var backend = new CpuBackend(2);
        using var search = new ClickSearch(options, backend, new DirectoryStepStore(folder), Data);
        Assert.False(search.ExportBestSoFar());
        foreach (var step in options.PointSteps().TakeWhile(step => step is not { Kind: StepKind.Trial, Index: > 2 }))
            search.Run(step, null, CancellationToken.None);
        // As an earlier version left a trial.
        foreach (string outcome in Directory.GetFiles(folder, "trial-*.outcome.json"))
        {
            File.Move(outcome, outcome + ".away");
            Assert.Equal(Directory.GetFiles(folder, "trial-*.outcome.json").Length > 0, search.ExportBestSoFar());
        }

        foreach (string away in Directory.GetFiles(folder, "*.away"))
            File.Move(away, away[..^".away".Length]);
        Assert.True(search.ExportBestSoFar());
        var manifest = ManifestVerifier.Verify(Path.Combine(folder, "artifacts"));
        var best = search.Trials().MaxBy(trial => trial.Fitness)!;
        Assert.Equal(3, search.Trials().Count);
        Assert.Equal(["full", options.Method], search.Results().Select(row => row.Name));
        var found = search.Results()[1];
        Assert.Equal((best.Number, best.Quality, best.Bytes), (found.Trial, found.Quality, found.Bytes));
        Assert.Equal(best.Quality, 1 - found.Validation.NormalisedEntropy.Value, 1e-9);
        Assert.Equal(found.Bytes, manifest.Budget.UsedBytes);
    }

    [Fact]
    public void Validation_needs_samples_of_both_labels()
    {
        var data = Data();
        data = data with { Labels = [.. data.Labels[..(data.Count / 2)], .. new byte[data.Count - (data.Count / 2)]] };
        var options = Options(new BudgetRequest(Sparsity: 0.75), new ClickSearchOverrides()) with { Split = new ClickSplitOptions(ClickSplitKind.ByOrder, 0.6, 0.2) };
        using var backend = new CpuBackend(1);
        using var search = new ClickSearch(options, backend, new DirectoryStepStore(folder), () => data);
        Assert.Contains("validation part have label 0", Assert.Throws<ArgumentException>(() => search.RunAll(null, CancellationToken.None)).Message);
    }

    private static ClickSearchOptions Options(BudgetRequest? budget, ClickSearchOverrides overrides) => ClickSearchPresets.Create(
        "dlrm", budget, Effort.Quick, 1, new ClickSplitOptions(ClickSplitKind.Random, 0.8, 0.1),
        overrides with { Trials = overrides.Method is null ? 6 : overrides.Trials, Candidates = overrides.Method is null ? 50 : null, BatchSize = 128, LearningRate = overrides.LearningRate ?? 0.01 },
        ClickSummary.Of(Data())) switch
    {
        var options => options with { Model = options.Model with { BottomLayers = [16], TopLayers = [16] } },
    };

    private static ClickSearch Run(ClickSearchOptions options, string folder, int threads)
    {
        using var backend = new CpuBackend(threads);
        var search = new ClickSearch(options, backend, new DirectoryStepStore(folder), Data);
        search.RunAll(null, CancellationToken.None);
        return search;
    }

    private static ClickSet Data() => SyntheticClicks.Generate(new SyntheticClickOptions([200, 40, 5], Numbers: 2, Rows: 8000, Seed: 3) { Signal = 2.5 });
}
