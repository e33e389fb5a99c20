using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// The mean of the embeddings propagated 0 to L times over a bipartite graph (LightGCN): with A = [0 R; R' 0] and
    /// E = [users; items], P E = (E + A E + ... + A^L E) / (L + 1), taken as E + A (E + A (E + ...)) so that each layer
    /// is one product. R is <paramref name="userItem"/> [users, items], R' its transpose; A itself is never built.
    /// Gradient: A is symmetric, so P is, and dE = P dY. Both gather neighbours in the given precision.
    /// </summary>
    public (Variable Users, Variable Items) Propagate(
        CsrMatrix userItem, CsrMatrix itemUser, Variable users, Variable items, int layers,
        GatherPrecision precision = GatherPrecision.Float32)
    {
        var propagatedItems = Next<PropagatedItemsVariable>();
        var propagatedUsers = Next<PropagatedUsersVariable>();
        propagatedUsers.Record(userItem, itemUser, users, items, layers, precision, propagatedItems);
        return (propagatedUsers, propagatedItems);
    }

    /// <summary>The users' half, which does the work of both, forward and backward.</summary>
    private sealed class PropagatedUsersVariable : Variable
    {
        private CsrMatrix userItem = null!;
        private CsrMatrix itemUser = null!;
        private Variable users = null!;
        private Variable items = null!;
        private PropagatedItemsVariable half = null!;
        private int layers;
        private GatherPrecision precision;
        private Tensor? users2;
        private Tensor? items2;

        public void Record(
            CsrMatrix userItem, CsrMatrix itemUser, Variable users, Variable items, int layers,
            GatherPrecision precision, PropagatedItemsVariable half)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
            (this.userItem, this.itemUser, this.users, this.items) = (userItem, itemUser, users, items);
            (this.layers, this.precision, this.half) = (layers, precision, half);
            NeedsGradient = users.NeedsGradient || items.NeedsGradient;
            var itemsResult = half.Record(items, NeedsGradient);
            var usersResult = Result(users.Value.Rows, users.Value.Columns);
            Backend.Propagate(
                userItem, itemUser, (users.Value, items.Value), (usersResult, itemsResult), layers,
                (users.RowSizes, items.RowSizes), default, precision);
        }

        internal override bool MustRunBackward => NeedsGradient && (HasGradient || half.HasGradient);

        internal override void Backward()
        {
            if (!HasGradient)
                ContributeByAdding();
            if (!half.HasGradient)
                half.ContributeByAdding();
            var (du, betaUsers) = users.Contribute();
            var (di, betaItems) = items.Contribute();
            var toUsers = betaUsers == 0 ? du : Reuse(ref users2, du.Rows, du.Columns);
            var toItems = betaItems == 0 ? di : Reuse(ref items2, di.Rows, di.Columns);
            var wanted = (betaUsers == 0 ? users.RowSizes : null, betaItems == 0 ? items.RowSizes : null);
            Backend.Propagate(
                userItem, itemUser, (Gradient, half.Gradient), (toUsers, toItems), layers, default, wanted, precision);
            if (betaUsers != 0)
                Backend.Axpby(1, toUsers, betaUsers, du);
            if (betaItems != 0)
                Backend.Axpby(1, toItems, betaItems, di);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref users2);
            Return(ref items2);
        }
    }

    /// <summary>The items' half: holds its result and gradient for the users' half.</summary>
    private sealed class PropagatedItemsVariable : Variable
    {
        public Tensor Record(Variable items, bool needsGradient)
        {
            NeedsGradient = needsGradient;
            return Result(items.Value.Rows, items.Value.Columns);
        }

        internal override void Backward()
        {
        }
    }
}
