namespace Bet.Engine.Backbones;

/// <summary>The backbones by name. A new one is a file of its own and a line here.</summary>
public static class BackboneRegistry
{
    private static readonly Dictionary<string, Func<BackboneInputs, Backbone>> Makers = new()
    {
        ["mf"] = inputs => new MatrixFactorization(inputs),
        ["lightgcn"] = inputs => new LightGcn(inputs),
    };

    public static IReadOnlyCollection<string> Names => Makers.Keys;

    /// <exception cref="ArgumentException">There is no such backbone; the message lists those there are.</exception>
    public static Backbone Create(string name, BackboneInputs inputs) =>
        Makers.TryGetValue(name, out var make)
            ? make(inputs)
            : throw new ArgumentException($"there is no backbone '{name}'; there are {string.Join(", ", Names)}");
}
