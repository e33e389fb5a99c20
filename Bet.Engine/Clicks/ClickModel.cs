using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Clicks;

/// <summary>
/// How likely a click is, from a sample's numbers and categories: one score, its log-odds. It owns neither the features nor
/// the backend.
/// </summary>
public abstract class ClickModel : IDisposable
{
    private readonly List<Parameter> dense = [];

    private protected ClickModel(ClickModelInputs inputs)
    {
        var (backend, features, numbers, options) = inputs;
        options.Validate();
        if (features.FeatureCount > 0 && features.Size != options.Size)
            throw new ArgumentException($"{options.Name}: features have {features.Size} values, the model's size is {options.Size}");
        if (numbers < 0 || numbers + features.FeatureCount == 0)
            throw new ArgumentException($"{options.Name}: {numbers} numbers and {features.FeatureCount} features are nothing to learn from");
        (Backend, Features, Numbers, Options) = (backend, features, numbers, options);
        Tape = new Tape(backend);
    }

    public ClickModelOptions Options { get; }

    /// <summary>D.</summary>
    public int Numbers { get; }

    public IFieldFeatures Features { get; }

    /// <summary>Trained weights beside the features'.</summary>
    public IReadOnlyList<Parameter> DenseParameters => dense;

    /// <summary>Everything that is trained but the rows of the features' tables.</summary>
    public IReadOnlyList<Parameter> Parameters => [.. Features.Parameters, .. dense];

    /// <summary>Records its training steps; scoring uses it in between, so that both share their buffers.</summary>
    public Tape Tape { get; }

    private protected Backend Backend { get; }

    /// <summary>Records the mean logistic loss of a batch on the tape.</summary>
    /// <param name="batch">b samples.</param>
    /// <param name="labels">0 or 1, [b, 1].</param>
    public void RecordLoss(ClickBatch batch, Tensor labels) => Tape.LogisticLoss(Scores(batch), labels);

    /// <summary>
    /// The log-odds z of a click, [b], by the weights as they are now; its probability is 1 / (1 + e^-z), which near 0 and 1
    /// float32 has too few digits for.
    /// </summary>
    public void Score(ClickBatch batch, Span<float> logOdds)
    {
        Tape.Begin();
        Backend.Download(Scores(batch).Value, logOdds);
    }

    /// <summary>The weights beside the features, as they are now.</summary>
    public IReadOnlyList<DenseWeight> DownloadDense() => [.. dense.Select(parameter =>
    {
        var values = new float[parameter.Value.Length];
        Backend.Download(parameter.Value, values);
        return new DenseWeight(parameter.Name, parameter.Value.Rows, parameter.Value.Columns, values);
    })];

    /// <summary>Takes weights of the same shapes.</summary>
    /// <exception cref="ArgumentException">A weight is missing or of another shape.</exception>
    public void UploadDense(IReadOnlyList<DenseWeight> weights)
    {
        foreach (var parameter in dense)
        {
            var weight = weights.FirstOrDefault(weight => weight.Name == parameter.Name)
                ?? throw new ArgumentException($"there is no weight '{parameter.Name}' among {string.Join(", ", weights.Select(w => w.Name))}");
            if (weight.Rows != parameter.Value.Rows || weight.Columns != parameter.Value.Columns)
                throw new ArgumentException($"{weight.Name} is [{weight.Rows}, {weight.Columns}], {parameter.Value} is needed");
            Backend.Upload(weight.Values, parameter.Value);
        }
    }

    public void Dispose()
    {
        Tape.Dispose();
        foreach (var parameter in dense)
            parameter.Dispose();
    }

    /// <summary>Records the log-odds of a batch, [b, 1].</summary>
    private protected abstract Variable Scores(ClickBatch batch);

    /// <summary>
    /// A trained weight [inputs, outputs] with normal first values of Glorot's deviation, sqrt(2 / (inputs + outputs)).
    /// </summary>
    private protected Parameter Weight(string name, int inputs, int outputs)
    {
        var weight = Add(name, inputs, outputs);
        var random = new Philox(Options.Seed, RandomPurpose.InitialiseDense, (uint)dense.Count);
        Backend.FillNormal(random, MathF.Sqrt(2f / (inputs + outputs)), weight.Value);
        return weight;
    }

    /// <summary>A trained bias [1, outputs] of zeros.</summary>
    private protected Parameter Bias(string name, int outputs) => Add(name, 1, outputs);

    /// <summary>Layers one after the other, of the given widths.</summary>
    private protected (Parameter Weight, Parameter Bias)[] Layers(string name, int inputs, IEnumerable<int> widths)
    {
        var layers = new List<(Parameter, Parameter)>();
        foreach (int width in widths)
        {
            layers.Add((Weight($"{name}.weight{layers.Count}", inputs, width), Bias($"{name}.bias{layers.Count}", width)));
            inputs = width;
        }

        return [.. layers];
    }

    /// <summary>x through layers of ReLU.</summary>
    private protected Variable Through((Parameter Weight, Parameter Bias)[] layers, Variable x)
    {
        foreach (var (weight, bias) in layers)
            x = Tape.Dense(0, x, Tape.Parameter(weight), Tape.Parameter(bias));
        return x;
    }

    private Parameter Add(string name, int rows, int columns)
    {
        var parameter = new Parameter(Backend, name, rows, columns);
        dense.Add(parameter);
        return parameter;
    }
}
