using Bet.Engine.Artifacts;
using Bet.Engine.Clicks;
using Bet.Engine.Fields;
using Bet.Engine.Reports;
using Bet.Engine.Search;

namespace Bet.Engine.ClickSearches;

/// <summary>metrics.json: what was trained on what, and how good it is. No times: the same search gives the same bytes.</summary>
/// <param name="Backbone">The model's name.</param>
/// <param name="SplitHash">See <see cref="PreparedClicks.SplitHash"/>.</param>
/// <param name="Protocol">How the tables were trained and tested.</param>
/// <param name="Budget">The bound; null where the number of collisions was asked for.</param>
/// <param name="TrainRows">Samples.</param>
/// <param name="ValidationRows">Samples.</param>
/// <param name="TestRows">Samples.</param>
/// <param name="Tables">Full tables, those compared with, and those that were found, the best first.</param>
/// <param name="Trials">The tried recipes.</param>
/// <param name="TrialShare">Of the training samples, that each of them was trained on; null where none was tried.</param>
public sealed record ClickSearchMetrics(
    string Backbone, string SplitHash, string Protocol, FieldBudget? Budget, int TrainRows, int ValidationRows, int TestRows,
    IReadOnlyList<ClickTableResult> Tables, IReadOnlyList<ClickTrialResult> Trials, double? TrialShare);

/// <summary>model.json: what a server needs beside the tables and the weights to score a sample.</summary>
/// <param name="Model">The layers.</param>
/// <param name="Numbers">How numbers are transformed, in the order of the columns.</param>
/// <param name="Fields">
/// The categorical columns in their order; <c>fieldN.ids.txt</c> lists the raw ids of field N by number, and every other id has the last
/// number, <c>Categories</c> - 1.
/// </param>
public sealed record ServedModel(ClickModelOptions Model, IReadOnlyList<NumberScale> Numbers, IReadOnlyList<ServedField> Fields);

/// <summary>A categorical column of a <see cref="ServedModel"/>.</summary>
public sealed record ServedField(string Name, int Categories);

/// <summary>What a search over click data leaves behind for its client.</summary>
internal sealed record ClickArtifacts(
    ClickSearchOptions Options, PreparedClicks Data, FieldBudget? Budget, ClickTableResult Found,
    IReadOnlyList<ClickTableResult> Tables, IReadOnlyList<ClickTrialResult> Trials, double? TrialShare)
{
    private const string ModelName = "model.json";

    /// <summary>Scores samples by what lies beside it, with Python and numpy.</summary>
    private const string PythonScorerName = "bet_score.py";

    private const string Protocol =
        "trained on the training part alone; validation decides which epoch's weights and which tables are kept; the test part is only counted";

    /// <summary>Writes every artifact, the manifest last. The bytes depend on the search's result alone, not on its speed.</summary>
    public void Write(PackedFields tables, IReadOnlyList<DenseWeight> dense, Action<string, Action<Stream>> store)
    {
        var metrics = new ClickSearchMetrics(
            Options.Backbone, Data.SplitHash, Protocol, Budget, Data.Train.Count, Data.Validation.Count, Data.Test.Count, Tables, Trials, TrialShare);
        var folder = new ArtifactFolder(store);
        SafeTensorsLayout? layout = null;
        folder.Store(FieldTableFile.Name, stream => layout = FieldTableFile.Write(stream, tables));
        var proof = BudgetProof.Of(tables, layout!, Options.Budget);
        foreach (var (number, field) in Data.Fields.Index())
            folder.Store(RawIds.FileName($"field{number}"), stream => RawIds.Write(stream, field.Ids));
        folder.StoreJson(ArtifactWriter.MetricsName, metrics);
        folder.StoreJson(ModelName, new ServedModel(
            Options.Model, Data.Scales, [.. Data.Fields.Select(field => new ServedField(field.Name, field.Categories))]));
        folder.Store(BackboneFile.Name, stream => BackboneFile.Write(stream, dense));
        folder.StoreResource(FieldTableFile.PythonReaderName);
        folder.StoreResource(PythonScorerName);
        folder.Store(ReportPage.Name, stream => ClickReportPage.Write(stream, Options, metrics, Found));
        folder.Close(Options, proof);
    }
}
