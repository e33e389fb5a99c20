using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>Trains the tables of a search: full, budgeted from scratch, or budgeted from the full table's prefixes.</summary>
internal sealed class TableTraining(
    SearchOptions options, Backend backend, PreparedDataset data, MemoryBudget budget) : IDisposable
{
    /// <summary>Columns come in steps of one 512-bit vector, so that every row starts aligned.</summary>
    private const int WidthStep = 16;

    private readonly RankingEvaluator validation =
        new(backend, data.Validation, [data.Train], [.. Quality.Cutoffs]);

    private readonly Lazy<RankingEvaluator> test =
        new(() => new RankingEvaluator(backend, data.Test, [data.Train, data.Validation], [.. Quality.Cutoffs]));

    /// <summary>A table trained to its end.</summary>
    /// <param name="Table">Its values, packed.</param>
    /// <param name="Training">How the training ended.</param>
    /// <param name="Test">On the test part; null where it was not asked for.</param>
    public sealed record Trained(PackedTable Table, TrainingOutcome Training, RankingMetrics? Test)
    {
        public double Quality => Evaluation.Quality.Of(Training.Validation);
    }

    /// <summary>The full table, from random weights.</summary>
    public Trained TrainFull(Action<TrainingProgress>? progress, CancellationToken cancel)
    {
        using var users = new FullTable(backend, "users", data.UserCount, options.MaximumSize);
        using var items = new FullTable(backend, "items", data.ItemCount, options.MaximumSize);
        Initialise(users, items);
        return Train(users, items, options.Pretraining, evaluateTest: true, progress, cancel);
    }

    /// <summary>A budgeted table, from random weights.</summary>
    public Trained TrainFromScratch(TableSizes sizes, Action<TrainingProgress>? progress, CancellationToken cancel)
    {
        var (users, items) = Budgeted(sizes);
        using (users)
        using (items)
        {
            Initialise(users, items);
            return Train(users, items, options.Retraining, evaluateTest: true, progress, cancel);
        }
    }

    /// <summary>A budgeted table that starts from the pretrained table's prefixes; only validated.</summary>
    public Trained FineTune(
        TableSizes sizes, PackedTable pretrained, Action<TrainingProgress>? progress, CancellationToken cancel)
    {
        var (users, items) = Budgeted(sizes);
        using (users)
        using (items)
        {
            users.TakePrefixes(pretrained.Users);
            items.TakePrefixes(pretrained.Items);
            return Train(users, items, options.FineTuning, evaluateTest: false, progress, cancel);
        }
    }

    public void Dispose()
    {
        validation.Dispose();
        if (test.IsValueCreated)
            test.Value.Dispose();
    }

    /// <summary>The metrics of a table that is already trained.</summary>
    public (RankingMetrics Validation, RankingMetrics Test) Evaluate(PackedTable table, CancellationToken cancel)
    {
        var (users, items) = Budgeted(new TableSizes(table.Users.Sizes, table.Items.Sizes));
        using (users)
        using (items)
        {
            users.TakePrefixes(table.Users);
            items.TakePrefixes(table.Items);
            using var backbone = CreateBackbone(users, items);
            return (validation.Evaluate(backbone, cancel), test.Value.Evaluate(backbone, cancel));
        }
    }

    private (BudgetedTable Users, BudgetedTable Items) Budgeted(TableSizes sizes)
    {
        int widest = Math.Max(sizes.Users.Width, sizes.Items.Width);
        int width = Math.Min(options.MaximumSize, (widest + WidthStep - 1) / WidthStep * WidthStep);
        return (new BudgetedTable(backend, "users", sizes.Users, width),
            new BudgetedTable(backend, "items", sizes.Items, width));
    }

    private void Initialise(EmbeddingTable users, EmbeddingTable items)
    {
        users.Initialise(new Philox(options.Seed, RandomPurpose.Initialise, 0));
        items.Initialise(new Philox(options.Seed, RandomPurpose.Initialise, 1));
    }

    private Backbone CreateBackbone(EmbeddingTable users, EmbeddingTable items) =>
        BackboneRegistry.Create(
            options.Backbone, new BackboneInputs(backend, users, items, data.Train, options.Layers));

    private Trained Train(
        EmbeddingTable users, EmbeddingTable items, TrainingOptions training, bool evaluateTest,
        Action<TrainingProgress>? progress, CancellationToken cancel)
    {
        using var backbone = CreateBackbone(users, items);
        using var trainer = new Trainer(backend, backbone, data, training, options.Seed, validation);
        var outcome = trainer.Train(progress, cancel);
        var tested = evaluateTest ? test.Value.Evaluate(backbone, cancel) : null;
        var table = new PackedTable(
            users.Pack(), items.Pack(), new TableOrigin(options.Seed, data.SplitHash, budget));
        return new Trained(table, outcome, tested);
    }
}
