using System.Numerics;

namespace Bet.Engine.Search;

/// <summary>An option that cannot be; <see cref="Field"/> names it, the message says what was given and what would do.</summary>
public sealed class OptionException(string field, string message) : Exception(message)
{
    public string Field { get; } = field;

    /// <exception cref="OptionException">The number is not within these bounds, or is no number.</exception>
    internal static void ThrowIfOutside<T>(string field, T given, T least, T most)
        where T : INumber<T>
    {
        if (!(given >= least && given <= most))
            throw new OptionException(field, FormattableString.Invariant($"{given} was given; it must be at least {least} and at most {most}"));
    }
}
