using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>The identity of prepared click data: SHA-256 over scales, numbering, frequencies and the three parts.</summary>
public static class ClickSplitHash
{
    /// <summary>64 lower-case hex digits; <see cref="PreparedClicks.SplitHash"/> itself is not looked at.</summary>
    public static string Of(PreparedClicks clicks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        SplitHash.Append(hash, [.. clicks.NumberNames]);
        SplitHash.Append(hash, [.. clicks.Scales.Select(scale => scale.Name)]);
        foreach (var scale in clicks.Scales)
            SplitHash.Append(hash, MemoryMarshal.Cast<long, int>([Bits(scale.Mean), Bits(scale.Deviation)]));
        SplitHash.Append(hash, [.. clicks.Fields.Select(field => field.Name)]);
        foreach (var field in clicks.Fields)
        {
            SplitHash.Append(hash, field.Ids);
            SplitHash.Append(hash, field.Frequencies);
        }

        foreach (var part in new[] { clicks.Train, clicks.Validation, clicks.Test })
        {
            SplitHash.Append(hash, [part.Count]);
            hash.AppendData(part.Labels);
            SplitHash.Append(hash, MemoryMarshal.Cast<float, int>(part.Numbers));
            SplitHash.Append(hash, part.Categories);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
