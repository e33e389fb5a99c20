using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Fields;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Engine.ClickSearches;

/// <summary>What a client may set itself of a search over click data; null: the preset's.</summary>
public record ClickSearchOverrides
{
    /// <summary>bet-plus (the default), which searches for what every field gets, or a way to store tables: see FieldMethods.</summary>
    public string? Method { get; init; }

    /// <summary>Of a method that has several: add, multiply or concatenate; quotient-remainder with multiply is quotient-remainder-multiply.</summary>
    public string? Operation { get; init; }

    /// <summary>Of a named method, instead of a budget: about how many categories share a row of the first table.</summary>
    public int? Collisions { get; init; }

    /// <summary>Of a named method: fields with no more categories have full tables. Default 200.</summary>
    public int? Threshold { get; init; }

    /// <summary>Values of a feature. Default 16.</summary>
    public int? Size { get; init; }

    public Precision? Precision { get; init; }

    public int? Trials { get; init; }

    public int? ParallelTrials { get; init; }

    public int? Candidates { get; init; }

    public int? Retrained { get; init; }

    /// <summary>See <see cref="ClickSearchOptions.TrialShare"/>.</summary>
    public double? TrialShare { get; init; }

    public IReadOnlyList<string>? Compare { get; init; }

    public int? Epochs { get; init; }

    public int? BatchSize { get; init; }

    public double? LearningRate { get; init; }

    /// <summary>adagrad, adam or amsGrad.</summary>
    public Optimiser? Optimiser { get; init; }
}

/// <summary>The numbers of a search over click data, from what a request says.</summary>
public static class ClickSearchPresets
{
    private const string QuotientRemainder = "quotient-remainder-multiply";

    /// <summary>
    /// Up to so many training samples, they are gone through several times, and validation says after which: one pass leaves much
    /// to be learnt of them. docs/decisions/2026-11-23-few-clicks-more-passes.md
    /// </summary>
    private const double FewSamples = 1_000_000;

    private const int EpochsOfFew = 3;

    private static readonly Dictionary<Effort, Preset> Presets = new()
    {
        [Effort.Quick] = new(Trials: 16, TrialSamples: 1_000_000, LeastShare: 0.25, Retrained: 1),
        [Effort.Standard] = new(Trials: 24, TrialSamples: 4_000_000, LeastShare: 0.5, Retrained: 2),
        [Effort.Thorough] = new(Trials: 40, TrialSamples: int.MaxValue, LeastShare: 1, Retrained: 3),
    };

    /// <param name="Trials">Trials.</param>
    /// <param name="TrialSamples">That a trial trains on, where so many are not too small a share of all.</param>
    /// <param name="LeastShare">Of all samples, that a trial trains on.</param>
    /// <param name="Retrained">Recipes trained to the end.</param>
    private sealed record Preset(int Trials, int TrialSamples, double LeastShare, int Retrained)
    {
        /// <summary>What small tables win by learning less by heart shows on enough samples alone.</summary>
        public double ShareOf(double samples) => Math.Clamp(TrialSamples / Math.Max(1, samples), LeastShare, 1);
    }

    /// <param name="backbone">A name of <see cref="ClickModelRegistry"/>.</param>
    /// <param name="budget">May be left out where a method and its collisions are given.</param>
    /// <param name="effort">Sets what is not given.</param>
    /// <param name="seed">Of everything random.</param>
    /// <param name="split">Of the data.</param>
    /// <param name="overrides">What is given.</param>
    /// <param name="data">What the search is over, where it is known: rows to compare with that the budget cannot hold are then left out where they were not asked for.</param>
    /// <param name="budgets">Instead of a budget, those of a curve.</param>
    /// <exception cref="OptionException">A field makes no sense; it says which.</exception>
    /// <exception cref="BudgetException">The data are known, and a budget cannot be met.</exception>
    public static ClickSearchOptions Create(
        string backbone, BudgetRequest? budget, Effort effort, ulong seed, ClickSplitOptions split, ClickSearchOverrides overrides,
        ClickSummary? data = null, IReadOnlyList<BudgetRequest>? budgets = null)
    {
        int[]? categories = data is null ? null : [.. data.Fields.Select(each => each.Categories)];
        if (!ClickModelRegistry.Names.Contains(backbone))
            throw new OptionException("backbone", $"'{backbone}' was given; there are {string.Join(", ", ClickModelRegistry.Names)} for click data");
        CheckData(backbone, data);
        var preset = Presets[effort];
        string method = MethodOf(overrides);
        bool searches = method == SearchMethods.BetPlus;
        if (searches && overrides.Collisions is not null)
            throw new OptionException("collisions", $"{overrides.Collisions} was given; they belong to a way to store tables, method {QuotientRemainder} for example");
        if (!searches)
            ValidateNamed(overrides, method);
        budget ??= budgets?.FirstOrDefault();
        if ((budget is null) == (overrides.Collisions is null))
            throw new OptionException("budget", budget is null ? "give one, or a method and its collisions" : "a budget and collisions were given; one of them says how small the tables are");
        int size = overrides.Size ?? 16;
        double samples = data is null ? double.PositiveInfinity : (split.Train ?? (1 - split.Validation)) * (data.Rows - data.TestRows);
        var options = new ClickSearchOptions
        {
            Backbone = backbone,
            Budget = budget,
            Budgets = budgets,
            Effort = effort,
            Seed = seed,
            Split = split,
            Size = size,
            Method = method,
            Collisions = overrides.Collisions,
            Threshold = overrides.Threshold ?? FieldMethod.DefaultThreshold,
            Precision = overrides.Precision,
            Trials = searches ? overrides.Trials ?? preset.Trials : 0,
            ParallelTrials = overrides.ParallelTrials ?? 2,
            Candidates = overrides.Candidates ?? 1000,
            Retrained = overrides.Retrained ?? preset.Retrained,
            TrialShare = overrides.TrialShare ?? preset.ShareOf(samples),
            Compare = [],
            Model = new ClickModelOptions { Name = backbone, Size = size, Seed = seed },
            Training = new ClickTrainingOptions
            {
                Epochs = overrides.Epochs ?? (samples <= FewSamples ? EpochsOfFew : 1),
                BatchSize = overrides.BatchSize ?? BatchSizes.OfClickSearches(samples),
                Optimiser = overrides.Optimiser ?? Optimiser.Adam,
                Schedule = new WarmUpSchedule((float)(overrides.LearningRate ?? 2e-3), Falls: true),
            },
        };
        ValidateNumbers(options);
        bool IsHeld(string name) => categories is null || FieldMethods.Find(name) is not { } known
            || LeastBytes(known, options, categories) <= Bound(known, options, categories);
        options = options with { Compare = overrides.Compare ?? [.. DefaultRows(options).Where(IsHeld)] };
        ValidateCompare(options);
        foreach (var large in options.Compare.Append(method).Where(name => !IsHeld(name)).Select(name => FieldMethods.Find(name)!))
        {
            throw new OptionException(
                large.Name == method ? "method" : "compare",
                $"'{large.Name}' was given; with it the fields need at least {LeastBytes(large, options, categories!)} bytes, {Bound(large, options, categories!)} were given");
        }

        return options;
    }

    /// <summary>There must be tables, and in DLRM something that their features interact with.</summary>
    private static void CheckData(string backbone, ClickSummary? data)
    {
        if (data is { Fields.Count: 0 })
            throw new OptionException("dataset", $"its {data.Numbers.Count} columns are all of numbers; without a column of categories there are no embedding tables");
        if (backbone == ClickModelRegistry.Dlrm && data is { Fields: [var field], Numbers.Count: 0 })
            throw new OptionException("backbone", $"'dlrm' was given; it multiplies features of pairs of columns, and the data set has the one column '{field.Name}'; dcn would do");
    }

    /// <summary>A method by its name, or by a name and an operation, in the precision that is asked for.</summary>
    private static string MethodOf(ClickSearchOverrides overrides)
    {
        string given = (overrides.Method, overrides.Operation) switch
        {
            (null, null) => SearchMethods.BetPlus,
            (null, _) => throw new OptionException("operation", $"'{overrides.Operation}' was given without a method; quotient-remainder, k-way and chinese-remainder have operations"),
            (var name, null) => name,
            var (name, operation) => $"{name}-{operation}",
        };
        if (given == SearchMethods.BetPlus)
            return given;
        var method = FieldMethods.Find(given)
            ?? throw new OptionException("method", $"'{given}' was given; there are {SearchMethods.BetPlus}, {FieldMethods.Known}");
        if (overrides.Precision is not { } precision || precision == method.Precision)
            return method.Name;
        return method.Precision == Compute.Precision.Float32
            ? method.In(precision).Name
            : throw new OptionException("precision", $"{precision.Name()} was given beside method '{given}'; name one of them");
    }

    private static IEnumerable<string> DefaultRows(ClickSearchOptions options) =>
        new[] { "hashing", QuotientRemainder }.Where(name => name != options.Method);

    /// <summary>The most bytes that a named method may take.</summary>
    private static long Bound(FieldMethod method, ClickSearchOptions options, IReadOnlyList<int> categories) =>
        FieldBudget.AllOf(options, categories).Select(bound => bound.LargestBytes(method.Precision)).Append(long.MaxValue).Min();

    private static long LeastBytes(FieldMethod method, ClickSearchOptions options, IReadOnlyList<int> categories) =>
        method.LeastBytes(categories, options.Size, 0);

    private static void ValidateCompare(ClickSearchOptions options)
    {
        foreach (string name in options.Compare)
        {
            if (FieldMethods.Find(name) is null || options.Compare.Count(other => other == name) > 1)
                throw new OptionException("compare", $"'{name}' was given; there are {FieldMethods.Known}; a name counts once");
        }
    }

    /// <summary>A named method searches for nothing.</summary>
    private static void ValidateNamed(ClickSearchOverrides overrides, string method)
    {
        foreach (var (field, given) in new (string, double?)[]
        {
            ("trials", overrides.Trials), ("parallelTrials", overrides.ParallelTrials), ("candidates", overrides.Candidates),
            ("retrained", overrides.Retrained), ("trialShare", overrides.TrialShare),
        })
        {
            if (given is not null)
                throw new OptionException(field, $"{given} was given; it belongs to a search, and method '{method}' makes none; leave it out");
        }
    }

    private static void ValidateNumbers(ClickSearchOptions options)
    {
        OptionException.ThrowIfOutside("size", options.Size, 1, 256);
        OptionException.ThrowIfOutside("collisions", options.Collisions ?? 1, 1, 1 << 20);
        OptionException.ThrowIfOutside("threshold", options.Threshold, 0, int.MaxValue);
        OptionException.ThrowIfOutside("trials", options.Trials, options.IsSearch ? 1 : 0, 1000);
        OptionException.ThrowIfOutside("parallelTrials", options.ParallelTrials, 1, 64);
        OptionException.ThrowIfOutside("candidates", options.Candidates, 1, 100_000);
        OptionException.ThrowIfOutside("retrained", options.Retrained, 1, Math.Max(1, options.IsSearch ? options.Trials : options.Retrained));
        OptionException.ThrowIfOutside("trialShare", options.TrialShare, 0.001, 1);
        OptionException.ThrowIfOutside("epochs", options.Training.Epochs, 1, 1000);
        OptionException.ThrowIfOutside("batchSize", options.Training.BatchSize ?? 1, 1, 1 << 20);
        OptionException.ThrowIfOutside("learningRate", options.Training.Schedule.Rate, 1e-7f, 10);
    }
}
