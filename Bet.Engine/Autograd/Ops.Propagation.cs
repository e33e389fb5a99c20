using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// The mean of the embeddings propagated 0 to L times over a bipartite graph (LightGCN): with A = [0 R; R' 0] and
    /// E = [users; items], P E = (E + A E + ... + A^L E) / (L + 1), taken as E + A (E + A (E + ...)) so that each layer
    /// is one product. R is <paramref name="userItem"/> [users, items], R' its transpose; A itself is never built.
    /// Gradient: A is symmetric, so P is, and dE = P dY.
    /// </summary>
    public (Variable Users, Variable Items) Propagate(
        CsrMatrix userItem, CsrMatrix itemUser, Variable users, Variable items, int layers)
    {
        var propagatedItems = Next<PropagatedItemsVariable>();
        var propagatedUsers = Next<PropagatedUsersVariable>();
        propagatedUsers.Record(userItem, itemUser, users, items, layers, propagatedItems);
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
        private Tensor? users1;
        private Tensor? users2;
        private Tensor? items1;
        private Tensor? items2;

        public void Record(
            CsrMatrix userItem, CsrMatrix itemUser, Variable users, Variable items, int layers,
            PropagatedItemsVariable half)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
            (this.userItem, this.itemUser, this.users, this.items) = (userItem, itemUser, users, items);
            (this.layers, this.half) = (layers, half);
            NeedsGradient = users.NeedsGradient || items.NeedsGradient;
            var itemsResult = half.Record(items, NeedsGradient);
            Propagate(users.Value, items.Value, Result(users.Value.Rows, users.Value.Columns), itemsResult);
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
            Propagate(Gradient, half.Gradient, toUsers, toItems);
            if (betaUsers != 0)
                Backend.Axpby(1, toUsers, betaUsers, du);
            if (betaItems != 0)
                Backend.Axpby(1, toItems, betaItems, di);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref users1);
            Return(ref users2);
            Return(ref items1);
            Return(ref items2);
        }

        /// <summary>
        /// toUsers, toItems = P [fromUsers; fromItems]. Layers alternate between the destination and one pair of
        /// temporaries so that the last of them writes the destination.
        /// </summary>
        private void Propagate(Tensor fromUsers, Tensor fromItems, Tensor toUsers, Tensor toItems)
        {
            if (layers > 1)
            {
                Reuse(ref users1, toUsers.Rows, toUsers.Columns);
                Reuse(ref items1, toItems.Rows, toItems.Columns);
            }

            var (u, i) = (fromUsers, fromItems);
            for (int layer = 1; layer <= layers; layer++)
            {
                bool toDestination = (layers - layer) % 2 == 0;
                var (nextUsers, nextItems) = toDestination ? (toUsers, toItems) : (users1!, items1!);
                float scale = layer == layers ? 1f / (layers + 1) : 1f;
                Backend.SpMM(scale, userItem, i, scale, fromUsers, nextUsers);
                Backend.SpMM(scale, itemUser, u, scale, fromItems, nextItems);
                (u, i) = (nextUsers, nextItems);
            }
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
