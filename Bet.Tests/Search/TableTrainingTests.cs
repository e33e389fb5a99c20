using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class TableTrainingTests
{
    private static readonly Lazy<PreparedDataset> Data = new(() => Splitter.Split(
        SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 3)), new SplitOptions(SplitKind.Random), 1));

    [Theory]
    [InlineData("mf")]
    [InlineData("lightgcn")]
    public void Of_a_full_table_the_first_columns_are_worth_most_and_all_of_them_what_was_measured(string backbone)
    {
        var options = SearchPresets.Create(
            backbone, new BudgetRequest(Sparsity: 0.5), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
            new SearchOverrides { MaximumSize = 16, PretrainEpochs = 10 });
        var budget = MemoryBudget.From(options.Budget, Data.Value.UserCount, Data.Value.ItemCount, 1, 16);
        using var backend = new CpuBackend(2);
        using var training = new TableTraining(options, backend, Data.Value, budget);
        var trained = training.TrainFull(new KeptTraining(null, "", Timeout.InfiniteTimeSpan, null), CancellationToken.None);

        var (validation, test) = training.Evaluate(trained.Weights, CancellationToken.None);
        Assert.Equal(trained.Validation.RecallAt(20), validation.RecallAt(20), 0.01);
        Assert.Equal(trained.Test!.RecallAt(20), test.RecallAt(20), 0.01);

        // All that a table of four columns can be expected to keep is in the first four: they hold the most.
        float[] users = trained.Weights.Table.Users.Unpack(16);
        double[] energies = [.. Enumerable.Range(0, 4).Select(part => Enumerable.Range(0, users.Length)
            .Where(at => at % 16 / 4 == part).Sum(at => (double)users[at] * users[at]))];
        Assert.True(energies[0] > 1.5 * energies[3], string.Join(", ", energies));
        Assert.True(energies[0] > energies[1] && energies[0] > energies[2], string.Join(", ", energies));
    }
}
