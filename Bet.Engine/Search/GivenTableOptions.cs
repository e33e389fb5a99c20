using Bet.Engine.Backbones;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;

namespace Bet.Engine.Search;

/// <summary>How a search uses a table that was given to it; stored with its options.</summary>
/// <param name="Sha256">Of the table as <see cref="GivenTableFile"/> keeps it, lower-case hex.</param>
/// <param name="FineTune">Whether tables within the budget are trained from its values; else these are only cut and rounded.</param>
public sealed record GivenTableUse(string Sha256, bool FineTune);

/// <summary>The options of a search whose full table is given instead of trained.</summary>
public static class GivenTableOptions
{
    /// <summary>As <see cref="SearchPresets.Create"/>; d_max is the table's.</summary>
    /// <param name="size">Values of the given table's rows.</param>
    /// <param name="sha256">See <see cref="GivenTableUse"/>.</param>
    /// <exception cref="OptionException">A value out of its range, or one that a given table leaves no meaning.</exception>
    public static SearchOptions Create(
        string backbone, BudgetRequest budget, Effort effort, ulong seed, SplitOptions split, SearchOverrides overrides,
        int size, string sha256)
    {
        if (BackboneRegistry.Names.Contains(backbone) && BackboneRegistry.DefaultsOf(backbone).HasDenseWeights)
        {
            var alone = BackboneRegistry.Names.Where(name => !BackboneRegistry.DefaultsOf(name).HasDenseWeights);
            throw new OptionException("backbone", $"{backbone} was given with a table, but has weights beside its table; {string.Join(" and ", alone)} have none");
        }

        if (overrides.MaximumSize is { } maximum && maximum != size)
            throw new OptionException("maximumSize", $"{maximum} was given; the table has rows of {size} values, and that is it: leave maximumSize out");
        if (overrides.WarmStart == false)
            throw new OptionException("warmStart", "false was given; what begins with random values has nothing of a given table, leave it out");
        if (overrides.Refit == true)
            throw new OptionException("refit", "true was given; what a given table was trained on is not known, so it cannot be trained again on more");
        bool fineTune = overrides.FineTune ?? true;
        RefuseEpochs("pretrainEpochs", overrides.PretrainEpochs, "the full table is given and not trained");
        if (!fineTune)
        {
            RefuseEpochs("fineTuneEpochs", overrides.FineTuneEpochs, "with fineTune false nothing is trained");
            RefuseEpochs("retrainEpochs", overrides.RetrainEpochs, "with fineTune false nothing is trained");
            if (overrides.Compare?.Where(ComparedTables.Names.Contains).FirstOrDefault(ComparedTables.NeedsTraining) is { } name)
                throw new OptionException("compare", $"'{name}' was given; with fineTune false nothing is trained, and it cannot be made of a given table's values; {string.Join(", ", ComparedTables.Names.Where(other => !ComparedTables.NeedsTraining(other)))} can");
        }

        var options = SearchPresets.Create(
            backbone, budget, effort, seed, split, overrides with { MaximumSize = size, WarmStart = true });
        return options with { Table = new GivenTableUse(sha256, fineTune) };
    }

    private static void RefuseEpochs(string field, int? given, string why)
    {
        if (given is not null)
            throw new OptionException(field, $"{given} was given; {why}, leave it out");
    }
}
