using Bet.Engine.Data;

namespace Bet.Api.Datasets;

/// <summary>A small made-up data set to try things with, always the same.</summary>
public static class ExampleDataset
{
    public const string Id = "example";

    public static InteractionSet Make() =>
        SyntheticData.Generate(new SyntheticOptions(Users: 400, Items: 300, Interactions: 8000, Seed: 1));
}
