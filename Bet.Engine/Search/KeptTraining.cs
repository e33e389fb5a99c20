using System.Diagnostics;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>
/// Trainings of one step, whose state is stored now and then and when they are cancelled, so that a later attempt goes on
/// from there; it ends with the same bits.
/// </summary>
/// <param name="store">Where the step keeps its files; null: nothing is kept.</param>
/// <param name="step">The step's name.</param>
/// <param name="interval">Between two states, at least; one is stored at the end of an epoch.</param>
/// <param name="report">Told after every epoch.</param>
internal sealed class KeptTraining(IStepStore? store, string step, TimeSpan interval, IProgress<TrainingProgress>? report)
{
    private readonly Stopwatch sinceKept = Stopwatch.StartNew();
    private readonly string name = step + ".checkpoint";
    private bool isKept;

    /// <summary>Trains to the end, from the start or from the state that an earlier attempt has left.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is stored.</exception>
    public TrainingOutcome Train(Trainer trainer, CancellationToken cancel)
    {
        Resume(trainer);
        var afterEpoch = new ProgressAction<TrainingProgress>(told =>
        {
            if (told.Epoch < told.Epochs && sinceKept.Elapsed >= interval)
                Keep(trainer);
            report?.Report(told);
        });
        try
        {
            return trainer.Train(afterEpoch, cancel);
        }
        catch (OperationCanceledException)
        {
            Keep(trainer);
            throw;
        }
    }

    /// <summary>Once the step's result is stored: the state is of no use any more.</summary>
    public void Forget()
    {
        if (isKept)
            store!.Delete(name);
    }

    private void Keep(Trainer trainer)
    {
        if (store is null)
            return;
        store.Write(name, trainer.Save);
        isKept = true;
        sinceKept.Restart();
    }

    private void Resume(Trainer trainer)
    {
        using var stream = store?.OpenRead(name);
        if (stream is null)
            return;
        isKept = true;
        try
        {
            trainer.Load(stream);
        }
        catch (InvalidDataException)
        {
            // Of another version, or of an earlier training of this step: the training begins anew, as without it.
        }
    }
}
