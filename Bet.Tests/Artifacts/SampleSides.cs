using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Tests.Artifacts;

/// <summary>Tables of every compressor, with first values drawn from a seed.</summary>
internal static class SampleSides
{
    public static TheoryData<string> Kinds => [.. Compressors.All.Select(compressor => compressor.Name)];

    /// <summary>The table that a compressor makes of a budget.</summary>
    public static PackedTable Table(string kind, MemoryBudget budget, ulong seed)
    {
        var shape = new CompressedTable(Compressors.Find(kind)!).Shape(budget);
        using var backend = new CpuBackend(2);
        using var users = shape.Users.Create(backend, "users", budget.MaximumSize);
        using var items = shape.Items.Create(backend, "items", budget.MaximumSize);
        users.Initialise(new Philox(seed, RandomPurpose.Test, 0), 0.1f);
        items.Initialise(new Philox(seed, RandomPurpose.Test, 1), 0.1f);
        return new PackedTable(users.Pack(), items.Pack(), new TableOrigin(seed, "0123abcd", budget));
    }
}
