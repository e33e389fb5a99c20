using Bet.Api.Problems;
using Bet.Engine.Artifacts;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Artifacts;

/// <summary>
/// What a client may have of a search's files, or of those of one point of its curve. A search's are there once it has
/// ended, since they may still change; a point's once its manifest is, which is written last.
/// </summary>
/// <param name="Owner">Whose they are, for messages: "search 's1'".</param>
/// <param name="Url">Of what they belong to: "/v1/searches/s1/budgets/2".</param>
/// <param name="Name">Of a zip of them, without its extension.</param>
/// <param name="Files">By name, without what their names are stored under.</param>
internal sealed record ClientFiles(string Owner, string Url, string Name, IReadOnlyList<ArtifactRow> Files)
{
    /// <param name="store">Where they are.</param>
    /// <param name="id">The search.</param>
    /// <param name="point">A point of its curve, from 1; null for the whole search.</param>
    /// <exception cref="RequestException">404: there is no such search, or no such point.</exception>
    public static ClientFiles Of(SearchStore store, string id, int? point)
    {
        var search = store.FindSearch(id) ?? throw RequestException.Unknown("search", id);
        return point is { } number ? OfPoint(store, search, number) : OfSearch(store, search);
    }

    private static ClientFiles OfSearch(SearchStore store, SearchRow search)
    {
        var files = Below(store, search, StepSearch.ArtifactPrefix);
        bool ended = search.State is SearchState.Succeeded or SearchState.Cancelled;
        return new ClientFiles(
            $"search '{search.Id}'", $"/v1/searches/{search.Id}", $"bet-{search.Id}", ended ? files : [.. files.Where(IsOfDonePoint)]);

        bool IsOfDonePoint(ArtifactRow file) => file.Name.LastIndexOf('/') is > 0 and var end
            && files.Any(other => other.Name == file.Name[..(end + 1)] + Manifest.Name);
    }

    private static ClientFiles OfPoint(SearchStore store, SearchRow search, int point)
    {
        int points = SearchKind.Of(search.Options).Options.Steps().Max(step => step.Point);
        if (point < 1 || point > points)
            throw new RequestException(
                StatusCodes.Status404NotFound, "unknown-budget", "There is no such budget",
                points == 0
                    ? $"search '{search.Id}' has one budget; its files are at /v1/searches/{search.Id}/artifacts"
                    : $"search '{search.Id}' has no budget {point}; they are numbered from 1 to {points}");
        var files = Below(store, search, StepSearch.ArtifactPrefix + SearchStep.PrefixOf(point));
        return new ClientFiles(
            $"budget {point} of search '{search.Id}'", $"/v1/searches/{search.Id}/budgets/{point}", $"bet-{search.Id}-budget-{point}",
            files.Any(file => file.Name == Manifest.Name) ? files : []);
    }

    private static List<ArtifactRow> Below(SearchStore store, SearchRow search, string prefix) =>
        [.. store.ListFiles(search.Id, prefix).Select(file => file with { Name = file.Name[prefix.Length..] })];
}
