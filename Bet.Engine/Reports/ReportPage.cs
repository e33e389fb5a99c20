using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using static Bet.Engine.Reports.ReportText;
using static Bet.Engine.Reports.SvgChart;

namespace Bet.Engine.Reports;

/// <summary>
/// report.html: one page that needs nothing beside it and says what was asked, what was found and how far it can be
/// believed. The same search gives the same bytes.
/// </summary>
public static class ReportPage
{
    /// <summary>The file's name among the artifacts.</summary>
    public const string Name = "report.html";

    private static readonly string[] UserColours = ["#1f6fb4", "#7fb2dd", "#c4ddf2"];

    private static readonly string[] ItemColours = ["#c9661c", "#e5a26d", "#f5d6bd"];

    /// <summary>From this share of the budget on, what is left of it is worth a word.</summary>
    private const double LeftShare = 0.1;

    /// <summary>Writes the page, UTF-8.</summary>
    public static void Write(Stream stream, ReportContent content)
    {
        HtmlPage.Write(stream, Invariant($"{content.Options.Backbone}, {Bytes(content.Found.Bytes)}"),
        [
            Headline(content), Quality(content), Curve(content), Sizes(content), Parts(content), Trials(content),
            Honesty(content), Origin(content),
        ]);
    }

    private static string Headline(ReportContent content)
    {
        var (found, budget) = (content.Found, content.Budget);
        string against = content.Beside.FirstOrDefault(row => row.Name == "full") is { } full && full.Test.RecallAt(Cutoff) > 0
            ? Invariant($" It keeps <b>{found.Test.RecallAt(Cutoff) / full.Test.RecallAt(Cutoff):0.0%}</b> of the full table's Recall@{Cutoff} and {found.Test.NdcgAt(Cutoff) / full.Test.NdcgAt(Cutoff):0.0%} of its NDCG@{Cutoff}.")
            : "";
        return Invariant($"<h1>{Escape(content.Options.Backbone)}: an embedding table of {Bytes(found.Bytes)}</h1>")
            + Invariant($"<p class=\"lead\">{(double)found.Bytes / budget.FullBytes:0.0%} of the full float32 table's {Bytes(budget.FullBytes)}.{against}</p>")
            + Invariant($"<p>Asked for: {Asked(budget.Asked)}, which is at most {budget.MaximumBytes:N0} bytes; used: {found.Bytes:N0}. ")
            + Invariant($"{content.Metrics.Users:N0} users, {content.Metrics.Items:N0} items, {content.Metrics.TrainInteractions:N0} interactions to train on. ")
            + Invariant($"Searched for by {Escape(content.Options.Method)}, effort {Lower(content.Options.Effort)}, {content.Metrics.Trials.Count} trials, seed {content.Options.Seed}.</p>");
    }

    private static string Quality(ReportContent content)
    {
        var rows = content.Metrics.Tables;
        string table = string.Concat(rows.Select(row => Invariant($"<tr{(row == content.Found ? " class=\"found\"" : "")}><td>{Escape(Title(content, row))}</td><td>{Interval(row.Test.RecallAt(Cutoff), row.Test.RecallErrorAt(Cutoff))}</td><td>{Interval(row.Test.NdcgAt(Cutoff), row.Test.NdcgErrorAt(Cutoff))}</td>")
            + Invariant($"<td>{row.Bytes:N0}</td><td>{Stored(row.UserPrecision, row.ItemPrecision)}</td><td>{row.Test.RecallAt(5):0.0000}</td><td>{row.Test.NdcgAt(5):0.0000}</td></tr>")));
        var scale = AxisScale.Around([.. rows.SelectMany(row => new[] { Low(row), High(row) })]);
        var chart = new SvgChart(
            $"Recall@{Cutoff} of every table", scale, $"Recall@{Cutoff} on the test part", new AxisScale(0.4, rows.Count + 0.9), "",
            56 + (46 * rows.Count));
        for (int i = 0; i < rows.Count; i++)
        {
            int at = rows.Count - i;
            chart.Label(at, Title(content, rows[i]));
            chart.Segment(Low(rows[i]), at, High(rows[i]), at, "whisker");
            chart.Dot(rows[i].Test.RecallAt(Cutoff), at, rows[i] == content.Found ? "winner" : "other", Title(content, rows[i]));
        }

        return Invariant($"<h2>How good it is</h2><div class=\"scroll\"><table><tr><th>table</th><th>Recall@{Cutoff}</th><th>NDCG@{Cutoff}</th><th>bytes</th><th>values</th><th>Recall@5</th><th>NDCG@5</th></tr>{table}</table></div>")
            + $"<p class=\"quiet\">On the test part, which no training and no choice has seen. After &plusmn;: half of a 95&nbsp;% interval over users. {Escape(Capital(content.Metrics.Protocol))}.</p>"
            + chart;

        static double Low(TableRow row) => row.Test.RecallAt(Cutoff) - (RankingMetrics.ConfidenceErrors * row.Test.RecallErrorAt(Cutoff));
        static double High(TableRow row) => row.Test.RecallAt(Cutoff) + (RankingMetrics.ConfidenceErrors * row.Test.RecallErrorAt(Cutoff));
    }

    /// <summary>What other budgets give, where they were asked for.</summary>
    private static string Curve(ReportContent content) => content.Curve is { } curve
        ? CurveSection.Of(curve, curve.Points.FirstOrDefault(point => point.Asked == content.Options.Budget)?.Point)
        : "";

    private static string Sizes(ReportContent content)
    {
        if (content.Table is not { Users.Shape: SideSizes users, Items.Shape: SideSizes items })
            return Shared(content);
        var chart = new SvgChart(
            "Sizes against rank", new AxisScale(1, Math.Max(10, Math.Max(users.Rows, items.Rows)), IsLogarithmic: true),
            "rank by frequency, the most frequent first", new AxisScale(0, Math.Max(1, 1.05 * Math.Max(users.Width, items.Width))), "values of a row")
            .Line(Runs(users), "users", steps: true)
            .Line(Runs(items), "items", steps: true);
        return Invariant($"<h2>Who gets how much</h2><p class=\"quiet\">{Key("#1f6fb4", Invariant($"users, {Lower(users.Precision)}, {Mean(users):0.#} values on average"))}{Key("#c9661c", Invariant($"items, {Lower(items.Precision)}, {Mean(items):0.#} values on average"))}</p>{chart}")
            + Sharing("users", users) + Sharing("items", items) + Frequencies(content);
    }

    private static string Sharing(string side, SideSizes sizes) => sizes.SharedRows == 0 ? "" : Invariant(
        $"<p class=\"quiet\">The {sizes.RowsOfSize[0]:N0} least frequent {side} own nothing: they share {sizes.SharedRows} vectors of {sizes.SharedSize} values, each for its stretch of ranks.</p>");

    /// <summary>Of a table whose entities own no rows.</summary>
    private static string Shared(ReportContent content) =>
        Invariant($"<h2>Who gets how much</h2><p>Rows are stored by {Escape(ComparedTables.TitleOf(content.Table.Users.Shape.Kind) ?? content.Table.Users.Shape.Kind)}, which was better on validation than any sizes that were found: every user and every item is read with {content.Table.MaximumSize} values, which are made of fewer stored ones.</p>")
        + Frequencies(content);

    private static string Frequencies(ReportContent content) => Invariant(
        $"<p class=\"quiet\">The most frequent user has {First(content.UserFrequencies):N0} training interactions, the middle one {Middle(content.UserFrequencies):N0}; the most frequent item {First(content.ItemFrequencies):N0}, the middle one {Middle(content.ItemFrequencies):N0}.</p>");

    private static string Parts(ReportContent content)
    {
        (string Name, long Bytes, string Colour)[] parts =
        [
            .. content.Table.Users.Tensors("users").Select((part, i) => (Part(part), part.Bytes, UserColours[i])),
            .. content.Table.Items.Tensors("items").Select((part, i) => (Part(part), part.Bytes, ItemColours[i])),
        ];
        double all = parts.Sum(part => part.Bytes);
        string bar = string.Concat(parts.Select(part => Invariant($"<span style=\"width:{part.Bytes / all:0.00%};background:{part.Colour}\"></span>")));
        string rows = string.Concat(parts.Select(part => Invariant($"<tr><td>{Key(part.Colour)}{part.Name}</td><td>{part.Bytes:N0}</td><td>{part.Bytes / all:0.0%}</td></tr>")));
        return $"<h2>Where the bytes went</h2><div class=\"bar\">{bar}</div><div class=\"scroll\"><table><tr><th>part</th><th>bytes</th><th>share</th></tr>{rows}</table></div>{Left(content)}";
    }

    /// <summary>Where the budget has room for more than full rows.</summary>
    private static string Left(ReportContent content)
    {
        var (table, budget) = (content.Table, content.Budget);
        long left = budget.MaximumBytes - content.Found.Bytes;
        bool isFull = table.Values == ((long)budget.Users + budget.Items) * budget.MaximumSize;
        return !isFull || budget.IsOfValues || left < LeftShare * budget.MaximumBytes ? "" : Invariant(
            $"<p class=\"quiet\">Every row has all its {budget.MaximumSize} values, and {left:N0} bytes of the budget are left. Wider rows can use them: ask for a larger maximumSize and a budget of {budget.MaximumBytes} bytes.</p>");
    }

    private static string Part(TensorContent tensor) => tensor.Name.Replace(".", ": ").Replace('_', ' ');

    private static string Trials(ReportContent content)
    {
        var trials = content.Metrics.Trials;
        if (trials.Count == 0)
            return "";
        var chart = new SvgChart(
            "Fitness of every trial", new AxisScale(0, trials.Count + 1), "trial", AxisScale.Around([.. trials.Select(trial => trial.Fitness)]), "fitness");
        double best = double.NegativeInfinity;
        chart.Line(trials.Select(trial => ((double)trial.Number, best = Math.Max(best, trial.Fitness))), "best", steps: true);
        foreach (var trial in trials)
            chart.Dot(trial.Number, trial.Fitness, StyleOf(content, trial), Outline(trial));
        string rows = string.Concat(trials.Select(trial => Invariant($"<tr><td>{trial.Number}</td><td>{Escape(StoredOf(trial))}</td><td>{Escape(trial.UserFamily)}</td><td>{Escape(trial.ItemFamily)}</td><td>{(double)trial.UserValues / (trial.UserValues + trial.ItemValues):0.0%}</td><td>{trial.PredictedFitness:0.0000}</td><td>{trial.Fitness:0.0000}</td></tr>")));
        return $"<h2>What was tried</h2><p class=\"quiet\">Fitness: validation quality {(content.Options.Table is { FineTune: false } ? "of the cut and rounded table" : "after a short training")}, over the full table's. {Key("#8b98a7", "where a search begins")}{Key("#1f6fb4", "chosen by what was learnt")}{Key("#c9661c", "the one that was kept")}The dashed line is the best so far.</p>{chart}"
            + $"<details><summary>All trials</summary><div class=\"scroll\"><table><tr><th>trial</th><th>values</th><th>users' sizes</th><th>items' sizes</th><th>users' values</th><th>expected</th><th>fitness</th></tr>{rows}</table></div></details>";
    }

    private static string Honesty(ReportContent content)
    {
        var said = content.Metrics.Trials.Where(trial => trial.PredictedFitness is not null).ToList();
        if (said.Count == 0)
            return "";
        double[] expected = [.. said.Select(trial => trial.PredictedFitness!.Value)], measured = [.. said.Select(trial => trial.Fitness)];
        var scale = AxisScale.Around([.. expected, .. measured]);
        var chart = new SvgChart("Expected and measured fitness", scale, "expected fitness", scale, "measured fitness", 360)
            .Segment(scale.Least, scale.Least, scale.Most, scale.Most, "level");
        foreach (var trial in said)
            chart.Dot(trial.PredictedFitness!.Value, trial.Fitness, StyleOf(content, trial), Outline(trial));
        string correlation = RankCorrelation.Of(expected, measured) is { } rho
            ? Invariant($" Their rank correlation is {rho:0.00} over {said.Count} trials.")
            : " They are too few for a rank correlation.";
        return $"<h2>How far the search saw ahead</h2><p class=\"quiet\">Before a trial the search says what fitness it expects. On the dotted line it was right.{correlation}</p>{chart}";
    }

    private static string Origin(ReportContent content) =>
        Invariant($"<h2>How to get it again</h2><p>Engine {Manifest.CurrentEngine}, seed {content.Options.Seed}, split <code>{Escape(content.Metrics.SplitHash[..Math.Min(16, content.Metrics.SplitHash.Length)])}</code>. The same request over the same data gives the same bytes.{ChosenByData(content)}</p>")
        + $"<details><summary>All options</summary><pre>{Escape(JsonSerializer.Serialize(content.Options, ArtifactJson.Indented))}</pre></details>";

    /// <summary>What the full table's training chose by the data, and all others took over; the options have what it began with.</summary>
    private static string ChosenByData(ReportContent content) =>
        content.Options.LesserDecays.Count + content.Options.LesserRates.Count > 0 && content.Metrics.Tables[0] is { Decay: { } decay } full
            ? Invariant($" What the full table was best with, l2 {decay.Rows}, representationL2 {decay.Representations} and learningRate {full.LearningRate}, can be asked for at once.")
            : "";

    private static IEnumerable<(double X, double Y)> Runs(SideSizes sizes)
    {
        int row = 0;
        for (int size = sizes.MaximumSize; size >= 0; size--)
        {
            if (sizes.RowsOfSize[size] == 0)
                continue;
            yield return (row + 1, size);
            row += sizes.RowsOfSize[size];
        }

        if (row > 0)
            yield return (row, sizes.SizeAt(row - 1));
    }

    private static string Title(ReportContent content, TableRow row)
    {
        string name = row switch
        {
            { Name: "full", TrainedOn: TrainedOn.Given } => "full size, as given",
            { Name: "full" } => "full size",
            _ => ComparedTables.TitleOf(row.Name) ?? row.Name,
        };
        bool both = content.Metrics.Tables.Any(other => other.TrainedOn == TrainedOn.TrainAndValidation);
        return !both ? name : row.TrainedOn == TrainedOn.Train ? $"{name}, train" : $"{name}, train + validation";
    }

    private static string StyleOf(ReportContent content, TrialRow trial) =>
        trial.Number == content.Found.Trial ? "winner"
        : trial.Selection is SelectionRule.Beginning or SelectionRule.Random ? "beginning" : "chosen";

    private static string Outline(TrialRow trial) => Invariant(
        $"trial {trial.Number}: {StoredOf(trial)}, users {trial.UserFamily}, items {trial.ItemFamily}, fitness {trial.Fitness:0.0000}");

    private static string StoredOf(TrialRow trial) =>
        Stored(trial.UserPrecision, trial.ItemPrecision) + (trial.Axes == ColumnAxes.Even ? ", even axes" : "");

    private static string Capital(string sentence) => char.ToUpperInvariant(sentence[0]) + sentence[1..];

    private static double Mean(SideSizes sizes) => sizes.Rows == 0 ? 0 : (double)sizes.Values / sizes.Rows;

    private static int First(IReadOnlyList<int> falling) => falling.Count == 0 ? 0 : falling[0];

    private static int Middle(IReadOnlyList<int> falling) => falling.Count == 0 ? 0 : falling[falling.Count / 2];
}
