using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>
/// Neural graph collaborative filtering (Wang et al., SIGIR 2019). A layer's messages are (Eq. 7)
/// E(k+1) = LeakyReLU((A + I) E(k) W1 + (A E(k) * E(k)) W2), biases added, with A the normalised user-item graph and *
/// by element; the representation is E(0) and every layer's output, normalised row by row, side by side.
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
        DenseParameters = [.. layers.SelectMany(layer => layer.Parameters)];
    }

    public override IReadOnlyList<Parameter> DenseParameters { get; }

    protected override (Variable Users, Variable Items) Represent(int? step)
    {
        var users = Users.AllRows(Tape);
        var items = Items.AllRows(Tape);
        var (allUsers, allItems) = (users, items);
        for (int k = 0; k < layers.Length; k++)
        {
            // Of a dropped node nobody hears in this layer; it still keeps its own message.
            var heardUsers = DropNodes(users, step, 4 * k);
            var heardItems = DropNodes(items, step, (4 * k) + 1);
            var nextUsers = Messages(layers[k], users, Tape.SpMM(graph.UserItem, graph.ItemUser, heardItems));
            var nextItems = Messages(layers[k], items, Tape.SpMM(graph.ItemUser, graph.UserItem, heardUsers));
            users = DropValues(nextUsers, step, (4 * k) + 2);
            items = DropValues(nextItems, step, (4 * k) + 3);
            allUsers = Tape.ConcatenateColumns(allUsers, Tape.NormaliseRows(users));
            allItems = Tape.ConcatenateColumns(allItems, Tape.NormaliseRows(items));
        }

        return (allUsers, allItems);
    }

    public override void Dispose()
    {
        base.Dispose();
        graph.Dispose();
    }

    /// <summary>What every node makes of itself and of what it hears, A E.</summary>
    private Variable Messages(Layer layer, Variable own, Variable heard)
    {
        var sum = Tape.AddBias(
            Tape.MatMul(Tape.Add(1, heard, 1, own), Tape.Parameter(layer.SumWeight)), Tape.Parameter(layer.SumBias));
        var product = Tape.AddBias(
            Tape.MatMul(Tape.Multiply(heard, own), Tape.Parameter(layer.ProductWeight)), Tape.Parameter(layer.ProductBias));
        return Tape.LeakyRelu(Slope, Tape.Add(1, sum, 1, product));
    }

    private Variable DropNodes(Variable x, int? step, int site) =>
        nodeDropout > 0 && step is { } number ? Tape.DropRows(Stream(number, site), nodeDropout, x) : x;

    private Variable DropValues(Variable x, int? step, int site) =>
        messageDropout > 0 && step is { } number ? Tape.Dropout(Stream(number, site), messageDropout, x) : x;

    /// <summary>Every place of every step draws from a stream of its own.</summary>
    private Philox Stream(int step, int site) =>
        new(seed, RandomPurpose.Dropout, (uint)((step * 4 * layers.Length) + site));

    private Layer CreateLayer(int layer, int inputs, int outputs) => new(
        DenseWeightOf($"layer{layer}.sum.weight", inputs, outputs, (uint)(2 * layer), seed),
        new Parameter(Backend, $"layer{layer}.sum.bias", 1, outputs),
        DenseWeightOf($"layer{layer}.product.weight", inputs, outputs, (uint)((2 * layer) + 1), seed),
        new Parameter(Backend, $"layer{layer}.product.bias", 1, outputs));

    /// <summary>W1 and W2 with their biases: [inputs, outputs] and [1, outputs].</summary>
    private sealed record Layer(Parameter SumWeight, Parameter SumBias, Parameter ProductWeight, Parameter ProductBias)
    {
        public IEnumerable<Parameter> Parameters => [SumWeight, SumBias, ProductWeight, ProductBias];
    }
}
