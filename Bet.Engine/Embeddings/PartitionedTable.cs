using System.Numerics.Tensors;
using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Fields;

namespace Bet.Engine.Embeddings;

/// <summary>A partition of the entities and the name of its table, which has a row for each cell.</summary>
public readonly record struct NamedPartition(string Name, Partition Partition);

/// <summary>
/// Rows made of complementary partitions (Shi, Mudigere, Naumov and Yang, KDD 2020): by every partition entity r has a row of
/// a table [cells, d_j], and no two entities have all of them in common. d_j = d_max, but for concatenation, where the values
/// of k tables follow one another, those of table j, from 0 on, from d_max j div k on. Equal by value.
/// </summary>
public sealed record PartitionedShape : ComposedShape
{
    private readonly NamedPartition[] tables;

    /// <param name="kind">The compressor's name.</param>
    /// <param name="rows">Entities.</param>
    /// <param name="maximumSize">d_max; for concatenation at least the number of tables.</param>
    /// <param name="tables">In the order that their rows are joined in.</param>
    /// <param name="operation">Add, multiply or concatenate.</param>
    /// <exception cref="ArgumentException">Two entities would have all rows in common, or no row of one vector is made.</exception>
    public PartitionedShape(string kind, int rows, int maximumSize, IReadOnlyList<NamedPartition> tables, FieldOperation operation)
        : base(kind, rows, maximumSize)
    {
        if (operation is FieldOperation.Features or FieldOperation.Path)
            throw new ArgumentException($"{kind}: an entity's rows are added, multiplied or concatenated, not {operation}");
        if (!Partitions.AreComplementary([.. tables.Select(table => table.Partition)], Math.Max(1, rows)))
            throw new ArgumentException($"{kind}: {string.Join(", ", tables)} do not tell {rows} entities apart");
        (this.tables, Operation) = ([.. tables], operation);
        Parts = [.. tables.Select((table, j) => new Part(table.Name, (int)table.Partition.Cells, FirstColumnOf(j + 1) - FirstColumnOf(j)))];
    }

    public FieldOperation Operation { get; }

    public override IReadOnlyList<Part> Parts { get; }

    public override EmbeddingTable Create(Backend backend, string name, int width) =>
        new PartitionedTable(backend, name, this, width);

    public override void Compose(int row, IReadOnlyList<float[]> parts, Span<float> result)
    {
        int end = 0;
        for (int j = 0; j < parts.Count; j++)
        {
            int columns = Parts[j].Columns;
            var values = parts[j].AsSpan(CellOf(j, row) * columns, columns);
            if (j == 0 || Operation == FieldOperation.Concatenate)
                values.CopyTo(result[end..]);
            else if (Operation == FieldOperation.Add)
                TensorPrimitives.Add(result, values, result);
            else
                TensorPrimitives.Multiply(result, values, result);
            end += columns;
        }
    }

    /// <summary>The row of a table that an entity has.</summary>
    public int CellOf(int table, int row) => (int)tables[table].Partition.CellOf(row);

    public bool Equals(PartitionedShape? other) =>
        base.Equals(other) && Operation == other.Operation && tables.SequenceEqual(other.tables);

    public override int GetHashCode() => tables.Aggregate(HashCode.Combine(base.GetHashCode(), Operation), HashCode.Combine);

    /// <summary>The first column of table j's values, or of those after the last table's.</summary>
    private int FirstColumnOf(int j) => Operation == FieldOperation.Concatenate
        ? (int)((long)MaximumSize * j / tables.Length)
        : MaximumSize * j;
}

/// <summary>The table of a <see cref="PartitionedShape"/>.</summary>
public sealed class PartitionedTable : ComposedTable
{
    private readonly FieldOperation operation;
    private readonly Ids[] cells;

    public PartitionedTable(Backend backend, string name, PartitionedShape shape, int width)
        : base(backend, name, shape, width)
    {
        operation = shape.Operation;
        cells = [.. shape.Parts.Select((_, j) => Upload(row => shape.CellOf(j, row)))];
    }

    /// <summary>Factors, or summands, are drawn so that a row's values have the deviation asked for.</summary>
    public override void Initialise(Philox random, float deviation) => FillNormal(random, operation switch
    {
        FieldOperation.Add => deviation / MathF.Sqrt(cells.Length),
        FieldOperation.Multiply => float.RootN(deviation, cells.Length),
        _ => deviation,
    });

    public override void Dispose()
    {
        base.Dispose();
        foreach (var ids in cells)
            ids.Dispose();
    }

    private protected override Variable Compose(Tape tape)
    {
        var rows = Gather(tape, 0);
        for (int j = 1; j < cells.Length; j++)
        {
            var next = Gather(tape, j);
            rows = operation switch
            {
                FieldOperation.Add => tape.Add(1, rows, 1, next),
                FieldOperation.Multiply => tape.Multiply(rows, next),
                _ => tape.ConcatenateColumns(rows, next),
            };
        }

        return rows;
    }

    private Variable Gather(Tape tape, int table) => tape.GatherRows(tape.Parameter(Parameters[table]), cells[table]);
}
