namespace Bet.Engine.Search;

/// <summary>
/// Where the points of a curve keep what they store: under "budget-2/", what a client downloads under
/// "artifacts/budget-2/", and at the top what all points share.
/// </summary>
internal sealed class PointStores(IStepOptions options, IStepStore store)
{
    /// <summary>A point's files under the names that they would have in a search under one budget.</summary>
    public IStepStore StoreOf(int point) => point == 0 ? store : new PointStore(options, store, point);

    private sealed class PointStore(IStepOptions options, IStepStore store, int point) : IStepStore
    {
        private readonly HashSet<string> shared =
            [.. options.PointSteps().Where(SearchSteps.IsShared).Select(step => step.Name)];

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
