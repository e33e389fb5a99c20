namespace Bet.Engine.Clicks;

/// <summary>The click models by name. A new one is a file of its own and a line here.</summary>
public static class ClickModelRegistry
{
    public const string Dlrm = "dlrm";
    public const string DeepCross = "dcn";

    private static readonly Dictionary<string, Func<ClickModelInputs, ClickModel>> Entries = new()
    {
        [Dlrm] = inputs => new Dlrm(inputs),
        [DeepCross] = inputs => new DeepCross(inputs),
    };

    public static IReadOnlyCollection<string> Names => Entries.Keys;

    /// <exception cref="ArgumentException">There is no such model; the message lists those there are.</exception>
    public static ClickModel Create(ClickModelInputs inputs) =>
        Entries.TryGetValue(inputs.Options.Name, out var make)
            ? make(inputs)
            : throw new ArgumentException($"there is no click model '{inputs.Options.Name}'; there are {string.Join(", ", Names)}");
}
