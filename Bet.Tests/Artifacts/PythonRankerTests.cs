using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Search;
using Bet.Engine.Training;
using Bet.Tests.Backbones;
using Bet.Tests.Compute;

namespace Bet.Tests.Artifacts;

/// <summary>bet_rank.py makes of a bundle what the engine makes of the table in it.</summary>
public sealed class PythonRankerTests
{
    private const int Users = 40;
    private const int Items = 24;
    private const int Width = 40;
    private const int K = 5;

    private static readonly PreparedDataset Data = Checkerboard.Create(Users, Items);

    public static IEnumerable<object[]> Scores =>
        from name in BackboneRegistry.Names
        from cosine in new[] { false, true }
        where !cosine || BackboneRegistry.DefaultsOf(name).IsProduct
        select new object[] { name, cosine };

    [PythonTheory]
    [MemberData(nameof(Scores))]
    public void Ranks_as_the_engine_does(string backbone, bool cosine)
    {
        using var folder = new TemporaryFolder();
        int[] expected = Write(folder, backbone, cosine);
        File.WriteAllLines(folder["known.txt"], Enumerable.Range(0, Users).Select(user =>
            string.Join(' ', Data.Train.Of(user).ToArray().Select(item => Data.ItemIds[item]).Prepend(Data.UserIds[user]))));

        (int code, string output, string error) = Python(
            folder, ["--top", $"{K}", "--interactions", "known.txt", .. Data.UserIds.SelectMany(user => new[] { "--user", user })]);

        Assert.Equal((0, ""), (code, error));
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(
            Enumerable.Range(0, Users * K).Select(at => $"{Data.UserIds[at / K]}\t{Data.ItemIds[expected[at]]}"),
            lines.Select(line => line[..line.LastIndexOf('\t')]));
    }

    [PythonFact]
    public void Interactions_are_read_with_further_columns_and_unknown_ids_are_counted()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "mf", cosine: false);
        string user = Data.UserIds[3];
        string[] all = Ranked();
        File.WriteAllLines(folder["known.csv"], ["user,item,rating", $"{user},{all[0]},5", $"{user},{all[2]},{all[1]}"]);

        Assert.Equal([all[1], all[3]], Ranked("--pairs", "--interactions", "known.csv")[..2]);
        Assert.StartsWith("1 interactions are of ids that the table has not", Python(
            folder, ["--user", user, "--pairs", "--interactions", "known.csv"]).Error);

        string[] Ranked(params string[] more) => [.. Python(folder, ["--user", user, .. more]).Output
            .TrimEnd('\n').Split('\n').Select(line => line.Split('\t')[1])];
    }

    [PythonTheory]
    [InlineData("mf", "nobody", "20", "error: no id 'nobody' among the users")]
    [InlineData("mf", "u1", "0", "error: 0 items were asked for; 1 or more would do")]
    [InlineData("lightgcn", "u1", "20", "error: lightgcn propagates vectors along interactions, and none is given of the table's users and items")]
    public void What_cannot_be_ranked_is_named(string backbone, string user, string top, string message)
    {
        using var folder = new TemporaryFolder();
        Write(folder, backbone, cosine: false);
        Assert.Equal((1, "", message + "\n"), Python(folder, ["--user", user, "--top", top]));
    }

    /// <summary>The artifacts of a table after a few steps; returns every user's best items.</summary>
    private static int[] Write(TemporaryFolder folder, string backbone, bool cosine)
    {
        var options = SearchPresets.Create(
            backbone, new BudgetRequest(Sparsity: 0), Effort.Quick, 1, new SplitOptions(SplitKind.Random),
            new SearchOverrides { MaximumSize = Width, Layers = 2, Cosine = cosine ? true : null, InitialDeviation = 0.5f });
        var budget = MemoryBudget.From(options.Budget, Users, Items, 1, Width);
        var sizes = new TableSizes(
            SideSizes.FromRows([.. Enumerable.Range(0, Users).Select(row => row < 20 ? 19 : 4)], Width) with { Precision = Precision.Int8 },
            SideSizes.Uniform(Items, 11, Width));
        using var backend = new CpuBackend(2);
        using var recommender = new Recommender(backend, Data, options.BackboneOptions, sizes);
        using var trainer = new Trainer(
            backend, recommender.Backbone, Data, options.Pretraining with { BatchSize = 100, L2 = 1e-4f }, 1, evaluator: null);
        for (int step = 0; step < 4; step++)
            trainer.TrainStep(0, step);
        var weights = recommender.Pack(new TableOrigin(1, Data.SplitHash, budget));
        folder.Write(new TrainedTable
        {
            Table = weights.Table,
            UserIds = Data.UserIds,
            ItemIds = Data.ItemIds,
            UserFrequencies = new int[Users],
            ItemFrequencies = new int[Items],
            Metrics = new { },
            Options = options,
            DenseWeights = weights.Dense,
        });
        using var served = new Recommender(backend, Data, options.BackboneOptions, weights);
        return Rank(backend, served.Backbone);
    }

    private static int[] Rank(CpuBackend backend, Backbone backbone)
    {
        using var users = backend.Ids([.. Enumerable.Range(0, Users)]);
        using var offsets = backend.Ids(Data.Train.Offsets);
        using var known = backend.Ids(Data.Train.Items);
        using var result = backend.AllocateIds(Users * K);
        backbone.PrepareRanking();
        backbone.Rank(users, offsets, known, K, result);
        var ranked = new int[Users * K];
        backend.Download(result, ranked);
        return ranked;
    }

    private static (int Code, string Output, string Error) Python(TemporaryFolder folder, string[] arguments) =>
        PythonInterpreter.Run(PythonInterpreter.Path, ["bet_rank.py", .. arguments], folder.Path)!.Value;
}
