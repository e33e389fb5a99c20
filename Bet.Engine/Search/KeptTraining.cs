using System.Diagnostics;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>
/// Trainings of one step, whose state is stored now and then and when they are cancelled, so that a later attempt goes on
/// from there; it ends with the same bits.
/// </summary>
/// <param name="store">Where the step keeps its files; null: nothing is kept.</param>
/// <param name="name">The step's name; of a step's second training, and on, one of its own.</param>
/// <param name="interval">Between two states, at least; one is stored when the training tells how far it is.</param>
/// <param name="report">Told how far it is.</param>
internal sealed class KeptTraining(IStepStore? store, string name, TimeSpan interval, Action<ITrainingProgress>? report)
{
    private readonly Stopwatch sinceKept = Stopwatch.StartNew();
    private readonly string file = name + ".checkpoint";
    private readonly List<KeptTraining> others = [];
    private bool isKept;

    /// <summary>One that nothing is kept of and nobody is told of.</summary>
    public static KeptTraining None => new(null, "", Timeout.InfiniteTimeSpan, null);

    /// <summary>Trains to the end, from the start or from the state that an earlier attempt has left.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is stored.</exception>
    public TOutcome Train<TProgress, TOutcome>(IResumableTraining<TProgress, TOutcome> training, CancellationToken cancel)
        where TProgress : ITrainingProgress
    {
        Resume(training.Load);
        var progress = new ProgressAction<TProgress>(told =>
        {
            if (told.Fraction < 1 && sinceKept.Elapsed >= interval)
                Keep(training.Save);
            report?.Invoke(told);
        });
        try
        {
            return training.Train(progress, cancel);
        }
        catch (OperationCanceledException)
        {
            Keep(training.Save);
            throw;
        }
    }

    /// <summary>
    /// Stores the state in which a training has ended: another one follows in the same step, and a later attempt at the step
    /// should not train this one again.
    /// </summary>
    public void KeepEnd<TProgress, TOutcome>(IResumableTraining<TProgress, TOutcome> training)
        where TProgress : ITrainingProgress => Keep(training.Save);

    /// <summary>For the next training in the same step, with a state of its own.</summary>
    /// <param name="done">Share of the work of both that this one was: where the next one's progress begins.</param>
    public KeptTraining Next(double done) => Other(name + "-again", "again", done, 1);

    /// <summary>
    /// For one of several trainings in the same step, of which nobody knows how many there will be, with a state of its own; the first has
    /// the step's. Each is half of what is left of the step's progress.
    /// </summary>
    /// <param name="number">From 1.</param>
    public KeptTraining Attempt(int number) => Other(
        number == 1 ? name : $"{name}-{number}", $"training {number}", 1 - Math.Pow(2, 1 - number), 1 - Math.Pow(2, -number));

    /// <summary>Once the step's result is stored: the states are of no use any more.</summary>
    public void Forget()
    {
        if (isKept)
            store!.Delete(file);
        foreach (var other in others)
            other.Forget();
    }

    private KeptTraining Other(string otherName, string which, double from, double to)
    {
        var other = new KeptTraining(
            store, otherName, interval, report is null ? null : told => report(new PartProgress(told, which, from, to)));
        others.Add(other);
        return other;
    }

    private void Resume(Action<Stream> load)
    {
        using var stream = store?.OpenRead(file);
        if (stream is null)
            return;
        isKept = true;
        try
        {
            load(stream);
        }
        catch (InvalidDataException)
        {
            // Of another version, or of an earlier training of this step: the training begins anew, as without it.
        }
    }

    private void Keep(Action<Stream> save)
    {
        if (store is null)
            return;
        store.Write(file, save);
        isKept = true;
        sinceKept.Restart();
    }

    /// <summary>How far a step is in a training that is not all of it.</summary>
    private sealed class PartProgress(ITrainingProgress training, string which, double from, double to) : ITrainingProgress
    {
        public double Fraction => from + ((to - from) * training.Fraction);

        public string Detail => $"{which}, {training.Detail}";
    }
}
