using Bet.Api.Problems;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Bet.Api.Uploads;

/// <summary>One file of an upload.</summary>
/// <param name="Part">The name of the part that it came as.</param>
/// <param name="FileName">The client's name for it; null where it has none. To be shown, never to be opened by.</param>
/// <param name="Name">What messages call it.</param>
/// <param name="Open">Opens it at its first byte.</param>
internal sealed record UploadedFile(string Part, string? FileName, string Name, Func<Stream> Open);

/// <summary>
/// The files of one upload, on disk under names of ours, whatever their size in flat memory. Disposing deletes them.
/// </summary>
/// <param name="folder">Where they lie.</param>
/// <param name="cap">The most bytes of all of them, with the fields beside them.</param>
/// <param name="parts">The names of parts that are files.</param>
/// <param name="fields">The names of parts that are fields, of which each comes once at most.</param>
internal sealed class UploadedFiles(
    string folder, long cap, IReadOnlyCollection<string> parts, IReadOnlyCollection<string> fields) : IDisposable
{
    private const int MostFiles = 64;
    private const int LongestField = 4096;

    private readonly List<UploadedFile> files = [];
    private readonly List<string> paths = [];
    private readonly HashSet<string> fieldsSeen = [];
    private long received;

    public IReadOnlyList<UploadedFile> Files => files;

    /// <summary>What an upload that was given no name is called: as its first file is.</summary>
    public string Name => files.FirstOrDefault()?.FileName ?? "unnamed";

    /// <summary>Takes multipart/form-data, or a body that is one file.</summary>
    /// <param name="request">The upload.</param>
    /// <param name="body">The part that a body by itself stands for.</param>
    /// <param name="field">Takes the name and the text of a part that is no file.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task Receive(HttpRequest request, Func<string> body, Action<string, string> field, CancellationToken cancel)
    {
        CheckLength(request);
        if (MultipartType(request) is { } type)
            await ReadParts(request, type, field, cancel);
        else if (IsJson(request))
            throw Unsupported("JSON is no file", "send multipart/form-data", ", or the file itself as text/plain, text/csv or application/octet-stream");
        else
            await Save(request.Body, null, "the body", body(), cancel);
        if (files.Count == 0)
            throw RequestException.Invalid(new FieldError(parts.First(), null, $"no file came; there are parts named {string.Join(", ", parts)}"));
    }

    /// <summary>Takes multipart/form-data alone.</summary>
    /// <param name="request">The upload.</param>
    /// <param name="field">Takes the name and the text of a part that is no file.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task ReceiveParts(HttpRequest request, Action<string, string> field, CancellationToken cancel)
    {
        CheckLength(request);
        var type = MultipartType(request) ?? throw Unsupported("The files must come as parts", "send multipart/form-data", "");
        await ReadParts(request, type, field, cancel);
    }

    public void Dispose()
    {
        foreach (string path in paths)
            File.Delete(path);
    }

    private void CheckLength(HttpRequest request)
    {
        if (request.ContentLength > cap)
            throw RequestException.TooLarge(cap);
    }

    private static MediaTypeHeaderValue? MultipartType(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) ? type : null;

    private static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase);

    private RequestException Unsupported(string title, string advice, string more) => new(
        StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", title,
        $"{advice} with parts named {string.Join(", ", parts)}{more}");

    private async Task ReadParts(
        HttpRequest request, MediaTypeHeaderValue type, Action<string, string> field, CancellationToken cancel)
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
            if (parts.Contains(name))
                await Save(section.Body, FileName(disposition), name, name, cancel);
            else if (!fields.Contains(name))
                throw RequestException.Invalid(new FieldError(name, FileName(disposition), NoSuchPart));
            else if (!fieldsSeen.Add(name))
                throw RequestException.Invalid(new FieldError(name, null, "it came twice; send each field once"));
            else
                field(name, await ReadField(section.Body, name, cancel));
        }
    }

    private string NoSuchPart =>
        $"there is no such part; there are {string.Join(", ", parts)}, which are files, and the fields {string.Join(", ", fields)}";

    private static string? FileName(ContentDispositionHeaderValue disposition)
    {
        var given = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
        string name = HeaderUtilities.RemoveQuotes(given).ToString();
        name = string.Concat(name[(name.LastIndexOfAny(['/', '\\']) + 1)..].Where(c => !char.IsControl(c)).Take(100));
        return string.IsNullOrWhiteSpace(name) ? null : name.Trim();
    }

    private async Task<string> ReadField(Stream body, string name, CancellationToken cancel)
    {
        var buffer = new byte[LongestField + 1];
        int length = await Reading(async () => await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel));
        Count(length);
        return length <= LongestField
            ? System.Text.Encoding.UTF8.GetString(buffer, 0, length)
            : throw RequestException.Invalid(new FieldError(name, null, $"a field has at most {LongestField} bytes"));
    }

    private async Task Save(Stream body, string? fileName, string fallback, string part, CancellationToken cancel)
    {
        string name = fileName ?? fallback;
        if (files.Count == MostFiles)
            throw RequestException.Invalid(new FieldError(name, null, $"one upload has at most {MostFiles} files"));
        string path = Path.Combine(folder, $"upload-{Guid.NewGuid():N}");
        paths.Add(path);
        files.Add(new UploadedFile(part, fileName, name, () => File.OpenRead(path)));
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        var buffer = new byte[1 << 17];
        int read;
        while ((read = await Reading(async () => await body.ReadAsync(buffer, cancel))) > 0)
        {
            Count(read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }

    private void Count(int bytes)
    {
        received += bytes;
        if (received > cap)
            throw RequestException.TooLarge(cap);
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
