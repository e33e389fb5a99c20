using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Embeddings;
using Bet.Engine.GivenTables;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>
/// The full table of a search: trained with the decay and the rate that suit the data best, or taken from elsewhere. For warm starts its
/// columns are in the order of what they are worth.
/// </summary>
/// <param name="tables">Trains each of the tables that are tried.</param>
internal sealed class FullTableTraining(TableTraining tables)
{
    /// <summary>Up to so many in the training part, other rates are tried: there they are worth much, and their trainings cost little.</summary>
    private const int FewInteractions = 200_000;

    private readonly SearchOptions options = tables.Options;

    /// <summary>
    /// From random weights, with less and less decay as long as that is better; where the data are few, at lower and lower rates
    /// likewise. Less decay is learnt faster with, so a training with less that falls behind one at the same rate that was still gaining
    /// at its end is ended there. docs/decisions/2026-11-23-decay-by-the-data.md, 2026-11-23-rate-by-the-data.md
    /// </summary>
    public TableOutcome Train(KeptTraining run, CancellationToken cancel)
    {
        L2Weights[] decays = [options.Pretraining.Decay, .. options.LesserDecays];
        float[] rates = [.. RatesOf(options, tables.Data.Train.Count)];
        bool several = decays.Length > 1 || rates.Length > 1;
        TableOutcome? best = null;
        int decay = 0, attempts = 0;
        foreach (float rate in rates)
        {
            TableOutcome? ofRate = null;
            for (int next = decay; next < decays.Length; next++)
            {
                var attempt = several ? run.Attempt(++attempts) : run;
                var tried = Train(options.Pretraining.With(decays[next], rate), rival: ofRate?.Bests ?? [], attempt, keepsEnd: several, cancel);
                if (tried.Quality <= ofRate?.Quality)
                    break;
                (ofRate, decay) = (tried, next);
            }

            if (ofRate!.Quality <= best?.Quality)
                break;
            best = ofRate;
        }

        var trained = best!;
        if (!options.WarmStart)
            return trained;
        using var recommender = tables.NewRecommender();
        recommender.TakePrefixes(trained.Weights);
        return trained with { Weights = PackedByWorth(recommender) };
    }

    /// <summary>The table that was trained elsewhere.</summary>
    /// <exception cref="GivenTableException">It is not a table of this data set.</exception>
    public TableOutcome Take(GivenTable given, CancellationToken cancel)
    {
        PackedSide Side(float[] values) => PackedRows.Pack(
            values, given.Size, SideSizes.Uniform(values.Length / given.Size, given.Size, given.Size));
        using var recommender = tables.NewRecommender();
        recommender.TakePrefixes(new TrainedWeights(
            new PackedTable(
                Side(given.UsersInOrderOf(tables.Data.UserIds)), Side(given.ItemsInOrderOf(tables.Data.ItemIds)), tables.Origin), []));
        var taken = tables.AsItIs(recommender, evaluateTest: true, cancel);
        return taken with { Weights = PackedByWorth(recommender) };
    }

    /// <summary>The rates of the trainings, in the order in which they are tried.</summary>
    internal static IEnumerable<float> RatesOf(SearchOptions options, long trainInteractions)
    {
        float first = options.Pretraining.Schedule.First;
        return [first, .. trainInteractions <= FewInteractions ? options.LesserRates.Select(share => first * share) : []];
    }

    /// <summary>Whatever follows in the same step, what was trained is kept as it ended.</summary>
    private TableOutcome Train(
        TrainingOptions training, IReadOnlyList<double> rival, KeptTraining run, bool keepsEnd, CancellationToken cancel) =>
        tables.Train(
            () => tables.NewRecommender(), training, fromRandom: true, evaluateTest: true, run, cancel, rival, keepsEnd) with
        {
            LearningRate = training.Schedule.First,
        };

    private TrainedWeights PackedByWorth(Recommender recommender)
    {
        recommender.TurnToPrincipalAxes();
        return recommender.Pack(tables.Origin);
    }
}
