
namespace Bet.Engine.Search;

/// <summary>
/// Where the points of a curve keep what they store: under "budget-2/", what a client downloads under
/// "artifacts/budget-2/", and at the top what all points share.
/// </summary>
internal sealed class CurveFiles(SearchOptions options, IStepStore store)
{
    private const string PointName = "point";

    /// <summary>A point's files under the names that they would have in a search under one budget.</summary>
    public IStepStore StoreOf(int point) => point == 0 ? store : new PointStore(options, store, point);

    /// <summary>The trials of a point that have ended, in order.</summary>
    public IReadOnlyList<TrialResult> TrialsOf(int point) => TrialResult.ReadAll(new SearchFiles(StoreOf(point)), options);

    public void Write(CurvePoint point) => new SearchFiles(StoreOf(point.Point)).Write(PointName, point);

    /// <summary>The curve through those of the first points that are done; null before the full table is trained.</summary>
    public QualityCurve? Read(int points)
    {
        var files = new SearchFiles(store);
        if (files.TryRead<TrainedResult>(new SearchStep(StepKind.Pretrain, 0).Name) is not { } full)
            return null;
        var refitted = options.PointSteps().Where(step => step.Kind == StepKind.Refit && SearchOptions.IsShared(step))
            .Select(step => files.TryRead<TrainedResult>(step.Name)).FirstOrDefault();
        return new QualityCurve(
            TableRow.Of(full), refitted is null ? null : TableRow.Of(refitted),
            [.. Enumerable.Range(1, points).Select(point => new SearchFiles(StoreOf(point)).TryRead<CurvePoint>(PointName)).OfType<CurvePoint>()]);
    }

    private sealed class PointStore(SearchOptions options, IStepStore store, int point) : IStepStore
    {
        private readonly HashSet<string> shared =
            [.. options.PointSteps().Where(SearchOptions.IsShared).Select(step => step.Name)];

        public Stream? OpenRead(string name) => store.OpenRead(Place(name));

        public void Write(string name, Action<Stream> content) => store.Write(Place(name), content);

        public void Delete(string name) => store.Delete(Place(name));

        private string Place(string name)
        {
            if (name == StepFiles.PreparedName || shared.Contains(name.Split('.')[0]))
                return name;
            string prefix = SearchStep.PrefixOf(point);
            return name.StartsWith(StepSearch.ArtifactPrefix, StringComparison.Ordinal)
                ? StepSearch.ArtifactPrefix + prefix + name[StepSearch.ArtifactPrefix.Length..]
                : prefix + name;
        }
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
