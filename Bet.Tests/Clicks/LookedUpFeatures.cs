using Bet.Engine.Autograd;
using Bet.Engine.Clicks;
using Bet.Engine.Compute;

namespace Bet.Tests.Clicks;

/// <summary>A full table for every field.</summary>
internal sealed class LookedUpFeatures : IFieldFeatures, IDisposable
{
    private readonly FieldLookup lookup;

    public LookedUpFeatures(Backend backend, int[] categories, int size, Optimiser optimiser, float deviation = 0.1f)
    {
        Size = size;
        RowTables = [.. categories.Select((count, field) => new RowTable(backend, $"field{field}", count, size, optimiser))];
        foreach (var (field, table) in RowTables.Index())
            backend.FillNormal(new Philox(1, RandomPurpose.Initialise, (uint)field), deviation, table.Value);
        lookup = new FieldLookup(categories.Length, [.. RowTables.Select((table, field) => new RowSource(
            table, field, 0, 1, categories[field], field * size, RowOperation.Set))]);
    }

    public int FeatureCount => RowTables.Count;

    public int Size { get; }

    public IReadOnlyList<RowTable> RowTables { get; }

    public IReadOnlyList<Parameter> Parameters => [];

    public Variable Features(Tape tape, Ids categories) => tape.LookUpRows(lookup, categories);

    public void Dispose()
    {
        foreach (var table in RowTables)
            table.Dispose();
    }
}
