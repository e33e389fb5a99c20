
namespace Bet.Engine.Search;

/// <summary>What the points of a curve have come to.</summary>
internal sealed class CurveFiles(SearchOptions options, PointStores stores)
{
    private const string PointName = "point";

    /// <summary>The trials of a point that have ended, in order.</summary>
    public IReadOnlyList<TrialResult> TrialsOf(int point) => TrialResult.ReadAll(new SearchFiles(stores.StoreOf(point)), options);

    public void Write(CurvePoint point) => new SearchFiles(stores.StoreOf(point.Point)).Write(PointName, point);

    /// <summary>The curve through those of the first points that are done; null before the full table is trained.</summary>
    public QualityCurve? Read(int points)
    {
        var files = new SearchFiles(stores.StoreOf(0));
        if (files.TryRead<TrainedResult>(new SearchStep(StepKind.Pretrain, 0).Name) is not { } full)
            return null;
        var refitted = options.PointSteps().Where(step => step.Kind == StepKind.Refit && SearchSteps.IsShared(step))
            .Select(step => files.TryRead<TrainedResult>(step.Name)).FirstOrDefault();
        return new QualityCurve(
            TableRow.Of(full), refitted is null ? null : TableRow.Of(refitted),
            [.. Enumerable.Range(1, points).Select(point => new SearchFiles(stores.StoreOf(point)).TryRead<CurvePoint>(PointName)).OfType<CurvePoint>()]);
    }
}

/// <summary>One point among the others of its curve.</summary>
/// <param name="Files">The curve's.</param>
/// <param name="Point">From 1.</param>
internal sealed record CurvePlace(CurveFiles Files, int Point)
{
    /// <summary>The trials of the points before it.</summary>
    public IReadOnlyList<TrialResult> TrialsBefore() => [.. Enumerable.Range(1, Point - 1).SelectMany(Files.TrialsOf)];

    /// <summary>Stores the point's result and answers the curve up to it.</summary>
    public QualityCurve? Add(CurvePoint result)
    {
        Files.Write(result);
        return Files.Read(Point);
    }
}
