using Bet.Api.Problems;
using Bet.Engine.Data;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Bet.Api.Datasets;

/// <summary>
/// The files of one upload, on disk under names of ours, whatever their size in flat memory. Disposing deletes them.
/// </summary>
internal sealed class UploadedFiles(string folder, long cap) : IDisposable
{
    private const int MostFiles = 64;
    private const int LongestField = 4096;

    private readonly List<DatasetFile> files = [];
    private readonly List<string> paths = [];
    private long received;

    public IReadOnlyList<DatasetFile> Files => files;

    public async Task Receive(HttpRequest request, UploadFields fields, CancellationToken cancel)
    {
        if (request.ContentLength > cap)
            throw RequestException.TooLarge(cap);
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type);
        if (type?.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true)
            await ReceiveParts(request, type, fields, cancel);
        else if (type?.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) == true)
            throw new RequestException(
                StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "JSON is no data set",
                "send multipart/form-data with parts named file, train or test, or the file itself as text/plain, text/csv or application/octet-stream");
        else
            await Save(request.Body, "the body", fields.Part, cancel);
        if (files.Count == 0)
            throw RequestException.Invalid(new FieldError("file", null, "no file came; send a part named file, or one named train and one named test"));
    }

    public void Dispose()
    {
        foreach (string path in paths)
            File.Delete(path);
    }

    private async Task ReceiveParts(HttpRequest request, MediaTypeHeaderValue type, UploadFields fields, CancellationToken cancel)
    {
        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 200)
            throw RequestException.Invalid(new FieldError("Content-Type", request.ContentType, "multipart/form-data needs a boundary"));
        var reader = new MultipartReader(boundary, request.Body);
        while (await Reading(async () => await reader.ReadNextSectionAsync(cancel)) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                throw RequestException.Invalid(new FieldError("", null, "each part needs a Content-Disposition with a name"));
            string name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
            if (PartOf(name) is { } part)
                await Save(section.Body, FileName(disposition, name), part, cancel);
            else
                fields.Set(name, await ReadField(section.Body, name, cancel));
        }
    }

    private static FilePart? PartOf(string name) => name switch
    {
        "file" => FilePart.All,
        "train" => FilePart.Train,
        "test" => FilePart.Test,
        _ => null,
    };

    /// <summary>The client's file name, for messages alone.</summary>
    private static string FileName(ContentDispositionHeaderValue disposition, string fallback)
    {
        var given = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
        string name = HeaderUtilities.RemoveQuotes(given).ToString();
        name = string.Concat(name[(name.LastIndexOfAny(['/', '\\']) + 1)..].Where(c => !char.IsControl(c)).Take(100));
        return name.Length > 0 ? name : fallback;
    }

    private static async Task<string> ReadField(Stream body, string name, CancellationToken cancel)
    {
        var buffer = new byte[LongestField + 1];
        int length = await Reading(async () => await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel));
        return length <= LongestField
            ? System.Text.Encoding.UTF8.GetString(buffer, 0, length)
            : throw RequestException.Invalid(new FieldError(name, null, $"a field has at most {LongestField} bytes"));
    }

    private async Task Save(Stream body, string name, FilePart part, CancellationToken cancel)
    {
        if (files.Count == MostFiles)
            throw RequestException.Invalid(new FieldError(name, null, $"one upload has at most {MostFiles} files"));
        string path = Path.Combine(folder, $"upload-{Guid.NewGuid():N}");
        paths.Add(path);
        files.Add(new DatasetFile(name, () => File.OpenRead(path), part));
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        var buffer = new byte[1 << 17];
        int read;
        while ((read = await Reading(async () => await body.ReadAsync(buffer, cancel))) > 0)
        {
            received += read;
            if (received > cap)
                throw RequestException.TooLarge(cap);
            await file.WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }

    /// <summary>A body that ends too early or is not what its type says is the client's affair, unlike a full disk.</summary>
    private static async Task<T> Reading<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw RequestException.Invalid(new FieldError("", null, $"the body cannot be read to its end: {e.Message}"));
        }
    }
}
