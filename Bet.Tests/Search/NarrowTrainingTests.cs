using Bet.Engine.Backbones;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Tests.Search;

public sealed class NarrowTrainingTests
{
    private static readonly TrainingOptions Full = new(10, 512, new LearningRateSchedule(0.03f, 0.003f), 0.04f, 5, 4, LossOptions.Bpr);

    private static readonly WarmRates Warm = new(1.0 / 9, 1.0 / 9);

    [Fact]
    public void Full_rows_are_trained_as_asked_and_slower_where_they_know_something()
    {
        Assert.Equal(Full, NarrowTraining.Of(Full, 1, warm: null));
        var warm = NarrowTraining.Of(Full, 1, Warm);
        Assert.Equal(0.03f / 9, warm.Schedule.First, 1e-6f);
        Assert.Equal(0.003f / 9, warm.Schedule.Last, 1e-6f);
        Assert.Equal(Full, warm with { Schedule = Full.Schedule });
    }

    [Fact]
    public void Coarse_rows_on_even_axes_begin_gently()
    {
        Assert.Equal(Warm, Warm.For(ColumnAxes.Principal));
        var rates = Warm.For(ColumnAxes.Even);
        Assert.True(rates.First < Warm.First && rates.Last < Warm.Last, $"{rates}");
        Assert.Equal(rates, rates.For(ColumnAxes.Even));
    }

    [Theory]
    [InlineData(0.5, 20, 10, 0.0122, 0.03)]
    [InlineData(0.2, 30, 15, 0.0381, 0.05)]
    [InlineData(0.05, 30, 15, 0.0941, 0.1)]
    [InlineData(0, 30, 15, 0.1, 0.1)]
    public void Shorter_rows_have_more_epochs_and_higher_rates(
        double share, int epochs, int every, float warmRate, float rate)
    {
        var warm = NarrowTraining.Of(Full, share, Warm);
        Assert.Equal((epochs, every), (warm.Epochs, warm.EvaluateEvery));
        Assert.Equal(Full.L2, warm.L2);
        Assert.Equal(warmRate, warm.Schedule.First, 1e-4f);
        Assert.InRange(warm.Schedule.Last, Full.Schedule.Last / 9, Full.Schedule.Last);
        var cold = NarrowTraining.Of(Full, share, warm: null);
        Assert.Equal(warm, cold with { Schedule = warm.Schedule });
        Assert.Equal(rate, cold.Schedule.First, 1e-4f);
        Assert.Equal(Full.Schedule.Last, cold.Schedule.Last);
    }

    [Fact]
    public void A_trial_begins_at_a_higher_rate_and_ends_at_the_same()
    {
        var warm = NarrowTraining.Of(Full, 0.9, Warm);
        var trial = NarrowTraining.Of(Full, 0.9, Warm with { First = 1.0 / 3 });
        Assert.Equal(3 * warm.Schedule.First, trial.Schedule.First, 1e-6f);
        Assert.Equal(trial, warm with { Schedule = warm.Schedule with { First = trial.Schedule.First } });
    }
}
