using Bet.Engine.Autograd;

namespace Bet.Engine.Backbones;

/// <summary>Matrix factorisation trained by BPR (Rendle et al., UAI 2009): the score is the inner product of the rows.</summary>
public sealed class MatrixFactorization(BackboneInputs inputs) : InnerProductBackbone(inputs)
{
    protected override bool FollowsRotations => true;

    protected override void Represent(int? step, Representation users, Representation items)
    {
        users.Add(Users.AllRows(Tape));
        items.Add(Items.AllRows(Tape));
    }
}
