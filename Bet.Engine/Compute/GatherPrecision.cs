namespace Bet.Engine.Compute;

/// <summary>In what a propagation reads the rows that it gathers; sums and results are float32 either way.</summary>
public enum GatherPrecision
{
    /// <summary>As they are.</summary>
    Float32,

    /// <summary>Rounded to bfloat16, 8 significant bits: half the bytes, and a relative error of at most 1/512 a value.</summary>
    Bfloat16,
}
