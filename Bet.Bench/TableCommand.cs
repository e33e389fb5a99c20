using System.CommandLine;
using Bet.Bench.Scale;

namespace Bet.Bench;

/// <summary><c>table</c>: docs/benchmarks.md from bench/results/*.json, so that no number there was typed by hand.</summary>
public static class TableCommand
{
    private const string Introduction =
        """
        # Benchmarks

        Written by `Bet.Bench table` from `bench/results/*.json`; do not edit. Ours and its peer run in turn within one
        measurement (ours, peer, ours, peer, ...), after a run of each that does not count, with the same number of
        threads; the numbers are medians. "Times as fast" is the peer's time over ours: above 1, ours is faster.

        Again, on this machine:

            apt-get install python3-torch python3-numpy libopenblas0-pthread
            dotnet run -c Release --project Bet.Bench -- compare --json bench/results/NAME.json
            dotnet run -c Release --project Bet.Bench -- table

        The peers are in `bench/peers`, each in the fastest of a few formulations on the machine it runs on. Where one
        is not installed its columns are empty and the last column says why. Where the peer is "BET" it is this program
        in another configuration: fewer threads, or vector instructions switched off. Memory is that of the whole
        process, runtime and data included, in millions of bytes.
        """;

    public static Command Create()
    {
        var command = new Command("table", "write docs/benchmarks.md from bench/results/*.json");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        string folder = Path.Combine(Repository.Root, "bench", "results");
        string[] files = !Directory.Exists(folder) ? [] :
        [
            .. Directory.GetFiles(folder, "*.json")
                .Where(file => !file.EndsWith(ScaleRow.FileEnd, StringComparison.Ordinal)).Order(),
        ];
        if (files.Length == 0)
            throw new UsageException($"{folder} has no results yet: compare --json bench/results/NAME.json makes some");
        string path = Path.Combine(Repository.Root, "docs", "benchmarks.md");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Reproduction.ReproduceCommand.WritePages();
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        writer.WriteLine(Introduction);
        foreach (string file in files)
            WriteSection(writer, file);
        Console.WriteLine($"{path}: {files.Length} file(s)");
        return 0;
    }

    private static void WriteSection(StreamWriter writer, string file)
    {
        var rows = ResultsFile.Read(file);
        writer.WriteLine();
        writer.WriteLine($"## {Path.GetFileNameWithoutExtension(file)}");
        if (rows.Count == 0)
            return;
        writer.WriteLine();
        writer.WriteLine($"{rows[0].Machine}. Commit {rows[0].Commit}, seed {rows[0].Seed}, {rows[0].Date}, "
            + $"{rows[0].Runs} runs of each.");
        writer.WriteLine();
        ResultsTable.WriteHeader(writer);
        foreach (var row in rows)
            ResultsTable.WriteRow(writer, row);
        ResultsTable.WriteMemory(writer, rows);
    }
}
