using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Engine.ClickSearches;

/// <summary>
/// The training of one step, whose state is stored now and then and when it is cancelled, so that a later attempt goes on from
/// there; it ends with the same bits.
/// </summary>
/// <param name="store">Where the step keeps its files; null: nothing is kept.</param>
/// <param name="step">The step's name.</param>
/// <param name="interval">Between two states, at least; one is stored after a validation.</param>
/// <param name="report">Told how much is done, and of what.</param>
internal sealed class ClickRun(IStepStore? store, string step, TimeSpan interval, Action<double, string>? report)
{
    private readonly KeptState state = new(store, step, interval);

    /// <summary>One that nothing is kept of.</summary>
    public static ClickRun None => new(null, "", default, null);

    /// <summary>Trains to the end, from the start or from the state that an earlier attempt has left.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is stored.</exception>
    public ClickTrainingOutcome Train(ClickTrainer trainer, CancellationToken cancel)
    {
        state.Resume(trainer.Load);
        var afterValidation = new ProgressAction<ClickTrainingProgress>(told =>
        {
            if (told.Step < told.Steps && state.IsDue)
                state.Keep(trainer.Save);
            report?.Invoke((double)told.Step / told.Steps, FormattableString.Invariant(
                $"step {told.Step} of {told.Steps}, log loss {told.Loss:0.0000}, validation {told.Validation:0.0000}, {told.SamplesPerSecond:0} samples a second"));
        });
        try
        {
            return trainer.Train(afterValidation, cancel);
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
