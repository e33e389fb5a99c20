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

    /// <summary>Of the representations, which the scores are products of.</summary>
    public override double[] Gram()
    {
        PrepareRanking();
        var (allUsers, allItems) = represented!.Value;
        return GramMatrix.OfBoth(Backend, allUsers.Value, allItems.Value);
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
