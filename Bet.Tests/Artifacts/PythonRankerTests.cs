using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Search;
using Bet.Engine.Training;
using Bet.Tests.Backbones;
using Bet.Tests.Compute;
using Bet.Tests.Data;

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
        File.WriteAllLines(folder["known.csv"], ["rating,item,user", $"5,\"{all[0]}\",{user}", $"{all[1]}, {all[2]} , {user} "]);
        File.WriteAllLines(folder["other.csv"], [$"{user} x,{all[0]},5", $"{user},{all[2]},5"]);
        File.WriteAllLines(folder["lists.csv"], [$"{user},{all[0]},{all[2]}"]);
        File.WriteAllLines(folder["pairs.txt"], [$"{user} {all[0]} 5", $"{user} {all[2]} {all[1]}"]);

        Assert.Equal([all[1], all[3]], Ranked("--interactions", "known.csv")[..2]);
        Assert.Equal([all[1], all[3]], Ranked("--interactions", "lists.csv", "--adjacency")[..2]);
        Assert.Equal([all[1], all[3]], Ranked("--interactions", "pairs.txt", "--pairs")[..2]);
        Assert.Equal("", Python(folder, ["--user", user, "--interactions", "known.csv"]).Error);
        Assert.StartsWith("1 interactions are of ids that the table has not", Python(
            folder, ["--user", user, "--interactions", "other.csv"]).Error);

        string[] Ranked(params string[] more) => [.. Python(folder, ["--user", user, .. more]).Output
            .TrimEnd('\n').Split('\n').Select(line => line.Split('\t')[1])];
    }

    [PythonTheory]
    [InlineData("user, item\n107, 49\n\" 107\",49 \n")]
    [InlineData("user,item\r\n\"Doe, Jane\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",x y\r\n")]
    [InlineData("user_id:token\titem_id:token\trating:float\n196\t242\t3\n")]
    [InlineData("rating;Item-ID;user.id\n5;b;a\n")]
    [InlineData("device_id,app_id\n7,3\n8,3\n")]
    [InlineData("item|seen by\n7|3\n8|3\n")]
    [InlineData("ann,tea,\nbob,rum,5\n")]
    [InlineData("7,B0007,5\n8,11,5\n")]
    [InlineData("ann,tea\nbob,rum\n")]
    [InlineData("3\t5\t1\n3\t6\t1\n4\t5\t2\n")]
    [InlineData("3\t5\t1\n4\t5\n")]
    [InlineData("1::1193::5::978300760\n1::661::3::978302109\n")]
    [InlineData("0 5 6 7\n1 6\n2\n")]
    [InlineData("ts,device_id,app_id\n5,7,3\n", "device_id", "3")]
    [InlineData("2,1,5\n3,2,4\n", "2", "1")]
    public void Files_are_read_as_the_service_reads_them(string text, string? user = null, string? item = null)
    {
        using var folder = new TemporaryFolder();
        Write(folder, "mf", cosine: false);
        File.WriteAllText(folder["known"], text);
        var read = TestFiles.Read(text, new DatasetFormat { UserColumn = user, ItemColumn = item });

        var (_, output, error) = PythonInterpreter.Run(
            PythonInterpreter.Path,
            ["-c", "import json, sys; from bet_rank import read_interactions; json.dump(list(read_interactions(*sys.argv[1:2], None, *sys.argv[2:])), sys.stdout)",
                "known", user ?? "", item ?? ""],
            folder.Path)!.Value;

        Assert.Equal("", error);
        Assert.Equal(TestFiles.Pairs(read), JsonSerializer.Deserialize<string[][]>(output)!.Select(pair => $"{pair[0]}/{pair[1]}"));
    }

    [PythonFact]
    public void Headers_are_known_by_the_services_names()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "mf", cosine: false);
        Assert.Equal(
            JsonSerializer.Serialize(new[] { DelimitedColumns.UserNames, DelimitedColumns.ItemNames }),
            PythonInterpreter.Run(
                PythonInterpreter.Path, ["-c", "import bet_rank, json; print(json.dumps([bet_rank.USERS, bet_rank.ITEMS], separators=(',', ':')), end='')"], folder.Path)!.Value.Output);
    }

    [PythonTheory]
    [InlineData("ts,device_id,app_id\n5,7,3\n", "known does not tell the user's and the item's column; it has ts, device_id, app_id, --user-column and --item-column (a name, or a place from 1) would do")]
    [InlineData("user,item\n1,2\n1,2,3\n", "known has a row of 3 columns, 1, 2, 3; the first has 2")]
    [InlineData("user,item\n1,2\n", "known has no column client; it has user, item", "--user-column", "client")]
    public void Files_that_do_not_tell_are_refused(string text, string message, params string[] more)
    {
        using var folder = new TemporaryFolder();
        Write(folder, "mf", cosine: false);
        File.WriteAllText(folder["known"], text);
        Assert.Equal((1, "", $"error: {message}\n"), Python(folder, ["--user", "u1", "--interactions", "known", .. more]));
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
