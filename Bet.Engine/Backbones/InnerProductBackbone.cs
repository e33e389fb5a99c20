using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>Backbones whose score is the inner product, or the cosine, of a user's and an item's representation.</summary>
public abstract class InnerProductBackbone(BackboneInputs inputs) : Backbone(inputs)
{
    private readonly bool cosine = inputs.Options.Cosine;
    private readonly Representation users = new();
    private readonly Representation items = new();
    private Tensor? userRows;
    private (Variable Users, Variable Items)? represented;

    /// <summary>Records all users' and all items' representations, of the same width, on the tape.</summary>
    /// <param name="step">The training step, or null where nothing is trained: no dropout then.</param>
    /// <param name="users">Empty; takes the users' parts.</param>
    /// <param name="items">Empty; takes the items' parts.</param>
    protected abstract void Represent(int? step, Representation users, Representation items);

    /// <summary>
    /// Whether representations follow every rotation of the tables: nothing is done to a row but to add it up with others.
    /// </summary>
    protected virtual bool FollowsRotations => false;

    /// <summary>The principal axes of users' and items' representations, either side counting as much as the other.</summary>
    public override Tensor? PrincipalAxes()
    {
        if (!FollowsRotations)
            return null;
        PrepareRanking();
        var (allUsers, allItems) = represented!.Value;
        int width = allUsers.Value.Columns;
        double[] ofUsers = Gram(allUsers.Value), ofItems = Gram(allItems.Value);
        double[] axes = Compute.PrincipalAxes.Of([.. ofUsers.Zip(ofItems, (x, y) => x + y)], width);
        var result = Backend.Allocate(width, width);
        Backend.Upload([.. axes.Select(value => (float)value)], result);
        return result;
    }

    public override void RecordLoss(Batch batch, RankingLoss loss, float l2)
    {
        RecordSquaredNorms(batch, l2);
        RepresentAll(batch.Step);
        loss.RecordProducts(
            Tape, Rows(users, batch.Users), Rows(items, batch.Positives), Rows(items, batch.Negatives), batch.Owned);
    }

    public override void PrepareRanking()
    {
        Tape.Begin();
        RepresentAll(step: null);
        represented = (users.Rows(Tape, null), Rows(items, null));
        // Ranking needs room for its blocks; the gradients' buffers are made again by the next training step.
        Tape.FreeUnused();
    }

    /// <summary>A user's own norm divides all the user's scores, so it does not change their order.</summary>
    public override void Rank(Ids users, Ids excludedOffsets, Ids excludedItems, int k, Ids result)
    {
        var (allUsers, allItems) = represented ?? throw new InvalidOperationException("Rank: call PrepareRanking first");
        if (userRows?.Rows != users.Count || userRows.Columns != allUsers.Value.Columns)
        {
            userRows?.Dispose();
            userRows = Backend.Allocate(users.Count, allUsers.Value.Columns);
        }

        Backend.GatherRows(allUsers.Value, users, userRows);
        Backend.TopK(userRows, allItems.Value, excludedOffsets, excludedItems, k, result);
    }

    public override void Dispose()
    {
        base.Dispose();
        userRows?.Dispose();
    }

    /// <summary>X'X over its trace.</summary>
    private double[] Gram(Tensor x)
    {
        using var product = Backend.Allocate(x.Columns, x.Columns);
        Backend.Gemm(true, false, 1, x, x, 0, product);
        var gram = new float[product.Length];
        Backend.Download(product, gram);
        double trace = Enumerable.Range(0, x.Columns).Sum(i => (double)gram[(i * x.Columns) + i]);
        return [.. gram.Select((value, at) => trace == 0 ? 0 : (value + Transposed(gram, x.Columns, at)) / (2 * trace))];
    }

    private static double Transposed(float[] matrix, int columns, int at) => matrix[(at % columns * columns) + (at / columns)];

    private void RepresentAll(int? step)
    {
        users.Clear();
        items.Clear();
        Represent(step, users, items);
    }

    private Variable Rows(Representation side, Ids? numbers)
    {
        var rows = side.Rows(Tape, numbers);
        return cosine ? Tape.NormaliseRows(rows) : rows;
    }
}
