using Bet.Engine.Compute;

namespace Bet.Engine.Data;

/// <summary>Numbers from one Philox stream of <see cref="RandomPurpose.Generate"/>, one after the other.</summary>
internal struct SequentialDraws(Philox random)
{
    public const uint Popularity = 0;
    public const uint Genre = 1;
    public const uint Taste = 2;
    public const uint Activity = 3;

    /// <summary>User u draws from stream FirstUser + u.</summary>
    private const uint FirstUser = 16;
    private ulong position;

    public static SequentialDraws Of(SyntheticOptions options, uint stream) =>
        new(new Philox(options.Seed, RandomPurpose.Generate, stream));

    public static SequentialDraws OfUser(SyntheticOptions options, int user) => Of(options, FirstUser + (uint)user);

    public double Uniform() => random.Uniform(position++);

    public double Normal() => random.Normals(position++).First;

    public void Skip(uint count) => position += count;
}
