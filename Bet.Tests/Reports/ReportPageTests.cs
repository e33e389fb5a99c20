using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Reports;
using Bet.Engine.Search;

namespace Bet.Tests.Reports;

public sealed partial class ReportPageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bet-report-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(SearchMethods.BetPlus, true)]
    [InlineData(SearchMethods.Bet, false)]
    public void A_search_leaves_a_page_that_stands_alone_and_says_what_was_found(string method, bool refit)
    {
        string page = Encoding.UTF8.GetString(Search(method, refit));

        Assert.DoesNotContain("://", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("NaN", page);
        Assert.Contains("75% fewer bytes than the full table", page);
        Assert.Contains(refit ? $"{method}, train + validation" : $"<td>{method}</td>", page);
        Assert.Contains("How far the search saw ahead", page);
        Assert.Contains("What the full table was best with, l2 0.", page);
        var charts = Charts().Matches(page);
        Assert.Equal(4, charts.Count);
        foreach (Match chart in charts)
        {
            var root = XDocument.Parse(chart.Value.Replace("&nbsp;", " ")).Root!;
            Assert.Equal("img", root.Attribute("role")!.Value);
            Assert.NotEmpty(root.Attribute("aria-label")!.Value);
        }

        // One dot a trial, twice where something was expected of it, and one a row of the result.
        Assert.Equal(refit ? 6 : 3, XDocument.Parse(charts[0].Value).Descendants("circle").Count());
        Assert.Equal(14, XDocument.Parse(charts[2].Value).Descendants("circle").Count());
    }

    [Theory]
    [InlineData(Precision.Int4, true)]
    [InlineData(Precision.Float32, false)]
    public void Where_rows_are_full_and_bytes_are_left_the_page_says_what_would_use_them(Precision precision, bool isLeft)
    {
        string page = Encoding.UTF8.GetString(Search(SearchMethods.BetPlus, refit: false, precision, trials: 1));
        Assert.Equal(isLeft, page.Contains("Every row has all its 16 values, and 2,864 bytes of the budget are left."));
        Assert.Equal(isLeft, page.Contains("a budget of 8000 bytes"));
    }

    [Fact]
    public void Rank_correlation_goes_by_ranks_alone()
    {
        Assert.Equal(1, RankCorrelation.Of([1, 2, 30], [0.1, 0.2, 0.21])!.Value, 12);
        Assert.Equal(-1, RankCorrelation.Of([3, 2, 1], [1, 2, 3])!.Value, 12);
        // Ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3.
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), RankCorrelation.Of([1, 2, 2, 3], [1, 2, 3, 4])!.Value, 12);
        Assert.Null(RankCorrelation.Of([1, 1, 1], [1, 2, 3]));
        Assert.Null(RankCorrelation.Of([1, 2], [1, 2]));
        Assert.Throws<ArgumentException>(() => RankCorrelation.Of([1], [1, 2]));
    }

    [Fact]
    public void Ticks_are_round_and_within_the_axis()
    {
        Assert.Equal([0, 20, 40, 60, 80, 100], new AxisScale(0, 100).Ticks());
        Assert.Equal([1, 10, 100, 1000], new AxisScale(1, 4000, IsLogarithmic: true).Ticks().Select(tick => Math.Round(tick, 9)));
        Assert.Equal([0.31, 0.32, 0.33], new AxisScale(0.308, 0.336).Ticks().Select(tick => Math.Round(tick, 9)).Where((_, i) => i % 2 == 0));
        Assert.Equal([20, 50, 100, 200, 500], new AxisScale(15, 700, IsLogarithmic: true).Ticks().Select(tick => Math.Round(tick, 9)));
        Assert.Equal([210, 220, 230, 240, 250], new AxisScale(205, 255, IsLogarithmic: true).Ticks().Select(tick => Math.Round(tick, 9)));
        Assert.Equal(0.5, new AxisScale(1, 100, IsLogarithmic: true).Place(10), 12);
        var around = AxisScale.AroundRatios([3]);
        Assert.True(around.Least < 3 && around.Most > 3);
        var flat = AxisScale.Around([2, 2]);
        Assert.True(flat.Least < 2 && flat.Most > 2);
    }

    private byte[] Search(string method, bool refit, Precision? precision = null, int trials = 14)
    {
        var options = SearchPresets.Create(
            "mf", new BudgetRequest(Sparsity: 0.75), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
            new SearchOverrides
            {
                Method = method,
                MaximumSize = 16,
                Precision = precision,
                Trials = trials,
                Candidates = 50,
                Retrained = 1,
                PretrainEpochs = 4,
                FineTuneEpochs = 1,
                RetrainEpochs = 4,
                BatchSize = 512,
                EvaluateEvery = 2,
                Refit = refit,
            });
        using var backend = new CpuBackend(2);
        using var search = new BudgetedSearch(
            options, backend, new DirectoryStepStore(folder), () => SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 3)));
        search.RunAll(null, CancellationToken.None);
        return File.ReadAllBytes(Path.Combine(folder, "artifacts", ReportPage.Name));
    }

    [GeneratedRegex("<svg .*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Charts();
}
