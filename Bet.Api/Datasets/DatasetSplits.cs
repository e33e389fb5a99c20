using System.Globalization;
using Bet.Api.Operations;
using Bet.Api.Problems;
using Bet.Api.Searches;
using Bet.Engine.Data;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Bet.Api.Datasets;

/// <summary>
/// Data sets divided as searches divide them, for whoever trains a table elsewhere, serves a model that propagates along the training
/// part, or wants to count again what a search reports.
/// </summary>
public sealed class DatasetSplits(SearchStore store, DataFolder folder)
{
    private readonly SlowWork dividing = new();

    /// <summary>Where the split of a search is.</summary>
    public static string Url(string dataset, SplitOptions split, ulong seed)
    {
        string Share(string name, double? share) => share is null ? "" : string.Create(CultureInfo.InvariantCulture, $"&{name}={share}");
        string kind = char.ToLowerInvariant($"{split.Kind}"[0]) + $"{split.Kind}"[1..];
        return $"/v1/datasets/{dataset}/split?kind={kind}{Share("train", split.Train)}{Share("validation", split.Validation)}&seed={seed}";
    }

    /// <summary>GET /v1/datasets/{id}/split.</summary>
    /// <param name="kind">As in a search's split. Left out: asGiven where the data set has a test part, else random.</param>
    /// <param name="train">As in a search's split.</param>
    /// <param name="validation">As in a search's split.</param>
    /// <param name="seed">The search's. Default 1.</param>
    public static async Task<FileStreamHttpResult> Get(
        string id, SearchStore store, DatasetSplits splits, CancellationToken cancel,
        Word<SplitRule>? kind = null, double? train = null, double? validation = null, ulong seed = 1)
    {
        var dataset = store.FindDataset(id) ?? throw RequestException.Unknown("data set", id);
        dataset = DatasetReference.FindInteractions(store, dataset.Id, "these splits");
        var split = RecommenderRequest.SplitOf(
            new SplitRequest { Kind = kind?.Value, Train = train, Validation = validation },
            SearchJson.Read<DatasetSummary>(dataset.Summary), prefix: "");
        var (content, hash) = await splits.Divide(dataset, split, seed, cancel);
        return TypedResults.Stream(
            content, "text/csv; charset=utf-8", "split.csv", entityTag: new EntityTagHeaderValue($"\"{hash}\""), enableRangeProcessing: true);
    }

    private Task<(Stream Content, string Hash)> Divide(DatasetRow dataset, SplitOptions options, ulong seed, CancellationToken cancel) => dividing.Run(
        () =>
        {
            using var blob = store.Blobs.OpenRead(dataset.Blob) ?? throw RequestException.Unknown("data set", dataset.Id);
            var split = Divided(InteractionSetFile.Read(blob), options, seed);
            var content = UnnamedFile.Create(folder.Temporary);
            try
            {
                InteractionWriter.WriteSplit(split, content);
                content.Position = 0;
                return ((Stream)content, split.SplitHash);
            }
            catch
            {
                content.Dispose();
                throw;
            }
        },
        cancel);

    private static PreparedDataset Divided(InteractionSet set, SplitOptions options, ulong seed)
    {
        try
        {
            return Splitter.Split(set, options, seed);
        }
        catch (ArgumentException e)
        {
            throw RequestException.Invalid(new FieldError("", null, e.Message));
        }
    }
}
