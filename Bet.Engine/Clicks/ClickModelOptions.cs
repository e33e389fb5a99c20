using Bet.Engine.Compute;

namespace Bet.Engine.Clicks;

/// <summary>Which click model, and its own numbers; stored with the result. The layers are those of Shi et al., KDD 2020.</summary>
public sealed record ClickModelOptions
{
    /// <summary>A name of <see cref="ClickModelRegistry"/>: "dlrm", "dcn".</summary>
    public required string Name { get; init; }

    /// <summary>d, values of a field's feature.</summary>
    public int Size { get; init; } = 16;

    /// <summary>DLRM: widths of the layers over the numbers; one of d follows.</summary>
    public IReadOnlyList<int> BottomLayers { get; init; } = [512, 256, 64];

    /// <summary>DLRM: widths of the layers over the interactions; one of 1 follows.</summary>
    public IReadOnlyList<int> TopLayers { get; init; } = [512, 256];

    /// <summary>Deep &amp; Cross: cross layers.</summary>
    public int CrossLayers { get; init; } = 6;

    /// <summary>Deep &amp; Cross: widths of the layers beside the cross layers.</summary>
    public IReadOnlyList<int> DeepLayers { get; init; } = [512, 256, 64];

    /// <summary>Of all first values.</summary>
    public ulong Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">A number is out of its range; the message says which.</exception>
    public void Validate()
    {
        if (Size < 1)
            throw new ArgumentException($"size is {Size}, at least 1 is needed");
        if (CrossLayers < 0)
            throw new ArgumentException($"crossLayers is {CrossLayers}, at least 0 is needed");
        foreach (var (name, widths) in new[] { ("bottomLayers", BottomLayers), ("topLayers", TopLayers), ("deepLayers", DeepLayers) })
        {
            if (widths.Any(width => width < 1))
                throw new ArgumentException($"{name} are {string.Join(", ", widths)}; every layer has a width of at least 1");
        }
    }
}

/// <summary>What a click model is made of: nothing of how the fields are stored.</summary>
/// <param name="Backend">Where it is computed.</param>
/// <param name="Features">Of the fields; owned by the caller.</param>
/// <param name="Numbers">D, numbers of a sample; 0 where the data has none.</param>
/// <param name="Options">Which model, layers, seed.</param>
public sealed record ClickModelInputs(Backend Backend, IFieldFeatures Features, int Numbers, ClickModelOptions Options);

/// <summary>Samples on the device.</summary>
/// <param name="Numbers">[b, D].</param>
/// <param name="Categories">[b F], sample by sample.</param>
public readonly record struct ClickBatch(Tensor Numbers, Ids Categories);
