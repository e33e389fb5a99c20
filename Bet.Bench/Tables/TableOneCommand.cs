using System.CommandLine;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Search;

namespace Bet.Bench.Tables;

/// <summary>
/// <c>table1</c>: the paper's Table 1 again, cell by cell, and docs/results.md from what is there. Stopped, it goes on
/// where it was.
/// </summary>
public static class TableOneCommand
{
    internal static readonly string Results = Path.Combine(Repository.Root, "bench", "results", "table1");

    public static Command Create()
    {
        var datasets = Several("--datasets", "folders of the data", ["gowalla", "yelp2018"]);
        var backbones = Several("--backbones", "backbones", ["lightgcn", "ngcf", "ncf"]);
        var sparsities = Several("--sparsities", "shares of the full table's bytes that must go", [0.8, 0.9, 0.95]);
        var methods = Several("--methods", $"of {string.Join(", ", SearchMethods.Names)}", [SearchMethods.BetPlus, SearchMethods.Bet]);
        var efforts = Several("--efforts", "how much work a search may be", [Effort.Standard]);
        var precision = new Option<Precision?>("--precision") { Description = "of all tables within the budget; the method's choice where it is left out" };
        var retrained = new Option<int?>("--retrained") { Description = "run so many trials, train all of them to the end and nothing else: how well do trials foresee?" };
        var size = new Option<int?>("--size") { Description = "how many values a row may have in the same bytes, if not the paper's 128" };
        var seeds = Several("--seeds", "a search each", [1UL]);
        var data = new Option<string?>("--data") { Description = "where the folders of the data lie; shared/data above this folder where it is left out" };
        var work = new Option<string>("--work")
        {
            Description = "where unfinished searches stay",
            DefaultValueFactory = _ => Path.Combine(Repository.Root, "bench", "work"),
        };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("table1", "run the cells of the paper's table that are not there yet and write docs/results.md");
        foreach (var option in new Option[] { datasets, backbones, sparsities, methods, efforts, seeds, precision, size, retrained, data, work, threads })
            command.Add(option);
        command.SetAction(parsed =>
        {
            using var backend = new CpuBackend(parsed.GetValue(threads));
            var runner = new CellRunner(backend, parsed.GetValue(data) ?? Repository.SharedData(), parsed.GetValue(work)!, Results);
            foreach (var cell in
                from dataset in parsed.GetValue(datasets)!
                from backbone in parsed.GetValue(backbones)!
                from seed in parsed.GetValue(seeds)!
                from effort in parsed.GetValue(efforts)!
                from method in parsed.GetValue(methods)!
                from sparsity in parsed.GetValue(sparsities)!
                select new Cell(dataset, backbone, sparsity, method, effort, seed, parsed.GetValue(precision), parsed.GetValue(retrained),
                    parsed.GetValue(size)))
            {
                runner.Run(cell);
                ResultsPage.Write(Results);
            }

            return 0;
        });
        return command;
    }

    private static Option<T[]> Several<T>(string name, string description, T[] all) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => all };
}
