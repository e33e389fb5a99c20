namespace Bet.Engine.Compute;

/// <summary>How a gradient g changes a value.</summary>
public enum Optimiser
{
    /// <summary>value -= rate g. No state.</summary>
    Sgd,

    /// <summary>Duchi, Hazan and Singer 2011: s += g^2, value -= rate g / (sqrt(s) + epsilon). One state, s.</summary>
    Adagrad,

    /// <summary>Kingma and Ba 2015; states m, v.</summary>
    Adam,

    /// <summary>
    /// Reddi, Kale and Kumar 2018: Adam whose step is divided by the root of the largest v so far, bias corrections as Adam's.
    /// States m, v, the largest v.
    /// </summary>
    AmsGrad,
}

/// <summary>The numbers of one step of an optimiser.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Step">From 1; Adam's and AMSGrad's bias corrections go by it, for rows that are touched seldom too (lazy, as PyTorch's SparseAdam).</param>
/// <param name="LearningRate">The rate.</param>
/// <param name="Beta1">Adam and AMSGrad.</param>
/// <param name="Beta2">Adam and AMSGrad.</param>
/// <param name="Epsilon">Keeps the divisor from zero.</param>
public readonly record struct OptimiserStep(
    Optimiser Kind, int Step, float LearningRate, float Beta1 = 0.9f, float Beta2 = 0.999f, float Epsilon = 1e-8f);

/// <summary>What an <see cref="Optimiser"/> keeps.</summary>
public static class Optimisers
{
    /// <summary>Tensors of a value's shape.</summary>
    public static int StateCount(this Optimiser optimiser) => optimiser switch
    {
        Optimiser.Sgd => 0,
        Optimiser.Adagrad => 1,
        Optimiser.Adam => 2,
        Optimiser.AmsGrad => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(optimiser), optimiser, null),
    };
}
