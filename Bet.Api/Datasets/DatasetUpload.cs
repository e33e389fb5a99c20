using Bet.Api.Problems;
using Bet.Api.Uploads;
using Bet.Engine.Data;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Datasets;

/// <summary>Receives, reads and stores data sets. Nothing is left of one that fails.</summary>
public sealed class DatasetUpload(SearchStore store, DataFolder folder, BetSettings settings)
{
    private static readonly Dictionary<string, FilePart> Parts = new()
    {
        ["file"] = FilePart.All,
        ["train"] = FilePart.Train,
        ["test"] = FilePart.Test,
    };

    /// <summary>Reading takes a core and the memory of the set: one at a time, beside whatever search runs.</summary>
    private readonly SemaphoreSlim reading = new(1);

    /// <exception cref="RequestException">The upload is not a data set; the message names the file and line.</exception>
    public async Task<DatasetRow> Receive(HttpRequest request, CancellationToken cancel)
    {
        var fields = new UploadFields(request.Query);
        using var files = new UploadedFiles(folder.Temporary, settings.MaximumUploadBytes, Parts.Keys);
        await files.Receive(request, () => Parts.First(part => part.Value == fields.Part).Key, fields.Set, cancel);
        DatasetFile[] data = [.. files.Files.Select(file => new DatasetFile(file.Name, file.Open, Parts[file.Part]))];
        var format = fields.Format();
        string? name = fields.Name;
        await reading.WaitAsync(cancel);
        try
        {
            // On a thread of its own: the thread pool serves requests.
            return await Task.Factory.StartNew(
                () =>
                {
                    var set = Read(data, format, cancel);
                    return Store($"d{Guid.CreateVersion7():N}", name ?? "unnamed", set).Row;
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>Stores a set under an id; where the id is taken, answers what is there.</summary>
    public (DatasetRow Row, bool Added) Store(string id, string name, InteractionSet set)
    {
        using var blob = store.Blobs.Stage(stream => InteractionSetFile.Write(stream, set));
        var row = new DatasetRow
        {
            Id = id,
            Name = name,
            Summary = SearchJson.Write(DatasetSummary.Of(set)),
            CreatedAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
        };
        bool added = store.AddDataset(row, blob);
        return (store.FindDataset(id) ?? row, added);
    }

    private InteractionSet Read(IReadOnlyList<DatasetFile> files, DatasetFormat format, CancellationToken cancel)
    {
        try
        {
            return DatasetReader.Read(files, format, cancel, new ReadLimits(ExpandedBytes: settings.MaximumExpandedBytes));
        }
        catch (DataFormatException e) when (e.Expected.Contains("after gzip", StringComparison.Ordinal))
        {
            throw new RequestException(
                StatusCodes.Status413PayloadTooLarge, "too-large", "The upload is too large once unpacked",
                e.Message, new FieldError(e.File, null, e.Message));
        }
        catch (DataFormatException e)
        {
            throw new RequestException(
                StatusCodes.Status400BadRequest, "unreadable-data", "The file is no data set", e.Message,
                new FieldError(e.File, e.Found, e.Message));
        }
        catch (ArgumentException e)
        {
            throw RequestException.Invalid(new FieldError(FieldOf(e.Message), null, e.Message));
        }
    }

    /// <summary>The format's messages begin with the property's name.</summary>
    private static string FieldOf(string message)
    {
        string first = message.Split(' ', 2)[0];
        return first switch
        {
            "Kind" => "format",
            "HasHeader" => "header",
            "Delimiter" or "UserColumn" or "ItemColumn" or "RatingColumn" or "RatingThreshold" or "TimestampColumn" =>
                char.ToLowerInvariant(first[0]) + first[1..],
            _ => "",
        };
    }
}
