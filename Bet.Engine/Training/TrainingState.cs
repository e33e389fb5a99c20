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

    /// <summary>After every validation, the best quality until then.</summary>
    public List<double> Bests { get; init; } = [];

    /// <summary>Validations since the best.</summary>
    public int WithoutImprovement { get; set; }
}
