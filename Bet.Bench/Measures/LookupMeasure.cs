using Bet.Engine.Compute;

namespace Bet.Bench.Measures;

/// <summary>
/// Criteo's shape: a batch's rows of 26 tables looked up, updated by Adagrad, and both. Tables of a row for each of a
/// million categories, whose frequencies are equal or skewed, and quotients times remainders at four collisions; the first
/// of them also with rows that are rounded as they are read, which no peer does.
/// </summary>
public static class LookupMeasure
{
    private static readonly (string Name, int Collisions, bool Skewed, Precision Precision)[] Tables =
    [
        ("full", 1, false, Precision.Float32),
        ("full-skewed", 1, true, Precision.Float32),
        ("quotient-remainder", 4, false, Precision.Float32),
        ("full-int8", 1, false, Precision.Int8),
        ("full-int4", 1, false, Precision.Int4),
    ];

    public static Measure Measure { get; } = new(
        "lookup", "rows of 26 tables looked up and updated by Adagrad, whole and by quotients and remainders",
        work => Tables.SelectMany(tables => Cases(work, tables.Name, tables.Collisions, tables.Skewed, tables.Precision)));

    private static IEnumerable<MeasureCase> Cases(Workload work, string name, int collisions, bool skewed, Precision precision)
    {
        using var tables = new LookupWork(work, collisions, skewed, precision);
        yield return Case("lookup", tables.LookUp, tables.Squares());
        yield return Case("update", tables.Update);
        yield return Case("step", tables.Step);

        MeasureCase Case(string what, Action run, double? check = null) => new($"{what}-{name}")
        {
            Ours = () =>
            {
                run();
                return check;
            },
            CheckName = "squares",
            Repeats = LookupWork.Batches,
            Detail = ms => $"{LookupWork.Fields} fields of {LookupWork.Categories} categories{(skewed ? ", skewed" : "")}, "
                + $"d = {LookupWork.Columns}, batch {LookupWork.Samples}, {tables.Rows / ms / 1e3:F1} million rows a second",
            PeerScript = precision == Precision.Float32 ? "embedding_bag.py" : null,
            PeerArguments = work.PeerArguments(
                "--work", what, "--categories", tables.CategoriesFile, "--rows", $"{LookupWork.Categories}",
                "--fields", $"{LookupWork.Fields}", "--columns", $"{LookupWork.Columns}", "--batch", $"{LookupWork.Samples}",
                "--collisions", $"{collisions}"),
        };
    }
}
