using Bet.Engine.Data;

namespace Bet.Tests.Data;

public class BatchSizesTests
{
    [Theory]
    [InlineData(0, 256)]
    [InlineData(1, 256)]
    [InlineData(25_600, 256)]
    [InlineData(25_601, 512)]
    [InlineData(500_000, 8192)]
    [InlineData(810_128, 8192)]
    [InlineData(819_300, 16_384)]
    [InlineData(50_000_000, 1 << 19)]
    [InlineData(100_000_000, 1 << 20)]
    [InlineData(10_000_000_000, 1 << 20)]
    [InlineData(long.MaxValue - 99, 1 << 20)]
    public void AHundredthAsAPowerOfTwo(long interactions, int batch) =>
        Assert.Equal(batch, BatchSizes.DefaultFor(interactions));
}
