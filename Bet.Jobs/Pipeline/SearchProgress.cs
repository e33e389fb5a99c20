using System.Diagnostics;
using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>Tells the tables how far a search is: at every step's end, and now and then while one runs.</summary>
internal sealed class SearchProgress(SearchStore store, SearchClaim claim, IReadOnlyList<SearchStep> steps)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, double> secondsOf = store.ListSteps(claim.Search)
        .Where(step => step.Seconds is not null)
        .ToDictionary(step => step.Name, step => step.Seconds!.Value);

    private readonly HashSet<string> recorded = store.ListSteps(claim.Search)
        .Where(step => step.FinishedAt is not null)
        .Select(step => step.Name)
        .ToHashSet();

    private readonly HashSet<string> done = [];
    private readonly Stopwatch sinceSaved = new();
    private readonly Stopwatch sinceBegun = new();

    public static string KindOf(SearchStep step) => step.Kind.ToString().ToLowerInvariant();

    public void Begin(SearchStep step)
    {
        sinceBegun.Restart();
        sinceSaved.Restart();
        store.SaveProgress(claim, 0, null, Estimate((step.Kind, 0, 0)));
    }

    /// <summary>Called by the engine as often as it likes; most calls do nothing.</summary>
    public void Report(StepProgress progress)
    {
        if (sinceSaved.Elapsed < Interval)
            return;
        sinceSaved.Restart();
        double fraction = Math.Clamp(progress.Fraction, 0, 1);
        store.SaveProgress(
            claim, fraction, progress.Detail,
            Estimate((progress.Step.Kind, sinceBegun.Elapsed.TotalSeconds, fraction)));
    }

    /// <summary>Records a step as done, unless that was recorded before.</summary>
    public void End(CurveSearch search, SearchStep step, double? seconds)
    {
        done.Add(step.Name);
        if (seconds is { } measured)
            secondsOf[step.Name] = measured;
        if (!recorded.Add(step.Name))
            return;
        TrialSummary? trial = null;
        BestTrial? best = null;
        if (step.Kind == StepKind.Trial)
        {
            var trials = search.Trials(step.Point);
            trial = TrialSummary.Of(trials.Single(t => t.Number == step.Index + 1), step.Point);
            best = trials.OrderByDescending(t => t.Fitness).ThenBy(t => t.Number)
                .Select(t => new BestTrial(t.Number, t.Fitness, t.Quality, trial.Point)).First();
        }

        var curve = step.Kind == StepKind.Export ? search.Curve() : null;

        store.EndStep(
            claim, step.Name, KindOf(step), seconds, done.Count,
            trial is null ? null : (PlaceOf(step), SearchJson.Write(trial)),
            best is null ? null : SearchJson.Write(best),
            curve is null ? null : SearchJson.Write(curve),
            Estimate(null),
            SearchJson.Write(new { step = step.Name, seconds, trial?.Fitness, trial?.Quality }));
    }

    /// <summary>A trial's place among all of the search's, from 1: its number starts anew with every point of a curve.</summary>
    private int PlaceOf(SearchStep trial) =>
        steps.Where(step => step.Kind == StepKind.Trial).TakeWhile(step => step != trial).Count() + 1;

    private double? Estimate((StepKind, double, double)? running) => TimeLeft.Estimate(
        steps.Where(step => secondsOf.ContainsKey(step.Name)).Select(step => (step.Kind, secondsOf[step.Name])),
        steps.Where(step => !done.Contains(step.Name)).Select(step => step.Kind),
        running);
}
