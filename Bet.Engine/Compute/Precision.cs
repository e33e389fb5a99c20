namespace Bet.Engine.Compute;

/// <summary>How the values of a table are stored and served.</summary>
public enum Precision
{
    /// <summary>IEEE 754, 32 bits.</summary>
    Float32,

    /// <summary>IEEE 754, 16 bits.</summary>
    Float16,

    /// <summary>Whole numbers from -127 to 127 times a scale of the row's.</summary>
    Int8,

    /// <summary>Whole numbers from -7 to 7 times a scale of the row's.</summary>
    Int4,

    /// <summary>-3, -1, 1 or 3 times a scale of the row's.</summary>
    Int2,

    /// <summary>A sign, -1 or 1, times a scale of the row's.</summary>
    Int1,
}

/// <summary>What a <see cref="Precision"/> takes.</summary>
public static class Precisions
{
    public static IReadOnlyList<Precision> All { get; } = Enum.GetValues<Precision>();

    /// <summary>As requests and files name it: "float32".</summary>
    public static string Name(this Precision precision) => precision.ToString().ToLowerInvariant();

    /// <summary>Bits of a value.</summary>
    public static int Bits(this Precision precision) => precision switch
    {
        Precision.Float32 => 32,
        Precision.Float16 => 16,
        Precision.Int8 => 8,
        Precision.Int4 => 4,
        Precision.Int2 => 2,
        Precision.Int1 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, null),
    };

    /// <summary>Whether every row that has values has a scale.</summary>
    public static bool HasScales(this Precision precision) => precision >= Precision.Int8;

    /// <summary>Whether only odd numbers stand for values: with so few, a zero would be a code too many.</summary>
    public static bool HasOddCodes(this Precision precision) => precision >= Precision.Int2;

    /// <summary>The largest whole number that stands for a value; 0 where values are floating-point numbers.</summary>
    public static int Levels(this Precision precision) => precision switch
    {
        Precision.Int8 => 127,
        Precision.Int4 => 7,
        Precision.Int2 => 3,
        Precision.Int1 => 1,
        _ => 0,
    };
}
