namespace Bet.Engine.Training;

/// <summary>
/// What each backbone holds beside the tables: its graph, and the tensors of its tape (values, gradients, temporaries),
/// which ranking uses again. A new backbone adds a line. Weights beside the tables are small and left out.
/// </summary>
public static class BackboneMemory
{
    /// <summary>Users whose rows are gathered at once in a ranking.</summary>
    private const int RankedAtOnce = 16_384;

    private static readonly Dictionary<string, Func<TrainingShape, IEnumerable<MemoryComponent>>> Formulas = new()
    {
        ["mf"] = shape => [ProductRows(shape, 1), ProductRanking(shape, 1)],
        ["lightgcn"] = shape => [ProductRows(shape, 1), Graph(shape), Propagation(shape), ProductRanking(shape, 1)],
        ["ngcf"] = shape =>
        [
            ProductRows(shape, shape.Layers + 1), Graph(shape), Messages(shape), ProductRanking(shape, shape.Layers + 1),
        ],
        ["ncf"] = shape => [PairRows(shape), PairRanking(shape)],
    };

    public static IReadOnlyCollection<string> Names => Formulas.Keys;

    /// <exception cref="ArgumentException">There is no formula for the backbone.</exception>
    internal static IEnumerable<MemoryComponent> Of(TrainingShape shape) =>
        Formulas.TryGetValue(shape.Backbone, out var formula)
            ? formula(shape)
            : throw new ArgumentException(
                $"there is no memory formula for the backbone '{shape.Backbone}'; there are {string.Join(", ", Names)}");

    /// <summary>
    /// The rows of users, positives and negatives, w times as wide as the tables', with gradients and the loss's own
    /// gradients; rows of the tables with gradients for the L2 term; twice more, normalised, for a cosine. Shared
    /// negatives take three matrices of scores instead of rows.
    /// </summary>
    private static MemoryComponent ProductRows(TrainingShape shape, int wide)
    {
        bool shared = shape.SharedNegatives > 0;
        int sides = shared ? 2 : 3;
        int tensors = (sides * wide * ((shared ? 2 : 3) + (shape.Cosine ? 2 : 0))) + (shape.HasL2 ? 2 * sides : 0);
        long scores = 3 * shape.StepRows * shape.SharedNegatives * sizeof(float);
        string formula = $"{tensors} x 4 d b" + (shared ? $" + 3 x 4 x {shape.SharedNegatives} b" : "");
        return Trained("rows of a batch", formula, (tensors * shape.BatchRowBytes) + scores);
    }

    /// <summary>The items' rows as the kernel reads them, and those of some users.</summary>
    private static MemoryComponent ProductRanking(TrainingShape shape, int wide)
    {
        int copies = shape.Cosine ? 2 : 1;
        long rows = (copies * (long)shape.Items) + Math.Min(shape.RankedUsers ?? shape.Users, RankedAtOnce);
        return Trained(
            "ranking", $"{wide * copies} x 4 d i", shape.Ranks ? rows * wide * shape.Width * sizeof(float) : 0);
    }

    /// <summary>Users by items and items by users: a column and a value for every non-zero, an offset for every row.</summary>
    private static MemoryComponent Graph(TrainingShape shape) =>
        Trained("graph", "16 t + 4 (u + i)", (16 * shape.Train) + (4 * shape.Entities));

    /// <summary>
    /// LightGCN: propagated rows and their gradients, and one layer between where there are several. A step with an L2
    /// term begins with other operations than a ranking, which then has buffers of its own.
    /// </summary>
    private static MemoryComponent Propagation(TrainingShape shape)
    {
        int values = shape.Layers > 1 ? 2 : 1;
        int tensors = 1 + (shape.Ranks && shape.HasL2 ? 2 * values : values);
        return Trained("propagation", $"{tensors} x 4 d (u + i)", tensors * shape.TableBytes);
    }

    /// <summary>
    /// NGCF: in each of L layers ten operations over all rows (propagated, added, multiplied, two products, two biases,
    /// their sum, activated, normalised) and those of dropout, and the concatenation of 2 to L + 1 widths; each with
    /// its gradient. A ranking after steps with an L2 term takes its first buffers before those of the steps are free:
    /// 14 as measured, with three layers.
    /// </summary>
    private static MemoryComponent Messages(TrainingShape shape)
    {
        int layers = shape.Layers;
        int tensors = (layers * layers) + ((23 + (2 * shape.Dropouts)) * layers) + (shape.Ranks && shape.HasL2 ? 14 : 0);
        return Trained("messages", $"{tensors} x 4 d (u + i)", tensors * shape.TableBytes);
    }

    /// <summary>
    /// NeuMF, all with gradients, in widths of d: 5 for the rows of each side and their two branches and 2 for the L2
    /// term, 2.5 more for the users' scales and biases, 4.25 for each of two towers.
    /// </summary>
    private static MemoryComponent PairRows(TrainingShape shape)
    {
        double pairs = shape.SharedNegatives > 0 ? 1 + shape.SharedNegatives : 2;
        int sides = shape.SharedNegatives > 0 ? 2 : 3;
        double widths = (sides * (shape.HasL2 ? 7 : 5)) + 2.5 + (4.25 * pairs);
        return Trained(
            "rows of a batch", $"{widths} x 4 d b", (long)(widths * shape.BatchRowBytes));
    }

    /// <summary>NeuMF: both branches of all rows, and the scores of 16 users at a time.</summary>
    private static MemoryComponent PairRanking(TrainingShape shape) => Trained(
        "ranking", "10 d u + 6 d i + 68 i",
        shape.Ranks ? (10L * shape.Width * shape.Users) + (((6L * shape.Width) + 68) * shape.Items) : 0);

    private static MemoryComponent Trained(string name, string formula, long bytes) => new(name, formula, 0, bytes);
}
