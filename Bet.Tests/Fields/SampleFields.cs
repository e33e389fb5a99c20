using Bet.Engine.Compute;
using Bet.Engine.Fields;

namespace Bet.Tests.Fields;

/// <summary>Fields stored in every way, by name: the methods', and shapes that no method makes.</summary>
internal static class SampleFields
{
    public const int Size = 6;

    public static readonly string[] FieldNames = ["C1", "čtvrtá \"C2\"", "C3", ""];

    private static readonly int[] Categories = [5000, 37, 300, 3];

    private static readonly Dictionary<string, Func<int, FieldShape>> Others = new()
    {
        ["product after a head"] = n => Composed(n, FieldOperation.Multiply, 2, head: n / 3),
        ["sum of three after a head"] = n => Composed(n, FieldOperation.Add, 3, head: n / 3),
        ["three side by side after a head"] = n => Composed(n, FieldOperation.Concatenate, 3, head: n / 3, width: 5),
        ["three features after a head, projected"] = n => Composed(n, FieldOperation.Features, 3, head: n / 3, width: 4),
        ["projected product"] = n => Composed(n, FieldOperation.Multiply, 2, width: 2),
        ["path of two layers, projected"] = n => new(n, Size, Partitions.MixedRadix(n, 3), FieldOperation.Path, width: 3, hidden: 5),
    };

    public static TheoryData<string> Names => [.. FieldMethods.All.Select(method => method.Name), "full-int8", "full-int4", .. Others.Keys];

    public static FieldShape[] Shapes(string name, Precision precision = Precision.Float32) =>
        [.. Categories.Select(n => Others.TryGetValue(name, out var shape) ? shape(n) : FieldMethods.Find(name)!.Shape(n, Size, 4, threshold: 30))
            .Select(shape => precision == Precision.Float32 ? shape : shape with { Precision = precision })];

    /// <summary>Categories of samples, [samples F], the first and the last of each field among them.</summary>
    public static int[] Samples(int samples, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, samples * Categories.Length).Select(i => (i / Categories.Length) switch
        {
            0 => 0,
            1 => Categories[i % Categories.Length] - 1,
            _ => random.Next(Categories[i % Categories.Length]),
        })];
    }

    private static FieldShape Composed(int n, FieldOperation operation, int digits, int head = 0, int width = Size) =>
        new(n, Size, Partitions.MixedRadix(n - head, digits), operation, head, width);
}
