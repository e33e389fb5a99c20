using Bet.Bench.Tables;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Tests.Tables;

public sealed class CellRunnerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bet-cells-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Cells_share_what_no_budget_decides_are_not_run_twice_and_stand_on_the_page()
    {
        string data = Path.Combine(folder, "data", "gowalla");
        Directory.CreateDirectory(data);
        using (var stream = File.Create(Path.Combine(data, "train.txt")))
            InteractionWriter.WriteAdjacency(SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 3)), stream);
        string results = Path.Combine(folder, "results");
        Cell[] cells =
        [
            .. new[] { 0.8, 0.9 }.Select(sparsity => new Cell("gowalla", "lightgcn", sparsity, SearchMethods.BetPlus, Effort.Quick, 1)),
        ];

        using var backend = new CpuBackend(2);
        var runner = new CellRunner(backend, Path.Combine(folder, "data"), Path.Combine(folder, "work"), results);
        foreach (var cell in cells)
            runner.Run(cell);
        CellResult[] first = [.. cells.Select(cell => CellRunner.Read(Path.Combine(results, cell.Name + ".json")))];
        runner.Run(cells[0]);

        Assert.Equal(first[0].Date, CellRunner.Read(Path.Combine(results, cells[0].Name + ".json")).Date);
        foreach (var on in new[] { TrainedOn.Train, TrainedOn.TrainAndValidation })
            Assert.Equal(first[0].Row("full", on)!.Seconds, first[1].Row("full", on)!.Seconds);
        Assert.All(first, result => Assert.True(result.Found(TrainedOn.TrainAndValidation)!.Bytes <= result.MaximumBytes));
        Assert.All(first, result => Assert.Equal(result.Options.Trials, result.Trials.Count));

        using var page = new StringWriter();
        ResultsPage.Write(page, first);
        string text = page.ToString();
        Assert.Contains("## gowalla, lightgcn, 90% fewer bytes", text);
        Assert.Contains(FormattableString.Invariant($"{first[1].Found(TrainedOn.Train)!.Test.RecallAt(20):.0000} +- "), text);
        Assert.Contains("| gowalla, lightgcn, 90% | bet-plus, quick | train + validation | 1 | ", text);
        Assert.Contains("## yelp2018, ncf, 95% fewer bytes" + Environment.NewLine + Environment.NewLine + "Not run.", text);

        // Where trials are measured, all of them are trained to the end, and the cell's table stays as it is.
        var measured = cells[0] with { Retrained = 4 };
        runner.Run(measured);
        var trials = CellRunner.Read(Path.Combine(results, measured.Name + ".json"));
        Assert.Equal(4, trials.Trials.Count(trial => trials.RetrainedQuality(trial) > 0));
        using var longer = new StringWriter();
        ResultsPage.Write(longer, [.. first, trials]);
        Assert.Contains("4 trials: ", longer.ToString());
        Assert.StartsWith(text[..text.IndexOf("## The trials", StringComparison.Ordinal)], longer.ToString());

        // Rows may be of another width in the same bytes.
        var narrow = cells[1] with { Size = 64, Retrained = 1 };
        runner.Run(narrow);
        var narrowed = CellRunner.Read(Path.Combine(results, narrow.Name + ".json"));
        Assert.Equal((first[1].MaximumBytes, 64), (narrowed.MaximumBytes, narrowed.Options.MaximumSize));
        foreach (int size in new[] { 0, 12, 1025 })
        {
            string message = Assert.Throws<Bet.Bench.UsageException>(() => runner.Run(narrow with { Size = size })).Message;
            Assert.Contains($"--size {size}: the bytes of this cell hold float32 rows of 13 values", message);
        }

        // A search that was begun with other options is not gone on with.
        File.Delete(Path.Combine(results, cells[0].Name + ".json"));
        File.AppendAllText(Path.Combine(folder, "work", cells[0].Name, "options.json"), " ");
        Assert.Contains("other options", Assert.Throws<Bet.Bench.UsageException>(() => runner.Run(cells[0])).Message);
    }
}
