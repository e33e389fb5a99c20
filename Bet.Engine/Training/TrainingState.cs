using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Evaluation;

namespace Bet.Engine.Training;

/// <summary>Where a training run stands, beside its weights.</summary>
internal sealed record TrainingState
{
    /// <summary>Epochs done.</summary>
    public int Epoch { get; set; }

    /// <summary>Steps done of the epoch that is under way.</summary>
    public int StepOfEpoch { get; set; }

    /// <summary>Steps done in all, which Adam's bias corrections and the rate go by.</summary>
    public int Steps { get; set; }

    /// <summary>Sum of the losses of the steps of the epoch that is under way.</summary>
    public double EpochLoss { get; set; }

    /// <summary>Mean loss of the last whole epoch.</summary>
    public double LastLoss { get; set; }

    /// <summary>An epoch is done and its validation is not.</summary>
    public bool ValidationDue { get; set; }

    public RankingMetrics? Validation { get; set; }

    public RankingMetrics? BestValidation { get; set; }

    public int BestEpoch { get; set; }

    /// <summary>Validations since the best.</summary>
    public int WithoutImprovement { get; set; }
}

/// <summary>
/// A training run in a file (safetensors): per parameter its value, Adam's two moments and the value of the best epoch
/// so far, and as metadata the <see cref="TrainingState"/> and what the run is of, so that it goes on in no other.
/// </summary>
internal sealed class TrainingCheckpoint(Backend backend, IReadOnlyList<Parameter> parameters, string run)
{
    private const string Format = "bet.training";

    /// <param name="stream">Written from its start.</param>
    /// <param name="state">Where the run stands.</param>
    /// <param name="best">The best epoch's values by parameter; empty where there is none yet.</param>
    public void Write(Stream stream, TrainingState state, IReadOnlyList<float[]> best)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["run"] = run,
            ["state"] = JsonSerializer.Serialize(state, ArtifactJson.Compact),
        };
        var contents = new List<TensorContent>();
        for (int i = 0; i < parameters.Count; i++)
        {
            foreach (var (name, tensor) in Tensors(i))
            {
                var values = new float[tensor.Length];
                backend.Download(tensor, values);
                contents.Add(TensorContent.From(name, values, tensor.Rows, tensor.Columns));
            }

            if (best.Count > 0)
                contents.Add(TensorContent.From(BestName(i), best[i], best[i].Length));
        }

        SafeTensors.Write(stream, metadata, contents);
    }

    /// <summary>Reads state and weights back.</summary>
    /// <exception cref="InvalidDataException">No checkpoint, or one of another run.</exception>
    public (TrainingState State, List<float[]> Best) Read(Stream stream)
    {
        var reader = new SafeTensorsReader(stream);
        Expect(reader, "format", Format);
        Expect(reader, "run", run);
        var state = JsonSerializer.Deserialize<TrainingState>(Value(reader, "state"), ArtifactJson.Compact)
            ?? throw new InvalidDataException("the checkpoint has no state");
        var best = new List<float[]>();
        for (int i = 0; i < parameters.Count; i++)
        {
            foreach (var (name, tensor) in Tensors(i))
                backend.Upload(Checked(reader, name, tensor), tensor);
            if (state.BestEpoch > 0)
                best.Add(Checked(reader, BestName(i), parameters[i].Value));
        }

        return (state, best);
    }

    private IEnumerable<(string Name, Tensor Tensor)> Tensors(int index)
    {
        var parameter = parameters[index];
        yield return ($"{index}.{parameter.Name}.value", parameter.Value);
        yield return ($"{index}.{parameter.Name}.first_moment", parameter.FirstMoment);
        yield return ($"{index}.{parameter.Name}.second_moment", parameter.SecondMoment);
    }

    private string BestName(int index) => $"{index}.{parameters[index].Name}.best";

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
