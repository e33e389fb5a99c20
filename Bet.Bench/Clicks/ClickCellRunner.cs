using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Bench.Clicks;

/// <summary>
/// Runs cells one after another. What a search stores stays in a folder of work, so that a cell that was stopped goes on; the
/// split and the full tables are taken from a cell of another budget that has them.
/// </summary>
public sealed class ClickCellRunner(Backend backend, string data, string work, string results)
{
    private readonly Dictionary<string, ClickSet> sets = [];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Nothing is compared with but full tables.</summary>
    public bool Alone { get; init; }

    /// <summary>What is set other than by the presets.</summary>
    public ClickSearchOverrides Overrides { get; init; } = new();

    public static ClickCellResult Read(string path) =>
        JsonSerializer.Deserialize<ClickCellResult>(File.ReadAllText(path), Json) ?? throw new JsonException($"{path}: not a cell's result");

    /// <summary>Runs the cell to its end, unless its result is there.</summary>
    public void Run(ClickCell cell)
    {
        string path = Path.Combine(results, cell.Name + ".json");
        if (File.Exists(path))
        {
            Console.WriteLine($"{cell.Name}: done before");
            return;
        }

        string folder = Path.Combine(work, cell.Name);
        Directory.CreateDirectory(folder);
        var options = Options(cell, SetOf(cell));
        string optionsPath = Path.Combine(folder, "options.json"), now = JsonSerializer.Serialize(options, Json);
        if (File.Exists(optionsPath) && File.ReadAllText(optionsPath) != now)
            throw new UsageException($"{folder} was begun with other options; delete it to begin anew");
        File.WriteAllText(optionsPath, now);
        TakeShared(folder, options);
        using var search = new ClickSearch(options, backend, new DirectoryStepStore(folder), () => SetOf(cell));
        foreach (var step in options.Steps().Where(step => !search.IsDone(step)))
        {
            var clock = Stopwatch.StartNew();
            search.Run(step, null, CancellationToken.None);
            string told = step.Kind == StepKind.Trial && search.Trials()[^1] is var trial
                ? FormattableString.Invariant($", {trial.Recipe.Method} {trial.Recipe.Precision}, width {trial.Recipe.Width}, tail {trial.Recipe.TailShare:0.00}, fitness {trial.Fitness:0.0000}")
                : "";
            Console.WriteLine(FormattableString.Invariant($"{cell.Name}: {step.Name}, {clock.Elapsed.TotalSeconds:0} s{told}"));
        }

        foreach (var row in search.Results())
            Console.WriteLine(FormattableString.Invariant($"{cell.Name}: {row.Name}, {row.Bytes} bytes, log loss {row.Test.LogLoss.Value:0.0000}, AUC {row.Test.Auc.Value:0.0000}"));
        var result = new ClickCellResult(
            cell, search.Budget!.MaximumBytes, options, [.. search.Results().Select(row => ClickCellRow.Of(row, row.Name == options.Method))], search.Trials(),
            $"{Repository.Machine()}; {backend.Description}", Repository.Commit(), DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'"));
        Directory.CreateDirectory(results);
        File.WriteAllText(path + ".tmp", JsonSerializer.Serialize(result, Json));
        File.Move(path + ".tmp", path, overwrite: true);
    }

    private ClickSet SetOf(ClickCell cell)
    {
        if (!sets.TryGetValue(cell.Dataset, out var set))
            sets[cell.Dataset] = set = ClickReader.ReadFolder(Path.Combine(data, cell.Dataset), FormatOf(cell.Dataset));
        return set;
    }

    /// <summary>The rating is where the label comes from.</summary>
    private static ClickFormat FormatOf(string dataset) => dataset == "ml1m-ctr" ? new ClickFormat { IgnoredColumns = ["rating"] } : new ClickFormat();

    private ClickSearchOptions Options(ClickCell cell, ClickSet set)
    {
        int[] categories = [.. set.Ids.Select(ids => ids.Count + 1)];
        var asked = new BudgetRequest(Sparsity: 1 - (1.0 / cell.Factor));
        const int Size = 16;
        long bytes = FieldBudget.From(asked, categories, Size).MaximumBytes;
        FieldMethod[] rows = [.. Rows(cell.Factor, method => method.LeastBytes(categories, Size, 0) <= bytes)];
        return ClickSearchPresets.Create(
            cell.Backbone, asked, cell.Effort, cell.Seed, new ClickSplitOptions(ClickSplitKind.Random, 0.8, 0.1), Overrides with
            {
                Size = Size,
                // Where the budget holds everything there is nothing to search for.
                Method = cell.Factor == 1 ? rows[^1].Name : Overrides.Method,
                Compare = Alone ? [] : [.. rows.Select(method => method.Name).Except(cell.Factor == 1 ? [rows[^1].Name] : [])],
            },
            ClickSummary.Of(set));
    }

    /// <summary>What a search is compared with, as far as the budget holds it: where all is held, full tables by precision.</summary>
    private static IEnumerable<FieldMethod> Rows(int factor, Func<FieldMethod, bool> isHeld)
    {
        var full = new[] { Precision.Float16, Precision.Int8, Precision.Int4 }.Select(new FullFields().In);
        var others = FieldMethods.All.Where(method => method is not FullFields);
        var inBytes = others.Where(method => method is HashedFields or DigitFields || !isHeld(method)).Select(method => method.In(Precision.Int8));
        return (factor == 1 ? full : full.Concat(others).Concat(inBytes)).Where(isHeld);
    }

    private void TakeShared(string folder, ClickSearchOptions options)
    {
        foreach (string other in Directory.GetDirectories(work).Where(other => other != folder))
        {
            string path = Path.Combine(other, "options.json"), done = Path.Combine(other, "pretrain.json");
            if (!File.Exists(path) || !File.Exists(done) || File.Exists(Path.Combine(folder, "pretrain.json")))
                continue;
            var theirs = JsonSerializer.Deserialize<ClickSearchOptions>(File.ReadAllText(path), Json)!;
            bool same = JsonSerializer.Serialize(theirs.Model, Json) == JsonSerializer.Serialize(options.Model, Json)
                && theirs.Training == options.Training && theirs.Split == options.Split && theirs.Seed == options.Seed && theirs.TrialShare == options.TrialShare;
            if (!same || Path.GetFileName(other).Split('-')[0] != Path.GetFileName(folder).Split('-')[0])
                continue;
            // pretrain.json says that the step is done: it is copied last.
            foreach (string file in Directory.GetFiles(other, "pretrain.*").Append(Path.Combine(other, "prepared.bin"))
                .OrderBy(file => file.EndsWith("pretrain.json", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }
    }
}
