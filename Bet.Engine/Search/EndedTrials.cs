namespace Bet.Engine.Search;

/// <summary>The trials of a search that have ended, without a look for those that cannot have.</summary>
internal static class EndedTrials
{
    /// <summary>Results in order; where several trials run at once there may be gaps.</summary>
    /// <param name="trials">How many the search has.</param>
    /// <param name="parallel">How many may run at once: a trial begins when all that are so many or more before it have ended.</param>
    /// <param name="tryRead">A trial's result; null where it has not ended.</param>
    public static IReadOnlyList<T> Read<T>(int trials, int parallel, Func<SearchStep, T?> tryRead) where T : class
    {
        var ended = new List<T>();
        for (int index = 0, end = trials; index < end; index++)
        {
            if (tryRead(new SearchStep(StepKind.Trial, index)) is { } result)
                ended.Add(result);
            else
                end = Math.Min(end, index + parallel);
        }

        return ended;
    }
}
