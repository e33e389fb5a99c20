using Bet.Engine.Artifacts;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>What a table to compare with goes by.</summary>
/// <param name="Budget">The bound, the found table's.</param>
/// <param name="Seed">The search's.</param>
/// <param name="Precision">The found table's.</param>
/// <param name="Data">What it is trained on.</param>
/// <param name="Pretrained">Reads the full table.</param>
internal sealed record ComparedContext(
    MemoryBudget Budget, ulong Seed, TablePrecision Precision, PreparedDataset Data, Func<PackedTable> Pretrained)
{
    /// <summary>Makes sizes that spend the budget.</summary>
    public SizeSampler Sampler => new(Budget, Seed, Precision);
}

/// <summary>A way to make a table within a budget without a search: a row that the found table is compared with.</summary>
/// <param name="Name">As requests name it.</param>
/// <param name="Title">As a report names it.</param>
internal abstract record ComparedTable(string Name, string Title)
{
    /// <summary>Whether it is nothing until it is trained: it cannot be made of a full table's values.</summary>
    public virtual bool NeedsTraining => false;

    /// <exception cref="BudgetException">The budget is too small for it; the message says what would do.</exception>
    public virtual void Check(MemoryBudget budget)
    {
    }

    public abstract TableShape Shape(ComparedContext context);
}

/// <summary>
/// The rows that a found table is compared with, by name, under the same budget: sizes that no search chose, in the found
/// table's precision and trained the same way, and the <see cref="Compressors"/>. A new choice of sizes is a line here.
/// </summary>
public static class ComparedTables
{
    /// <summary>Every row alike.</summary>
    public const string Uniform = "uniform";

    /// <summary>One action of the paper's families, drawn blindly.</summary>
    public const string Random = "random";

    /// <summary>See <see cref="SizesByFrequency"/>.</summary>
    public const string PowerRule = "power-rule";

    /// <summary>See <see cref="SizesByMagnitude"/>.</summary>
    public const string Magnitude = "magnitude";

    private static readonly ComparedTable[] Entries =
    [
        new ChosenSizes(Uniform, "uniform sizes", context => context.Sampler.Uniform()),
        new ChosenSizes(Random, "random sizes", context => context.Sampler.Draw(trial: 0, candidate: 0).Sizes),
        new ChosenSizes(PowerRule, "sizes by frequency", SizesByFrequency.Of),
        new ChosenSizes(Magnitude, "sizes by magnitude", SizesByMagnitude.Of),
        .. Compressors.All.Select(compressor => new CompressedTable(compressor)),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(entry => entry.Name)];

    /// <summary>As a report names it; null where there is none of that name.</summary>
    public static string? TitleOf(string name) => Entries.FirstOrDefault(entry => entry.Name == name)?.Title;

    /// <summary>Whether the table of that name is nothing until it is trained.</summary>
    internal static bool NeedsTraining(string name) => Find(name).NeedsTraining;

    /// <summary>Checks that tables of these names can keep a budget.</summary>
    /// <exception cref="BudgetException">One cannot; the message says what would do.</exception>
    public static void Check(IEnumerable<string> names, MemoryBudget budget)
    {
        foreach (string name in names)
            Find(name).Check(budget);
    }

    internal static ComparedTable Find(string name) => Entries.First(entry => entry.Name == name);

    /// <summary>Sizes that something else than a search gives.</summary>
    private sealed record ChosenSizes(string Name, string Title, Func<ComparedContext, TableSizes> Choose)
        : ComparedTable(Name, Title)
    {
        public override TableShape Shape(ComparedContext context) => Choose(context);
    }
}
