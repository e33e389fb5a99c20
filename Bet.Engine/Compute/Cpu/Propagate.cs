namespace Bet.Engine.Compute.Cpu;

/// <summary>The mean of embeddings propagated 0 to L times (LightGCN), a sparse product a layer and side.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// The layers between lie in the destination's own memory, rounded to bfloat16 if so asked: the items' all in the
    /// items' part, for by then what lies there was read for the users, and the items' next layer needs the users' last
    /// alone. The users' alternate between the users' part and working memory so that the last result finds its part free.
    /// The first layer reads no more of a row than it has, the last one writes no more of a row than is wanted; in between,
    /// a row reaches as far as the longest of its neighbours.
    /// </summary>
    public override void Propagate(
        CsrMatrix userItem, CsrMatrix itemUser, (Tensor Users, Tensor Items) from, (Tensor Users, Tensor Items) to,
        int layers, (Ids? Users, Ids? Items) sizes, (Ids? Users, Ids? Items) wanted, GatherPrecision precision)
    {
        Check(layers >= 1, $"Propagate: {layers} layers");
        Check(
            SameShape(from.Users, to.Users) && SameShape(from.Items, to.Items) && from.Users.Columns == from.Items.Columns,
            $"Propagate: users from {from.Users} to {to.Users}, items from {from.Items} to {to.Items}");
        Check(
            userItem.Rows == from.Users.Rows && userItem.Columns == from.Items.Rows && itemUser.Rows == userItem.Columns &&
            itemUser.Columns == userItem.Rows,
            $"Propagate: matrices [{userItem.Rows}, {userItem.Columns}] and [{itemUser.Rows}, {itemUser.Columns}], users {from.Users}, items {from.Items}");
        Check(from.Users != to.Users && from.Items != to.Items, $"Propagate: from and to are the same tensors");
        CheckSizes(sizes.Users, from.Users, wanted.Users, to.Users);
        CheckSizes(sizes.Items, from.Items, wanted.Items, to.Items);
        if (to.Users.Length + to.Items.Length == 0)
            return;

        bool rounded = precision == GatherPrecision.Bfloat16;
        long between = rounded ? to.Users.Length * sizeof(ushort) : layers > 1 ? to.Users.Length * sizeof(float) : 0;
        using var working = scratchPool.Rent(between);
        var items = new StoredRows(to.Items.Pointer, to.Items.Rows, to.Items.Columns, rounded);
        var users = new StoredRows(
            layers % 2 == 0 ? to.Users.Pointer : working.Address, to.Users.Rows, to.Users.Columns, rounded);
        var otherUsers = new StoredRows(
            layers % 2 == 0 ? working.Address : to.Users.Pointer, to.Users.Rows, to.Users.Columns, rounded);
        var (usersRead, itemsRead) = (StoredRows.Of(from.Users), StoredRows.Of(from.Items));
        if (rounded)
        {
            Round(from.Users, users);
            Round(from.Items, items);
            (usersRead, itemsRead) = (users, items);
        }

        for (int layer = 1; layer <= layers; layer++)
        {
            bool last = layer == layers;
            float scale = last ? 1f / (layers + 1) : 1f;
            var (usersHave, itemsHave) = layer == 1 ? sizes : default;
            var (usersWanted, itemsWanted) = last ? wanted : default;
            var (usersNext, itemsNext) = last ? (StoredRows.Of(to.Users), StoredRows.Of(to.Items)) : (otherUsers, items);
            SpMM(scale, userItem, itemsRead, scale, from.Users, usersNext, itemsHave, usersWanted);
            SpMM(scale, itemUser, usersRead, scale, from.Items, itemsNext, usersHave, itemsWanted);
            (users, otherUsers) = (otherUsers, users);
            (usersRead, itemsRead) = (usersNext, itemsNext);
        }

        GC.KeepAlive(from.Users);
        GC.KeepAlive(from.Items);
        GC.KeepAlive(to.Users);
        GC.KeepAlive(to.Items);
    }
}
