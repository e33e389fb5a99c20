using Bet.Engine.Autograd;

namespace Bet.Engine.Clicks;

/// <summary>
/// Deep &amp; Cross (Wang, Fu, Fu and Wang, ADKDD 2017): numbers and features side by side, x_0, go through cross layers,
/// x_(l + 1) = x_0 (x_l . w_l) + b_l + x_l (Eq. 3), and beside them through layers of ReLU; both ends go through one linear
/// layer to the score (Eq. 6).
/// </summary>
public sealed class DeepCross : ClickModel
{
    private readonly (Parameter Weight, Parameter Bias)[] cross;
    private readonly (Parameter Weight, Parameter Bias)[] deep;
    private readonly Parameter crossOutput;
    private readonly Parameter deepOutput;
    private readonly Parameter outputBias;

    public DeepCross(ClickModelInputs inputs) : base(inputs)
    {
        int width = Numbers + (Features.FeatureCount * Options.Size);
        cross = [.. Enumerable.Range(0, Options.CrossLayers).Select(layer => (
            Weight($"cross.weight{layer}", width, 1), Bias($"cross.bias{layer}", width)))];
        deep = Layers("deep", width, Options.DeepLayers);
        int last = Options.DeepLayers is [.., int wide] ? wide : width;
        crossOutput = Weight("output.cross", width, 1);
        deepOutput = Weight("output.deep", last, 1);
        outputBias = Bias("output.bias", 1);
    }

    private protected override Variable Scores(ClickBatch batch)
    {
        var first = Inputs(batch);
        var crossed = first;
        foreach (var (weight, bias) in cross)
            crossed = Tape.CrossLayer(first, crossed, Tape.Parameter(weight), Tape.Parameter(bias));
        var sum = Tape.MatMulSum(crossed, Tape.Parameter(crossOutput), Through(deep, first), Tape.Parameter(deepOutput));
        return Tape.AddBias(sum, Tape.Parameter(outputBias));
    }

    private Variable Inputs(ClickBatch batch)
    {
        if (Features.FeatureCount == 0)
            return Tape.Constant(batch.Numbers);
        var features = Features.Features(Tape, batch.Categories);
        return Numbers == 0 ? features : Tape.ConcatenateColumns(Tape.Constant(batch.Numbers), features);
    }
}
