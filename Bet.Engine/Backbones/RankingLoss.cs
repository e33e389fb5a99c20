using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>Which loss is minimised; stored with the result.</summary>
/// <param name="Name">A name of <see cref="LossRegistry"/>: "bpr", "softmax".</param>
/// <param name="Negatives">
/// Items drawn for a batch that shares its negatives, at most an eighth of all items; a loss with one each ignores it.
/// </param>
/// <param name="Temperature">Scores are divided by it in a softmax.</param>
/// <param name="Cosine">
/// Whether the score is the cosine of the two representations instead of their inner product, in training and in
/// ranking alike.
/// </param>
public sealed record LossOptions(string Name, int Negatives = 1, float Temperature = 1, bool Cosine = false)
{
    /// <summary>Bayesian personalised ranking.</summary>
    public static LossOptions Bpr { get; } = new(LossRegistry.Bpr);

    /// <summary>Sampled softmax over negatives that a batch shares.</summary>
    public static LossOptions Softmax(int negatives, float temperature = 1, bool cosine = false) =>
        new(LossRegistry.Softmax, negatives, temperature, cosine);
}

/// <summary>What training minimises: interactions of a batch should score above the items drawn against them.</summary>
public abstract class RankingLoss
{
    /// <summary>Items drawn for the whole batch, or 0 where every interaction has one of its own.</summary>
    public abstract int SharedNegatives { get; }

    /// <summary>
    /// For scores that are inner products: users and positives [b, d]; negatives [b, d], or [SharedNegatives, d].
    /// </summary>
    /// <param name="tape">Where.</param>
    /// <param name="users">Of the batch's interactions.</param>
    /// <param name="positives">Of the batch's interactions.</param>
    /// <param name="negatives">Drawn against them.</param>
    /// <param name="owned">See <see cref="Batch.Owned"/>.</param>
    public abstract void RecordProducts(Tape tape, Variable users, Variable positives, Variable negatives, Ids? owned);

    /// <summary>For any scores: positives [b, 1]; negatives [b, 1], or [b, SharedNegatives].</summary>
    public abstract void RecordScores(Tape tape, Variable positives, Variable negatives, Ids? owned);
}

/// <summary>
/// Bayesian personalised ranking (Rendle et al., UAI 2009): the mean of softplus(-(positive - negative)), one negative
/// an interaction.
/// </summary>
public sealed class BprLoss : RankingLoss
{
    public override int SharedNegatives => 0;

    public override void RecordProducts(Tape tape, Variable users, Variable positives, Variable negatives, Ids? owned) =>
        tape.BprLoss(users, positives, negatives);

    /// <summary>softplus(-(p - n)) is the softmax's -log of p's share among p and n.</summary>
    public override void RecordScores(Tape tape, Variable positives, Variable negatives, Ids? owned) =>
        tape.SampledSoftmax(1, positives, negatives);
}

/// <summary>
/// Sampled softmax: the mean of -log(exp(p / t) / (exp(p / t) + sum over k of exp(n_k / t))), the negatives drawn
/// uniformly from all items once for the whole batch, so that their scores are one matrix product; of them a user's
/// own items do not count.
/// </summary>
public sealed class SampledSoftmaxLoss(int negatives, float temperature) : RankingLoss
{
    public override int SharedNegatives { get; } = negatives;

    public override void RecordProducts(Tape tape, Variable users, Variable positives, Variable negatives, Ids? owned) =>
        RecordScores(tape, tape.RowDots(users, positives), tape.MatMulTransposed(users, negatives), owned);

    public override void RecordScores(Tape tape, Variable positives, Variable negatives, Ids? owned) =>
        tape.SampledSoftmax(temperature, positives, negatives, owned);
}

/// <summary>The losses by name. A new one is a class and a line here.</summary>
public static class LossRegistry
{
    public const string Bpr = "bpr";
    public const string Softmax = "softmax";

    private static readonly Dictionary<string, (Func<LossOptions, RankingLoss> Make, LossOptions Defaults)> Entries = new()
    {
        [Bpr] = (_ => new BprLoss(), LossOptions.Bpr),
        [Softmax] = (
            options => new SampledSoftmaxLoss(options.Negatives, options.Temperature), LossOptions.Softmax(negatives: 1024)),
    };

    public static IReadOnlyCollection<string> Names => Entries.Keys;

    /// <exception cref="ArgumentException">There is no such loss; the message lists those there are.</exception>
    public static RankingLoss Create(LossOptions options) => Find(options.Name).Make(options);

    /// <exception cref="ArgumentException">There is no such loss; the message lists those there are.</exception>
    public static LossOptions DefaultsOf(string name) => Find(name).Defaults;

    private static (Func<LossOptions, RankingLoss> Make, LossOptions Defaults) Find(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new ArgumentException($"there is no loss '{name}'; there are {string.Join(", ", Names)}");
}
