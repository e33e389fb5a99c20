namespace Bet.Engine.Training;

/// <summary>One thing that is held.</summary>
/// <param name="Name">What it is, in a word or two.</param>
/// <param name="Formula">Its size, as a formula of u users, i items, n interactions, t of them train, b a batch, d.</param>
/// <param name="Preparing">Bytes while the data are split.</param>
/// <param name="Training">Bytes while the backbone is trained.</param>
public sealed record MemoryComponent(string Name, string Formula, long Preparing, long Training);

/// <summary>
/// What a training run on this machine's processor will hold in memory, from the sizes alone and before anything is
/// read: the data are split, then a backbone with full tables is trained and validated.
/// </summary>
public sealed class MemoryEstimate
{
    /// <summary>The runtime, this program's code and its small objects, as measured with a tiny data set.</summary>
    private const long RuntimeBytes = 56L << 20;
    private const int DefaultIdBytes = 8;

    /// <summary>Users whose recommendations a validation holds at once.</summary>
    private const int RankedAtOnce = 16_384;

    private MemoryEstimate(IReadOnlyList<MemoryComponent> components) => Components = components;

    public IReadOnlyList<MemoryComponent> Components { get; }

    /// <summary>Bytes held while the data are split.</summary>
    public long Preparing => Components.Sum(component => component.Preparing);

    /// <summary>Bytes held while the backbone is trained.</summary>
    public long Training => Components.Sum(component => component.Training);

    /// <summary>The most that is held at once, in bytes.</summary>
    public long Peak => Math.Max(Preparing, Training);

    /// <exception cref="ArgumentException">There is no formula for the backbone.</exception>
    public static MemoryEstimate Of(TrainingShape shape) => new(
    [
        Both("runtime", "constant", RuntimeBytes),
        Interactions(shape),
        Both("parts of the split", "4 n + 12 u", (4 * shape.Interactions) + (12L * shape.Users)),
        RawIds(shape),
        Trained("tables", "4 x 4 d (u + i): value, gradient, two moments", 4 * shape.TableBytes),
        Trained("best weights", "4 d (u + i)", shape.KeepsBest ? shape.TableBytes : 0),
        Trained(
            "batches", "4 t + 24 b" + (shape.SharedNegatives > 0 ? $" + {shape.SharedNegatives} b / 4" : ""),
            (4 * shape.Train) + ((12L + (shape.SharedNegatives / 8)) * (shape.Batch + shape.StepRows))),
        .. BackboneMemory.Of(shape),
        Validation(shape),
    ]);

    /// <summary>The interactions as they were read, and their places in order of users.</summary>
    private static MemoryComponent Interactions(TrainingShape shape)
    {
        int each = shape.Timed ? 20 : 12;
        return new MemoryComponent(
            "interactions as read", $"{each} n + 36 u + 16 i",
            (each * shape.Interactions) + (36L * shape.Users) + (16L * shape.Items), 0);
    }

    private static MemoryComponent RawIds(TrainingShape shape)
    {
        long once = (shape.IdBytes ?? (DefaultIdBytes * shape.Entities)) + (4 * shape.Entities);
        return new MemoryComponent("raw ids", "their UTF-8 bytes + 4 (u + i); twice while splitting", 2 * once, once);
    }

    /// <summary>For every ranked user what is not recommended and what is.</summary>
    private static MemoryComponent Validation(TrainingShape shape)
    {
        long users = Math.Min(shape.RankedUsers ?? shape.Users, shape.Validation);
        long excluded = shape.Users == 0 ? 0 : (long)(shape.Train * ((double)users / shape.Users));
        return Trained(
            "validation", "for r ranked users 12 r + 4 t r / u + 8 cut-off min(r, 16384)",
            (12 * users) + (4 * excluded) + (8 * shape.Cutoff * Math.Min(users, RankedAtOnce)));
    }

    private static MemoryComponent Both(string name, string formula, long bytes) => new(name, formula, bytes, bytes);

    private static MemoryComponent Trained(string name, string formula, long bytes) => new(name, formula, 0, bytes);
}
