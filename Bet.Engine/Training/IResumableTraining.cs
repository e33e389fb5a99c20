namespace Bet.Engine.Training;

/// <summary>How far a training has come.</summary>
public interface ITrainingProgress
{
    /// <summary>How much of it is done, 0 to 1.</summary>
    double Fraction { get; }

    /// <summary>For a person: "epoch 12 of 40, loss 0.31, validation Recall@20 0.1321".</summary>
    string Detail { get; }
}

/// <summary>A training that can be stopped and gone on with, by another process too, and ends with the same bits.</summary>
/// <typeparam name="TProgress">What it tells now and then.</typeparam>
/// <typeparam name="TOutcome">How it ends.</typeparam>
public interface IResumableTraining<TProgress, out TOutcome>
    where TProgress : ITrainingProgress
{
    /// <summary>Trains to the end.</summary>
    /// <param name="progress">Told at points where the state can be saved.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the state can be saved.</exception>
    TOutcome Train(IProgress<TProgress>? progress, CancellationToken cancel);

    /// <summary>Writes all that the rest of the training follows from.</summary>
    void Save(Stream stream);

    /// <summary>Takes a saved state over.</summary>
    /// <exception cref="InvalidDataException">It is none of this training's.</exception>
    void Load(Stream stream);
}
