using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>
/// Neural collaborative filtering, NeuMF (He et al., WWW 2017): generalised matrix factorisation and a multilayer
/// perceptron, each over embeddings of its own, under one output layer (Eq. 12):
/// score = h' [p_G * q_G; tower([p_M; q_M])], the tower of ReLU layers that halve, d_max to d_max / 8.
/// <para>
/// The two branches take turns in a row of the table: even columns are GMF's, odd ones the perceptron's. A row of size s
/// thus has s / 2 values in each, both counted in the budget, and every row's values are still a prefix. The first layer
/// is the sum of a user's half and an item's half, so neither is computed once a pair.
/// </para>
/// </summary>
public sealed class NeuralCollaborativeFiltering : Backbone
{
    /// <summary>Users and items of which all pairs are scored at once: their hidden values stay in the caches.</summary>
    private const int TileUsers = 32;
    private const int TileItems = 256;

    private readonly Parameter factorOutput;
    private readonly Parameter userInput;
    private readonly Parameter itemInput;
    private readonly Parameter inputBias;
    private readonly (Parameter Weight, Parameter Bias)[] tower;
    private readonly Parameter towerOutput;
    private readonly Tape tileTape;
    private readonly List<Ids> itemTiles = [];
    private (Half Users, Half Items)? represented;

    public NeuralCollaborativeFiltering(BackboneInputs inputs) : base(inputs)
    {
        int width = inputs.Users.Width;
        ulong seed = inputs.Options.Seed;
        int[] hidden = [.. new[] { 2, 4, 8 }.Select(part => Math.Max(1, inputs.Options.MaximumSize / part))];
        factorOutput = new Parameter(Backend, "gmf.output", 1, FactorsOf(width).Count);
        Backend.Fill(factorOutput.Value, 1);
        userInput = DenseWeightOf("mlp.user", HiddenOf(width).Count, hidden[0], 0, seed);
        itemInput = DenseWeightOf("mlp.item", HiddenOf(width).Count, hidden[0], 1, seed);
        inputBias = new Parameter(Backend, "mlp.bias0", 1, hidden[0]);
        tower = [.. Enumerable.Range(1, hidden.Length - 1).Select(k => (
            DenseWeightOf($"mlp.weight{k}", hidden[k - 1], hidden[k], (uint)k + 1, seed),
            new Parameter(Backend, $"mlp.bias{k}", 1, hidden[k])))];
        towerOutput = DenseWeightOf("mlp.output", hidden[^1], 1, 0x100, seed);
        DenseParameters =
        [
            factorOutput, userInput, itemInput, inputBias, .. tower.SelectMany(layer => new[] { layer.Weight, layer.Bias }),
            towerOutput,
        ];
        tileTape = new Tape(Backend);
    }

    public override IReadOnlyList<Parameter> DenseParameters { get; }

    public override void RecordLoss(Batch batch, RankingLoss loss, float l2)
    {
        RecordSquaredNorms(batch, l2);
        var users = UserHalf(Users.SomeRows(Tape, batch.Users));
        var positives = ItemHalf(Items.SomeRows(Tape, batch.Positives));
        var negatives = ItemHalf(Items.SomeRows(Tape, batch.Negatives));
        loss.RecordScores(
            Tape, Pairs(users, positives),
            loss.SharedNegatives == 0 ? Pairs(users, negatives) : AllPairs(Tape, users, negatives), batch.Owned);
    }

    public override void PrepareRanking()
    {
        Tape.Begin();
        represented = (UserHalf(Users.AllRows(Tape)), ItemHalf(Items.AllRows(Tape)));
        for (int first = itemTiles.Count * TileItems; first < Items.Rows; first += TileItems)
            itemTiles.Add(Upload([.. Enumerable.Range(first, Math.Min(TileItems, Items.Rows - first))]));
    }

    public override void Rank(Ids users, Ids excludedOffsets, Ids excludedItems, int k, Ids result)
    {
        var (allUsers, allItems) = represented ?? throw new InvalidOperationException("Rank: call PrepareRanking first");
        int[] numbers = Download(users), offsets = Download(excludedOffsets), ranked = new int[result.Count];
        for (int first = 0; first < numbers.Length; first += TileUsers)
        {
            int count = Math.Min(TileUsers, numbers.Length - first);
            using var tileUsers = Upload(numbers.AsSpan(first, count));
            using var tileOffsets = Upload(offsets.AsSpan(first, count + 1));
            using var tileResult = Backend.AllocateIds(count * k);
            using var scores = Backend.Allocate(count, Items.Rows);
            ScoreAll(allUsers, tileUsers, allItems, scores);
            Backend.SelectTopK(scores, tileOffsets, excludedItems, k, tileResult);
            Backend.Download(tileResult, ranked.AsSpan(first * k, count * k));
        }

        Backend.Upload(ranked, result);
    }

    public override void Dispose()
    {
        base.Dispose();
        tileTape.Dispose();
        foreach (var tile in itemTiles)
            tile.Dispose();
    }

    /// <summary>One side's part of every pair: GMF's factors and its summand of the first hidden layer.</summary>
    private readonly record struct Half(Variable Factors, Variable Hidden)
    {
        public Half Take(Tape tape, Ids rows) => new(
            tape.GatherRows(tape.Constant(Factors.Value), rows), tape.GatherRows(tape.Constant(Hidden.Value), rows));
    }

    private static ColumnRange FactorsOf(int width) => new(0, (width + 1) / 2, 2);

    private static ColumnRange HiddenOf(int width) => new(1, width / 2, 2);

    /// <summary>The output weights of GMF and the first bias go with the user, as either side would do.</summary>
    private Half UserHalf(Variable rows) => new(
        Tape.ScaleColumns(Tape.Columns(rows, FactorsOf(Users.Width)), Tape.Parameter(factorOutput)),
        Tape.AddBias(
            Tape.MatMul(Tape.Columns(rows, HiddenOf(Users.Width)), Tape.Parameter(userInput)), Tape.Parameter(inputBias)));

    private Half ItemHalf(Variable rows) => new(
        Tape.Columns(rows, FactorsOf(Items.Width)),
        Tape.MatMul(Tape.Columns(rows, HiddenOf(Items.Width)), Tape.Parameter(itemInput)));

    /// <summary>The scores of user i with item i, [n, 1].</summary>
    private Variable Pairs(Half users, Half items) => Tape.Add(
        1, Tape.RowDots(users.Factors, items.Factors),
        1, Tower(Tape, Tape.Add(1, users.Hidden, 1, items.Hidden)));

    /// <summary>The scores of every user with every item, [n, m].</summary>
    private Variable AllPairs(Tape tape, Half users, Half items) => tape.Add(
        1, tape.MatMulTransposed(users.Factors, items.Factors),
        1, tape.Reshape(
            Tower(tape, tape.PairSums(users.Hidden, items.Hidden)), users.Hidden.Value.Rows, items.Hidden.Value.Rows));

    private Variable Tower(Tape tape, Variable first)
    {
        var x = tape.LeakyRelu(0, first);
        foreach (var (weight, bias) in tower)
            x = tape.Dense(0, x, tape.Parameter(weight), tape.Parameter(bias));
        return tape.MatMul(x, tape.Parameter(towerOutput));
    }

    private void ScoreAll(Half allUsers, Ids users, Half allItems, Tensor scores)
    {
        for (int tile = 0; tile < itemTiles.Count; tile++)
        {
            tileTape.Begin();
            var some = AllPairs(tileTape, allUsers.Take(tileTape, users), allItems.Take(tileTape, itemTiles[tile]));
            int count = itemTiles[tile].Count;
            Backend.CopyColumns(
                some.Value, new ColumnRange(0, count), scores, new ColumnRange(tile * TileItems, count), accumulate: false);
        }
    }

    private int[] Download(Ids ids)
    {
        var numbers = new int[ids.Count];
        Backend.Download(ids, numbers);
        return numbers;
    }

    private Ids Upload(ReadOnlySpan<int> numbers)
    {
        var ids = Backend.AllocateIds(numbers.Length);
        Backend.Upload(numbers, ids);
        return ids;
    }
}
