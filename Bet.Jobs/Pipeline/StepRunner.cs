using System.Data.Common;
using System.Diagnostics;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Search;
using Bet.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Bet.Jobs.Pipeline;

/// <summary>
/// Takes steps of searches, one after another, from wherever they stand. Each step's result is durable before the next one
/// can be taken, so a process killed at any moment costs the step it was at, and the bytes come out the same.
/// </summary>
/// <param name="store">One that does not wait long for its database.</param>
/// <param name="name">What others know the worker by.</param>
/// <param name="limits">What it may do.</param>
/// <param name="logger">Each line carries the search and the step.</param>
public sealed class StepRunner(SearchStore store, string name, WorkerOptions limits, ILogger logger) : IDisposable
{
    /// <summary>What was computed is worth a wait.</summary>
    private readonly SearchStore patient = store.WithPatience(limits.Patience);

    private readonly ComputeThread compute = new($"bet-compute {name}");
    private CpuBackend? backend;
    private HeldSearch? held;

    /// <summary>Its threads give way as the thread does that begins them.</summary>
    private CpuBackend Backend
    {
        get
        {
            if (backend is null)
                compute.Run(() => backend = new CpuBackend(limits.ThreadsOfSlot));
            return backend!;
        }
    }

    /// <summary>
    /// Takes the step that is due next and works until it has ended, is handed back because <paramref name="shutdown"/> is
    /// requested or its search is not to go on, or is lost. Blocks its thread.
    /// </summary>
    /// <returns>False where there was nothing to do.</returns>
    /// <exception cref="DbException">The database did not answer for a long time.</exception>
    public bool RunNext(CancellationToken shutdown)
    {
        if (store.ClaimStep(name, limits.Queues, limits.Lease, limits.SearchesPerKey) is not { } claimed)
            return false;
        using var scope = logger.BeginScope(new Dictionary<string, object>
        {
            ["Search"] = claimed.Claim.Search,
            ["Step"] = claimed.Claim.Step,
        });
        try
        {
            if (!Work(claimed, shutdown))
                Drop();
        }
        catch (ClaimLostException e)
        {
            logger.LogWarning("{Reason}: this worker stops", e.Message);
            Drop();
        }

        return true;
    }

    /// <summary>Lets go of the data and weights of the search that was worked on last.</summary>
    public void Drop()
    {
        held?.Dispose();
        held = null;
    }

    public void Dispose()
    {
        Drop();
        backend?.Dispose();
        compute.Dispose();
    }

    /// <returns>Whether the search goes on.</returns>
    private bool Work(ClaimedStep claimed, CancellationToken shutdown)
    {
        try
        {
            if (claimed.AttemptsBefore >= limits.StepAttempts)
                throw new StepDiedException(claimed.Claim.Step, claimed.AttemptsBefore);
            var search = Hold(claimed);
            if (claimed.Claim.Step == SearchStore.CancelStep)
                return Cancel(claimed.Claim, search, shutdown);
            var step = search.Plan.Steps[search.Plan.PlaceOf(claimed.Claim.Step)];
            return Run(claimed.Claim, search, step, shutdown);
        }
        catch (Exception e) when (e is not (ClaimLostException or DbException))
        {
            Fail(claimed.Claim, e);
            return false;
        }
    }

    private bool Run(StepClaim claim, HeldSearch search, SearchStep step, CancellationToken shutdown)
    {
        var progress = new SearchProgress(patient, claim, search, step);
        using var heartbeat = new Heartbeat(store, claim, limits, progress.Standing, SearchState.Running, logger, shutdown);
        double? seconds = null;
        // Its files may be there, from an attempt that ended before it could say so.
        if (!search.Engine.IsDone(step))
        {
            var clock = Stopwatch.StartNew();
            try
            {
                compute.Run(() => search.Engine.Run(step, progress.Report, heartbeat.Token));
            }
            catch (OperationCanceledException) when (heartbeat.Token.IsCancellationRequested)
            {
                if (heartbeat.IsLost)
                    throw new ClaimLostException(claim);
                heartbeat.ExpectEnd();
                patient.Release(claim);
                logger.LogInformation("Handed back after {Seconds:0.0} s", clock.Elapsed.TotalSeconds);
                return false;
            }

            seconds = clock.Elapsed.TotalSeconds;
        }

        heartbeat.ExpectEnd();
        if (step == search.Plan.Last)
        {
            Finish(claim, SearchState.Succeeded, search.Search.End(), new { exported = true });
            return false;
        }

        patient.EndStep(claim, search.Plan, progress.Ended(seconds));
        if (step is { Kind: StepKind.Export, Point: > 0 })
            Prune(claim, SearchStep.PrefixOf(step.Point));
        logger.LogInformation("Done after {Seconds:0.0} s", seconds);
        return true;
    }

    /// <summary>Packs the best so far, if there is any.</summary>
    private bool Cancel(StepClaim claim, HeldSearch search, CancellationToken shutdown)
    {
        using var heartbeat = new Heartbeat(store, claim, limits, () => default, SearchState.Cancelling, logger, shutdown);
        bool exported = false;
        compute.Run(() => exported = search.Engine.ExportBestSoFar());
        heartbeat.ExpectEnd();
        Finish(claim, SearchState.Cancelled, exported ? search.Search.End() : new SearchEnd(), new { exported });
        return false;
    }

    private void Finish(StepClaim claim, SearchState state, SearchEnd end, object data)
    {
        patient.Finish(claim, state, end, SearchJson.Write(data));
        Prune(claim, "");
        logger.LogInformation("The search has {State}", state.ToString().ToLowerInvariant());
    }

    private void Fail(StepClaim claim, Exception error)
    {
        var (code, message) = SearchFailure.Of(error);
        logger.LogError(error, "The search has failed: {Code}", code);
        patient.Finish(
            claim, SearchState.Failed, new SearchEnd(ErrorCode: code, ErrorMessage: message), SearchJson.Write(new { code, message }));
    }

    /// <summary>Deletes the weights in between among the files whose names begin so: no step needs them any more.</summary>
    private void Prune(StepClaim claim, string prefix) => patient.PruneFiles(
        claim.Search, file => !file.StartsWith(prefix, StringComparison.Ordinal) || IsKept(file));

    /// <summary>What a client or a later look at the search needs: artifacts and numbers, but no weights in between.</summary>
    private static bool IsKept(string file) =>
        file.StartsWith(StepSearch.ArtifactPrefix, StringComparison.Ordinal) || file.EndsWith(".json", StringComparison.Ordinal);

    private HeldSearch Hold(ClaimedStep claimed)
    {
        if (held?.Id != claimed.Search.Id)
        {
            Drop();
            held = new HeldSearch(patient, claimed, Backend, limits);
        }

        held!.Continue(claimed.Claim);
        return held;
    }
}
