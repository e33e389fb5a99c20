using System.ComponentModel.DataAnnotations;
using Bet.Api.Datasets;
using Bet.Api.Operations;
using Bet.Api.Problems;
using Bet.Engine.Artifacts;
using Bet.Jobs.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bet.Api.Tables;

/// <summary>Whose ids and rows.</summary>
public enum DatasetSide
{
    Users,
    Items,
}

public static class TableEndpoints
{
    public static void MapTables(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/tables").WithTags("Tables");
        group.MapPost("/", Create)
            .WithSummary("Upload a full table that was trained elsewhere")
            .WithDescription(
                "multipart/form-data with parts users and items, .npy files of shape (rows, values of a row) in C order, " +
                "float16, float32 or float64; or one part table, a safetensors file with tensors users and items in F16, BF16, " +
                "F32 or F64. A row for every user and every item of the data set, in id order: ascending by number where all " +
                "ids of the side are whole numbers, else in the order of their first appearance in the data; " +
                "GET /v1/datasets/{id}/ids/users lists it. Parts userIds and itemIds, one id a line, give another order.")
            .ProducesProblems(400, 413, 415);
        group.MapGet("/", List).WithSummary("List tables, newest first").ProducesProblems(400);
        group.MapGet("/{id}", Get).WithSummary("Show a table").ProducesProblems(404);
        group.MapDelete("/{id}", Delete).WithSummary("Delete a table").ProducesProblems(404, 409);
        app.MapGet("/v1/datasets/{id}/ids/{side}", Ids)
            .WithTags("Tables")
            .WithSummary("The ids of a data set's users or items in id order, one a line")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .ProducesProblems(400, 404);
    }

    /// <param name="dataset">The id of the data set whose users and items the rows are; a form field of the name does, and wins.</param>
    /// <param name="name">What to call it; left out: as the first file is called. A form field does, and wins.</param>
    private static async Task<Created<TableResponse>> Create(
        HttpRequest request, TableUpload upload, CancellationToken cancel, string? dataset = null, string? name = null)
    {
        var row = await upload.Receive(request, dataset, name, cancel);
        return TypedResults.Created($"/v1/tables/{row.Id}", TableResponse.Of(row));
    }

    /// <param name="dataset">Only tables of the data set of this id.</param>
    /// <param name="name">Only tables of this name.</param>
    /// <param name="limit">The most entries of a page.</param>
    /// <param name="cursor">The next of the page before, as it was answered; left out: the first page.</param>
    private static Ok<Page<TableResponse>> List(
        SearchStore store, string? dataset = null, string? name = null,
        [Range(1, Paging.LargestLimit)] int limit = Paging.DefaultLimit, string? cursor = null)
    {
        var rows = store.ListTables(dataset, name, limit + 1, Paging.Cursor(cursor));
        return TypedResults.Ok(Paging.Of(rows, limit, TableResponse.Of, row => new ListCursor(row.CreatedAt, row.Id)));
    }

    private static Ok<TableResponse> Get(string id, SearchStore store) =>
        TypedResults.Ok(TableResponse.Of(store.FindTable(id) ?? throw RequestException.Unknown("table", id)));

    private static NoContent Delete(string id, SearchStore store) => store.DeleteTable(id) switch
    {
        TableDeletion.Deleted => TypedResults.NoContent(),
        TableDeletion.InUse => throw new RequestException(
            StatusCodes.Status409Conflict, "table-in-use", "The table is in use",
            $"a search that is not finished uses '{id}'; cancel it first"),
        _ => throw RequestException.Unknown("table", id),
    };

    /// <param name="side">Whose ids.</param>
    private static async Task<FileStreamHttpResult> Ids(
        string id, Word<DatasetSide> side, SearchStore store, TableUpload upload, CancellationToken cancel)
    {
        var dataset = store.FindDataset(id) ?? throw RequestException.Unknown("data set", id);
        dataset = DatasetReference.FindInteractions(store, dataset.Id, "these ids");
        var ids = await upload.IdsInOrder(dataset, side.Value == DatasetSide.Users, cancel);
        var text = new MemoryStream();
        RawIds.Write(text, ids);
        text.Position = 0;
        return TypedResults.Stream(text, "text/plain; charset=utf-8");
    }
}
