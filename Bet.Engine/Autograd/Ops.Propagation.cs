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
        private Tensor? users1;
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
            Propagate((users.Value, items.Value), (usersResult, itemsResult), (users.RowSizes, items.RowSizes), default);
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
            Propagate((Gradient, half.Gradient), (toUsers, toItems), default, wanted);
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
            Return(ref items2);
        }

        /// <summary>
        /// to = P from. The users' layers alternate between the destination and one temporary so that the last of them
        /// writes the destination. The items' layers all write the destination: by then the layer that lies there has
        /// been read for the users, and the items' next needs the users' last alone. The first layer reads no more of a
        /// row than it has, the last one writes no more of a row than is wanted; in between, a row reaches as far as the
        /// longest of its neighbours.
        /// </summary>
        private void Propagate(
            (Tensor Users, Tensor Items) from, (Tensor Users, Tensor Items) to, (Ids? Users, Ids? Items) sizes,
            (Ids? Users, Ids? Items) wanted)
        {
            if (layers > 1)
                Reuse(ref users1, to.Users.Rows, to.Users.Columns);

            var (u, i) = from;
            for (int layer = 1; layer <= layers; layer++)
            {
                var nextUsers = (layers - layer) % 2 == 0 ? to.Users : users1!;
                float scale = layer == layers ? 1f / (layers + 1) : 1f;
                var (usersHave, itemsHave) = layer == 1 ? sizes : default;
                var (usersWanted, itemsWanted) = layer == layers ? wanted : default;
                Backend.SpMM(scale, userItem, i, scale, from.Users, nextUsers, itemsHave, usersWanted, precision);
                Backend.SpMM(scale, itemUser, u, scale, from.Items, to.Items, usersHave, itemsWanted, precision);
                (u, i) = (nextUsers, to.Items);
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
