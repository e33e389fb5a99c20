namespace Bet.Bench.Measures;

/// <summary>Every measure, in the order in which they are taken.</summary>
public static class MeasureList
{
    public static IReadOnlyList<Measure> All { get; } =
    [
        CopyMeasure.Measure,
        SpmmMeasure.Measure,
        PropagateMeasure.Measure,
        GemmMeasure.Measure,
        LookupMeasure.Measure,
        TopKMeasure.Measure,
        StepMeasure.Measure,
        ShortRowsMeasure.Measure,
        EvaluateMeasure.Measure,
        ParseMeasure.Measure,
        PredictorMeasure.Measure,
        PredictorUpdateMeasure.Measure,
        SamplerMeasure.Measure,
        ThreadsMeasure.Measure,
        MemoryMeasure.Measure,
    ];
}
