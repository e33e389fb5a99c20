using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class EndedTrialsTests
{
    /// <summary>Where two run at once only the trial behind a gap can have ended.</summary>
    [Theory]
    [InlineData(new int[0], 2)]
    [InlineData(new[] { 1, 2 }, 4)]
    [InlineData(new[] { 1, 3 }, 3)]
    [InlineData(new[] { 1, 2, 3, 4, 6 }, 6)]
    public void Only_trials_that_can_have_ended_are_looked_for(int[] ended, int looks)
    {
        int looked = 0;
        var found = EndedTrials.Read(trials: 6, parallel: 2, step =>
        {
            looked++;
            return ended.Contains(step.Index + 1) ? $"{step.Index + 1}" : null;
        });
        Assert.Equal(ended.Select(number => $"{number}"), found);
        Assert.Equal(looks, looked);
    }
}
