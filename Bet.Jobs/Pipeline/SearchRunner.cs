using System.Diagnostics;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Engine.Search;
using Bet.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Bet.Jobs.Pipeline;

/// <param name="Threads">How many threads compute; 0 for one per processor.</param>
/// <param name="StepAttempts">How often a step may end its process before its search fails.</param>
public sealed record RunnerOptions(int Threads = 0, int StepAttempts = 3);

/// <summary>
/// Takes a search to its end, step by step, from wherever it stands. Each step's result is durable before the next one
/// begins, so a process killed at any moment costs the step it was at, and the bytes come out the same.
/// </summary>
public sealed class SearchRunner(
    SearchStore store, RunningSearches running, RunnerOptions limits, ILogger<SearchRunner> logger)
{
    /// <summary>
    /// Works until the search has ended or <paramref name="shutdown"/> is requested; in that case the search stays as it
    /// is and goes on after the next start. Blocks its thread.
    /// </summary>
    public void Run(string id, CancellationToken shutdown)
    {
        using var scope = logger.BeginScope(new Dictionary<string, object> { ["Search"] = id });
        using var registration = running.Register(id, shutdown);
        // From here on only this claim can write, whoever else may still believe to have the search.
        if (store.Claim(id) is not { } claim)
            return;
        try
        {
            var row = store.FindSearch(id)!;
            if (row.State == SearchState.Cancelling)
                registration.Cancel();
            logger.LogInformation("Search {Id} begins, {Done} of {Count} steps are done", id, row.StepsDone, row.StepCount);
            Work(claim, row, registration.Token);
        }
        catch (ClaimLostException e)
        {
            logger.LogWarning("{Reason}: this worker stops", e.Message);
        }
    }

    private void Work(SearchClaim claim, SearchRow row, CancellationToken cancel)
    {
        try
        {
            using var backend = new CpuBackend(limits.Threads);
            var options = SearchJson.Read<SearchOptions>(row.Options);
            using var search = new CurveSearch(
                options, backend, new BlobStepStore(store, claim), () => ReadDataset(row.Dataset),
                row.FullTable is { } table ? () => ReadTable(table) : null);
            var progress = new SearchProgress(store, claim, options.Steps());
            try
            {
                foreach (var step in options.Steps())
                    RunStep(claim, search, step, progress, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                if (store.FindSearch(claim.Search)!.State == SearchState.Cancelling)
                    FinishCancelled(claim, search, options);
                else
                    logger.LogInformation("The server stops; search {Id} will go on at the next start", claim.Search);
                return;
            }

            Finish(claim, search, SearchState.Succeeded, options);
        }
        catch (Exception e) when (e is not ClaimLostException)
        {
            FinishFailed(claim, e);
        }
    }

    private void RunStep(
        SearchClaim claim, CurveSearch search, SearchStep step, SearchProgress progress, CancellationToken cancel)
    {
        if (search.IsDone(step))
        {
            // Its files are there, from an earlier attempt that may have ended before it could say so.
            progress.End(search, step, seconds: null);
            return;
        }

        cancel.ThrowIfCancellationRequested();
        // The attempt is counted before it is made: if it ends the process, the next start knows.
        int before = store.BeginStep(claim, step.Name, SearchProgress.KindOf(step));
        if (before >= limits.StepAttempts)
            throw new StepDiedException(step.Name, before);
        var watch = Stopwatch.StartNew();
        try
        {
            progress.Begin(step);
            search.Run(step, progress.Report, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            store.ForgiveStep(claim, step.Name);
            throw;
        }

        progress.End(search, step, watch.Elapsed.TotalSeconds);
        if (step is { Kind: StepKind.Export, Point: > 0 })
            Prune(claim, SearchStep.PrefixOf(step.Point));
        logger.LogInformation("Step {Step} took {Seconds:0.0} s", step.Name, watch.Elapsed.TotalSeconds);
    }

    private void FinishCancelled(SearchClaim claim, CurveSearch search, SearchOptions options)
    {
        bool exported = search.ExportBestSoFar();
        Finish(claim, search, SearchState.Cancelled, options, exported);
    }

    private void Finish(
        SearchClaim claim, CurveSearch search, SearchState state, SearchOptions options, bool exported = true)
    {
        var curve = exported ? search.Curve() : null;
        var results = exported && curve is null ? TrainedResult.ReadAll(new BlobStepStore(store, claim), options) : null;
        store.Finish(
            claim, state,
            new SearchEnd(results is null ? null : SearchJson.Write(results), curve is null ? null : SearchJson.Write(curve)),
            SearchJson.Write(new { exported }));
        Prune(claim, "");
        logger.LogInformation("Search {Id} {State}", claim.Search, state.ToString().ToLowerInvariant());
    }

    private void FinishFailed(SearchClaim claim, Exception error)
    {
        var (code, message) = error switch
        {
            StepDiedException => ("step-died", error.Message),
            BudgetException e => ("budget", $"{e.Field}: {e.Message}"),
            DataFormatException => ("data", error.Message),
            GivenTableException e => ("table", $"{e.Field}: {e.Message}"),
            OutOfMemoryException => ("out-of-memory", "the search needs more memory than this machine has; ask for a smaller maximumSize or batchSize"),
            IOException => ("storage", error.Message),
            _ => ("engine", error.Message),
        };
        logger.LogError(error, "Search {Id} failed: {Code}", claim.Search, code);
        store.Finish(
            claim, SearchState.Failed, new SearchEnd(ErrorCode: code, ErrorMessage: message), SearchJson.Write(new { code, message }));
    }

    /// <summary>Deletes the weights in between among the files whose names begin so: no step needs them any more.</summary>
    private void Prune(SearchClaim claim, string prefix) => store.PruneFiles(
        claim.Search, name => !name.StartsWith(prefix, StringComparison.Ordinal) || IsKept(name));

    /// <summary>What a client or a later look at the search needs: artifacts and numbers, but no weights in between.</summary>
    private static bool IsKept(string name) =>
        name.StartsWith(BudgetedSearch.ArtifactPrefix, StringComparison.Ordinal) || name.EndsWith(".json", StringComparison.Ordinal);

    private InteractionSet ReadDataset(string id)
    {
        var row = store.FindDataset(id) ?? throw new IOException($"data set {id} is gone");
        using var stream = store.Blobs.OpenRead(row.Blob) ?? throw new IOException($"the content of data set {id} is gone");
        return InteractionSetFile.Read(stream);
    }

    private GivenTable ReadTable(string id)
    {
        var row = store.FindTable(id) ?? throw new IOException($"table {id} is gone");
        using var stream = store.Blobs.OpenRead(row.Blob) ?? throw new IOException($"the content of table {id} is gone");
        return GivenTableFile.Read(stream);
    }
}

/// <summary>A step has ended its process too often.</summary>
public sealed class StepDiedException(string step, int attempts) : Exception(
    $"step {step} was begun {attempts} times and each time the process ended before the step did; " +
    "the usual reason is memory: ask for a smaller maximumSize or batchSize, or give the server more");
