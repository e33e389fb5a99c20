using Bet.Engine.Backbones;
using Bet.Engine.Training;

namespace Bet.Bench.Reproduction;

/// <summary>
/// One recommender trained on a data set's given split: the whole train list, the last epoch's weights, the test list
/// only counted. Nothing is chosen by it.
/// </summary>
/// <param name="Name">As it is asked for, and of its file of results.</param>
/// <param name="Dataset">A folder of shared/data.</param>
/// <param name="Backbone">Which backbone, with full tables.</param>
/// <param name="Training">Epochs, batch, rate, loss; EvaluateEvery says where the curve has its points.</param>
/// <param name="Target">Published Recall@20 and NDCG@20 to reach; null where there are none.</param>
/// <param name="Source">Whose numbers these are.</param>
public sealed record TrainingRun(
    string Name, string Dataset, BackboneOptions Backbone, TrainingOptions Training, (double Recall, double Ndcg)? Target,
    string Source);

/// <summary>A point of a learning curve, on the test part.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Loss">Mean of the epoch's steps.</param>
/// <param name="MillisecondsPerStep">Of the epoch.</param>
/// <param name="Seconds">Wall time of training and evaluation so far, over all parts of a run that was resumed.</param>
/// <param name="MemoryMb">Resident, in MB.</param>
public sealed record CurvePoint(
    int Epoch, double Loss, double RecallAt20, double NdcgAt20, double MillisecondsPerStep, double Seconds, long MemoryMb);

/// <summary>What came of a run so far; stored after every point.</summary>
public sealed record TrainingRunResult(
    string Name, string Dataset, BackboneOptions Backbone, TrainingOptions Training, double? TargetRecall,
    double? TargetNdcg, string Source, string Machine, string Commit, string Date, bool Finished,
    IReadOnlyList<CurvePoint> Curve);
