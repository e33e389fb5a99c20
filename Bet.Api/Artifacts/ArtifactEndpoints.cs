using Bet.Api.Operations;
using Bet.Api.Problems;
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
    public static void MapArtifacts(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/searches/{id}").WithTags("Artifacts");
        group.MapGetAndHead("/artifacts", (string id, SearchStore store) => List(store, id, null))
            .WithSummary("The files of a search that has ended, and of a curve's points that are done")
            .ProducesProblems(404);
        group.MapGetAndHead("/artifacts/{**name}", (string id, string name, HttpResponse response, SearchStore store) =>
                Download(store, id, null, name, response))
            .WithSummary("Download a file; ranges are understood")
            .ProducesFile("application/octet-stream")
            .ProducesProblems(404);
        group.MapGetAndHead("/bundle", (string id, SearchStore store, DataFolder folder, CancellationToken cancel) =>
                Bundle(store, id, null, folder, cancel))
            .WithSummary("Download all files as one zip; of a curve a folder a budget")
            .ProducesFile("application/zip")
            .ProducesProblems(404, 409);
        MapPoints(group.MapGroup("/budgets/{point:int}"));
    }

    private static void MapPoints(RouteGroupBuilder group)
    {
        group.MapGetAndHead("/artifacts", (string id, int point, SearchStore store) => List(store, id, point))
            .WithSummary("The files of one of a curve's budgets, counted from 1, once it is done")
            .ProducesProblems(404);
        group.MapGetAndHead("/artifacts/{name}", (string id, int point, string name, HttpResponse response, SearchStore store) =>
                Download(store, id, point, name, response))
            .WithSummary("Download a file of one of a curve's budgets; ranges are understood")
            .ProducesFile("application/octet-stream")
            .ProducesProblems(404);
        group.MapGetAndHead("/bundle", (string id, int point, SearchStore store, DataFolder folder, CancellationToken cancel) =>
                Bundle(store, id, point, folder, cancel))
            .WithSummary("Download all files of one of a curve's budgets as one zip")
            .ProducesFile("application/zip")
            .ProducesProblems(404, 409);
    }

    internal static RouteHandlerBuilder ProducesFile(this RouteHandlerBuilder builder, string type) =>
        builder.Produces<byte[]>(StatusCodes.Status200OK, type)
            .Produces<byte[]>(StatusCodes.Status206PartialContent, type)
            .Produces(StatusCodes.Status304NotModified)
            .ProducesProblems(416);

    private static Ok<List<ArtifactResponse>> List(SearchStore store, string id, int? point)
    {
        var of = ClientFiles.Of(store, id, point);
        return TypedResults.Ok(of.Files.Select(file => new ArtifactResponse(
            file.Name, file.Bytes, file.Blob, $"{of.Url}/artifacts/{string.Join('/', file.Name.Split('/').Select(Uri.EscapeDataString))}")).ToList());
    }

    private static FileStreamHttpResult Download(SearchStore store, string id, int? point, string name, HttpResponse response)
    {
        var of = ClientFiles.Of(store, id, point);
        var file = of.Files.FirstOrDefault(file => file.Name == name)
            ?? throw new RequestException(
                StatusCodes.Status404NotFound, "unknown-artifact", "There is no such file",
                $"{of.Owner} has no file '{name}' (yet); GET {of.Url}/artifacts lists what there is");
        var stream = store.Blobs.OpenRead(file.Blob)
            ?? throw new IOException($"the content of {id}/{name}, blob {file.Blob}, is gone");
        response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(file.Blob))}:";
        return TypedResults.Stream(
            stream, TypeOf(name), Path.GetFileName(name), entityTag: new EntityTagHeaderValue($"\"{file.Blob}\""), enableRangeProcessing: true);
    }

    private static async Task<FileStreamHttpResult> Bundle(
        SearchStore store, string id, int? point, DataFolder folder, CancellationToken cancel)
    {
        var of = ClientFiles.Of(store, id, point);
        // All of a running curve's files are not there yet; those of its done points are, one bundle each.
        if (of.Files.Count == 0 || (point is null && !store.FindSearch(id)!.IsFinished))
            throw new RequestException(
                StatusCodes.Status409Conflict, "no-artifacts", "There is nothing to download",
                $"{of.Owner} has no bundle (yet); GET /v1/searches/{id} says how far it is");
        string hash = SearchBundle.Identity(of.Files);
        return TypedResults.Stream(
            await SearchBundle.Open(of.Files, store.Blobs, folder.Temporary, cancel), "application/zip", $"{of.Name}.zip",
            entityTag: new EntityTagHeaderValue($"\"{hash}\""), enableRangeProcessing: true);
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
