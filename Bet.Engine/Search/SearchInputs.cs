using Bet.Engine.Data;
using Bet.Engine.GivenTables;

namespace Bet.Engine.Search;

/// <summary>What a search reads that is not its own.</summary>
/// <param name="Data">Reads the interactions; called by the Prepare step alone.</param>
/// <param name="Table">Reads the full table where it is given; called by the Pretrain step alone. Null where it is trained.</param>
internal sealed record SearchInputs(Func<InteractionSet> Data, Func<GivenTable>? Table)
{
    /// <exception cref="ArgumentException">There is a table and the options know of none, or the other way round.</exception>
    public void Check(SearchOptions options)
    {
        if (options.Table is null != Table is null)
            throw new ArgumentException($"a given table and its use go together: options.Table is {options.Table?.ToString() ?? "null"}, the table is {(Table is null ? "missing" : "there")}");
    }
}
