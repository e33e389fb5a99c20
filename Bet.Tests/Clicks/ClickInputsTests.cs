using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;

namespace Bet.Tests.Clicks;

/// <summary>What does not fit is said where it comes in.</summary>
public sealed class ClickInputsTests : IDisposable
{
    private readonly CpuBackend backend = new(1);

    public void Dispose() => backend.Dispose();

    [Fact]
    public void A_model_that_is_not_there_is_named_with_those_that_are() =>
        Fails("there is no click model 'ffm'; there are dlrm, dcn", [3, 4], 0, new() { Name = "ffm", Size = 4 });

    [Fact]
    public void Features_of_another_size_are_refused() =>
        Fails("dcn: features have 4 values, the model's size is 16", [3, 4], 0, new() { Name = "dcn" });

    [Fact]
    public void One_feature_alone_does_not_interact() =>
        Fails("dlrm: one feature without numbers has nothing to interact with", [3], 0, new() { Name = "dlrm", Size = 4 });

    [Fact]
    public void Layers_have_a_width() =>
        Fails("topLayers are 8, 0; every layer has a width of at least 1", [3, 4], 0, new() { Name = "dlrm", Size = 4, TopLayers = [8, 0] });

    [Theory]
    [InlineData("dlrm")]
    [InlineData("dcn")]
    public void Numbers_alone_are_enough(string name)
    {
        using var features = new LookedUpFeatures(backend, [], 4, Optimiser.Adam);
        using var model = ClickModelRegistry.Create(new(backend, features, 2, new() { Name = name, Size = 4 }));
        var rows = GeneratedClicks.Rows(10, 2, 1) with { Categories = [] };
        using var evaluator = new ClickEvaluator(backend, rows);
        Assert.Equal(10, evaluator.Score(model).Distinct().Count());
    }

    [Fact]
    public void The_trainer_refuses_what_does_not_fit()
    {
        using var features = new LookedUpFeatures(backend, GeneratedClicks.Categories, 4, Optimiser.Adam);
        using var model = ClickModelRegistry.Create(new(backend, features, 0, new() { Name = "dlrm", Size = 4 }));
        var data = GeneratedClicks.Create(100, 10, 2);
        Refused("ClickTrainer: field0 keeps 2 states, AmsGrad has 3", data, new());
        Refused("ClickTrainer: samples have 2 numbers, the model takes 0", data, new() { Optimiser = Optimiser.Adam });
        Refused("epochs 0, batchSize , validateEvery  and patience 3 are at least 1", data, new() { Epochs = 0 });
        Refused("the rate 0 is above 0 and the warm-up 0 in [0, 1)", data, new() { Schedule = new(0) });

        void Refused(string message, PreparedClicks clicks, ClickTrainingOptions options) => Assert.Equal(
            message, Assert.Throws<ArgumentException>(() => new ClickTrainer(backend, model, clicks, options, 1, null)).Message);
    }

    [Fact]
    public void The_rate_rises_and_falls()
    {
        var schedule = new WarmUpSchedule(1, 0.2, Falls: true);
        Assert.Equal([0.5f, 1, 1, 0.875f], Enumerable.Range(1, 4).Select(step => schedule.At(step, 10)));
        Assert.Equal(0.125f, schedule.At(10, 10));
        Assert.Equal([0.5f, 1, 1, 1], Enumerable.Range(1, 4).Select(step => (schedule with { Falls = false }).At(step, 10)));
        Assert.Equal(1, new WarmUpSchedule(1).At(1, 1));
    }

    private void Fails(string message, int[] categories, int numbers, ClickModelOptions options)
    {
        using var features = new LookedUpFeatures(backend, categories, 4, Optimiser.Adam);
        Assert.Equal(message, Assert.Throws<ArgumentException>(
            () => ClickModelRegistry.Create(new(backend, features, numbers, options))).Message);
    }
}
