using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Training;

/// <summary>A tensor that training changes, and what its optimiser keeps beside it.</summary>
internal sealed record TrainedTensor(string Name, Tensor Value, IReadOnlyList<Tensor> States)
{
    public static TrainedTensor Of(Parameter parameter, Optimiser optimiser) =>
        new(parameter.Name, parameter.Value, parameter.StatesOf(optimiser));

    public static TrainedTensor Of(RowTable table) => new(table.Name, table.Value, table.States);
}

/// <summary>A copy of trained values as they were at their best, in memory.</summary>
internal sealed class BestValues(Backend backend, IReadOnlyList<TrainedTensor> trained)
{
    private List<float[]> values = [];

    /// <summary>By tensor; empty where nothing was kept yet.</summary>
    public IReadOnlyList<float[]> Values => values;

    public void Keep()
    {
        for (int i = 0; i < trained.Count; i++)
        {
            if (i == values.Count)
                values.Add(new float[trained[i].Value.Length]);
            backend.Download(trained[i].Value, values[i]);
        }
    }

    public void Restore()
    {
        for (int i = 0; i < values.Count; i++)
            backend.Upload(values[i], trained[i].Value);
    }

    /// <summary>Takes what a checkpoint kept.</summary>
    public void Take(List<float[]> kept) => values = kept;
}
