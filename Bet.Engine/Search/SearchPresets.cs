using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>The options of each <see cref="Effort"/>, and their validation.</summary>
public static class SearchPresets
{
    /// <summary>The most values that a row may have.</summary>
    public const int MostSize = 1024;

    /// <summary>
    /// The preset with the overrides applied.
    /// </summary>
    /// <exception cref="OptionException">A value out of its range.</exception>
    public static SearchOptions Create(
        string backbone, BudgetRequest budget, Effort effort, ulong seed, SplitOptions split, SearchOverrides overrides)
    {
        if (!BackboneRegistry.Names.Contains(backbone))
            throw new OptionException("backbone", $"'{backbone}' was given; there are {string.Join(", ", BackboneRegistry.Names)}");
        string method = overrides.Method ?? SearchMethods.BetPlus;
        if (!SearchMethods.Names.Contains(method))
            throw new OptionException("method", $"'{method}' was given; there are {string.Join(", ", SearchMethods.Names)}");
        var preset = Presets[(method, effort)];
        bool warm = overrides.WarmStart ?? SearchMethods.WarmStartOf(method);
        var loss = LossOf(backbone, BackboneRegistry.DefaultsOf(backbone), overrides);
        var defaults = BackboneRegistry.DefaultsOf(backbone).For(loss);
        int epochs = defaults.Epochs.For(effort);
        int? batch = overrides.BatchSize;
        float first = overrides.LearningRate ?? defaults.LearningRate;
        var rate = new LearningRateSchedule(first, first * defaults.LastLearningRate / defaults.LearningRate);
        float l2 = overrides.L2 ?? defaults.L2, representationL2 = overrides.RepresentationL2 ?? defaults.RepresentationL2;
        int every = overrides.EvaluateEvery ?? 5;
        int retrain = overrides.RetrainEpochs ?? (warm ? preset.WarmRetrain : epochs);
        bool toTheEnd = warm && defaults.TriesToTheEnd && method == SearchMethods.BetPlus;
        int fineTune = overrides.FineTuneEpochs ?? (toTheEnd ? retrain : preset.FineTune);
        int patience = overrides.Patience ?? 4;
        int trials = overrides.Trials ?? preset.Trials;
        int retrained = warm && method == SearchMethods.BetPlus ? Math.Max(preset.Retrained, defaults.Axes.Count) : preset.Retrained;
        var options = new SearchOptions
        {
            Backbone = backbone,
            Method = method,
            Budget = budget,
            Effort = effort,
            Seed = seed,
            Split = split,
            MaximumSize = overrides.MaximumSize ?? 128,
            MinimumSize = overrides.MinimumSize ?? 1,
            Precision = overrides.Precision ?? (method == SearchMethods.Bet ? Precision.Float32 : null),
            WarmStart = warm,
            WarmRates = defaults.WarmRates,
            TrialRates = defaults.TrialRates,
            Layers = overrides.Layers ?? 3,
            MessageDropout = overrides.MessageDropout ?? defaults.MessageDropout,
            NodeDropout = overrides.NodeDropout ?? 0,
            InitialDeviation = overrides.InitialDeviation ?? defaults.InitialDeviation,
            Trials = trials,
            ParallelTrials = overrides.ParallelTrials ?? preset.Parallel,
            Candidates = overrides.Candidates ?? preset.Candidates,
            Retrained = overrides.Retrained ?? Math.Min(retrained, trials),
            Compare = overrides.Compare ?? [ComparedTables.Uniform],
            Refit = overrides.Refit ?? false,
            LesserDecays = overrides.L2 is null && overrides.RepresentationL2 is null ? defaults.LesserDecays : [],
            LesserRates = overrides.LearningRate is null ? defaults.LesserRates : [],
            Pretraining = new(overrides.PretrainEpochs ?? epochs, batch, rate, l2, every, patience, loss, RepresentationL2: representationL2),
            FineTuning = new(fineTune, batch, rate, l2, fineTune, 1, loss, RepresentationL2: representationL2),
            Retraining = new(retrain, batch, rate, l2, warm ? Math.Min(every, 2) : every, patience, loss, RepresentationL2: representationL2),
        };
        Validate(options);
        return options;
    }

    private static readonly Dictionary<(string, Effort), Preset> Presets = new()
    {
        [(SearchMethods.BetPlus, Effort.Quick)] = new(Trials: 10, Candidates: 4000, Retrained: 1, FineTune: 2, WarmRetrain: 6, Parallel: 2),
        [(SearchMethods.BetPlus, Effort.Standard)] = new(Trials: 12, Candidates: 4000, Retrained: 2, FineTune: 3, WarmRetrain: 12, Parallel: 2),
        [(SearchMethods.BetPlus, Effort.Thorough)] = new(Trials: 40, Candidates: 4000, Retrained: 5, FineTune: 4, WarmRetrain: 16, Parallel: 2),
        [(SearchMethods.Bet, Effort.Quick)] = new(Trials: 10, Candidates: 100, Retrained: 3, FineTune: 2, WarmRetrain: 6, Parallel: 1),
        [(SearchMethods.Bet, Effort.Standard)] = new(Trials: 30, Candidates: 100, Retrained: 5, FineTune: 4, WarmRetrain: 8, Parallel: 1),
        [(SearchMethods.Bet, Effort.Thorough)] = new(Trials: 50, Candidates: 100, Retrained: 5, FineTune: 5, WarmRetrain: 16, Parallel: 1),
    };

    /// <summary>Of a method and an effort; the epochs of a retraining from random values are the backbone's.</summary>
    private sealed record Preset(int Trials, int Candidates, int Retrained, int FineTune, int WarmRetrain, int Parallel);

    /// <summary>The backbone's loss, or the named one, with what the request sets itself.</summary>
    private static LossOptions LossOf(string backbone, BackboneDefaults defaults, SearchOverrides overrides)
    {
        string name = overrides.Loss ?? defaults.Loss.Name;
        if (!LossRegistry.Names.Contains(name))
            throw new OptionException("loss", $"'{name}' was given; there are {string.Join(", ", LossRegistry.Names)}");
        if (overrides.Cosine == true && !defaults.IsProduct)
            throw new OptionException("cosine", $"true was given; the score of {backbone} is a network's, which has no cosine");
        var loss = name == defaults.Loss.Name ? defaults.Loss : LossRegistry.DefaultsOf(name);
        return loss with
        {
            Negatives = overrides.Negatives ?? loss.Negatives,
            Temperature = overrides.Temperature ?? loss.Temperature,
            Cosine = overrides.Cosine ?? loss.Cosine,
        };
    }

    private static void Validate(SearchOptions options)
    {
        foreach (string name in options.Compare)
        {
            if (!ComparedTables.Names.Contains(name) || options.Compare.Count(other => other == name) > 1)
                throw new OptionException("compare", $"'{name}' was given; there are {string.Join(", ", ComparedTables.Names)}, each at most once");
        }

        var loss = options.Pretraining.Loss;
        OptionException.ThrowIfOutside("negatives", loss.Negatives, 1, 1 << 16);
        OptionException.ThrowIfOutside("temperature", loss.Temperature, 1e-3f, 100);
        OptionException.ThrowIfOutside("messageDropout", options.MessageDropout, 0, 0.95f);
        OptionException.ThrowIfOutside("nodeDropout", options.NodeDropout, 0, 0.95f);
        OptionException.ThrowIfOutside("initialDeviation", options.InitialDeviation, 1e-6f, 10);
        OptionException.ThrowIfOutside("maximumSize", options.MaximumSize, 1, MostSize);
        OptionException.ThrowIfOutside("minimumSize", options.MinimumSize, 0, options.MaximumSize);
        OptionException.ThrowIfOutside("layers", options.Layers, 1, 8);
        OptionException.ThrowIfOutside("trials", options.Trials, 1, 1000);
        OptionException.ThrowIfOutside("parallelTrials", options.ParallelTrials, 1, 64);
        OptionException.ThrowIfOutside("candidates", options.Candidates, 1, 100_000);
        OptionException.ThrowIfOutside("retrained", options.Retrained, 1, options.Trials);
        OptionException.ThrowIfOutside("pretrainEpochs", options.Pretraining.Epochs, 1, 100_000);
        // Trials may train as long: the field that was given comes first.
        OptionException.ThrowIfOutside("retrainEpochs", options.Retraining.Epochs, 1, 100_000);
        OptionException.ThrowIfOutside("fineTuneEpochs", options.FineTuning.Epochs, 1, 100_000);
        OptionException.ThrowIfOutside("batchSize", options.Pretraining.BatchSize ?? 1, 1, 1 << 20);
        OptionException.ThrowIfOutside("learningRate", options.Pretraining.Schedule.First, 1e-6f, 10);
        OptionException.ThrowIfOutside("l2", options.Pretraining.L2, 0, 1);
        OptionException.ThrowIfOutside("representationL2", options.Pretraining.RepresentationL2, 0, 1);
        if (options.Pretraining.RepresentationL2 > 0 && (loss.Cosine || !BackboneRegistry.DefaultsOf(options.Backbone).IsProduct))
        {
            throw new OptionException(
                "representationL2",
                $"{options.Pretraining.RepresentationL2} was given, which decays the vectors whose inner product is a score; {(loss.Cosine ? "a cosine does not depend on their length" : $"a score of {options.Backbone} is a network's")}: leave it out, or give 0");
        }

        OptionException.ThrowIfOutside("evaluateEvery", options.Pretraining.EvaluateEvery, 1, 100_000);
        OptionException.ThrowIfOutside("patience", options.Pretraining.Patience, 1, 100_000);
    }
}
