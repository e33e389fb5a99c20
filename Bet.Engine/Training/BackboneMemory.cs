using Bet.Engine.Backbones;

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
    /// For users, positives and negatives: the rows of each of p parts, normalised but for the first, and put together
    /// one after the other, all with gradients; the loss's own gradients; rows of the tables with gradients for the L2
    /// term; once more, normalised, for a cosine. Shared negatives take three matrices of scores instead of rows.
    /// </summary>
    private static MemoryComponent ProductRows(TrainingShape shape, int parts)
    {
        bool shared = shape.SharedNegatives > 0;
        int sides = shared ? 2 : 3;
        int side = (4 * parts) - 2 + (parts * (parts + 1)) - 2 + (shared ? 0 : parts) + (shape.Cosine ? 2 * parts : 0);
        int tensors = sides * (side + (shape.HasL2 ? 2 : 0));
        return Trained(
            "rows of a batch", $"{tensors} x 4 d b" + ScoresFormula(shape), (tensors * shape.BatchRowBytes) + ScoresOf(shape));
    }

    /// <summary>Every interaction's products with the shared negatives, their gradients, and the loss's.</summary>
    private static long ScoresOf(TrainingShape shape) => 3L * shape.StepRows * shape.SharedNegatives * sizeof(float);

    private static string ScoresFormula(TrainingShape shape) =>
        shape.SharedNegatives > 0 ? $" + 3 x 4 x {shape.SharedNegatives} b" : "";

    /// <summary>
    /// The items' rows as the kernel reads them, and those of some users: what they take beyond the rows of a batch,
    /// which a ranking gives back.
    /// </summary>
    private static MemoryComponent ProductRanking(TrainingShape shape, int parts)
    {
        int copies = shape.Cosine ? 2 : 1;
        long rows = (copies * (long)shape.Items) + Math.Min(shape.RankedUsers ?? shape.Users, RankedAtOnce);
        long bytes = shape.Ranks ? rows * parts * shape.Width * sizeof(float) : 0;
        return Trained(
            "ranking", $"{parts * copies} x 4 d i, less the rows of a batch",
            Math.Max(0, bytes - ProductRows(shape, parts).Training));
    }

    /// <summary>Users by items and items by users: a column and a value for every non-zero, an offset for every row.</summary>
    private static MemoryComponent Graph(TrainingShape shape) =>
        Trained("graph", "16 t + 4 (u + i)", (16 * shape.Train) + (4 * shape.Entities));

    /// <summary>LightGCN: propagated rows and their gradients, and the users' layer between while it is evaluated.</summary>
    private static MemoryComponent Propagation(TrainingShape shape) => Trained(
        "propagation", "2 x 4 d (u + i) + 4 d u", (2 * shape.TableBytes) + ((long)shape.Users * shape.Width * sizeof(float)));

    /// <summary>
    /// NGCF: in each of L layers five operations over all rows (propagated, added, multiplied, the products' sum,
    /// activated) and those of dropout, with gradients. A ranking finds its tensors among these, but for the
    /// concatenations to 2, ..., L + 1 widths.
    /// </summary>
    private static MemoryComponent Messages(TrainingShape shape)
    {
        int layers = shape.Layers;
        int concatenated = ((layers * layers) + (3 * layers)) / 2;
        int tensors = ((10 + (2 * shape.Dropouts)) * layers) + (shape.Ranks ? concatenated : 0);
        return Trained("messages", $"{tensors} x 4 d (u + i)", tensors * shape.TableBytes);
    }

    /// <summary>
    /// NeuMF, all with gradients: for each side its rows, their two branches, the tower's first values and 2 rows for the L2
    /// term; the users' biases; 4.25 times the first values for each of the towers. Shared negatives take three matrices of
    /// GMF's scores, and a tower each as far as they have one.
    /// </summary>
    private static MemoryComponent PairRows(TrainingShape shape)
    {
        bool shared = shape.SharedNegatives > 0;
        int towers = 1 + (shared ? Math.Min(shape.SharedNegatives, NeuralCollaborativeFiltering.TowerNegatives) : 1);
        int sides = shared ? 2 : 3, rows = sides * (shape.HasL2 ? 6 : 4);
        double tower = (2 * sides) + 2 + (8.5 * towers);
        int towerSize = NeuralCollaborativeFiltering.TowerSizeOf(shape.Width);
        return Trained(
            "rows of a batch", $"({rows} d + {tower} t) x 4 b" + ScoresFormula(shape),
            (rows * shape.BatchRowBytes) + (long)(tower * towerSize * shape.BatchRowBytes / shape.Width) + ScoresOf(shape));
    }

    /// <summary>NeuMF: both branches of all rows and the tower's first values, and the scores of 16 users at a time.</summary>
    private static MemoryComponent PairRanking(TrainingShape shape)
    {
        int towerSize = NeuralCollaborativeFiltering.TowerSizeOf(shape.Width);
        long users = 4L * (shape.Width + (3 * towerSize)), items = (4L * (shape.Width + towerSize)) + 68;
        return Trained("ranking", "4 (d + 3 t) u + 4 (d + t) i + 68 i", shape.Ranks ? (users * shape.Users) + (items * shape.Items) : 0);
    }

    private static MemoryComponent Trained(string name, string formula, long bytes) => new(name, formula, 0, bytes);
}
