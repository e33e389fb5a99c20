using Bet.Engine.Data;

namespace Bet.Bench.Measures;

/// <summary>Reads the data's files into numbered interactions without repeats.</summary>
public static class ParseMeasure
{
    public static Measure Measure { get; } = new("parse", "reading the data's files", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        string folder = work.Folder;
        int count = DatasetReader.ReadFolder(folder).Count;
        using var measured = new MeasureCase("parse")
        {
            Ours = () => DatasetReader.ReadFolder(folder).Count,
            Detail = ms => $"{work.Source}: {count} interactions, {count / ms / 1e3:F1} million a second; "
                + "ours also maps raw ids and drops repeats",
            CheckName = "interactions",
            PeerScript = "python_parse.py",
            PeerArguments = work.PeerArguments("--folder", folder),
        };
        yield return measured;
    }
}
