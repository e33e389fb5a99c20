using System.Text.Json;
using Bet.Api.Problems;
using Bet.Engine.Backbones;
using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Api.Searches;

/// <summary>Whether a request's backbone, data set and fields go together.</summary>
internal static class RequestKind
{
    private static readonly string[] ForRecommenders =
        [.. NamesOf<SearchOverrides>().Except(NamesOf<ClickSearchOverrides>()), nameof(SearchRequest.Table)];

    private static readonly string[] ForClicks = [.. NamesOf<ClickSearchOverrides>().Except(NamesOf<SearchOverrides>())];

    /// <summary>What would do in the place of a field that is of the other kind.</summary>
    private static readonly Dictionary<string, string> Instead = new()
    {
        [nameof(SearchRequest.MaximumSize)] = "give size, the values of a feature",
        [nameof(SearchRequest.PretrainEpochs)] = "give epochs",
        [nameof(SearchRequest.FineTuneEpochs)] = "give epochs",
        [nameof(SearchRequest.RetrainEpochs)] = "give epochs",
        [nameof(SearchRequest.Table)] = "a given table is of users and items, for mf and lightgcn",
        [nameof(SearchRequest.Size)] = "give maximumSize",
        [nameof(SearchRequest.Epochs)] = "give pretrainEpochs, fineTuneEpochs or retrainEpochs",
        [nameof(SearchRequest.Collisions)] = "give a budget, and quotient-remainder-multiply, hashing or others in compare",
    };

    /// <summary>The model that is asked for.</summary>
    /// <exception cref="RequestException">There is none of that name, or the data set or a field is not for it.</exception>
    public static string BackboneOf(SearchRequest request, DatasetRow dataset)
    {
        bool clicks = dataset.Kind == DataContent.Clicks;
        string backbone = request.Backbone ?? (clicks ? ClickModelRegistry.Dlrm : "lightgcn");
        bool forClicks = ClickModelRegistry.Names.Contains(backbone);
        string recommenders = string.Join(", ", BackboneRegistry.Names), models = string.Join(" and ", ClickModelRegistry.Names);
        if (!forClicks && !BackboneRegistry.Names.Contains(backbone))
            throw Wrong(nameof(request.Backbone), backbone, $"'{backbone}' was given; there are {recommenders}, and {models} for click data");
        if (clicks && !forClicks)
            throw Wrong(nameof(request.Backbone), backbone, $"data set '{dataset.Id}' holds clicks; {models} are for these");
        if (!clicks && forClicks)
            throw Wrong(nameof(request.Backbone), backbone, $"data set '{dataset.Id}' holds interactions; {recommenders} are for these");
        var errors = (forClicks ? ForRecommenders : ForClicks)
            .Select(name => (Name: name, Given: typeof(SearchRequest).GetProperty(name)!.GetValue(request)))
            .Where(field => field.Given is not null)
            .Select(field => new FieldError(
                JsonNamingPolicy.CamelCase.ConvertName(field.Name), field.Given is string or ValueType ? field.Given : null,
                $"it has no meaning for {backbone}; {Instead.GetValueOrDefault(field.Name, $"it is for {(forClicks ? recommenders : models)}, leave it out")}"));
        return errors.ToArray() is { Length: > 0 } wrong ? throw RequestException.Invalid(wrong) : backbone;
    }

    private static IEnumerable<string> NamesOf<T>() => typeof(T).GetProperties().Where(property => property.CanWrite).Select(property => property.Name);

    private static RequestException Wrong(string field, object given, string message) =>
        RequestException.Invalid(new FieldError(JsonNamingPolicy.CamelCase.ConvertName(field), given, message));
}
