using Bet.Api.Datasets;
using Bet.Api.Problems;
using Bet.Api.Uploads;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Tables;

/// <summary>Receives, checks and stores full tables. Nothing is left of one that fails.</summary>
public sealed class TableUpload(SearchStore store, DataFolder folder, BetSettings settings)
{
    private const int LongestName = 200;
    private const string NameField = "name";

    private static readonly string[] Parts =
        [GivenTableReader.Users, GivenTableReader.Items, GivenTableReader.Table, GivenTableReader.UserIds, GivenTableReader.ItemIds];

    private readonly SlowWork reading = new();

    /// <param name="request">The files; its form fields win over the query's.</param>
    /// <param name="dataset">The data set's id, of the query.</param>
    /// <param name="name">What to call it, of the query.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="RequestException">What came is no table of the data set; the message names the part and what would do.</exception>
    public async Task<FullTableRow> Receive(HttpRequest request, string? dataset, string? name, CancellationToken cancel)
    {
        var fields = new Dictionary<string, string?> { [DatasetReference.Field] = dataset, [NameField] = name };
        using var files = new UploadedFiles(folder.Temporary, settings.MaximumUploadBytes, Parts, fields.Keys);
        await files.ReceiveParts(request, (field, value) => fields[field] = value, cancel);
        if (fields[DatasetReference.Field] is not { Length: > 0 } id)
            throw RequestException.Invalid(DatasetReference.Missing);
        var row = DatasetReference.FindInteractions(store, id, "tables");
        name = fields[NameField]?.Trim();
        if (name?.Length is 0 or > LongestName)
            throw RequestException.Invalid(new FieldError(NameField, name, $"a name has 1 to {LongestName} characters"));
        var given = new Dictionary<string, Func<Stream>>();
        foreach (var file in files.Files)
        {
            if (!given.TryAdd(file.Part, file.Open))
                throw RequestException.Invalid(new FieldError(file.Part, file.Name, "it came twice; send each part once"));
        }

        return await reading.Run(() => Store(row, name ?? files.Name, given), cancel);
    }

    /// <summary>The ids of a side of a data set in the order in which a table's rows are taken to be.</summary>
    public Task<IdList> IdsInOrder(DatasetRow dataset, bool users, CancellationToken cancel) => reading.Run(
        () =>
        {
            var set = Read(dataset);
            return IdOrder.Of(users ? set.UserIds : set.ItemIds);
        },
        cancel);

    private FullTableRow Store(DatasetRow dataset, string name, Dictionary<string, Func<Stream>> files)
    {
        var set = Read(dataset);
        try
        {
            var table = new GivenTableReader(set.UserIds, set.ItemIds).Read(files);
            using var blob = store.Blobs.Stage(stream => GivenTableFile.Write(stream, table));
            var row = new FullTableRow
            {
                Id = $"t{Guid.CreateVersion7():N}",
                Name = name,
                Dataset = dataset.Id,
                Summary = SearchJson.Write(GivenTableSummary.Of(table)),
                CreatedAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            };
            return store.AddTable(row, blob)
                ? store.FindTable(row.Id)!
                : throw RequestException.Invalid(new FieldError("dataset", dataset.Id, "the data set has just been deleted"));
        }
        catch (GivenTableException e)
        {
            throw RequestException.Invalid(new FieldError(e.Field, null, e.Message));
        }
    }

    private InteractionSet Read(DatasetRow dataset)
    {
        using var stream = store.Blobs.OpenRead(dataset.Blob) ?? throw RequestException.Unknown("data set", dataset.Id);
        return InteractionSetFile.Read(stream);
    }
}
