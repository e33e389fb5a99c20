using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>Matrix factorisation trained by BPR (Rendle et al., UAI 2009): the score is the inner product of the rows.</summary>
public sealed class MatrixFactorization(BackboneInputs inputs) : InnerProductBackbone(inputs)
{
    /// <summary>Nothing is done to a row but to add it up with others.</summary>
    public override IReadOnlyList<ColumnRange> TurnableColumns => [new(0, Users.Width)];

    protected override void Represent(int? step, Representation users, Representation items)
    {
        users.Add(Users.AllRows(Tape));
        items.Add(Items.AllRows(Tape));
    }
}
