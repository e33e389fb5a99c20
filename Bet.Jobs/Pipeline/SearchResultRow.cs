using System.Text.Json;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;

namespace Bet.Jobs.Pipeline;

/// <summary>A trained table's numbers, one row of the comparison that a search ends with.</summary>
/// <param name="Name">"full": every row at the maximum size. "uniform": one size for all, same budget. Else the method that found it.</param>
/// <param name="Values">Values that the table keeps.</param>
/// <param name="Bytes">Bytes that it serves from: values and index.</param>
/// <param name="Trial">For a searched table, the trial that found its sizes.</param>
/// <param name="Quality">Validation quality, by which the winner is chosen.</param>
/// <param name="Validation">On the validation part; null for a table that was trained on it.</param>
/// <param name="Test">On the test part.</param>
/// <param name="Epochs">Epochs trained.</param>
/// <param name="BestEpoch">The epoch whose weights were kept.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="TrainedOn">train, or trainAndValidation.</param>
public sealed record SearchResultRow(
    string Name, long Values, long Bytes, int? Trial, double Quality, RankingMetrics? Validation, RankingMetrics Test,
    int Epochs, int BestEpoch, double Seconds, TrainedOn TrainedOn)
{
    /// <summary>
    /// The tables that were trained, in order: full, uniform, then searched ones, the best first; then those that were
    /// trained again on more data.
    /// </summary>
    public static IReadOnlyList<SearchResultRow> ReadAll(IStepStore files, SearchOptions options)
    {
        IEnumerable<SearchResultRow> Of(StepKind kind) => options.Steps().Where(step => step.Kind == kind)
            .Select(step => Read(files, step.Name))
            .OfType<SearchResultRow>();
        return
        [
            .. Of(StepKind.Pretrain), .. Of(StepKind.Uniform),
            .. Of(StepKind.Retrain).OrderByDescending(row => row.Quality), .. Of(StepKind.Refit),
        ];
    }

    private static SearchResultRow? Read(IStepStore files, string step)
    {
        using var stream = files.OpenRead($"{step}.json");
        return stream is null ? null : JsonSerializer.Deserialize<SearchResultRow>(stream, SearchJson.Options);
    }
}
