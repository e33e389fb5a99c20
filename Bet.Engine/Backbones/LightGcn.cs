using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Engine.Backbones;

/// <summary>
/// LightGCN (He et al., SIGIR 2020): representations are the mean of the tables propagated 0 to L times over the
/// normalised user-item graph, E = (E0 + A E0 + ... + A^L E0) / (L + 1).
/// <para>
/// A = [0 R; R' 0] is never built: users read items through R, items read users through R'. The sum is taken as
/// E0 + A (E0 + A (E0 + ...)), which needs no layer but the last.
/// </para>
/// </summary>
public sealed class LightGcn : InnerProductBackbone
{
    private readonly int layers;
    private readonly CsrMatrix userItem;
    private readonly CsrMatrix itemUser;

    public LightGcn(BackboneInputs inputs) : base(inputs)
    {
        layers = inputs.Layers;
        var (toUsers, toItems) = Graph.Normalised(inputs.Train);
        userItem = Upload(inputs.Backend, toUsers);
        itemUser = Upload(inputs.Backend, toItems);
    }

    protected override (Variable Users, Variable Items) Represent(Tape tape)
    {
        var users0 = Users.AllRows(tape);
        var items0 = Items.AllRows(tape);
        var (users, items) = (users0, items0);
        for (int layer = 1; layer <= layers; layer++)
        {
            float scale = layer == layers ? 1f / (layers + 1) : 1f;
            (users, items) = (
                tape.SpMM(scale, userItem, itemUser, items, scale, users0),
                tape.SpMM(scale, itemUser, userItem, users, scale, items0));
        }

        return (users, items);
    }

    public override void Dispose()
    {
        base.Dispose();
        userItem.Dispose();
        itemUser.Dispose();
    }

    private static CsrMatrix Upload(Backend backend, CsrArrays matrix) =>
        backend.UploadCsr(matrix.Rows, matrix.Columns, matrix.RowOffsets, matrix.ColumnIds, matrix.Values);
}
