using Bet.Engine.Data;

namespace Bet.Tests.Data;

public class InteractionsTests
{
    /// <summary>Users 0 to 5 have 1, 0, 2, 1, 0 and 1 items.</summary>
    private static readonly Interactions Six = new(6, 4, [0, 1, 1, 3, 4, 4, 5], [3, 0, 2, 1, 0]);

    [Theory]
    [InlineData(0, new int[0])]
    [InlineData(1, new[] { 5 })]
    [InlineData(2, new[] { 2, 5 })]
    [InlineData(3, new[] { 2, 3, 5 })]
    [InlineData(4, new[] { 0, 2, 3, 5 })]
    [InlineData(9, new[] { 0, 2, 3, 5 })]
    public void ASampleKeepsWholeUsers(int users, int[] kept)
    {
        var sample = Six.OfSample(users);
        Assert.Equal((6, 4), (sample.UserCount, sample.ItemCount));
        for (int user = 0; user < 6; user++)
            Assert.Equal(kept.Contains(user) ? Six.Of(user).ToArray() : [], sample.Of(user).ToArray());
    }
}
