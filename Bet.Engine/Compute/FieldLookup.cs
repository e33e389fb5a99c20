namespace Bet.Engine.Compute;

/// <summary>How a row joins what its columns of a lookup's result hold by then.</summary>
public enum RowOperation
{
    /// <summary>It is their first.</summary>
    Set,

    /// <summary>It is added.</summary>
    Add,

    /// <summary>They are multiplied by it, value by value.</summary>
    Multiply,
}

/// <summary>One table that a lookup reads a row of, for the category that a sample has in one field.</summary>
/// <param name="Table">[rows, w].</param>
/// <param name="Field">Which of the sample's categories, from 0.</param>
/// <param name="Head">
/// Categories below it are not composed: by <see cref="RowOperation.Set"/> they have the table's first rows, one each; by the
/// other operations they leave their columns as they are.
/// </param>
/// <param name="Divisor">See <see cref="Fields.Partition"/>; of the category less the head.</param>
/// <param name="Cells">See <see cref="Fields.Partition"/>.</param>
/// <param name="Column">The row goes to the columns [Column, Column + w) of the result.</param>
/// <param name="Operation">How.</param>
/// <param name="Precision">
/// Of the table as it will be served: a row joins as it is read again from such a table; see <see cref="RowQuantiser"/>. The
/// table itself is float32, and gradients go straight through to it (Bengio, Léonard and Courville 2013, section 4).
/// </param>
public readonly record struct RowSource(
    RowTable Table, int Field, int Head, long Divisor, long Cells, int Column, RowOperation Operation,
    Precision Precision = Precision.Float32)
{
    /// <summary>The row of the table that a category reads; -1 where it reads none.</summary>
    public int RowOf(int category)
    {
        if (category >= Head)
            return (int)((Operation == RowOperation.Set ? Head : 0) + ((category - Head) / Divisor % Cells));
        return Operation == RowOperation.Set ? category : -1;
    }
}

/// <summary>
/// Which rows make up the embeddings of a sample with a category in each of several fields: all fields' tables at once, so
/// that a device can look a batch up in one pass. Sources over the same columns are taken in their order, a Set first.
/// </summary>
public sealed class FieldLookup
{
    private readonly int[] sets;
    private readonly int[] nexts;
    private readonly bool[] products;

    /// <param name="fields">F, categories of a sample.</param>
    /// <param name="sources">Their Sets cover every column from 0 on once; other operations follow the Set over just the same columns, of the same field.</param>
    /// <exception cref="ArgumentException">They do not; the message says which source.</exception>
    public FieldLookup(int fields, IReadOnlyList<RowSource> sources)
    {
        Fields = fields;
        Sources = [.. sources];
        sets = new int[Sources.Count];
        nexts = [.. Enumerable.Repeat(-1, Sources.Count)];
        products = new bool[Sources.Count];
        var setOf = new Dictionary<int, int>();
        var lastOf = new Dictionary<int, int>();
        var tables = new HashSet<RowTable>();
        foreach (var (place, source) in Sources.Index())
        {
            int width = source.Table.Value.Columns;
            string misfit = $"source {place} ({source.Table.Name} {source.Table.Value}, {source.Operation} to column {source.Column}, field {source.Field})";
            if (source.Field < 0 || source.Field >= fields)
                throw new ArgumentException($"{misfit}: a sample has {fields} fields");
            if (!tables.Add(source.Table))
                throw new ArgumentException($"{misfit}: another source has the same table");
            if (source.Divisor < 1 || source.Cells < 1 || source.Head < 0 || (source.Operation == RowOperation.Set ? source.Head : 0) + source.Cells > source.Table.Value.Rows)
                throw new ArgumentException($"{misfit}: head {source.Head}, divisor {source.Divisor}, {source.Cells} cells do not fit the table");
            if (source.Operation == RowOperation.Set)
            {
                if (source.Column != Columns)
                    throw new ArgumentException($"{misfit}: the next column to set is {Columns}");
                setOf[source.Column] = place;
                Columns += width;
            }
            else if (!setOf.TryGetValue(source.Column, out int at) || !IsBeside(source, Sources[at]))
            {
                throw new ArgumentException($"{misfit}: no Set before it has the same columns, field and head");
            }

            sets[place] = setOf[source.Column];
            products[sets[place]] |= source.Operation == RowOperation.Multiply;
            if (lastOf.TryGetValue(source.Column, out int last))
                nexts[last] = place;
            lastOf[source.Column] = place;
        }
    }

    /// <summary>F.</summary>
    public int Fields { get; }

    /// <summary>C, columns of the result.</summary>
    public int Columns { get; }

    /// <summary>Each has a table of its own.</summary>
    public IReadOnlyList<RowSource> Sources { get; }

    /// <summary>The place of the Set of a source's columns; its own where it is one.</summary>
    internal int SetOf(int source) => sets[source];

    /// <summary>The place of the source that joins the same columns next; -1 where none does.</summary>
    internal int NextOf(int source) => nexts[source];

    /// <summary>Whether any source of its columns multiplies them.</summary>
    internal bool IsProduct(int source) => products[sets[source]];

    /// <summary>Whether the gradients of other rows go by its rows, and these are rounded.</summary>
    internal bool IsRoundedFactor(int source) => IsProduct(source) && Sources[source].Precision != Precision.Float32;

    private static bool IsBeside(in RowSource source, in RowSource set) =>
        set.Table.Value.Columns == source.Table.Value.Columns && set.Field == source.Field && set.Head == source.Head;
}
