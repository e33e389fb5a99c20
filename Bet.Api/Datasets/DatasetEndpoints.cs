using System.ComponentModel.DataAnnotations;
using Bet.Api.Artifacts;
using Bet.Api.Operations;
using Bet.Api.Problems;
using Bet.Jobs.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bet.Api.Datasets;

public static class DatasetEndpoints
{
    public static void MapDatasets(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/datasets").WithTags("Data sets");
        group.MapPost("/", Create)
            .WithSummary("Upload a data set")
            .WithDescription(
                "Interactions or click data as a raw body, or as multipart/form-data with a part named file, or parts named train and " +
                "test; plain or gzip. They are click data where the format is criteo, or a field of click data (labelColumn, " +
                "numberColumns, ...) is given, or nothing is said and the first line is Criteo's. Read to its end before the answer comes: a data set that is there can be searched.")
            .ReadsItsQuery()
            .ProducesProblems(400, 413, 415);
        group.MapPost("/example", CreateExample)
            .WithSummary("Make the example data set")
            .WithDescription("A small made-up data set with the id 'example', always the same; nothing to upload.");
        group.MapPost("/example-clicks", CreateExampleClicks)
            .WithSummary("Make the example of click data")
            .WithDescription("A small made-up set of click data with the id 'example-clicks', always the same; nothing to upload.");
        group.MapGet("/", List).WithSummary("List data sets, newest first").ProducesProblems(400);
        group.MapGet("/{id}", Get).WithSummary("Show a data set").ProducesProblems(404);
        group.MapGetAndHead("/{id}/split", DatasetSplits.Get)
            .WithSummary("Interactions as a search divides them")
            .WithDescription(
                "A CSV file of user, item and part (train, validation or test): what a search with the same split and seed trains on, decides by and " +
                "is tested on. Its ETag is the splitHash of the search's metrics.json.")
            .ProducesFile("text/csv")
            .ProducesProblems(400, 404);
        group.MapDelete("/{id}", Delete).WithSummary("Delete a data set").ProducesProblems(404, 409);
    }

    private static async Task<Created<DatasetResponse>> Create(
        HttpRequest request, DatasetUpload upload, CancellationToken cancel)
    {
        var row = await upload.Receive(request, cancel);
        return TypedResults.Created($"/v1/datasets/{row.Id}", DatasetResponse.Of(row));
    }

    private static Results<Created<DatasetResponse>, Ok<DatasetResponse>> CreateExample(DatasetUpload upload) =>
        AnswerOf(upload.Store(ExampleDataset.Id, ExampleDataset.Id, DatasetContent.Of(ExampleDataset.Make())));

    private static Results<Created<DatasetResponse>, Ok<DatasetResponse>> CreateExampleClicks(DatasetUpload upload) =>
        AnswerOf(upload.Store(ExampleDataset.ClicksId, ExampleDataset.ClicksId, DatasetContent.Of(ExampleDataset.MakeClicks())));

    private static Results<Created<DatasetResponse>, Ok<DatasetResponse>> AnswerOf((DatasetRow Row, bool Added) stored) => stored.Added
        ? TypedResults.Created($"/v1/datasets/{stored.Row.Id}", DatasetResponse.Of(stored.Row))
        : TypedResults.Ok(DatasetResponse.Of(stored.Row));

    /// <param name="limit">The most entries of a page.</param>
    /// <param name="cursor">The next of the page before, as it was answered; left out: the first page.</param>
    private static Ok<Page<DatasetResponse>> List(
        SearchStore store, [Range(1, Paging.LargestLimit)] int limit = Paging.DefaultLimit, string? cursor = null)
    {
        var rows = store.ListDatasets(limit + 1, Paging.Cursor(cursor));
        return TypedResults.Ok(Paging.Of(rows, limit, DatasetResponse.Of, row => new ListCursor(row.CreatedAt, row.Id)));
    }

    private static Ok<DatasetResponse> Get(string id, SearchStore store) =>
        TypedResults.Ok(DatasetResponse.Of(store.FindDataset(id) ?? throw RequestException.Unknown("data set", id)));

    private static NoContent Delete(string id, SearchStore store) => store.DeleteDataset(id) switch
    {
        DatasetDeletion.Deleted => TypedResults.NoContent(),
        DatasetDeletion.InUse => throw new RequestException(
            StatusCodes.Status409Conflict, "dataset-in-use", "The data set is in use",
            $"a search that is not finished uses '{id}'; cancel it first, see GET /v1/searches?dataset={id}"),
        _ => throw RequestException.Unknown("data set", id),
    };
}
