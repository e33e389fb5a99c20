using System.Globalization;
using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using Bet.Engine.Training;
using Bet.Tests.Artifacts;
using Bet.Tests.Backbones;

namespace Bet.Tests.Embeddings;

/// <summary>What holds for every compressor; a new one inherits it by its line in the registry.</summary>
public sealed class CompressorTests
{
    public static TheoryData<string> Kinds => SampleSides.Kinds;

    /// <summary>Random populations, widths and budgets of all three forms: within the budget on disk, or refused.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_table_takes_what_it_says_on_disk_and_never_more_than_its_budget(string kind)
    {
        var random = new Philox(17, RandomPurpose.Test);
        int made = 0, refused = 0;
        for (ulong at = 0; at < 150 * 8; at += 8)
        {
            int users = 1 + random.Below(at, 120), items = 1 + random.Below(at + 1, 80), maximumSize = 1 + random.Below(at + 2, 40);
            long full = (users + items) * (long)maximumSize;
            double share = Math.Pow(random.Uniform(at + 3), 2);
            long values = Math.Max(users + items, (long)(share * full));
            var asked = random.Below(at + 4, 3) switch
            {
                0 => new BudgetRequest(Sparsity: 1 - Math.Max(share, 1e-6)),
                1 => new BudgetRequest(Parameters: values),
                _ => new BudgetRequest(Bytes: sizeof(float) * values),
            };
            try
            {
                var budget = MemoryBudget.From(asked, users, items, 1, maximumSize, null);
                Check(SampleSides.Table(kind, budget, at), budget);
                made++;
            }
            catch (BudgetException)
            {
                refused++;
            }
        }

        Assert.True(made >= 60, $"{made} were made, {refused} refused");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_budget_that_is_too_small_names_the_smallest_that_will_do(string kind)
    {
        var table = new CompressedTable(Compressors.Find(kind)!);
        var error = Assert.Throws<BudgetException>(() => ComparedTables.Check([kind], Budget(new BudgetRequest(Bytes: 4 * 200))));
        Assert.Equal("compare", error.Field);
        Assert.StartsWith($"'{kind}' was given", error.Message);
        long bytes = NumberAfter(error.Message, "bytes of at least ");
        Assert.InRange(table.Shape(Budget(new BudgetRequest(Bytes: bytes))).Bytes, 1, bytes);
        Assert.Throws<BudgetException>(() => table.Shape(Budget(new BudgetRequest(Bytes: bytes - 1))));
        _ = table.Shape(Budget(new BudgetRequest(Parameters: NumberAfter(error.Message, "parameters of at least "))));
        _ = table.Shape(Budget(new BudgetRequest(Sparsity: double.Parse(error.Message.Split("at most ")[^1], CultureInfo.InvariantCulture))));

        static MemoryBudget Budget(BudgetRequest asked) => new(asked, 90_000, 10_000, 0, 128, asked.Parameters ?? 12_800_000, asked switch
        {
            { Bytes: { } b } => b,
            { Parameters: { } p } => (4 * p) + (2 * PackedLayout.IndexBytes(128)),
            _ => (long)((1 - (decimal)asked.Sparsity!.Value) * 4 * 12_800_000),
        });
    }

    [Fact]
    public void Budgets_are_spent_and_divided_by_the_rows_of_the_sides()
    {
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0.9), 29_858, 40_981, 1, 128);
        foreach (var compressor in Compressors.All)
        {
            var shape = new CompressedTable(compressor).Shape(budget);
            // A rank more, or a code more a row, takes so much of a side; all else is finer.
            double least = compressor.Name == "low-rank" ? 0.96 : compressor.Name == "product-quantisation" ? 0.99 : 0.999;
            Assert.InRange((double)shape.Bytes / budget.MaximumBytes, least, 1);
            Assert.InRange((double)shape.Users.Bytes / shape.Bytes, 0.38, 0.46);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_trained_is_what_is_served_and_is_recorded_once_a_step(string kind)
    {
        var shape = new CompressedTable(Compressors.Find(kind)!).Shape(Budget).Users;
        using var backend = new CpuBackend(2);
        using var table = shape.Create(backend, "users", 12);
        table.Initialise(new Philox(3, RandomPurpose.Test), 0.5f);
        using var tape = new Tape(backend);
        tape.Begin();
        var all = table.AllRows(tape);
        Assert.Same(all, table.AllRows(tape));
        var trained = new float[all.Value.Length];
        backend.Download(all.Value, trained);
        var packed = table.Pack();
        float[] served = packed.Unpack(12);
        Assert.Equal(shape, packed.Shape);
        if (shape.IsTrainedAsServed)
            Assert.Equal(trained, served);
        else if (kind == "low-rank")
            Assert.All(trained.Zip(served), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

        double deviation = Math.Sqrt(trained.Average(value => (double)value * value));
        Assert.InRange(deviation, 0.35, 0.7);
        using var rows = backend.AllocateIds(2);
        backend.Upload([7, 40], rows);
        var some = table.SomeRows(tape, rows);
        var gathered = new float[some.Value.Length];
        backend.Download(some.Value, gathered);
        Assert.Equal([.. trained[(7 * 12)..(8 * 12)], .. trained[(40 * 12)..(41 * 12)]], gathered);
        Assert.Equal(packed.Row(40), served[(40 * 12)..(41 * 12)]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_bits_for_any_number_of_threads(string kind)
    {
        var data = Checkerboard.Create(60, 40);
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0.5), 60, 40, 1, 12);
        var shape = new CompressedTable(Compressors.Find(kind)!).Shape(budget);
        var tables = new[] { 1, 2, 8 }.Select(Train).ToList();
        Assert.Equal(tables[0], tables[1]);
        Assert.Equal(tables[0], tables[2]);

        PackedTable Train(int threads)
        {
            using var backend = new CpuBackend(threads);
            using var recommender = new Recommender(backend, data, BackboneRegistry.OptionsFor("lightgcn", 12) with { Layers = 2 }, shape);
            var options = new TrainingOptions(3, 64, new LearningRateSchedule(0.05f, 0.01f), 1e-3f, 3, 1, LossOptions.Bpr);
            using var trainer = new Trainer(backend, recommender.Backbone, data, options, 1, evaluator: null);
            trainer.Train(null, CancellationToken.None);
            return recommender.Pack(new TableOrigin(1, "", budget)).Table;
        }
    }

    /// <summary>A board of two tastes needs few rows, few quotients, or a rank of two.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Learns_the_checkerboard_within_two_thirds_of_the_bytes(string kind)
    {
        var data = Checkerboard.Create(60, 40);
        // Both sides come out with an even number of remainders, of which each has one taste.
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 1 / 3.0), 60, 40, 1, 12);
        var shape = new CompressedTable(Compressors.Find(kind)!).Shape(budget);
        using var backend = new CpuBackend(2);
        using var recommender = new Recommender(backend, data, BackboneRegistry.OptionsFor("mf", 12), shape);
        using var evaluator = new RankingEvaluator(backend, data.Validation, [data.Train], [.. Quality.Cutoffs]);
        var options = new TrainingOptions(80, 128, new LearningRateSchedule(0.05f, 0.01f), 1e-4f, 20, 5, LossOptions.Bpr);
        using var trainer = new Trainer(backend, recommender.Backbone, data, options, 1, evaluator);
        trainer.Train(null, CancellationToken.None);
        using var served = new Recommender(
            backend, data, BackboneRegistry.OptionsFor("mf", 12), recommender.Pack(new TableOrigin(1, "", budget)));
        double found = evaluator.Evaluate(served.Backbone).RecallAt(20);
        Assert.True(found > (kind == "hashing" ? 0.6 : 0.9), $"Recall@20 is {found}");
    }

    private static MemoryBudget Budget => MemoryBudget.From(new BudgetRequest(Sparsity: 0.5), 90, 60, 1, 12);

    private static void Check(PackedTable table, MemoryBudget budget)
    {
        byte[] file = SampleTables.Bytes(stream => TableFile.Write(stream, table));
        var reader = new SafeTensorsReader(new MemoryStream(file));
        long onDisk = reader.Layout.Tensors.Sum(tensor => tensor.Bytes);
        Assert.Equal(onDisk, table.ServingBytes);
        Assert.True(onDisk <= budget.MaximumBytes, $"{onDisk} of {budget.MaximumBytes} bytes");
        Assert.True(table.Values <= budget.MaximumValues, $"{table.Values} of {budget.MaximumValues} values");
        Assert.Equal(table, TableFile.Read(new MemoryStream(file)));
        Assert.Equal(onDisk, BudgetProof.Of(table, reader.Layout).UsedBytes);
    }

    private static long NumberAfter(string text, string words) =>
        long.Parse(text.Split(words)[1].Split([',', ' '])[0], CultureInfo.InvariantCulture);
}
