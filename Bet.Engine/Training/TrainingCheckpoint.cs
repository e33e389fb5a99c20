using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;

namespace Bet.Engine.Training;

/// <summary>
/// A training run in a file (safetensors): per tensor its value, what the optimiser keeps and the value of the best
/// validation so far, and as metadata where the run stands and what it is of, so that it goes on in no other.
/// </summary>
/// <typeparam name="TState">Where a run stands, beside its weights; written as JSON.</typeparam>
internal sealed class TrainingCheckpoint<TState>(
    Backend backend, IReadOnlyList<TrainedTensor> trained, Optimiser optimiser, string run)
    where TState : class
{
    /// <summary>Counts up where a state has what none before it had: a run does not go on from one that lacks it.</summary>
    private const string Format = "bet.training.2";

    private readonly string[] stateNames = optimiser switch
    {
        Optimiser.Sgd => [],
        Optimiser.Adagrad => ["squares"],
        Optimiser.Adam => ["first_moment", "second_moment"],
        _ => ["first_moment", "second_moment", "largest_second_moment"],
    };

    /// <param name="stream">Written from its start.</param>
    /// <param name="state">Where the run stands.</param>
    /// <param name="best">The best values by tensor; empty where there are none yet.</param>
    public void Write(Stream stream, TState state, IReadOnlyList<float[]> best)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["run"] = run,
            ["state"] = JsonSerializer.Serialize(state, ArtifactJson.Compact),
        };
        var contents = new List<TensorContent>();
        for (int i = 0; i < trained.Count; i++)
        {
            contents.AddRange(Tensors(i).Select(one => TensorContent.From(one.Name, backend, one.Tensor)));
            if (best.Count > 0)
                contents.Add(TensorContent.From(BestName(i), best[i], best[i].Length));
        }

        SafeTensors.Write(stream, metadata, contents);
    }

    /// <summary>Reads state and weights back.</summary>
    /// <exception cref="InvalidDataException">No checkpoint, or one of another run.</exception>
    public (TState State, List<float[]> Best) Read(Stream stream)
    {
        var reader = new SafeTensorsReader(stream);
        Expect(reader, "format", Format);
        Expect(reader, "run", run);
        var state = JsonSerializer.Deserialize<TState>(Value(reader, "state"), ArtifactJson.Compact)
            ?? throw new InvalidDataException("the checkpoint has no state");
        var best = new List<float[]>();
        bool hasBest = trained.Count > 0 && reader.Layout.Tensors.Any(tensor => tensor.Name == BestName(0));
        for (int i = 0; i < trained.Count; i++)
        {
            foreach (var (name, tensor) in Tensors(i))
                backend.Upload(Checked(reader, name, tensor), tensor);
            if (hasBest)
                best.Add(Checked(reader, BestName(i), trained[i].Value));
        }

        return (state, best);
    }

    private IEnumerable<(string Name, Tensor Tensor)> Tensors(int index) => trained[index].States
        .Select((state, place) => ($"{index}.{trained[index].Name}.{stateNames[place]}", state))
        .Prepend(($"{index}.{trained[index].Name}.value", trained[index].Value));

    private string BestName(int index) => $"{index}.{trained[index].Name}.best";

    private static float[] Checked(SafeTensorsReader reader, string name, Tensor tensor)
    {
        float[] values = reader.Read<float>(name);
        return values.Length == tensor.Length
            ? values
            : throw new InvalidDataException($"{name} has {values.Length} values, {tensor.Length} are needed");
    }

    private static void Expect(SafeTensorsReader reader, string key, string expected)
    {
        if (Value(reader, key) != expected)
            throw new InvalidDataException($"the checkpoint's {key} is '{Value(reader, key)}', this run's is '{expected}'");
    }

    private static string Value(SafeTensorsReader reader, string key) =>
        reader.Metadata.TryGetValue(key, out string? value)
            ? value
            : throw new InvalidDataException($"not a training checkpoint: its metadata has no '{key}'");
}
