namespace Bet.Engine.Training;

/// <summary>
/// What each backbone holds beside the tables. A new backbone adds a line; its tensors are those of its training tape
/// (values, gradients, temporaries), of its ranking tape, and its graph.
/// </summary>
public static class BackboneMemory
{
    private static readonly Dictionary<string, Func<TrainingShape, IEnumerable<MemoryComponent>>> Formulas = new()
    {
        ["mf"] = shape => [InnerProductBatch(shape)],
        ["lightgcn"] = shape => [InnerProductBatch(shape), Graph(shape), Propagation(shape)],
    };

    public static IReadOnlyCollection<string> Names => Formulas.Keys;

    /// <exception cref="ArgumentException">There is no formula for the backbone.</exception>
    internal static IEnumerable<MemoryComponent> Of(TrainingShape shape) =>
        Formulas.TryGetValue(shape.Backbone, out var formula)
            ? formula(shape)
            : throw new ArgumentException(
                $"there is no memory formula for the backbone '{shape.Backbone}'; there are {string.Join(", ", Names)}");

    /// <summary>
    /// Users, positives and negatives: their rows, the rows' gradients and the loss's own; once more for the L2 term.
    /// </summary>
    private static MemoryComponent InnerProductBatch(TrainingShape shape)
    {
        int tensors = shape.HasL2 ? 18 : 9;
        return new MemoryComponent("rows of a batch", $"{tensors} x 4 d b", 0, tensors * shape.BatchRowBytes);
    }

    /// <summary>Users by items and items by users: a column and a value for every non-zero, an offset for every row.</summary>
    private static MemoryComponent Graph(TrainingShape shape) =>
        new("graph", "16 t + 4 (u + i)", 0, (16 * shape.Train) + (4 * shape.Entities));

    /// <summary>
    /// Propagated rows and their gradients, one layer between where there are several; the same without gradients for
    /// ranking.
    /// </summary>
    private static MemoryComponent Propagation(TrainingShape shape)
    {
        int tensors = shape.Layers > 1 ? 5 : 3;
        return new MemoryComponent("propagation", $"{tensors} x 4 d (u + i)", 0, tensors * shape.TableBytes);
    }
}
