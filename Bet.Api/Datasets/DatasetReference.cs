using Bet.Api.Problems;
using Bet.Jobs.Storage;

namespace Bet.Api.Datasets;

/// <summary>A request's field "dataset": the id of a data set that has been uploaded.</summary>
internal static class DatasetReference
{
    public const string Field = "dataset";

    /// <summary>It was left out.</summary>
    public static FieldError Missing { get; } =
        new(Field, null, "give the id of a data set; GET /v1/datasets lists them");

    /// <summary>The data set, which must hold interactions.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="id">Its id.</param>
    /// <param name="use">What needs them: "tables".</param>
    /// <exception cref="RequestException">There is none of that id, or it holds something else.</exception>
    public static DatasetRow FindInteractions(SearchStore store, string id, string use)
    {
        var row = Find(store, id);
        return row.Kind == DataContent.Interactions
            ? row
            : throw RequestException.Invalid(new FieldError(Field, id, $"data set '{id}' holds clicks; {use} are of users and items"));
    }

    /// <exception cref="RequestException">There is none of that id.</exception>
    public static DatasetRow Find(SearchStore store, string id) => store.FindDataset(id) ?? throw RequestException.Invalid(new FieldError(
        Field, id, $"no data set has the id '{id}'; GET /v1/datasets lists those there are, POST /v1/datasets adds one"));
}
