using System.Text.Json;
using System.Text.Json.Nodes;
using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class BudgetedSearchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bet-search-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("mf", Precision.Int4)]
    [InlineData("ncf", Precision.Int8)]
    [InlineData("ngcf", Precision.Float16)]
    [InlineData("lightgcn", Precision.Int8)]
    [InlineData("lightgcn", Precision.Float32)]
    public void Ends_with_a_packed_table_within_the_budget(string backbone, Precision precision)
    {
        string place = Run("whole", Options(backbone) with { Precision = precision }, 2);

        string artifacts = Path.Combine(place, "artifacts");
        var manifest = ManifestVerifier.Verify(artifacts);
        using var file = File.OpenRead(Path.Combine(artifacts, TableFile.Name));
        var table = TableFile.Read(file);
        Assert.Equal((precision, precision), (table.Users.Shape.Precision, table.Items.Shape.Precision));
        long left = manifest.Budget.MaximumBytes - manifest.Budget.UsedBytes;
        bool isFull = table.Values == ((long)table.Users.Rows + table.Items.Rows) * table.MaximumSize;
        Assert.True(left >= 0 && (isFull || left < sizeof(float)), $"{left} bytes are left");
        Assert.Equal(backbone is "ncf" or "ngcf", File.Exists(Path.Combine(artifacts, BackboneFile.Name)));
        Assert.Contains("\"uniform\"", File.ReadAllText(Path.Combine(artifacts, ArtifactWriter.MetricsName)));
    }

    /// <summary>Fewer values than rows: rare users and items share vectors, which begin as the means of the pretrained rows.</summary>
    [Theory]
    [InlineData("mf", SearchMethods.BetPlus, null)]
    [InlineData("lightgcn", SearchMethods.Bet, null)]
    [InlineData("ncf", SearchMethods.Bet, Precision.Int8)]
    [InlineData("ngcf", SearchMethods.Bet, Precision.Int1)]
    public void A_budget_below_one_value_a_row_is_met_where_rows_may_share(string backbone, string method, Precision? precision)
    {
        var options = Options(backbone, method) with
        {
            Budget = new BudgetRequest(Bytes: 400),
            MinimumSize = 0,
            Precision = precision ?? (method == SearchMethods.Bet ? Precision.Float32 : null),
            Compare = backbone == "mf"
                ? [ComparedTables.Uniform, ComparedTables.Random, ComparedTables.PowerRule, ComparedTables.Magnitude]
                : [ComparedTables.Uniform],
            Refit = backbone == "mf",
        };
        string one = Run("one", options, 1), two = Run("two", options, 2);

        string artifacts = Path.Combine(one, "artifacts");
        var proof = ManifestVerifier.Verify(artifacts).Budget;
        Assert.InRange(proof.UsedBytes, 392, 400);
        using var file = File.OpenRead(Path.Combine(artifacts, TableFile.Name));
        var table = TableFile.Read(file);
        var sides = new[] { table.Users.Shape, table.Items.Shape }.Cast<SideSizes>().ToList();
        Assert.All(sides, side => Assert.Equal(8, side.SharedRows));
        Assert.Contains(",7\n", File.ReadAllText(Path.Combine(artifacts, SizesCsv.Name)));
        Assert.Contains("least frequent users own nothing: they share 8 vectors", File.ReadAllText(Path.Combine(artifacts, "report.html")));
        Assert.All(
            TrainedResult.ReadAll(new DirectoryStepStore(one), options).Where(row => row.Name != "full"),
            row => Assert.InRange(row.Bytes, 392, 400));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(artifacts, TableFile.Name)),
            File.ReadAllBytes(Path.Combine(two, "artifacts", TableFile.Name)));
    }

    [Theory]
    [InlineData(SearchMethods.Bet)]
    [InlineData(SearchMethods.BetPlus)]
    public void The_same_options_give_the_same_artifacts_for_any_number_of_threads_and_any_interruption(string method)
    {
        var options = Options("lightgcn", method);
        string whole = Run("whole", options, 1);
        string pieces = Path.Combine(folder, "pieces");
        foreach (var step in options.Steps())
        {
            using var backend = new CpuBackend(8);
            using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(pieces), Data);
            Assert.False(search.IsDone(step));
            search.Run(step, null, CancellationToken.None);
            Assert.True(search.IsDone(step));
        }

        string[] names = [.. Directory.GetFiles(Path.Combine(whole, "artifacts")).Select(Path.GetFileName).Order()!];
        Assert.Contains(Manifest.Name, names);
        Assert.Equal(names, Directory.GetFiles(Path.Combine(pieces, "artifacts")).Select(Path.GetFileName).Order());
        Assert.All(names, name => Assert.Equal(
            File.ReadAllBytes(Path.Combine(whole, "artifacts", name)),
            File.ReadAllBytes(Path.Combine(pieces, "artifacts", name))));
    }

    /// <summary>One worker begins with the full table, another one ends it, and the first goes on with the rest.</summary>
    [Fact]
    public void All_tables_have_the_decay_and_the_rate_that_were_best_for_the_full_one_whoever_trained_it()
    {
        var options = (Options("mf", SearchMethods.BetPlus) with { LesserDecays = [new(0.1f)], LesserRates = [1f / 64] }).With(new L2Weights(0.9f, 0.9f), 8);
        using var backend = new CpuBackend(2);
        using var first = new BudgetedSearch(options, backend, new DirectoryStepStore(folder), Data);
        RunUntil(first, new SearchStep(StepKind.Pretrain, 0));
        using var second = new BudgetedSearch(options, backend, new DirectoryStepStore(folder), Data);
        RunUntil(second, new SearchStep(StepKind.Trial, 0));
        first.RunAll(null, CancellationToken.None);

        foreach (string row in new[] { "pretrain", "retrain-1", "retrain-2", "compare-1" })
        {
            var result = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, row + ".json")))!;
            Assert.Equal((0.1f, 0.125f), ((float)result["decay"]!["rows"]!, (float)result["learningRate"]!));
        }

        static void RunUntil(BudgetedSearch search, SearchStep step)
        {
            using var cancel = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => search.RunAll(
                progress =>
                {
                    if (progress.Step == step)
                        cancel.Cancel();
                },
                cancel.Token));
        }
    }

    /// <summary>A budget of everything leaves one table to try. Trials side by side do not know of each other.</summary>
    [Fact]
    public void A_table_that_was_tried_before_is_not_trained_again()
    {
        var options = Options("mf", SearchMethods.BetPlus) with { Budget = new BudgetRequest(Sparsity: 0), Precision = Precision.Float32 };
        using var backend = new CpuBackend(2);
        using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(folder), Data);
        var told = new List<string>();
        search.RunAll(progress => told.Add(progress.Step.Name), CancellationToken.None);
        // Of a step without training: that it begins, and that it has ended.
        Assert.Equal(["trial-3", "trial-4", "trial-5"], told.CountBy(name => name).Where(of => of is { Value: 2 } && of.Key.StartsWith("trial")).Select(of => of.Key));
        Assert.Equal(2, options.ParallelTrials);
        Assert.Single(search.Trials().Select(trial => (trial.Sizes, trial.Fitness, trial.Quality)).Distinct());
        ManifestVerifier.Verify(Path.Combine(folder, "artifacts"));
    }

    [Theory]
    [InlineData("mf")]
    [InlineData("ncf")]
    public void A_cancelled_search_exports_the_best_so_far(string backbone)
    {
        var options = Options(backbone);
        using var backend = new CpuBackend(2);
        using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(folder), Data);
        Assert.False(search.ExportBestSoFar());
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => search.RunAll(
            progress =>
            {
                if (progress.Step == new SearchStep(StepKind.Trial, 2))
                    cancel.Cancel();
            },
            cancel.Token));

        Assert.Equal(2, search.Trials().Count);
        Assert.True(search.ExportBestSoFar());
        ManifestVerifier.Verify(Path.Combine(folder, "artifacts"));
        var best = search.Trials().MaxBy(trial => trial.Fitness)!;
        var rows = TrainedResult.ReadAll(new DirectoryStepStore(folder), options);
        Assert.Equal(["full", options.Method], rows.Select(row => row.Name));
        Assert.Equal((best.Number, best.Quality), (rows[1].Trial, rows[1].Quality));
    }

    [Fact]
    public void Losses_are_named_and_a_cosine_needs_two_representations()
    {
        Assert.Equal(1024, Options("ncf", new SearchOverrides { Loss = "softmax" }).Retraining.Loss.Negatives);
        Assert.Equal("cosine", Assert.Throws<OptionException>(() => Options("ncf", new SearchOverrides { Cosine = true })).Field);
        var unknown = Assert.Throws<OptionException>(() => Options("mf", new SearchOverrides { Loss = "hinge" }));
        Assert.Equal("loss", unknown.Field);
        Assert.Contains("there are bpr, softmax", unknown.Message);
        // Strong decay belongs to the softmax that it was found with.
        Assert.Equal((0.03f, 0.07f), Decay("lightgcn", new SearchOverrides()));
        Assert.Equal((1e-4f, 0f), Decay("lightgcn", new SearchOverrides { Loss = "bpr" }));
        Assert.Equal((1e-4f, 0f), Decay("lightgcn", new SearchOverrides { Cosine = true }));
        Assert.Equal(30, Options("lightgcn", new SearchOverrides { Loss = "bpr" }).Pretraining.Epochs);

        Assert.NotEmpty(Options("lightgcn", new SearchOverrides()).LesserDecays);
        Assert.Empty(Options("lightgcn", new SearchOverrides { L2 = 0.03f }).LesserDecays);
        Assert.Empty(Options("lightgcn", new SearchOverrides { RepresentationL2 = 0 }).LesserDecays);
        Assert.Empty(Options("lightgcn", new SearchOverrides { Loss = "bpr" }).LesserDecays);
        Assert.NotEmpty(Options("lightgcn", new SearchOverrides { L2 = 0.03f }).LesserRates);
        Assert.Empty(Options("lightgcn", new SearchOverrides { LearningRate = 0.03f }).LesserRates);
        Assert.Empty(Options("lightgcn", new SearchOverrides { Loss = "bpr" }).LesserRates);

        static (float Rows, float Representations) Decay(string backbone, SearchOverrides overrides)
        {
            var training = Options(backbone, overrides).Retraining;
            return (training.L2, training.RepresentationL2);
        }
    }

    [Fact]
    public void Representations_are_decayed_where_scores_are_their_inner_products()
    {
        Assert.Equal(0.2f, Options("mf", new SearchOverrides { RepresentationL2 = 0.2f }).Pretraining.RepresentationL2);
        Assert.Equal(0, Options("lightgcn", new SearchOverrides { RepresentationL2 = 0 }).Pretraining.RepresentationL2);
        foreach (var (backbone, cosine) in new[] { ("ncf", false), ("mf", true) })
        {
            var refused = Assert.Throws<OptionException>(
                () => Options(backbone, new SearchOverrides { RepresentationL2 = 0.2f, Cosine = cosine ? true : null }));
            Assert.Equal("representationL2", refused.Field);
            Assert.Contains("leave it out, or give 0", refused.Message);
        }
    }

    [Fact]
    public void Methods_and_comparisons_have_names_and_others_are_refused()
    {
        var method = Assert.Throws<OptionException>(() => Options("mf", new SearchOverrides { Method = "best" }));
        Assert.Equal("method", method.Field);
        Assert.Contains("there are bet-plus, bet", method.Message);
        var unknown = Assert.Throws<OptionException>(() => Options("mf", new SearchOverrides { Compare = ["hashes"] }));
        Assert.Contains("'hashes' was given; there are uniform, random, power-rule", unknown.Message);
        Assert.Throws<OptionException>(() => Options("mf", new SearchOverrides { Compare = ["uniform", "uniform"] }));
    }

    [Fact]
    public void Trials_go_to_the_end_where_short_ones_do_not_show_it()
    {
        foreach (string name in new[] { "mf", "ncf" })
        {
            Assert.Equal(6, Options(name, new SearchOverrides()).FineTuning.Epochs);
            Assert.Equal(9, Options(name, new SearchOverrides { RetrainEpochs = 9 }).FineTuning.Epochs);
            Assert.Equal(3, Options(name, new SearchOverrides { FineTuneEpochs = 3 }).FineTuning.Epochs);
            Assert.Equal(2, Options(name, new SearchOverrides { Method = SearchMethods.Bet }).FineTuning.Epochs);
            Assert.Equal(2, Options(name, new SearchOverrides { Loss = "bpr" }).FineTuning.Epochs);
        }

        Assert.Equal(2, Options("lightgcn", new SearchOverrides { RetrainEpochs = 9 }).FineTuning.Epochs);
    }

    [Fact]
    public void The_bounds_of_a_number_are_within_them()
    {
        Assert.Equal(1e-6f, Options("mf", new SearchOverrides { LearningRate = 1e-6f }).Pretraining.Schedule.First);
        Assert.Equal(1e-6f, Options("mf", new SearchOverrides { InitialDeviation = 1e-6f }).InitialDeviation);
        var error = Assert.Throws<OptionException>(() => Options("mf", new SearchOverrides { LearningRate = 9e-7f }));
        Assert.Equal(("learningRate", "9E-07 was given; it must be at least 1E-06 and at most 10"), (error.Field, error.Message));
        Assert.Throws<OptionException>(() => Options("mf", new SearchOverrides { LearningRate = float.NaN }));
    }

    [Fact]
    public void A_budget_that_cannot_be_met_is_refused_before_any_training()
    {
        var options = Options("mf") with { Budget = new BudgetRequest(Bytes: 10) };
        using var backend = new CpuBackend(1);
        using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(folder), Data);
        var error = Assert.Throws<BudgetException>(() => search.RunAll(null, CancellationToken.None));
        Assert.Equal("budget.bytes", error.Field);
        Assert.Contains("10 was given", error.Message);
        Assert.False(search.IsDone(options.Steps()[0]));
    }

    [Fact]
    public void Trials_choose_by_the_rules_and_learn_from_the_pretrained_table()
    {
        Run("rules", Options("mf"), 2);
        using var backend = new CpuBackend(1);
        using var search = new BudgetedSearch(
            Options("mf"), backend, new DirectoryStepStore(Path.Combine(folder, "rules")), Data);
        var trials = search.Trials();
        Assert.Equal([1, 2, 3, 4, 5], trials.Select(trial => trial.Number));
        Assert.Equal(
            [SelectionRule.Random, SelectionRule.BestPredicted, SelectionRule.NearestToBest, SelectionRule.Random, SelectionRule.BestPredicted],
            trials.Select(trial => trial.Selection));
        Assert.All(trials, trial => Assert.InRange(trial.Fitness, 0.2, 1.5));
    }

    [Fact]
    public void Where_a_table_to_compare_with_is_better_it_is_what_is_served()
    {
        var options = Options("mf");
        string place = Run("better", options, 2);
        string compared = Path.Combine(place, "compare-1.json");
        var row = JsonNode.Parse(File.ReadAllText(compared))!;
        row["quality"] = 1.0;
        File.WriteAllText(compared, row.ToJsonString());
        using var backend = new CpuBackend(1);
        using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(place), Data);
        search.Run(options.Steps()[^1], null, CancellationToken.None);

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(place, "compare-1.safetensors")),
            File.ReadAllBytes(Path.Combine(place, "artifacts", TableFile.Name)));
        var tables = TrainedResult.ReadAll(new DirectoryStepStore(place), options);
        Assert.Equal(["full", "uniform", "bet", "bet", "bet"], tables.Select(table => table.Name));
        Assert.Equal(tables[1] with { Name = "bet" }, tables[2]);
    }

    [Fact]
    public void Trained_again_on_the_validation_part_too_the_same_rows_stand_beside_the_first_ones()
    {
        string place = Run("refit", Options("lightgcn") with { Refit = true, Compare = [ComparedTables.Uniform, ComparedTables.Random, ComparedTables.PowerRule] }, 2);

        ManifestVerifier.Verify(Path.Combine(place, "artifacts"));
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(place, "artifacts", ArtifactWriter.MetricsName)));
        JsonElement[] rows = [.. json.RootElement.GetProperty("tables").EnumerateArray()];
        Assert.Equal(
            [
                "full train", "uniform train", "random train", "power-rule train", "bet train", "full trainAndValidation",
                "bet trainAndValidation", "uniform trainAndValidation", "random trainAndValidation", "power-rule trainAndValidation",
            ],
            rows.Select(row => $"{row.GetProperty("name")} {row.GetProperty("trainedOn")}"));
        Assert.All(rows[..5], row => Assert.True(row.TryGetProperty("validation", out _)));
        Assert.All(rows[5..], row => Assert.False(row.TryGetProperty("validation", out _)));
        Assert.Equal(rows[4].GetProperty("bestEpoch").GetInt32(), rows[6].GetProperty("epochs").GetInt32());
        Assert.All([.. rows[1..5], .. rows[6..]], row => Assert.Equal(rows[4].GetProperty("bytes").GetInt64(), row.GetProperty("bytes").GetInt64()));

        // More data gives another, and a better, model; the one that is served is the one that was trained last.
        double Recall(JsonElement row) => row.GetProperty("test").GetProperty("recall")[2].GetDouble();
        Assert.True(Recall(rows[5]) > Recall(rows[0]), $"{Recall(rows[5])} after {Recall(rows[0])}");
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(place, "refit-2.safetensors")),
            File.ReadAllBytes(Path.Combine(place, "artifacts", TableFile.Name)));
    }

    [Fact]
    public void A_table_to_compare_with_that_is_the_found_one_is_not_trained_again()
    {
        var options = Options("mf", SearchMethods.BetPlus) with { Refit = true, Trials = 1, Retrained = 1, Precision = Precision.Int8 };
        string place = Run("same", options, 2);

        JsonNode Row(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(place, name + ".json")))!;
        foreach (var (found, compared) in new[] { ("retrain-1", "compare-1"), ("refit-2", "refit-3") })
        {
            Assert.Equal(0, (double)Row(compared)["seconds"]!);
            Assert.Equal("uniform", (string)Row(compared)["name"]!);
            Assert.Equal(Row(found)["test"]!.ToJsonString(), Row(compared)["test"]!.ToJsonString());
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(place, found + ".safetensors")),
                File.ReadAllBytes(Path.Combine(place, compared + ".safetensors")));
        }
    }

    private static SearchOptions Options(string backbone, string method = SearchMethods.Bet) => SearchPresets.Create(
        backbone, new BudgetRequest(Sparsity: 0.75), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
        new SearchOverrides
        {
            Method = method,
            MaximumSize = 16,
            Layers = 2,
            Trials = 5,
            Candidates = 20,
            Retrained = 2,
            PretrainEpochs = 6,
            FineTuneEpochs = 1,
            RetrainEpochs = 6,
            BatchSize = 512,
            EvaluateEvery = 2,
        });

    private static SearchOptions Options(string backbone, SearchOverrides overrides) => SearchPresets.Create(
        backbone, new BudgetRequest(Sparsity: 0.75), Effort.Quick, 7, new SplitOptions(SplitKind.Random), overrides);

    private static InteractionSet Data() =>
        SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 3));

    private string Run(string name, SearchOptions options, int threads)
    {
        string place = Path.Combine(folder, name);
        using var backend = new CpuBackend(threads);
        using var search = new BudgetedSearch(options, backend, new DirectoryStepStore(place), Data);
        search.RunAll(null, CancellationToken.None);
        return place;
    }
}
