using Bet.Api.Problems;
using Bet.Api.Uploads;
using Bet.Engine.Clicks;
using Bet.Engine.Data;
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

    private readonly SlowWork reading = new();

    /// <exception cref="RequestException">The upload is not a data set; the message names the file and line.</exception>
    public async Task<DatasetRow> Receive(HttpRequest request, CancellationToken cancel)
    {
        var fields = new UploadFields(request.Query);
        using var files = new UploadedFiles(folder.Temporary, settings.MaximumUploadBytes, Parts.Keys, UploadFields.Known);
        await files.Receive(request, () => Parts.First(part => part.Value == fields.Part).Key, fields.Set, cancel);
        CheckParts(files.Files);
        DatasetFile[] data = [.. files.Files.Select(file => new DatasetFile(file.Name, file.Open, Parts[file.Part]))];
        var read = ReaderOf(fields, data, cancel);
        string name = fields.Name ?? files.Name;
        return await reading.Run(() => Store($"d{Guid.CreateVersion7():N}", name, Checked(read, fields)).Row, cancel);
    }

    /// <summary>Stores a set under an id; where the id is taken, answers what is there.</summary>
    public (DatasetRow Row, bool Added) Store(string id, string name, DatasetContent content)
    {
        using var blob = store.Blobs.Stage(content.Write);
        var row = new DatasetRow
        {
            Id = id,
            Name = name,
            Kind = content.Kind,
            Summary = content.Summary,
            CreatedAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
        };
        bool added = store.AddDataset(row, blob);
        return (store.FindDataset(id) ?? row, added);
    }

    /// <summary>Reads interactions or click data, as the fields say, or where they say nothing the first file's first line.</summary>
    private Func<DatasetContent> ReaderOf(UploadFields fields, IReadOnlyList<DatasetFile> files, CancellationToken cancel)
    {
        var limits = new ReadLimits(ExpandedBytes: settings.MaximumExpandedBytes);
        if (fields.Clicks() is { } clicks)
            return () => DatasetContent.Of(ClickReader.Read(files, clicks, cancel, limits));
        var interactions = fields.Interactions();
        return () => fields.TellsNothing && ClickReader.IsCriteo(files[0])
            ? DatasetContent.Of(ClickReader.Read(files, new ClickFormat(), cancel, limits))
            : DatasetContent.Of(DatasetReader.Read(files, interactions, cancel, limits));
    }

    /// <exception cref="RequestException">Of the parts that came, no data set can be made.</exception>
    private static void CheckParts(IReadOnlyList<UploadedFile> files)
    {
        var whole = files.FirstOrDefault(file => Parts[file.Part] == FilePart.All);
        if (whole is not null && files.FirstOrDefault(file => Parts[file.Part] != FilePart.All) is { } part)
            throw RequestException.Invalid(new FieldError(
                whole.Part, whole.Name, $"it came beside {part.Part}; send the whole data set as file, or its parts as train and test"));
        if (files.All(file => Parts[file.Part] == FilePart.Test))
            throw RequestException.Invalid(new FieldError(
                "train", null, "test came without it; send both as multipart/form-data, or the whole data set as file"));
    }

    private static DatasetContent Checked(Func<DatasetContent> read, UploadFields fields)
    {
        try
        {
            return read();
        }
        catch (DataFormatException e)
        {
            throw ReadingProblem.Of(e, fields);
        }
        catch (ArgumentException e)
        {
            throw ReadingProblem.Of(e, fields);
        }
    }
}
