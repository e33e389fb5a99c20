using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>Backbones whose score is the inner product of a user's and an item's representation.</summary>
public abstract class InnerProductBackbone(BackboneInputs inputs) : Backbone(inputs.Users, inputs.Items)
{
    private readonly Backend backend = inputs.Backend;
    private readonly Tape rankingTape = new(inputs.Backend);
    private Tensor? userRows;
    private (Variable Users, Variable Items)? represented;

    /// <summary>All users' and all items' representations, [users, width] and [items, width].</summary>
    protected abstract (Variable Users, Variable Items) Represent(Tape tape);

    /// <summary>
    /// BPR over the batch, and l2 / (2 b) times the squared norm of the batch's rows of the tables themselves
    /// (before any propagation), as in LightGCN.
    /// </summary>
    public override void RecordLoss(Tape tape, Batch batch, float l2)
    {
        // Recorded before the representations, its gradient is added after theirs, row by row.
        if (l2 > 0)
        {
            float weight = l2 / (2 * batch.Users.Count);
            tape.SquaredNorm(weight, Users.SomeRows(tape, batch.Users));
            tape.SquaredNorm(weight, Items.SomeRows(tape, batch.Positives));
            tape.SquaredNorm(weight, Items.SomeRows(tape, batch.Negatives));
        }

        var (users, items) = Represent(tape);
        tape.BprLoss(
            tape.GatherRows(users, batch.Users),
            tape.GatherRows(items, batch.Positives),
            tape.GatherRows(items, batch.Negatives));
    }

    public override void PrepareRanking()
    {
        rankingTape.Begin();
        represented = Represent(rankingTape);
    }

    public override void Rank(Ids users, Ids excludedOffsets, Ids excludedItems, int k, Ids result)
    {
        var (allUsers, allItems) = represented ?? throw new InvalidOperationException("Rank: call PrepareRanking first");
        if (userRows?.Rows != users.Count)
        {
            userRows?.Dispose();
            userRows = backend.Allocate(users.Count, allUsers.Value.Columns);
        }

        backend.GatherRows(allUsers.Value, users, userRows);
        backend.TopK(userRows, allItems.Value, excludedOffsets, excludedItems, k, result);
    }

    public override void Dispose()
    {
        rankingTape.Dispose();
        userRows?.Dispose();
    }
}
