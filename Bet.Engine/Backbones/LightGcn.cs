using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Engine.Backbones;

/// <summary>
/// LightGCN (He et al., SIGIR 2020): representations are the mean of the tables propagated 0 to L times over the
/// normalised user-item graph, E = (E0 + A E0 + ... + A^L E0) / (L + 1).
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

    protected override (Variable Users, Variable Items) Represent(Tape tape) =>
        tape.Propagate(userItem, itemUser, Users.AllRows(tape), Items.AllRows(tape), layers);

    public override void Dispose()
    {
        base.Dispose();
        userItem.Dispose();
        itemUser.Dispose();
    }

    private static CsrMatrix Upload(Backend backend, CsrArrays matrix) =>
        backend.UploadCsr(matrix.Rows, matrix.Columns, matrix.RowOffsets, matrix.ColumnIds, matrix.Values);
}
