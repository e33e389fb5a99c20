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
    private readonly KeptState state = new(store, step, interval);

    /// <summary>Trains to the end, from the start or from the state that an earlier attempt has left.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is stored.</exception>
    public TrainingOutcome Train(Trainer trainer, CancellationToken cancel)
    {
        state.Resume(trainer.Load);
        var afterEpoch = new ProgressAction<TrainingProgress>(told =>
        {
            if (told.Epoch < told.Epochs && state.IsDue)
                state.Keep(trainer.Save);
            report?.Report(told);
        });
        try
        {
            return trainer.Train(afterEpoch, cancel);
        }
        catch (OperationCanceledException)
        {
            state.Keep(trainer.Save);
            throw;
        }
    }

    /// <summary>Once the step's result is stored: the state is of no use any more.</summary>
    public void Forget() => state.Forget();
}
