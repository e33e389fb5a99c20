using Bet.Api.Operations;
using Bet.Api.Problems;
using Bet.Engine.Search;
using Bet.Jobs.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Bet.Api.Artifacts;

/// <summary>A file that a search has left for its client.</summary>
/// <param name="Name">Its name: "table.safetensors".</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its content, lower-case hex.</param>
/// <param name="Url">Where to get it.</param>
public sealed record ArtifactResponse(string Name, long Bytes, string Sha256, string Url);

public static class ArtifactEndpoints
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    public static void MapArtifacts(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/searches/{id}").WithTags("Artifacts");
        group.MapGet("/artifacts", List).WithSummary("The files of a search that has ended").ProducesProblems(404);
        group.MapMethods("/artifacts/{name}", GetAndHead, Download)
            .WithSummary("Download a file; ranges are understood")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream")
            .ProducesProblems(404);
        group.MapMethods("/bundle", GetAndHead, Bundle)
            .WithSummary("Download all files as one zip")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/zip")
            .ProducesProblems(404, 409);
    }

    private static Ok<List<ArtifactResponse>> List(string id, SearchStore store) =>
        TypedResults.Ok(Files(store, id).Select(file => new ArtifactResponse(
            file.Name, file.Bytes, file.Blob, $"/v1/searches/{id}/artifacts/{Uri.EscapeDataString(file.Name)}")).ToList());

    private static FileStreamHttpResult Download(string id, string name, HttpResponse response, SearchStore store)
    {
        var file = Files(store, id).FirstOrDefault(file => file.Name == name)
            ?? throw new RequestException(
                StatusCodes.Status404NotFound, "unknown-artifact", "There is no such file",
                $"search '{id}' has no file '{name}' (yet); GET /v1/searches/{id}/artifacts lists what there is");
        var stream = store.Blobs.OpenRead(file.Blob)
            ?? throw new IOException($"the content of {id}/{name}, blob {file.Blob}, is gone");
        response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(file.Blob))}:";
        return TypedResults.Stream(
            stream, TypeOf(name), name, entityTag: new EntityTagHeaderValue($"\"{file.Blob}\""), enableRangeProcessing: true);
    }

    private static async Task<FileStreamHttpResult> Bundle(
        string id, SearchStore store, DataFolder folder, CancellationToken cancel)
    {
        var files = Files(store, id);
        if (files.Count == 0)
            throw new RequestException(
                StatusCodes.Status409Conflict, "no-artifacts", "There is nothing to download",
                $"search '{id}' has no files (yet); GET /v1/searches/{id} says how far it is");
        string hash = SearchBundle.Identity(files);
        return TypedResults.Stream(
            await SearchBundle.Open(files, store.Blobs, folder.Temporary, cancel), "application/zip", $"bet-{id}.zip",
            entityTag: new EntityTagHeaderValue($"\"{hash}\""), enableRangeProcessing: true);
    }

    /// <summary>The client's files, without the prefix; none before the search has ended, since they may still change.</summary>
    private static IReadOnlyList<ArtifactRow> Files(SearchStore store, string id)
    {
        var search = store.FindSearch(id) ?? throw RequestException.Unknown("search", id);
        return search.State is not (SearchState.Succeeded or SearchState.Cancelled)
            ? []
            : store.ListFiles(id, BudgetedSearch.ArtifactPrefix)
                .Select(file => file with { Name = file.Name[BudgetedSearch.ArtifactPrefix.Length..] })
                .ToList();
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".json" => "application/json",
        ".csv" => "text/csv; charset=utf-8",
        ".html" => "text/html; charset=utf-8",
        ".txt" or ".py" or ".md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}
