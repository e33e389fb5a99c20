using System.Globalization;
using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>
/// How the sizes of one side fall with rank: by so many halvings over each of three stretches of log(rank + 1), linearly
/// in between. All zero is uniform. Only the shape matters, as sizes are scaled to a budget.
/// </summary>
/// <param name="Head">Halvings over the first half of the logarithm: Gowalla's first 200 items.</param>
/// <param name="Middle">Halvings from there to 0.8 of it: to Gowalla's 5,000th item.</param>
/// <param name="Tail">Halvings over the rest: most rows.</param>
internal readonly record struct SizeCurve(double Head, double Middle, double Tail)
{
    private const double MiddleStart = 0.5;
    private const double TailStart = 0.8;
    private const double LargestFall = 6;

    /// <summary>As reports show it.</summary>
    public string Name => this == default
        ? "uniform"
        : string.Create(CultureInfo.InvariantCulture, $"curve {Head:0.##} {Middle:0.##} {Tail:0.##}");

    /// <summary>A curve at random: each stretch is level in one of three cases, else falls by an exponential number of halvings.</summary>
    public static SizeCurve Draw(Philox random, ulong position) => new(
        Fall(random, position, 0.5), Fall(random, position + 2, 0.7), Fall(random, position + 4, 0.7));

    /// <summary>The curve that a side's sizes follow.</summary>
    public static SizeCurve Of(SideSizes sizes)
    {
        var at = new[] { 0, MiddleStart, TailStart, 1 }.Select(place => Math.Log2(Math.Max(0.5, sizes.SizeAt(RankAt(place, sizes.Rows))))).ToArray();
        return new SizeCurve(at[0] - at[1], at[1] - at[2], at[2] - at[3]);
    }

    /// <summary>A curve near this one.</summary>
    public SizeCurve Near(Philox random, ulong position, double deviation) => new(
        Moved(Head, random.Normals(position).First * deviation), Moved(Middle, random.Normals(position + 1).First * deviation),
        Moved(Tail, random.Normals(position + 2).First * deviation));

    /// <summary>How many of a side's rows have a value of at least x, where the first row's is 1.</summary>
    public int RowsOfAtLeast(double x, int rows)
    {
        double halvings = -Math.Log2(x);
        if (rows == 0 || halvings < 0)
            return 0;
        double place = PlaceOf(halvings);
        return place >= 1 ? rows : Math.Min(rows, (int)Math.Floor(RankOf(place, rows)) + 1);
    }

    /// <summary>The rank that lies at a place of the logarithm, 0 to 1.</summary>
    public static int RankAt(double place, int rows) => Math.Clamp((int)RankOf(place, rows), 0, Math.Max(0, rows - 1));

    private static double RankOf(double place, int rows) => Math.Exp(place * Math.Log(rows + 1.0)) - 1;

    private static double Fall(Philox random, ulong position, double mean) =>
        random.Uniform(position) < 1.0 / 3 ? 0 : Moved(0, -mean * Math.Log(1 - random.Uniform(position + 1)));

    private static double Moved(double fall, double by) => Math.Clamp(fall + by, 0, LargestFall);

    /// <summary>The largest place at which values have halved no more often than this.</summary>
    private double PlaceOf(double halvings)
    {
        if (halvings < Head)
            return MiddleStart * halvings / Head;
        halvings -= Head;
        if (halvings < Middle)
            return MiddleStart + ((TailStart - MiddleStart) * halvings / Middle);
        halvings -= Middle;
        return halvings < Tail ? TailStart + ((1 - TailStart) * halvings / Tail) : 1;
    }
}
