using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Engine.Embeddings;

/// <summary>
/// The budgeted table: row r has its first size(r) values and no others (the paper's prefix mask). It is as wide as
/// its largest row in use, or as the backbone needs; what a row does not have is zero, stays zero in training, is not
/// visited by the optimiser and is not stored in the packed table. Rows of size 0 have their bucket's vector, whose gradient
/// is the sum of theirs; where it is taken from another table it is their mean. Below float32, training and ranking see the rows as
/// they are served, rounded, while the optimiser keeps float32.
/// </summary>
public sealed class BudgetedTable : EmbeddingTable
{
    private readonly Backend backend;
    private readonly Parameter values;
    private readonly Ids? storedRows;

    /// <param name="backend">Where it is trained.</param>
    /// <param name="name">"users" or "items".</param>
    /// <param name="sizes">A size for every row, falling.</param>
    /// <param name="width">Columns handed out; at least the largest size in use.</param>
    public BudgetedTable(Backend backend, string name, SideSizes sizes, int width)
    {
        if (width < sizes.Width)
            throw new ArgumentException($"{name}: a width of {width} cannot hold rows of {sizes.Width} values");
        this.backend = backend;
        Name = name;
        Sizes = sizes;
        Rows = sizes.Rows;
        Width = width;
        bool shares = sizes.SharedRows > 0;
        int[] ofRows = shares ? sizes.ToStoredRows() : sizes.ToRows();
        var rowSizes = backend.AllocateIds(ofRows.Length);
        backend.Upload(ofRows, rowSizes);
        values = new Parameter(backend, name, ofRows.Length, width, rowSizes);
        if (!shares)
            return;
        storedRows = backend.AllocateIds(Rows);
        backend.Upload([.. Enumerable.Range(0, Rows).Select(sizes.StoredRowOf)], storedRows);
    }

    public override string Name { get; }

    public override int Rows { get; }

    public override int Width { get; }

    /// <summary>The size of every row.</summary>
    public SideSizes Sizes { get; }

    public override IReadOnlyList<Parameter> Parameters => [values];

    public override long ServingBytes => PackedLayout.SideBytes(Sizes);

    public override Variable AllRows(Tape tape)
    {
        var stored = Sizes.Precision == Precision.Float32
            ? tape.Parameter(values)
            : tape.QuantiseRows(tape.Parameter(values), Sizes.Precision);
        return storedRows is null ? stored : tape.GatherRows(stored, storedRows);
    }

    public override void Initialise(Philox random, float deviation)
    {
        backend.FillNormal(random, deviation, values.Value);
        backend.PrefixMask(values.RowSizes!, values.Value);
    }

    public override PackedSide Pack() => PackedRows.PackStored(Download(backend, values.Value), Width, Sizes);

    public override void TakePrefixes(PackedSide source)
    {
        int width = source.Shape.MaximumSize;
        float[] taken = source.Unpack(width);
        using var dense = backend.Allocate(values.Value.Rows, width);
        backend.Upload(storedRows is null ? taken : PackedRows.StoredValues(taken, width, Sizes), dense);
        backend.CopyColumns(dense, new(0, Width), values.Value, new(0, Width), accumulate: false);
        backend.PrefixMask(values.RowSizes!, values.Value);
    }

    internal override Tensor? OwnValues => values.Value;

    public override void Dispose()
    {
        base.Dispose();
        storedRows?.Dispose();
    }
}
