using Bet.Engine.Autograd;

namespace Bet.Engine.Clicks;

/// <summary>
/// DLRM (Naumov et al. 2019, arXiv 1906.00091): the numbers go through layers that end in d values, which with the features
/// of the fields are n vectors of d; the inner products of all their pairs, beside what the numbers became, go through the top
/// layers to one score. Without numbers there are the fields' features alone.
/// </summary>
public sealed class Dlrm : ClickModel
{
    private readonly (Parameter Weight, Parameter Bias)[] bottom;
    private readonly (Parameter Weight, Parameter Bias)[] top;
    private readonly Parameter outputWeight;
    private readonly Parameter outputBias;
    private readonly int blocks;

    /// <exception cref="ArgumentException">There are no numbers and fewer than two features: nothing interacts.</exception>
    public Dlrm(ClickModelInputs inputs) : base(inputs)
    {
        blocks = Features.FeatureCount + (Numbers > 0 ? 1 : 0);
        int width = (blocks * (blocks - 1) / 2) + (Numbers > 0 ? Options.Size : 0);
        if (width == 0)
            throw new ArgumentException($"{Options.Name}: one feature without numbers has nothing to interact with");
        bottom = Numbers > 0 ? Layers("bottom", Numbers, [.. Options.BottomLayers, Options.Size]) : [];
        top = Layers("top", width, Options.TopLayers);
        int last = Options.TopLayers is [.., int wide] ? wide : width;
        outputWeight = Weight("output.weight", last, 1);
        outputBias = Bias("output.bias", 1);
    }

    private protected override Variable Scores(ClickBatch batch)
    {
        var x = Through(top, Interactions(batch));
        return Tape.AddBias(Tape.MatMul(x, Tape.Parameter(outputWeight)), Tape.Parameter(outputBias));
    }

    private Variable Interactions(ClickBatch batch)
    {
        if (Numbers == 0)
            return Tape.PairwiseDots(Options.Size, Features.Features(Tape, batch.Categories));
        var numbers = Through(bottom, Tape.Constant(batch.Numbers));
        if (blocks == 1)
            return numbers;
        var all = Tape.ConcatenateColumns(numbers, Features.Features(Tape, batch.Categories));
        return Tape.ConcatenateColumns(numbers, Tape.PairwiseDots(Options.Size, all));
    }
}
