using Bet.Engine.Clicks;
using Bet.Engine.Data;

namespace Bet.Api.Datasets;

/// <summary>Small made-up data sets to try things with, always the same.</summary>
public static class ExampleDataset
{
    public const string Id = "example";

    public const string ClicksId = "example-clicks";

    public static InteractionSet Make() =>
        SyntheticData.Generate(new SyntheticOptions(Users: 400, Items: 300, Interactions: 8000, Seed: 1));

    public static ClickSet MakeClicks() =>
        SyntheticClicks.Generate(new SyntheticClickOptions([1500, 600, 250, 40, 12, 3], Numbers: 3, Rows: 12_000, Seed: 1));
}
