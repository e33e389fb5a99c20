using System.Diagnostics;
using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Fields;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Engine.ClickSearches;

/// <summary>
/// A search for the tables of all fields of click data under one budget; <see cref="ClickSearchOptions.PointSteps"/> lists its steps.
/// <see cref="ClickCurveSearch"/> takes several budgets.
/// </summary>
public sealed class ClickSearch : StepSearch
{
    private readonly ClickSearchOptions options;
    private readonly Backend backend;
    private readonly ClickFiles files;
    private readonly Func<ClickSet> read;
    private PreparedClicks? data;

    /// <param name="options">What is searched for.</param>
    /// <param name="backend">Where it is computed; owned by the caller.</param>
    /// <param name="store">What the steps read and write.</param>
    /// <param name="data">Reads the click data; called by the Prepare step alone.</param>
    public ClickSearch(ClickSearchOptions options, Backend backend, IStepStore store, Func<ClickSet> data)
        : this(options, backend, new ClickFiles(store), data)
    {
    }

    private ClickSearch(ClickSearchOptions options, Backend backend, ClickFiles files, Func<ClickSet> data)
        : base(options.PointSteps(), files) => (this.options, this.backend, this.files, read) = (options, backend, files, data);

    /// <summary>The bound, once Prepare has run; null where the number of collisions is asked for.</summary>
    public FieldBudget? Budget => options.Budget is { } asked ? FieldBudget.From(asked, Data.Categories, options.Size) : null;

    /// <summary>n of each field, once Prepare has run: what is rare in the training part is one category.</summary>
    internal IReadOnlyList<int> Categories => Data.Categories;

    private PreparedClicks Data => data ??= files.ReadPrepared();

    /// <summary>
    /// Writes the artifacts of the best tables so far: of those trained to the end, else the best trial's. False where no trial has ended.
    /// </summary>
    public override bool ExportBestSoFar()
    {
        if (Rows<ClickTableResult>(StepKind.Retrain).Count == 0)
        {
            if (BestTrial() is not { } best)
                return false;
            files.Write(StepFiles.BestSoFarName, ResultOf(best));
        }

        Export();
        return true;
    }

    /// <summary>See <see cref="ClickTrialResult.ReadAll"/>.</summary>
    public IReadOnlyList<ClickTrialResult> Trials() => ClickTrialResult.ReadAll(files, options);

    /// <summary>See <see cref="ClickTableResult.ReadAll"/>.</summary>
    public IReadOnlyList<ClickTableResult> Results() => ClickTableResult.ReadAll(files, options);

    public override void Dispose()
    {
    }

    private protected override void Prepare()
    {
        data = ClickSplitter.Split(read(), options.Split, options.Seed);
        byte[] labels = data.Validation.Labels;
        if (Array.TrueForAll(labels, label => label == labels[0]))
            throw new ArgumentException($"All {labels.Length} samples of the validation part have label {labels[0]}, so no tables can be told from others: a random split, a larger share or more data would do.");
        NamedTables.Check(options, data);
        files.WritePrepared(data);
    }

    private protected override void Pretrain(SearchStep step, KeptTraining run, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        using var training = new ClickTraining(options, backend, Data);
        var shapes = Full();
        bool triesOnLess = options is { IsSearch: true, TrialShare: < 1 };
        var trained = training.Train(shapes, run, cancel, isLast: !triesOnLess);
        if (!(trained.Quality > 0))
            throw new InvalidOperationException("full tables know no more than the share of clicks, so no fitness can be told; more epochs, another learningRate or more data would do");
        if (options.IsSearch)
        {
            // What a field is worth, and what full tables are when they are trained as trials are. Where these would learn nothing of
            // their share of the samples, they have all.
            double onLess = triesOnLess
                ? training.Try(shapes, options.TrialShare, run.Next(done: 1 / (1 + options.TrialShare)), cancel).Quality
                : 0;
            files.Write(ClickFiles.BasisName, onLess > 0
                ? new ClickBasis(training.Importance(trained, cancel), onLess, options.TrialShare)
                : new ClickBasis(training.Importance(trained, cancel), trained.Quality, 1));
        }

        Store(step, "full", null, shapes, trained, clock);
    }

    private protected override void RunTrial(SearchStep step, KeptTraining run, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        int number = step.Index + 1;
        var basis = files.Read<ClickBasis>(ClickFiles.BasisName);
        var allocation = Allocation();
        var choice = RecipeChoices.Beside(new RecipeContext(options, allocation, basis.Importance), number, Trials());
        var shapes = allocation.Of(choice.Recipe)
            ?? throw new InvalidOperationException($"{step.Name}: the budget does not hold {choice.Recipe}");
        using var training = new ClickTraining(options, backend, Data);
        var trained = training.Try(shapes, TrialShareOf(basis), run, cancel);
        double fitness = trained.Quality / basis.FullQuality;
        if (Trials().All(other => fitness >= other.Fitness))
        {
            files.WriteWeights(step.Name, trained.Tables, trained.Dense);
            files.Write(ClickFiles.OutcomeName(step.Name), trained.Outcome);
        }

        files.Write(step.Name, new ClickTrialResult(
            number, choice.Selection, choice.Recipe, shapes.Sum(shape => shape.Bytes), choice.Predicted, fitness, trained.Quality,
            clock.Elapsed.TotalSeconds));
    }

    /// <summary>Of those whose tables are stored, as those of earlier versions are not; null where there is none.</summary>
    private ClickTrialResult? BestTrial() => Trials()
        .Where(trial => files.TryRead<ClickTrainingOutcome>(ClickFiles.OutcomeName(StepOf(trial))) is not null)
        .OrderByDescending(trial => trial.Fitness).ThenBy(trial => trial.Number).FirstOrDefault();

    private static string StepOf(ClickTrialResult trial) => new SearchStep(StepKind.Trial, trial.Number - 1).Name;

    private ClickTableResult ResultOf(ClickTrialResult trial)
    {
        var (tables, dense) = files.ReadWeights(StepOf(trial));
        var outcome = files.Read<ClickTrainingOutcome>(ClickFiles.OutcomeName(StepOf(trial)));
        using var training = new ClickTraining(options, backend, Data);
        var (validation, test) = training.Evaluate(tables, dense, CancellationToken.None);
        var shapes = Allocation().Of(trial.Recipe)!;
        return new ClickTableResult(
            options.Method, shapes.Sum(shape => shape.Values), shapes.Sum(shape => shape.Bytes), trial.Number, trial.Quality, validation, test,
            outcome.Steps, outcome.BestStep, trial.Seconds, Outlines(shapes));
    }

    private protected override void Retrain(SearchStep step, KeptTraining run, CancellationToken cancel)
    {
        if (!options.IsSearch)
        {
            TrainAndStore(step, options.Method, null, NamedTables.Of(options.Method, options, Data), run, cancel);
            return;
        }

        var trial = Trials().OrderByDescending(trial => trial.Fitness).ThenBy(trial => trial.Number).ElementAt(step.Index);
        TrainAndStore(step, options.Method, trial.Number, Allocation().Of(trial.Recipe)!, run, cancel);
    }

    private protected override void Compare(SearchStep step, KeptTraining run, CancellationToken cancel) =>
        TrainAndStore(step, options.Compare[step.Index], null, NamedTables.Of(options.Compare[step.Index], options, Data), run, cancel);

    private void TrainAndStore(
        SearchStep step, string name, int? trial, IReadOnlyList<FieldShape> shapes, KeptTraining run, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        using var training = new ClickTraining(options, backend, Data);
        Store(step, name, trial, shapes, training.Train(shapes, run, cancel), clock);
    }

    private void Store(
        SearchStep step, string name, int? trial, IReadOnlyList<FieldShape> shapes, ClickTraining.Trained trained, Stopwatch clock)
    {
        files.WriteWeights(step.Name, trained.Tables, trained.Dense);
        files.Write(step.Name, new ClickTableResult(
            name, shapes.Sum(shape => shape.Values), shapes.Sum(shape => shape.Bytes), trial, trained.Quality, trained.Validation,
            trained.Test!, trained.Outcome.Steps, trained.Outcome.BestStep, clock.Elapsed.TotalSeconds, Outlines(shapes)));
    }

    private protected override void Export()
    {
        var searched = Rows<ClickTableResult>(StepKind.Retrain);
        var (tables, dense) = files.ReadWeights(searched.Count > 0 ? searched.MaxBy(row => row.Result.Quality).Step : StepOf(BestTrial()!));
        var results = Results();
        // The searched ones are the last, the best of them first.
        double? share = options.IsSearch ? TrialShareOf(files.Read<ClickBasis>(ClickFiles.BasisName)) : null;
        new ClickArtifacts(options, Data, Budget, results[^Math.Max(1, searched.Count)], results, Trials(), share).Write(
            tables, dense, (name, write) => files.Store.Write(ArtifactPrefix + name, write));
    }

    private double TrialShareOf(ClickBasis basis) => basis.TrialShare ?? options.TrialShare;

    private FieldAllocation Allocation() => new(
        Data.Fields, Budget ?? throw new BudgetException("budget", "a search needs one"));

    private IReadOnlyList<FieldShape> Full() => [.. Data.Categories.Select(n => FieldShape.Full(n, options.Size))];

    private FieldOutline[] Outlines(IReadOnlyList<FieldShape> shapes) =>
    [
        .. shapes.Zip(Data.Fields, (shape, field) => new FieldOutline(
            field.Name, shape.Categories, shape.Partitions[0].Cells == shape.Categories ? shape.Categories : shape.Head,
            shape.Tables.Sum(part => (long)part.Rows), shape.Width, shape.Precision, shape.Bytes)),
    ];

    private protected override string Describe(SearchStep step) => step.Kind switch
    {
        StepKind.Prepare => "splitting the data",
        StepKind.Pretrain => "training full tables",
        StepKind.Trial => $"trial {step.Index + 1}: training the chosen tables",
        StepKind.Retrain => $"training the number {step.Index + 1} of the trials to the end",
        StepKind.Compare => "training tables to compare with under the same budget",
        _ => "packing the tables",
    };
}

/// <summary>What trials go by.</summary>
/// <param name="Importance">[F]; see <see cref="RecipeContext.Importance"/>.</param>
/// <param name="FullQuality">Quality of full tables after a trial's training, above 0: fitness is a share of it.</param>
/// <param name="TrialShare">Of the training samples, that a trial has; null in searches that were begun by earlier versions: the options'.</param>
internal sealed record ClickBasis(IReadOnlyList<double> Importance, double FullQuality, double? TrialShare = null);
