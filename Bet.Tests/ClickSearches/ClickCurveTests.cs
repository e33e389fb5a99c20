using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Search;

namespace Bet.Tests.ClickSearches;

public sealed class ClickCurveTests : IDisposable
{
    private static readonly BudgetRequest[] Budgets = [new(Sparsity: 0.8), new(Bytes: 1500)];

    private readonly string folder = Directory.CreateTempSubdirectory("bet-click-curve-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_point_of_a_curve_is_what_its_budget_alone_gives()
    {
        var options = Options(null, Budgets);
        using var backend = new CpuBackend(2);
        using (var search = new ClickCurveSearch(options, backend, new DirectoryStepStore(folder), Data))
        {
            Assert.Null(search.Curve());
            search.RunAll(null, CancellationToken.None);
            var curve = search.Curve()!;
            Assert.Equal(Budgets, curve.Points.Select(point => point.Asked));
            Assert.All(curve.Points, point =>
            {
                Assert.Equal("bet-plus", point.Found.Name);
                Assert.Equal(["hashing"], point.Compared.Select(row => row.Name));
                Assert.InRange(point.Found.Bytes, 1, point.MaximumBytes);
                Assert.Equal(3, search.Trials(point.Point).Count);
            });
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "artifacts", "curve.json")));
        Assert.Equal([1, 2], json.RootElement.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("point").GetInt32()));
        string page = File.ReadAllText(Path.Combine(folder, "artifacts", "report.html"));
        Assert.Contains("<a href=\"budget-2/report.html\">", page);

        for (int point = 1; point <= Budgets.Length; point++)
        {
            string alone = Path.Combine(folder, $"alone-{point}");
            using (var search = new ClickSearch(Options(Budgets[point - 1], null), backend, new DirectoryStepStore(alone), Data))
                search.RunAll(null, CancellationToken.None);
            string artifacts = Path.Combine(folder, "artifacts", $"budget-{point}");
            var proof = ManifestVerifier.Verify(artifacts).Budget;
            Assert.Equal(Budgets[point - 1], proof.Asked);
            Assert.InRange(proof.UsedBytes, 1, proof.MaximumBytes);
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(alone, "artifacts", "fields.safetensors")), File.ReadAllBytes(Path.Combine(artifacts, "fields.safetensors")));
        }
    }

    [Fact]
    public void A_cancelled_curve_keeps_the_points_that_are_done()
    {
        var options = Options(null, Budgets);
        using var backend = new CpuBackend(2);
        using var search = new ClickCurveSearch(options, backend, new DirectoryStepStore(folder), Data);
        foreach (var step in options.Steps().TakeWhile(step => step.Point < 2))
            search.Run(step, null, CancellationToken.None);
        Assert.True(search.ExportBestSoFar());
        Assert.Equal([1], search.Curve()!.Points.Select(point => point.Point));
    }

    [Theory]
    [InlineData(1, "budgets")]
    [InlineData(17, "budgets")]
    [InlineData(2, "budgets[1]")]
    public void Budgets_that_make_no_curve_are_refused(int count, string field)
    {
        var error = Assert.Throws<BudgetException>(() => FieldBudget.AllOf(Options(null, [.. Enumerable.Repeat(Budgets[0], count)]), [201, 41, 6]));
        Assert.Equal(field, error.Field);
    }

    private static ClickSearchOptions Options(BudgetRequest? budget, IReadOnlyList<BudgetRequest>? budgets) => ClickSearchPresets.Create(
        "dlrm", budget, Effort.Quick, 1, new ClickSplitOptions(ClickSplitKind.Random, 0.8, 0.1),
        new ClickSearchOverrides { Trials = 3, Candidates = 20, BatchSize = 128, LearningRate = 0.01, Compare = ["hashing"] }, budgets: budgets) switch
    {
        var options => options with { Model = options.Model with { BottomLayers = [8], TopLayers = [8] } },
    };

    private static ClickSet Data() => SyntheticClicks.Generate(new SyntheticClickOptions([200, 40, 5], Numbers: 2, Rows: 6000, Seed: 3) { Signal = 2.5 });
}
