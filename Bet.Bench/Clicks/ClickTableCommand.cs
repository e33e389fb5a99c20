using System.CommandLine;
using Bet.Bench.Tables;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Search;

namespace Bet.Bench.Clicks;

/// <summary><c>clicks</c>: searches over click data, cell by cell, and the part of docs/results.md on click data from what is there. Stopped, it goes on where it was.</summary>
public static class ClickTableCommand
{
    private static readonly string Results = Path.Combine(Repository.Root, "bench", "results", "clicks");

    public static Command Create()
    {
        var datasets = Several("--datasets", "folders of the data", ["ml1m-ctr"]);
        var backbones = Several("--backbones", "models", ["dlrm", "dcn"]);
        var factors = Several("--factors", "how many times fewer bytes", [4, 15, 60]);
        var efforts = Several("--efforts", "how much work a search may be", [Effort.Standard]);
        var seeds = Several("--seeds", "a search each", [1UL, 2UL, 3UL]);
        var data = new Option<string?>("--data") { Description = "where the folders of the data lie; shared/data above this folder where it is left out" };
        var work = new Option<string>("--work")
        {
            Description = "where unfinished searches stay",
            DefaultValueFactory = _ => Path.Combine(Repository.Root, "bench", "work", "clicks"),
        };
        var results = new Option<string>("--results") { Description = "where results are written", DefaultValueFactory = _ => Results };
        var alone = new Option<bool>("--alone") { Description = "only the full tables and the found ones" };
        var epochs = new Option<int>("--epochs") { Description = "of every table; the recorded results have one", DefaultValueFactory = _ => 1 };
        var rate = new Option<double?>("--rate");
        var batch = new Option<int?>("--batch");
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("clicks", "run the searches over click data that are not there yet and write the part of docs/results.md on click data");
        foreach (var option in new Option[] { datasets, backbones, factors, efforts, seeds, data, work, results, alone, epochs, rate, batch, threads })
            command.Add(option);
        command.SetAction(parsed =>
        {
            using var backend = new CpuBackend(parsed.GetValue(threads));
            string place = parsed.GetValue(work)!;
            Directory.CreateDirectory(place);
            var runner = new ClickCellRunner(backend, parsed.GetValue(data) ?? Repository.SharedData(), place, parsed.GetValue(results)!)
            {
                Alone = parsed.GetValue(alone),
                Overrides = new ClickSearchOverrides { Epochs = parsed.GetValue(epochs), LearningRate = parsed.GetValue(rate), BatchSize = parsed.GetValue(batch) },
            };
            foreach (var cell in
                from dataset in parsed.GetValue(datasets)!
                from seed in parsed.GetValue(seeds)!
                from backbone in parsed.GetValue(backbones)!
                from effort in parsed.GetValue(efforts)!
                from factor in parsed.GetValue(factors)!
                select new ClickCell(dataset, backbone, factor, effort, seed))
            {
                runner.Run(cell);
                ResultsPage.Write(TableOneCommand.Results);
            }

            return 0;
        });
        return command;
    }

    private static Option<T[]> Several<T>(string name, string description, T[] all) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => all };
}
