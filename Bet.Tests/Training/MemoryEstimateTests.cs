using Bet.Engine.Backbones;
using Bet.Engine.Training;

namespace Bet.Tests.Training;

public class MemoryEstimateTests
{
    private static readonly TrainingShape Shape = new()
    {
        Users = 600,
        Items = 400,
        Train = 5000,
        Validation = 2500,
        Test = 2500,
        Backbone = "mf",
        Width = 16,
        Layers = 3,
        Batch = 512,
    };

    [Fact]
    public void EveryBackboneHasAFormula() =>
        Assert.Equal(BackboneRegistry.Names.Order(), BackboneMemory.Names.Order());

    [Fact]
    public void AnUnknownBackboneIsNamed() => Assert.Contains(
        "'other'", Assert.Throws<ArgumentException>(() => MemoryEstimate.Of(Shape with { Backbone = "other" })).Message);

    [Fact]
    public void ComponentsAreWhatTheirFormulasSay()
    {
        var estimate = MemoryEstimate.Of(Shape with { Backbone = "lightgcn" });
        Assert.Equal(4 * 4 * 16 * 1000, Training(estimate, "tables"));
        Assert.Equal(4 * 16 * 1000, Training(estimate, "best weights"));
        Assert.Equal((16 * 5000) + (4 * 1000), Training(estimate, "graph"));
        Assert.Equal(4 * 16 * ((2 * 1000) + 600), Training(estimate, "propagation"));
        Assert.Equal((8 + 4) * 1000, Training(estimate, "raw ids"));
        // 9 whole steps of 512 and one of 392.
        Assert.Equal(15 * 4 * 16 * (512 + 392), Training(estimate, "rows of a batch"));
        Assert.Equal(estimate.Components.Sum(component => component.Training), estimate.Training);
        Assert.Equal(Math.Max(estimate.Preparing, estimate.Training), estimate.Peak);
    }

    [Fact]
    public void WhatIsNotHeldIsNotCounted()
    {
        var all = MemoryEstimate.Of(Shape);
        Assert.Equal(0, Training(MemoryEstimate.Of(Shape with { KeepsBest = false }), "best weights"));
        Assert.Equal(0, Training(MemoryEstimate.Of(Shape with { RankedUsers = 0 }), "validation"));
        Assert.Equal(
            3 * Training(all, "rows of a batch"),
            5 * Training(MemoryEstimate.Of(Shape with { HasL2 = false }), "rows of a batch"));
        Assert.True(MemoryEstimate.Of(Shape with { Timed = false }).Preparing < all.Preparing);
    }

    [Theory]
    [InlineData("mf")]
    [InlineData("lightgcn")]
    [InlineData("ngcf")]
    [InlineData("ncf")]
    public void TenTimesTheDataIsAtMostTenTimesTheMemory(string backbone)
    {
        var large = Shape with
        {
            Users = 6_000_000,
            Items = 4_000_000,
            Train = 50_000_000,
            Validation = 25_000_000,
            Test = 25_000_000,
            Backbone = backbone,
            Batch = 1 << 19,
        };
        var larger = large with
        {
            Users = 60_000_000,
            Items = 40_000_000,
            Train = 500_000_000,
            Validation = 250_000_000,
            Test = 250_000_000,
            Batch = 1 << 20,
        };
        Assert.InRange(
            MemoryEstimate.Of(larger).Peak, 8 * MemoryEstimate.Of(large).Peak, 10 * MemoryEstimate.Of(large).Peak);
    }

    private static long Training(MemoryEstimate estimate, string name) =>
        Assert.Single(estimate.Components, component => component.Name == name).Training;
}
