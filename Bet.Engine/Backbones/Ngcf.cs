using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>
/// Neural graph collaborative filtering (Wang et al., SIGIR 2019). A layer's messages are (Eq. 7)
/// E(k+1) = LeakyReLU((A + I) E(k) W1 + (A E(k) * E(k)) W2), with A the normalised user-item graph and * by element; the representation is E(0) and every layer's output, normalised row by row, side by side.
/// </summary>
public sealed class Ngcf : InnerProductBackbone
{
    /// <summary>LeakyReLU's slope in the authors' code.</summary>
    private const float Slope = 0.2f;

    private readonly GraphMatrices graph;
    private readonly Layer[] layers;
    private readonly float messageDropout;
    private readonly float nodeDropout;
    private readonly ulong seed;

    public Ngcf(BackboneInputs inputs) : base(inputs)
    {
        int maximumSize = inputs.Options.MaximumSize;
        graph = new GraphMatrices(inputs.Backend, inputs.Train);
        (messageDropout, nodeDropout, seed) = (inputs.Options.MessageDropout, inputs.Options.NodeDropout, inputs.Options.Seed);
        layers = [.. Enumerable.Range(0, inputs.Options.Layers).Select(layer =>
            CreateLayer(layer, layer == 0 ? inputs.Users.Width : maximumSize, maximumSize))];
        DenseParameters = [.. layers.SelectMany(layer => new[] { layer.Sum, layer.Product })];
    }

    public override IReadOnlyList<Parameter> DenseParameters { get; }

    protected override void Represent(int? step, Representation users, Representation items)
    {
        var (user, item) = (Users.AllRows(Tape), Items.AllRows(Tape));
        users.Add(user);
        items.Add(item);
        for (int k = 0; k < layers.Length; k++)
        {
            // Of a dropped node nobody hears in this layer; it still keeps its own message.
            var heardUsers = DropNodes(user, step, 4 * k);
            var heardItems = DropNodes(item, step, (4 * k) + 1);
            var nextUser = Messages(layers[k], user, Tape.SpMM(graph.UserItem, graph.ItemUser, heardItems));
            var nextItem = Messages(layers[k], item, Tape.SpMM(graph.ItemUser, graph.UserItem, heardUsers));
            user = DropValues(nextUser, step, (4 * k) + 2);
            item = DropValues(nextItem, step, (4 * k) + 3);
            users.Add(user, normalised: true);
            items.Add(item, normalised: true);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        graph.Dispose();
    }

    /// <summary>What every node makes of itself and of what it hears, A E.</summary>
    private Variable Messages(Layer layer, Variable own, Variable heard) => Tape.LeakyRelu(Slope, Tape.MatMulSum(
        Tape.Add(1, heard, 1, own), Tape.Parameter(layer.Sum), Tape.Multiply(heard, own), Tape.Parameter(layer.Product)));

    private Variable DropNodes(Variable x, int? step, int site) =>
        nodeDropout > 0 && step is { } number ? Tape.DropRows(Stream(number, site), nodeDropout, x) : x;

    private Variable DropValues(Variable x, int? step, int site) =>
        messageDropout > 0 && step is { } number ? Tape.Dropout(Stream(number, site), messageDropout, x) : x;

    /// <summary>Every place of every step draws from a stream of its own.</summary>
    private Philox Stream(int step, int site) =>
        new(seed, RandomPurpose.Dropout, (uint)((step * 4 * layers.Length) + site));

    private Layer CreateLayer(int layer, int inputs, int outputs) => new(
        DenseWeightOf($"layer{layer}.sum", inputs, outputs, (uint)(2 * layer), seed),
        DenseWeightOf($"layer{layer}.product", inputs, outputs, (uint)((2 * layer) + 1), seed));

    /// <summary>W1 and W2, [inputs, outputs].</summary>
    private sealed record Layer(Parameter Sum, Parameter Product);
}
