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

    public override void RecordLoss(Batch batch, RankingLoss loss, L2Weights l2)
    {
        RecordSquaredNorms(batch, l2.Rows);
        RepresentAll(batch.Step);
        loss.RecordProducts(
            Tape, Rows(users, batch.Users, l2.Representations), Rows(items, batch.Positives, l2.Representations),
            Rows(items, batch.Negatives, l2.Representations), batch.Owned);
    }

    public override void PrepareRanking()
    {
        Tape.Begin();
        RepresentAll(step: null);
        represented = (users.Rows(Tape, null), Scored(items.Rows(Tape, null)));
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

    /// <summary>A batch's rows as they are scored, and their squared norm before that in the loss.</summary>
    private Variable Rows(Representation side, Ids numbers, float l2)
    {
        var rows = side.Rows(Tape, numbers);
        if (l2 > 0)
            Tape.SquaredNorm(l2 / (2 * numbers.Count), rows);
        return Scored(rows);
    }

    private Variable Scored(Variable rows) => cosine ? Tape.NormaliseRows(rows) : rows;
}
