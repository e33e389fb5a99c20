using System.Numerics.Tensors;
using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Embeddings;

/// <summary>How a quotient's and a remainder's row become one.</summary>
public enum RemainderOperation
{
    /// <summary>Their sum.</summary>
    Add,

    /// <summary>Their product, value by value.</summary>
    Multiply,

    /// <summary>The quotient's values, then the remainder's.</summary>
    Concatenate,
}

/// <summary>
/// The quotient-remainder trick (Shi, Mudigere, Naumov and Yang, KDD 2020): entity r has row r div m of
/// <c>quotients</c> [q, d_q] and row r mod m of <c>remainders</c> [m, d_r], q m at least the number of entities, so no two
/// entities have both in common. d_q = d_r = d_max, but for concatenation, where d_q = d_max div 2 and d_r is the rest.
/// As r is a rank here, the most frequent m entities have remainders of their own.
/// </summary>
public sealed record QuotientRemainderShape : ComposedShape
{
    /// <param name="rows">Entities.</param>
    /// <param name="maximumSize">d_max; at least 2 for concatenation.</param>
    /// <param name="remainders">m, at least 1.</param>
    /// <param name="operation">How the two rows become one.</param>
    public QuotientRemainderShape(int rows, int maximumSize, int remainders, RemainderOperation operation)
        : base(QuotientRemainder.KindName(operation), rows, maximumSize)
    {
        (Remainders, Operation) = (remainders, operation);
        Quotients = Math.Max(1, (int)(((long)rows + remainders - 1) / remainders));
        QuotientSize = operation == RemainderOperation.Concatenate ? maximumSize / 2 : maximumSize;
        RemainderSize = operation == RemainderOperation.Concatenate ? maximumSize - QuotientSize : maximumSize;
    }

    /// <summary>m.</summary>
    public int Remainders { get; }

    /// <summary>q.</summary>
    public int Quotients { get; }

    /// <summary>d_q.</summary>
    public int QuotientSize { get; }

    /// <summary>d_r.</summary>
    public int RemainderSize { get; }

    public RemainderOperation Operation { get; }

    public override IReadOnlyList<Part> Parts =>
        [new("quotients", Quotients, QuotientSize), new("remainders", Remainders, RemainderSize)];

    public override EmbeddingTable Create(Backend backend, string name, int width) =>
        new QuotientRemainderTable(backend, name, this, width);

    public override void Compose(int row, IReadOnlyList<float[]> parts, Span<float> result)
    {
        var quotient = parts[0].AsSpan(row / Remainders * QuotientSize, QuotientSize);
        var remainder = parts[1].AsSpan(row % Remainders * RemainderSize, RemainderSize);
        switch (Operation)
        {
            case RemainderOperation.Add:
                TensorPrimitives.Add(quotient, remainder, result);
                break;
            case RemainderOperation.Multiply:
                TensorPrimitives.Multiply(quotient, remainder, result);
                break;
            default:
                quotient.CopyTo(result);
                remainder.CopyTo(result[QuotientSize..]);
                break;
        }
    }
}

/// <summary>The table of a <see cref="QuotientRemainderShape"/>.</summary>
public sealed class QuotientRemainderTable : ComposedTable
{
    private readonly RemainderOperation operation;
    private readonly Ids quotients;
    private readonly Ids remainders;

    public QuotientRemainderTable(Backend backend, string name, QuotientRemainderShape shape, int width)
        : base(backend, name, shape, width)
    {
        operation = shape.Operation;
        quotients = Upload(row => row / shape.Remainders);
        remainders = Upload(row => row % shape.Remainders);
    }

    /// <summary>The two factors, or summands, are drawn so that a row's values have the deviation asked for.</summary>
    public override void Initialise(Philox random, float deviation) => FillNormal(random, operation switch
    {
        RemainderOperation.Add => deviation / MathF.Sqrt(2),
        RemainderOperation.Multiply => MathF.Sqrt(deviation),
        _ => deviation,
    });

    public override void Dispose()
    {
        base.Dispose();
        quotients.Dispose();
        remainders.Dispose();
    }

    private protected override Variable Compose(Tape tape)
    {
        var quotient = tape.GatherRows(tape.Parameter(Parameters[0]), quotients);
        var remainder = tape.GatherRows(tape.Parameter(Parameters[1]), remainders);
        return operation switch
        {
            RemainderOperation.Add => tape.Add(1, quotient, 1, remainder),
            RemainderOperation.Multiply => tape.Multiply(quotient, remainder),
            _ => tape.ConcatenateColumns(quotient, remainder),
        };
    }
}

/// <summary>As many remainders as fit beside the quotients that they leave.</summary>
public sealed class QuotientRemainder(RemainderOperation operation) : Compressor
{
    public override string Name => KindName(operation);

    public override string Title => operation switch
    {
        RemainderOperation.Add => "quotient + remainder",
        RemainderOperation.Multiply => "quotient x remainder",
        _ => "quotient beside remainder",
    };

    public override int LeastMaximumSize => operation == RemainderOperation.Concatenate ? 2 : 1;

    /// <summary>Values fall with m, then rise: least near the square root of the rows.</summary>
    public override SideShape Least(int rows, int maximumSize)
    {
        int root = Math.Max(1, (int)Math.Sqrt(rows));
        return Enumerable.Range(Math.Max(1, root - 2), 5).Select(remainders => Of(rows, maximumSize, remainders))
            .MinBy(shape => shape.Values)!;
    }

    public override SideShape Largest(int rows, int maximumSize, long bytes, long values)
    {
        long most = Math.Min(bytes / sizeof(float), values);
        int least = ((QuotientRemainderShape)Least(rows, maximumSize)).Remainders;
        int low = least, high = Math.Max(least, rows);
        while (low < high)
        {
            int middle = high - ((high - low) / 2);
            if (Of(rows, maximumSize, middle).Values <= most)
                low = middle;
            else
                high = middle - 1;
        }

        return Of(rows, maximumSize, low);
    }

    public override PackedSide Read(SideSource source) =>
        PackedParts.Read(source, Of(source.Rows, source.MaximumSize, Math.Max(1, source.ShapeOf("remainders").Rows)));

    internal static string KindName(RemainderOperation operation) =>
        $"quotient-remainder-{operation.ToString().ToLowerInvariant()}";

    private QuotientRemainderShape Of(int rows, int maximumSize, int remainders) =>
        new(rows, maximumSize, remainders, operation);
}
