using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Bench.Tables;

/// <summary>
/// Runs cells one after another. What a search stores stays in a folder of work, so that a cell that was stopped goes on;
/// what depends on the budget in no way, the split and the full table, is taken from a cell that has it.
/// </summary>
public sealed class CellRunner(Backend backend, string data, string work, string results)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static CellResult Read(string path) =>
        JsonSerializer.Deserialize<CellResult>(File.ReadAllText(path), Json) ?? throw new JsonException($"{path}: not a cell's result");

    /// <summary>Runs the cell to its end, unless its result is there.</summary>
    public void Run(Cell cell)
    {
        string path = Path.Combine(results, cell.Name + ".json");
        if (File.Exists(path))
        {
            Console.WriteLine($"{cell.Name}: done before");
            return;
        }

        var options = Options(cell);
        string folder = Path.Combine(work, cell.Name);
        Directory.CreateDirectory(folder);
        CheckSameOptions(folder, options);
        TakeShared(folder, options);
        using var search = new BudgetedSearch(
            options, backend, new DirectoryStepStore(folder), () => DatasetReader.ReadFolder(Path.Combine(data, cell.Dataset)));
        foreach (var step in options.Steps().Where(step => !search.IsDone(step)))
        {
            var clock = Stopwatch.StartNew();
            search.Run(step, null, CancellationToken.None);
            string fitness = step.Kind == StepKind.Trial
                ? FormattableString.Invariant($", fitness {search.Trials()[step.Index].Fitness:0.0000}")
                : "";
            Console.WriteLine(FormattableString.Invariant($"{cell.Name}: {step.Name}, {clock.Elapsed.TotalSeconds:0} s{fitness}"));
        }

        var store = new DirectoryStepStore(folder);
        var result = new CellResult(
            cell, search.MaximumBytes, options, TrainedResult.ReadAll(store, options), [.. search.Trials().Select(CellTrial.Of)],
            $"{Repository.Machine()}; {backend.Description}", Repository.Commit(), DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'"));
        Directory.CreateDirectory(results);
        File.WriteAllText(path + ".tmp", JsonSerializer.Serialize(result, Json));
        File.Move(path + ".tmp", path, overwrite: true);
    }

    private static SearchOptions Options(Cell cell) => SearchPresets.Create(
        cell.Backbone, BudgetOf(cell), cell.Effort, cell.Seed,
        new SplitOptions(SplitKind.Random, 0.5, 0.25), new SearchOverrides
        {
            Method = cell.Method,
            MaximumSize = cell.Size,
            Precision = cell.Precision,
            Trials = cell.Retrained,
            Retrained = cell.Retrained,
            Compare = cell.Retrained is null ? [ComparedTables.Uniform, ComparedTables.Random] : [],
            Refit = cell.Retrained is null,
        });

    /// <summary>Of wider rows the same bytes are a smaller share.</summary>
    private static BudgetRequest BudgetOf(Cell cell)
    {
        if (cell.Size is not { } size)
            return new(Sparsity: cell.Sparsity);
        int least = (int)Math.Ceiling((1 - cell.Sparsity) * Cell.PaperSize);
        if (size < least || size > SearchPresets.MostSize)
            throw new UsageException($"--size {size}: the bytes of this cell hold float32 rows of {least} values; give at least that and at most {SearchPresets.MostSize}");
        return new(Sparsity: 1 - ((1 - cell.Sparsity) * Cell.PaperSize / size));
    }

    /// <summary>A folder that was begun with other options would end as a mixture of both.</summary>
    private static void CheckSameOptions(string folder, SearchOptions options)
    {
        string path = Path.Combine(folder, "options.json"), now = JsonSerializer.Serialize(options, Json);
        if (File.Exists(path) && File.ReadAllText(path) != now)
            throw new UsageException($"{folder} was begun with other options; delete it to begin anew");
        File.WriteAllText(path, now);
    }

    /// <summary>
    /// The split and the full table of another cell that trains it alike. The full table trained on the validation part
    /// too is the first of its kind of step.
    /// </summary>
    private void TakeShared(string folder, SearchOptions options)
    {
        string full = new SearchStep(StepKind.Pretrain, 0).Name;
        string refitted = new SearchStep(StepKind.Refit, 0).Name;
        foreach (string other in Directory.GetDirectories(work).Where(other => other != folder))
        {
            string path = Path.Combine(other, "options.json");
            if (!File.Exists(path) || Path.GetFileName(other).Split('-')[0] != Path.GetFileName(folder).Split('-')[0])
                continue;
            var theirs = JsonSerializer.Deserialize<SearchOptions>(File.ReadAllText(path), Json)!;
            if (theirs.BackboneOptions != options.BackboneOptions || theirs.Pretraining != options.Pretraining || !theirs.LesserDecays.SequenceEqual(options.LesserDecays)
                || !theirs.LesserRates.SequenceEqual(options.LesserRates) || theirs.Split != options.Split || theirs.Seed != options.Seed || theirs.WarmStart != options.WarmStart)
                continue;
            foreach (string step in new[] { full, refitted }.Where(step => File.Exists(Path.Combine(other, step + ".json"))))
            {
                // The JSON, which says that the step is done, sorts before the weights: it is copied last.
                foreach (string file in Directory.GetFiles(other, $"{step}.*").Append(Path.Combine(other, "prepared.bin")).OrderDescending())
                    File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
            }
        }
    }
}
