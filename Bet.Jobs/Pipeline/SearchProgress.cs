using System.Diagnostics;
using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>What a client may see of a step while it runs and when it has ended.</summary>
internal sealed class SearchProgress
{
    private readonly HeldSearch search;
    private readonly SearchStep step;
    private readonly SearchPlan plan;
    private readonly Stopwatch clock = Stopwatch.StartNew();

    /// <summary>What the step's end adds to, while the heartbeat's thread may read.</summary>
    private readonly Lock ended = new();

    private readonly Dictionary<string, double> secondsOf;
    private readonly HashSet<string> done;

    /// <summary>Written by the engine's thread, read by the heartbeat's.</summary>
    private volatile StepReport? last;

    public SearchProgress(SearchStore store, StepClaim claim, HeldSearch search, SearchStep step)
    {
        (this.search, this.step, plan) = (search, step, search.Plan);
        var steps = store.ListSteps(claim.Search);
        secondsOf = steps.Where(other => other.Seconds is not null).ToDictionary(other => other.Name, other => other.Seconds!.Value);
        done = [.. steps.Where(other => other.State == StepState.Done).Select(other => other.Name)];
    }

    /// <summary>Called by the engine as often as it likes.</summary>
    public void Report(StepProgress progress) => last = new StepReport(Math.Clamp(progress.Fraction, 0, 1), progress.Detail);

    public StepStanding Standing()
    {
        var told = last ?? new StepReport(0, null);
        return new(told.Fraction, told.Detail, Estimate((step.Kind, clock.Elapsed.TotalSeconds, told.Fraction)));
    }

    /// <summary>What is to be told of the step, once the search has its result.</summary>
    /// <param name="seconds">How long it took; null where an earlier attempt did it.</param>
    public StepTold Ended(double? seconds)
    {
        lock (ended)
        {
            done.Add(step.Name);
            if (seconds is { } measured)
                secondsOf[step.Name] = measured;
        }

        var trial = step.Kind == StepKind.Trial ? search.Search.TrialOf(step) : null;
        return new StepTold(seconds, SearchJson.Write(new { step = step.Name, seconds, trial?.Fitness, trial?.Quality }))
        {
            SecondsLeft = Estimate(null),
            Trial = trial is null ? null : new TrialTold(
                PlaceOf(step), SearchJson.Write(trial),
                results => SearchJson.Write(BestOf(results.Select(SearchJson.Read<TrialSummary>), trial.Point))),
            Curve = step.Kind == StepKind.Export ? search.Search.Curve() : null,
            Budget = step.Kind == StepKind.Prepare ? search.Search.Budget() : null,
        };
    }

    private static BestTrial BestOf(IEnumerable<TrialSummary> trials, int? point) =>
        trials.Where(trial => trial.Point == point).OrderByDescending(trial => trial.Fitness).ThenBy(trial => trial.Number)
            .Select(trial => new BestTrial(trial.Number, trial.Fitness, trial.Quality, point)).First();

    /// <summary>A trial's place among all of the search's, from 1: its number starts anew with every point of a curve.</summary>
    private int PlaceOf(SearchStep trial) =>
        plan.Steps.Where(other => other.Kind == StepKind.Trial).TakeWhile(other => other != trial).Count() + 1;

    private double? Estimate((StepKind, double, double)? running)
    {
        lock (ended)
        {
            return TimeLeft.Estimate(
                plan.Steps.Where(other => secondsOf.ContainsKey(other.Name)).Select(other => (other.Kind, secondsOf[other.Name])),
                plan.Steps.Where(other => !done.Contains(other.Name)).Select(other => other.Kind),
                running, plan.TrialsPerRetraining);
        }
    }

    private sealed record StepReport(double Fraction, string? Detail);
}
