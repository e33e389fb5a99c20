using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>Backbones whose score is the inner product, or the cosine, of a user's and an item's representation.</summary>
public abstract class InnerProductBackbone(BackboneInputs inputs) : Backbone(inputs)
{
    private readonly bool cosine = inputs.Options.Cosine;
    private Tensor? userRows;
    private (Variable Users, Variable Items)? represented;

    /// <summary>All users' and all items' representations, [users, width] and [items, width].</summary>
    /// <param name="step">The training step, or null where nothing is trained: no dropout then.</param>
    protected abstract (Variable Users, Variable Items) Represent(int? step);

    public override void RecordLoss(Batch batch, RankingLoss loss, float l2)
    {
        RecordSquaredNorms(batch, l2);
        var (users, items) = Represent(batch.Step);
        loss.RecordProducts(Tape, Rows(users, batch.Users), Rows(items, batch.Positives), Rows(items, batch.Negatives));
    }

    public override void PrepareRanking()
    {
        Tape.Begin();
        var (users, items) = Represent(step: null);
        represented = (users, cosine ? Tape.NormaliseRows(items) : items);
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

    private Variable Rows(Variable all, Ids rows)
    {
        var some = Tape.GatherRows(all, rows);
        return cosine ? Tape.NormaliseRows(some) : some;
    }
}
