using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>
/// Neural collaborative filtering, NeuMF (He et al., WWW 2017): generalised matrix factorisation and a multilayer
/// perceptron, each over embeddings of its own, under one output layer (Eq. 12):
/// score = h' [p_G * q_G; tower([p_M; q_M])], the tower of ReLU layers that halve, from the 2 t values of p_M and q_M to t / 4.
/// GMF's part of h is one: other weights would only be factors of p_G, which could grow where those are decayed.
/// <para>
/// A row of the table has GMF's values first and the perceptron's last, an eighth of d_max
/// (docs/decisions/2026-11-23-most-of-a-row-is-factors.md has the measurements). Both are counted in the budget, and every
/// row's values are still a prefix. The first layer is the sum of a user's half and an item's half, so neither is computed
/// once a pair.
/// </para>
/// </summary>
public sealed class NeuralCollaborativeFiltering : Backbone
{
    /// <summary>The most of a batch's shared negatives that the tower scores, for each of its interactions.</summary>
    public const int TowerNegatives = 32;

    /// <summary>Users and items of which all pairs are scored at once: their hidden values stay in the caches.</summary>
    private const int TileUsers = 32;
    private const int TileItems = 256;

    /// <summary>Columns of a full row before the perceptron's.</summary>
    private readonly int factors;

    private readonly Parameter userInput;
    private readonly Parameter itemInput;
    private readonly Parameter inputBias;
    private readonly (Parameter Weight, Parameter Bias)[] tower;
    private readonly Parameter towerOutput;
    private readonly Parameter[] weights;
    private readonly Tape tileTape;
    private readonly List<Ids> itemTiles = [];
    private (Half Users, Half Items)? represented;
    private Ids? towerNegatives;

    public NeuralCollaborativeFiltering(BackboneInputs inputs) : base(inputs)
    {
        int width = inputs.Users.Width;
        ulong seed = inputs.Options.Seed;
        int size = inputs.Options.MaximumSize, towerSize = inputs.Options.TowerSize ?? TowerSizeOf(size);
        if (towerSize < 1 || towerSize > Math.Max(1, size - 1))
            throw new ArgumentException($"a tower of {towerSize} values was given; of rows of {size} it takes 1 to {Math.Max(1, size - 1)}");
        factors = Math.Max(1, size - towerSize);
        int[] hidden = [.. new[] { 1, 2, 4 }.Select(part => Math.Max(1, towerSize / part))];
        userInput = DenseWeightOf("mlp.user", HiddenOf(width).Count, hidden[0], 0, seed);
        itemInput = DenseWeightOf("mlp.item", HiddenOf(width).Count, hidden[0], 1, seed);
        inputBias = new Parameter(Backend, "mlp.bias0", 1, hidden[0]);
        tower = [.. Enumerable.Range(1, hidden.Length - 1).Select(k => (
            DenseWeightOf($"mlp.weight{k}", hidden[k - 1], hidden[k], (uint)k + 1, seed),
            new Parameter(Backend, $"mlp.bias{k}", 1, hidden[k])))];
        towerOutput = DenseWeightOf("mlp.output", hidden[^1], 1, 0x100, seed);
        weights = [userInput, itemInput, .. tower.Select(layer => layer.Weight), towerOutput];
        DenseParameters =
        [
            userInput, itemInput, inputBias, .. tower.SelectMany(layer => new[] { layer.Weight, layer.Bias }),
            towerOutput,
        ];
        tileTape = new Tape(Backend);
    }

    public override IReadOnlyList<Parameter> DenseParameters { get; }

    /// <summary>t, values of a full row that are the perceptron's.</summary>
    internal static int TowerSizeOf(int maximumSize) => Math.Max(1, maximumSize / 8);

    /// <summary>
    /// Where negatives are shared, GMF answers for all of them by a loss of its own, as it would without a tower. The tower is
    /// what is added to that: another loss, of both branches' scores, teaches it alone, for the first few of the negatives, as
    /// every pair of an interaction and a negative takes a pass through it.
    /// </summary>
    public override void RecordLoss(Batch batch, RankingLoss loss, L2Weights l2)
    {
        if (l2.Representations > 0)
            throw new NotSupportedException("NeuMF's score is a network's: there are no representations to weigh the norms of");
        RecordSquaredNorms(batch, l2.Rows);
        RecordSquaredNormsOfWeights(l2.Rows);
        var users = UserHalf(Users.SomeRows(Tape, batch.Users));
        var positives = ItemHalf(Items.SomeRows(Tape, batch.Positives));
        var negatives = ItemHalf(Items.SomeRows(Tape, batch.Negatives));
        if (loss.SharedNegatives == 0)
        {
            loss.RecordScores(Tape, Pairs(users, positives), Pairs(users, negatives), batch.Owned);
            return;
        }

        loss.RecordProducts(Tape, users.Factors, positives.Factors, negatives.Factors, batch.Owned);
        var given = users.WithFactorsGiven(Tape);
        loss.RecordScores(
            Tape, Pairs(given, positives.WithFactorsGiven(Tape)),
            AllPairs(Tape, given, negatives.WithFactorsGiven(Tape).Take(Tape, FirstOf(batch.Negatives))), batch.Owned);
    }

    /// <summary>Of either branch its own: GMF's score is an inner product, and the tower's first weights follow.</summary>
    public override IReadOnlyList<ColumnRange> TurnableColumns => [FactorsOf(Users.Width), HiddenOf(Users.Width)];

    public override void FollowTurn(float[] rotation)
    {
        var hidden = HiddenOf(Users.Width);
        if (hidden.Count == 0)
            return;
        using var turn = Backend.Allocate(hidden.Count, hidden.Count);
        Backend.Upload(ColumnRotation.Within(rotation, Users.Width, hidden), turn);
        foreach (var weight in new[] { userInput.Value, itemInput.Value })
        {
            using var turned = Backend.Allocate(weight.Rows, weight.Columns);
            Backend.Gemm(true, false, 1, turn, weight, 0, turned);
            Backend.Axpby(1, turned, 0, weight);
        }
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
        towerNegatives?.Dispose();
        foreach (var tile in itemTiles)
            tile.Dispose();
    }

    /// <summary>One side's part of every pair: GMF's factors and its summand of the first hidden layer.</summary>
    private readonly record struct Half(Variable Factors, Variable Hidden)
    {
        public Half Take(Tape tape, Ids rows) => new(tape.GatherRows(Factors, rows), tape.GatherRows(Hidden, rows));

        /// <summary>Whose gradients stop at the tower's part.</summary>
        public Half WithFactorsGiven(Tape tape) => this with { Factors = tape.Constant(Factors.Value) };

        /// <summary>As it is now, for another tape.</summary>
        public Half On(Tape tape) => new(tape.Constant(Factors.Value), tape.Constant(Hidden.Value));
    }

    private ColumnRange FactorsOf(int width) => new(0, Math.Min(width, factors));

    private ColumnRange HiddenOf(int width) => new(Math.Min(width, factors), Math.Max(0, width - factors));

    /// <summary>The first bias goes with the user, as either side would do.</summary>
    private Half UserHalf(Variable rows) => new(
        Tape.Columns(rows, FactorsOf(Users.Width)),
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
            var some = AllPairs(
                tileTape, allUsers.On(tileTape).Take(tileTape, users), allItems.On(tileTape).Take(tileTape, itemTiles[tile]));
            int count = itemTiles[tile].Count;
            Backend.CopyColumns(
                some.Value, new ColumnRange(0, count), scores, new ColumnRange(tile * TileItems, count), accumulate: false);
        }
    }

    /// <summary>
    /// Every row of a weight counts as a row of a table does. Without it decayed embeddings are made up for by larger weights,
    /// and the tower learns the training part by heart.
    /// </summary>
    private void RecordSquaredNormsOfWeights(float l2)
    {
        foreach (var weight in weights)
        {
            int rows = weight.Value.Rows;
            if (l2 != 0 && rows != 0)
                Tape.SquaredNorm(l2 / (2 * rows), Tape.Parameter(weight));
        }
    }

    /// <summary>The places of the shared negatives that the tower scores.</summary>
    private Ids FirstOf(Ids negatives) =>
        towerNegatives ??= Upload([.. Enumerable.Range(0, Math.Min(TowerNegatives, negatives.Count))]);

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
