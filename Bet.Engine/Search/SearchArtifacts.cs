using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Data;
using Bet.Engine.Reports;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>
/// What a search leaves behind for its client: the packed winner, its numbers and the rows to compare with; and where it is
/// a point of a curve, the curve as far as it is known.
/// </summary>
internal sealed record SearchArtifacts(
    SearchOptions Options, PreparedDataset Data, IReadOnlyList<TrainedResult> Tables, IReadOnlyList<TrialResult> Trials,
    QualityCurve? Curve)
{
    private const string Trained =
        "trained on the training part alone, validation decides; ";

    private const string Refitted =
        "rows of train + validation are then trained again on both parts for as many epochs; ";

    private const string Given =
        "the full table was given, and what it was trained on is not known: if it has seen validation or test items, its " +
        "numbers and all that follow from them are too good; ";

    private const string GivenAndTrained = "rows of train were trained from its values on the training part, validation decides; ";

    private const string GivenAlone = "rows of given are its values, cut and rounded; nothing was trained; ";

    private const string Tested =
        "test items are only counted, with training and validation items left out of the ranking; all items ranked";

    private string Protocol => (Options.Table switch
    {
        null => Options.Refit ? Trained + Refitted : Trained,
        { FineTune: true } => Given + GivenAndTrained,
        _ => Given + GivenAlone,
    }) + Tested;

    /// <summary>Writes every artifact, the manifest last. The bytes depend on the search's result alone, not on its speed.</summary>
    public void Write(TrainedWeights weights, Action<string, Action<Stream>> store)
    {
        var metrics = Metrics();
        var (users, items) = (Data.Train.UserFrequencies(), Data.Train.ItemFrequencies());
        var report = new ReportContent(Options, metrics, weights.Table, users, items) { Curve = Curve };
        ArtifactWriter.Write(
            new TrainedTable
            {
                Table = weights.Table,
                UserIds = Data.UserIds,
                ItemIds = Data.ItemIds,
                UserFrequencies = users,
                ItemFrequencies = items,
                Metrics = metrics,
                Options = Options,
                DenseWeights = weights.Dense,
                AdditionalFiles = [new AdditionalFile(ReportPage.Name, stream => ReportPage.Write(stream, report))],
            },
            store);
    }

    private SearchMetrics Metrics()
    {
        var loss = Options.Retraining.Loss;
        return new SearchMetrics(
            Options.Backbone, loss.Name, BackboneRegistry.ScoreOf(Options.Backbone, loss), Data.SplitHash, Data.UserCount, Data.ItemCount, Data.Train.Count, Data.Validation.Count,
            Data.Test.Count, Protocol, [.. Tables.Select(TableRow.Of)],
            [.. Trials.Select(TrialRow.Of)]);
    }
}
