using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>
/// LightGCN (He et al., SIGIR 2020): representations are the mean of the tables propagated 0 to L times over the
/// normalised user-item graph, E = (E0 + A E0 + ... + A^L E0) / (L + 1).
/// </summary>
public sealed class LightGcn(BackboneInputs inputs) : InnerProductBackbone(inputs)
{
    private readonly int layers = inputs.Options.Layers;
    private readonly GatherPrecision trainingGathers = inputs.Options.TrainingGathers;
    private readonly GraphMatrices graph = new(inputs.Backend, inputs.Train);

    /// <summary>Nothing is done to a row but to add it up with others.</summary>
    public override IReadOnlyList<ColumnRange> TurnableColumns => [new(0, Users.Width)];

    protected override void Represent(int? step, Representation users, Representation items)
    {
        var (allUsers, allItems) = Tape.Propagate(
            graph.UserItem, graph.ItemUser, Users.AllRows(Tape), Items.AllRows(Tape), layers,
            step is null ? GatherPrecision.Float32 : trainingGathers);
        users.Add(allUsers);
        items.Add(allItems);
    }

    public override void Dispose()
    {
        base.Dispose();
        graph.Dispose();
    }
}
