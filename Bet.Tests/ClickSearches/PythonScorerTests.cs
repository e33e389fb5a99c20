using System.Globalization;
using Bet.Engine.Artifacts;
using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Search;
using Bet.Tests.Artifacts;

namespace Bet.Tests.ClickSearches;

/// <summary>bet_score.py makes of raw samples what the engine made of them.</summary>
public sealed class PythonScorerTests
{
    private const int Samples = 3000;
    private const int Held = 500;

    private static readonly SyntheticClickOptions WithNumbers = new([60, 20, 5], Numbers: 2, Samples, Seed: 5);

    private static readonly string[] Methods =
        ["full-int8", "quotient-remainder-add", "quotient-remainder-concatenate", "features", "path", "mixed-dimensions"];

    public static IEnumerable<object[]> Cases =>
        from model in ClickModelRegistry.Names
        from numbers in new[] { 0, 2 }
        from method in numbers == 0 ? Methods[..1] : Methods
        select new object[] { model, numbers, method };

    [PythonTheory]
    [MemberData(nameof(Cases))]
    public void Scores_as_the_engine_does(string model, int numbers, string method)
    {
        using var folder = new TemporaryFolder();
        var (found, labels) = Search(folder, model, method, WithNumbers with { Numbers = numbers });

        double[] probabilities = Score(folder, "test.tsv");

        Assert.Equal(Held, probabilities.Length);
        Assert.Equal(
            found.Test.LogLoss.Value, labels.Zip(probabilities).Average(pair => -Math.Log(pair.First ? pair.Second : 1 - pair.Second)), 1e-5);
        Assert.True(probabilities.Max() - probabilities.Min() > 0.02, "the model tells no samples apart");
    }

    [PythonFact]
    public void Criteos_files_are_read_with_and_without_labels()
    {
        using var folder = new TemporaryFolder();
        Search(folder, "dlrm", "full-int8", SyntheticClickOptions.Criteo(Samples, categories: 5000, seed: 5));
        string[] lines = [.. File.ReadLines(folder["test.tsv"]).Skip(1)];
        File.WriteAllLines(folder["criteo.txt"], lines);
        File.WriteAllLines(folder["unlabelled.txt"], lines.Select(line => line[(line.IndexOf('\t') + 1)..]));

        double[] expected = Score(folder, "test.tsv");
        Assert.Equal(expected, Score(folder, "criteo.txt", "--no-header"));
        Assert.Equal(expected, Score(folder, "unlabelled.txt", "--no-header"));
    }

    [PythonFact]
    public void Columns_go_by_name_and_what_is_not_known_is_rare()
    {
        using var folder = new TemporaryFolder();
        Search(folder, "dcn", "full-int8", WithNumbers);
        string known = File.ReadLines(folder["field1.ids.txt"]).First();
        File.WriteAllLines(folder["some.csv"],
        [
            "c2,more,c1,c3,i2,i1", $" {known} ,x, never,,1.5, ", $"\"{known}\",\"a,b\",seen,nor this,1.5,", $"nor that,x,never,,-3,",
        ]);

        double[] probabilities = Score(folder, "some.csv");
        Assert.Equal(3, probabilities.Length);
        Assert.Equal(probabilities[0], probabilities[1]);
        Assert.NotEqual(probabilities[0], probabilities[2]);
    }

    [PythonTheory]
    [InlineData("c1,c2,c3,i1", "a,b,c,1", "error: wrong.csv has no column i2; it has c1, c2, c3, i1, and the model takes i1, i2, c1, c2, c3")]
    [InlineData("c1,c2,c3,i1,i2", "a,b,c,1,many", "error: i2 is 'many'; a finite number or nothing would do")]
    [InlineData("c1,c2,c3,i1,i2", "a,b,c,nan,1", "error: i1 is 'nan'; a finite number or nothing would do")]
    [InlineData("c1,c2,c3,i1,i2", "a,b,c", "error: wrong.csv, line 2: 3 columns, there are 5 in the first line")]
    public void What_cannot_be_scored_is_named(string header, string line, string message)
    {
        using var folder = new TemporaryFolder();
        Search(folder, "dlrm", "full-int8", WithNumbers);
        File.WriteAllLines(folder["wrong.csv"], [header, line]);
        Assert.Equal((1, "", message + "\n"), Python(folder, "wrong.csv"));
    }

    /// <summary>The artifacts of tables after an epoch, and test.tsv, the samples that they were tested on.</summary>
    private static (ClickTableResult Found, bool[] Labels) Search(
        TemporaryFolder folder, string model, string method, SyntheticClickOptions data)
    {
        using (var text = File.Create(folder["all.tsv"]))
            SyntheticClicks.WriteDelimited(data, text);
        string[] lines = File.ReadAllLines(folder["all.tsv"]);
        File.WriteAllLines(folder["train.tsv"], lines[..^Held]);
        File.WriteAllLines(folder["test.tsv"], [lines[0], .. lines[^Held..]]);
        var clicks = ClickReader.Read(
            [DatasetFile.OnDisk(folder["train.tsv"], FilePart.Train), DatasetFile.OnDisk(folder["test.tsv"], FilePart.Test)],
            new ClickFormat { NumberColumns = [.. lines[0].Split('\t').Where(name => name.StartsWith('i'))] });
        bool isWhole = method.StartsWith("full");
        var options = ClickSearchPresets.Create(
            model, isWhole ? new BudgetRequest(Sparsity: 0) : null, Effort.Quick, 1, new ClickSplitOptions(ClickSplitKind.AsGiven, Validation: 0.2),
            new ClickSearchOverrides { Method = method, Collisions = isWhole ? null : 4, Threshold = isWhole ? null : 10, Epochs = 1, BatchSize = 100, LearningRate = 0.02 },
            ClickSummary.Of(clicks));
        options = options with { Model = options.Model with { BottomLayers = [16], TopLayers = [16, 8], DeepLayers = [16, 8], CrossLayers = 2 } };
        var store = new DirectoryStepStore(folder["steps"]);
        using var backend = new CpuBackend(2);
        using var search = new ClickSearch(options, backend, store, () => clicks);
        search.RunAll(null, CancellationToken.None);
        foreach (string file in Directory.GetFiles(folder["steps/artifacts"]))
            File.Copy(file, folder[Path.GetFileName(file)]);
        return (search.Results()[^1], [.. lines[^Held..].Select(line => line.StartsWith('1'))]);
    }

    private static double[] Score(TemporaryFolder folder, params string[] arguments)
    {
        var (code, output, error) = Python(folder, arguments);
        Assert.Equal((0, ""), (code, error));
        return [.. output.TrimEnd('\n').Split('\n').Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
    }

    private static (int Code, string Output, string Error) Python(TemporaryFolder folder, params string[] arguments) =>
        PythonInterpreter.Run(PythonInterpreter.Path, ["bet_score.py", .. arguments], folder.Path)!.Value;
}
