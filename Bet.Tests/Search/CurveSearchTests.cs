using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Reports;
using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed partial class CurveSearchTests : IDisposable
{
    private static readonly BudgetRequest[] Budgets = [new(Sparsity: 0.75), new(Bytes: 4001), new(Parameters: 2500)];

    private readonly string folder = Directory.CreateTempSubdirectory("bet-curve-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(SearchMethods.BetPlus, true)]
    [InlineData(SearchMethods.Bet, false)]
    public void A_curve_gives_the_same_bytes_after_a_stop_at_every_step(string method, bool refit)
    {
        var options = Options(method) with { Refit = refit };
        string whole = Run("whole", options);
        string pieces = Path.Combine(folder, "pieces");
        foreach (var step in options.Steps())
        {
            using var backend = new CpuBackend(3);
            using var search = new CurveSearch(options, backend, new DirectoryStepStore(pieces), Data);
            Assert.False(search.IsDone(step));
            using var stop = new CancellationTokenSource();
            // What trains stops; the rest is done before it looks.
            var stopped = Record.Exception(() => search.Run(step, _ => stop.Cancel(), stop.Token));
            Assert.Equal(stopped is null, search.IsDone(step));
            Assert.True(stopped is OperationCanceledException || step.Kind is not (StepKind.Pretrain or StepKind.Trial or StepKind.Retrain), step.Name);
            if (stopped is not null)
                search.Run(step, null, CancellationToken.None);
            Assert.True(search.IsDone(step));
        }

        string[] names = Names(Path.Combine(whole, "artifacts"));
        Assert.Contains("curve.json", names);
        Assert.Contains("report.html", names);
        Assert.Equal(names, Names(Path.Combine(pieces, "artifacts")));
        Assert.All(names, name => Assert.Equal(
            File.ReadAllBytes(Path.Combine(whole, "artifacts", name)), File.ReadAllBytes(Path.Combine(pieces, "artifacts", name))));
        CheckPoints(whole, options);
        CheckReports(whole);
    }

    /// <summary>Every budget to the byte, and the curve says of every point what its own metrics say.</summary>
    private static void CheckPoints(string place, SearchOptions options)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(place, "artifacts", "curve.json")));
        JsonElement[] points = [.. json.RootElement.GetProperty("points").EnumerateArray()];
        Assert.Equal([1, 2, 3], points.Select(point => point.GetProperty("point").GetInt32()));
        foreach (var point in points)
        {
            string artifacts = Path.Combine(place, "artifacts", $"budget-{point.GetProperty("point")}");
            var proof = ManifestVerifier.Verify(artifacts).Budget;
            Assert.Equal(Budgets[point.GetProperty("point").GetInt32() - 1], proof.Asked);
            Assert.Equal(point.GetProperty("maximumBytes").GetInt64(), proof.MaximumBytes);
            if (proof.Asked.Parameters is { } values)
                Assert.Equal(values, proof.UsedValues);
            else
                Assert.InRange(proof.MaximumBytes - proof.UsedBytes, 0, sizeof(float) - 1);
            var served = point.GetProperty(options.Refit ? "refitted" : "found");
            Assert.Equal(proof.UsedBytes, served.GetProperty("bytes").GetInt64());
            Assert.Equal(3, served.GetProperty("test").GetProperty("recallError").GetArrayLength());
            Assert.True(point.GetProperty("found").TryGetProperty("validation", out _));
            using var metrics = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(artifacts, ArtifactWriter.MetricsName)));
            Assert.Contains(metrics.RootElement.GetProperty("tables").EnumerateArray(), row => JsonElement.DeepEquals(row, served));
        }

        Assert.Equal(options.Refit, json.RootElement.TryGetProperty("fullRefitted", out _));
        // The full table is trained once, and again once on both parts.
        Assert.Single(Directory.GetFiles(place, "pretrain.json", SearchOption.AllDirectories));
        Assert.Equal(options.Refit, File.Exists(Path.Combine(place, "refit-1.json")));
    }

    private static void CheckReports(string place)
    {
        int[] found = [.. new[] { "budget-1", "budget-2", "budget-3", "" }.Select(of =>
        {
            string page = File.ReadAllText(Path.Combine(place, "artifacts", of, ReportPage.Name), Encoding.UTF8);
            Assert.DoesNotContain("NaN", page);
            string chart = Charts().Matches(page).Select(match => match.Value).Single(svg => svg.Contains("against bytes"));
            var dots = XDocument.Parse(chart).Descendants("circle").Select(dot => dot.Attribute("class")!.Value).ToList();
            Assert.Equal(of.Length == 0 ? 0 : 1, dots.Count(style => style == "winner"));
            return dots.Count(style => style is "winner" or "chosen");
        })];
        Assert.Equal([1, 2, 3, 3], found);
    }

    [Fact]
    public void The_first_point_is_what_a_search_under_its_budget_alone_finds()
    {
        var options = Options(SearchMethods.BetPlus);
        string curve = Run("curve", options);
        string alone = Run("alone", options with { Budgets = null });
        Assert.True(File.Exists(Path.Combine(alone, "trial-1.json")));
        foreach (string name in new[] { TableFile.Name, ArtifactWriter.MetricsName, SizesCsv.Name })
            Assert.Equal(File.ReadAllBytes(Path.Combine(alone, "artifacts", name)), File.ReadAllBytes(Path.Combine(curve, "artifacts", "budget-1", name)));
    }

    [Fact]
    public void Names_of_steps_are_stable()
    {
        var options = Options(SearchMethods.Bet) with { Budgets = Budgets[..2], Trials = 1, Refit = true };
        Assert.Equal(
            [
                "prepare", "pretrain", "refit-1",
                "budget-1/trial-1", "budget-1/retrain-1", "budget-1/compare-1", "budget-1/refit-2", "budget-1/refit-3", "budget-1/export",
                "budget-2/trial-1", "budget-2/retrain-1", "budget-2/compare-1", "budget-2/refit-2", "budget-2/refit-3", "budget-2/export",
                "curve",
            ],
            options.Steps().Select(step => step.Name));
        Assert.Equal(
            ["prepare", "pretrain", "trial-1", "retrain-1", "compare-1", "refit-1", "refit-2", "refit-3", "export"],
            (options with { Budgets = null }).Steps().Select(step => step.Name));
    }

    [Theory]
    [InlineData(StepKind.Trial, 0, 1, 0)]
    [InlineData(StepKind.Trial, 1, 1, 1)]
    [InlineData(StepKind.Trial, 0, 2, 1)]
    [InlineData(StepKind.Compare, 0, 2, 2)]
    [InlineData(StepKind.Refit, 1, 2, 2)]
    public void A_cancelled_curve_keeps_its_points_and_the_best_so_far(StepKind kind, int index, int point, int kept)
    {
        var options = Options(SearchMethods.BetPlus) with { Refit = true };
        using var backend = new CpuBackend(2);
        using var search = new CurveSearch(options, backend, new DirectoryStepStore(folder), Data);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => search.RunAll(
            progress =>
            {
                if (progress.Step == new SearchStep(kind, index, point))
                    cancel.Cancel();
            },
            cancel.Token));
        Assert.Equal(kept > 0, search.ExportBestSoFar());
        Assert.Equal(kept, search.Curve()?.Points.Count);
        for (int done = 1; done <= kept; done++)
            ManifestVerifier.Verify(Path.Combine(folder, "artifacts", $"budget-{done}"));
        Assert.Equal(kept > 0, File.Exists(Path.Combine(folder, "artifacts", "curve.json")));
    }

    [Fact]
    public void Later_points_go_by_the_trials_of_earlier_ones()
    {
        var data = Splitter.Split(Data(), new SplitOptions(SplitKind.Random), 7);
        var options = Options(SearchMethods.BetPlus);
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0.9), data.UserCount, data.ItemCount, 1, options.MaximumSize);
        var context = new SearchContext(options, budget, data);
        TrialResult Trial(TableSizes sizes, double fitness) =>
            new(1, SelectionRule.Beginning, "", "", sizes, null, fitness, fitness, 0);
        // What every search begins with, and nothing learnt from it.
        var history = new List<TrialResult>();
        while (SearchMethods.Create(context).Choose(history.Count + 1, history, []) is { Selection: SelectionRule.Beginning } beginning)
            history.Add(Trial(beginning.Sizes, history.Count == 0 ? 0.8 : 0.79));
        // Under a wider budget quality rose with the users' share, or with the items'.
        var wide = MemoryBudget.From(new BudgetRequest(Sparsity: 0.8), data.UserCount, data.ItemCount, 1, options.MaximumSize);
        var sampler = new SizeSampler(wide, 1, TablePrecision.Both(Precision.Int8));
        double ShareAfter(Func<double, double> quality)
        {
            var elsewhere = Enumerable.Range(2, 7).Select(i => Trial(sampler.Of(i / 10.0, default(SizeCurve), default), 0.8 + quality(i / 10.0)));
            var method = SearchMethods.Create(context with { Elsewhere = [.. elsewhere] });
            var sizes = method.Choose(history.Count + 1, history, []).Sizes;
            Assert.True(sizes.Bytes <= budget.MaximumBytes);
            return (double)sizes.Users.Values / sizes.Values;
        }

        double toUsers = ShareAfter(share => share / 4), toItems = ShareAfter(share => -share / 4);
        Assert.True(toUsers > toItems + 0.1, $"{toUsers:0.00}, {toItems:0.00}");
    }

    [Fact]
    public void Budgets_that_make_no_curve_are_refused_by_their_place_in_the_list()
    {
        Check("budgets", "1 were given", [new(Sparsity: 0.5)]);
        Check("budgets", "17 were given", [.. Enumerable.Range(1, 17).Select(i => new BudgetRequest(Parameters: 600 + i))]);
        Check("budgets[1].sparsity", "1.5 was given", [new(Sparsity: 0.5), new(Sparsity: 1.5)]);
        Check("budgets[2]", "exactly one", [new(Sparsity: 0.5), new(Sparsity: 0.6), new()]);
        Check("budgets[1].bytes", "10 was given", [new(Sparsity: 0.5), new(Bytes: 10)]);
        Check("budgets[2]", "the same as budgets[0]", [new(Sparsity: 0.5), new(Sparsity: 0.6), new(Sparsity: 0.5)]);
        Check("budgets[1]", "the same as budgets[0]", [new(Sparsity: 0.5), new(Bytes: 500 * 16 * 4 / 2)]);
        using var backend = new CpuBackend(1);
        Assert.Throws<ArgumentException>(() => new BudgetedSearch(Options(SearchMethods.Bet), backend, new DirectoryStepStore(folder), Data));

        // A table to compare with that one of the budgets is too small for.
        var compared = Options(SearchMethods.Bet) with
        {
            Budgets = [new(Sparsity: 0.5), new(Sparsity: 0.95)],
            Precision = Precision.Int1,
            Compare = ["low-rank"],
        };
        var refused = Assert.Throws<BudgetException>(() => CurveBudgets.From(compared, 300, 200));
        Assert.Equal("compare", refused.Field);
        Assert.StartsWith("under budgets[1] 'low-rank' was given", refused.Message);

        void Check(string field, string message, BudgetRequest[] budgets)
        {
            var options = Options(SearchMethods.Bet) with { Budgets = budgets };
            var error = Assert.Throws<BudgetException>(() => CurveBudgets.From(options, 300, 200));
            Assert.Equal(field, error.Field);
            Assert.Contains(message, error.Message);
        }
    }

    private static SearchOptions Options(string method) => SearchPresets.Create(
        "mf", Budgets[0], Effort.Quick, 7, new SplitOptions(SplitKind.Random),
        new SearchOverrides
        {
            Method = method,
            Precision = method == SearchMethods.BetPlus ? Precision.Int8 : Precision.Float32,
            MaximumSize = 16,
            Trials = 2,
            Candidates = 200,
            Retrained = 1,
            PretrainEpochs = 4,
            FineTuneEpochs = 1,
            RetrainEpochs = 2,
            BatchSize = 512,
            EvaluateEvery = 2,
        }) with
    { Budgets = Budgets };

    private static InteractionSet Data() => SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 3));

    private static string[] Names(string place) =>
        [.. Directory.GetFiles(place, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(place, path)).Order(StringComparer.Ordinal)];

    private string Run(string name, SearchOptions options)
    {
        string place = Path.Combine(folder, name);
        using var backend = new CpuBackend(2);
        using var search = new CurveSearch(options, backend, new DirectoryStepStore(place), Data);
        search.RunAll(null, CancellationToken.None);
        return place;
    }

    [GeneratedRegex("<svg .*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Charts();
}
