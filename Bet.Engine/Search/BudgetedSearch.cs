using System.Diagnostics;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.GivenTables;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>
/// The search (BET, Algorithm 1) under one budget; <see cref="SearchOptions.PointSteps"/> lists its steps.
/// <see cref="CurveSearch"/> takes several budgets.
/// </summary>
public sealed class BudgetedSearch : StepSearch
{
    private readonly SearchOptions options;
    private readonly Backend backend;
    private readonly SearchFiles files;
    private readonly SearchInputs inputs;
    private readonly CurvePlace? place;
    private PreparedDataset? data;
    private TableTraining? training;
    private TrainedWeights? full;

    /// <param name="options">What is searched for.</param>
    /// <param name="backend">Where it is computed; owned by the caller.</param>
    /// <param name="store">What the steps read and write.</param>
    /// <param name="data">Reads the interactions; called by the Prepare step alone.</param>
    /// <param name="table">Reads the full table where <see cref="SearchOptions.Table"/> says that it is given; called by the Pretrain step alone.</param>
    public BudgetedSearch(
        SearchOptions options, Backend backend, IStepStore store, Func<InteractionSet> data, Func<GivenTable>? table = null)
        : this(options, backend, store, new SearchInputs(data, table), null)
    {
        if (options.Budgets is not null)
            throw new ArgumentException($"{options.Budgets.Count} budgets were given, this is a search under one; {nameof(CurveSearch)} takes several");
    }

    /// <summary>With a place on a curve: one of its points, whose store is the point's own.</summary>
    internal BudgetedSearch(
        SearchOptions options, Backend backend, IStepStore store, SearchInputs inputs, CurvePlace? place)
        : this(options, backend, new SearchFiles(store), inputs, place) => inputs.Check(options);

    private BudgetedSearch(
        SearchOptions options, Backend backend, SearchFiles files, SearchInputs inputs, CurvePlace? place)
        : base(options.PointSteps(), files) =>
        (this.options, this.backend, this.files, this.inputs, this.place) = (options, backend, files, inputs, place);

    private PreparedDataset Data => data ??= files.ReadPrepared();

    private MemoryBudget Budget => MemoryBudget.From(
        options.Budget, Data.UserCount, Data.ItemCount, options.MinimumSize, options.MaximumSize, options.Precision);

    private TrainedWeights Full => full ??= files.ReadWeights(StepName(StepKind.Pretrain));

    /// <summary>Once the full table is trained, whoever did: with the decay and the rate that were best for it.</summary>
    private TableTraining Training => training ??= new TableTraining(
        files.Read<TrainedResult>(StepName(StepKind.Pretrain)) is { Decay: { } decay, LearningRate: var rate } ? options.With(decay, rate) : options,
        backend, Data, Budget);

    private BudgetedTableTraining Budgeted => new(Training);

    /// <summary>The bound in bytes, once Prepare has run.</summary>
    public long MaximumBytes => Budget.MaximumBytes;

    /// <summary>
    /// After a cancelled search: writes the artifacts of the best table so far (a retrained one, else the best trial's
    /// fine-tuned one). False where no trial has ended.
    /// </summary>
    public override bool ExportBestSoFar()
    {
        if (Trials().Count == 0)
            return false;
        if (Rows<TrainedResult>(StepKind.Retrain).Count == 0)
            files.Write(StepFiles.BestSoFarName, Winner().Result);
        Export();
        return true;
    }

    /// <summary>The trials that have ended, in order.</summary>
    public IReadOnlyList<TrialResult> Trials() => TrialResult.ReadAll(files, options);

    public override void Dispose() => training?.Dispose();

    private protected override void Prepare()
    {
        data = Splitter.Split(inputs.Data(), options.Split, options.Seed);
        _ = CurveBudgets.From(options, data.UserCount, data.ItemCount);
        files.WritePrepared(data);
    }

    private protected override void Pretrain(SearchStep step, KeptTraining run, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        using var training = new TableTraining(options, backend, Data, Budget);
        var table = new FullTableTraining(training);
        var trained = inputs.Table is { } given ? table.Take(given(), cancel) : table.Train(run, cancel);
        if (trained.Quality == 0)
            throw new InvalidOperationException(options.Table is null
                ? "pretraining recommends no validation item at all, so no fitness can be told; more epochs, another " +
                  "learningRate or more data would do"
                : "the given table recommends no validation item at all, so no fitness can be told; are its rows in another " +
                  "order, or is it another backbone's?");
        full = trained.Weights;
        Store(step, "full", null, trained, options.Table is null ? TrainedOn.Train : TrainedOn.Given, FullBytes(), clock);
    }

    private protected override void RunTrial(SearchStep step, KeptTraining run, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        int number = step.Index + 1;
        var done = Trials();
        if (Enumerable.Range(1, Math.Max(0, number - options.ParallelTrials)).FirstOrDefault(needed => done.All(trial => trial.Number != needed)) is > 0 and var missing)
            throw new InvalidOperationException($"{step.Name}: trial {missing} has not run");

        var context = new SearchContext(options, Budget, Data) { Elsewhere = place?.TrialsBefore() ?? [], Threads = backend.Threads };
        var (choice, history) = SearchMethods.Create(context).ChooseBeside(number, done, options.ParallelTrials);
        var (fitness, quality) = history.FirstOrDefault(earlier => earlier.Sizes == choice.Sizes) is { } same
            ? (same.Fitness, same.Quality)
            : Try(step, choice.Sizes, history, run, cancel);
        files.Write(step.Name, new TrialResult(
            number, choice.Selection, choice.UserFamily, choice.ItemFamily, choice.Sizes, choice.Predicted, fitness,
            quality, clock.Elapsed.TotalSeconds));
    }

    /// <summary>Keeps the weights where they are better than all earlier ones.</summary>
    private (double Fitness, double Quality) Try(
        SearchStep step, TableSizes sizes, IReadOnlyList<TrialResult> history, KeptTraining run, CancellationToken cancel)
    {
        var trained = Budgeted.FineTune(sizes, Full, run, cancel);
        double fitness = trained.Quality / files.Read<TrainedResult>(StepName(StepKind.Pretrain)).Quality;
        if (history.All(earlier => fitness > earlier.Fitness))
            files.WriteWeights(step.Name, trained.Weights);
        return (fitness, trained.Quality);
    }

    private protected override void Retrain(SearchStep step, KeptTraining run, CancellationToken cancel)
    {
        var trial = TrialResult.InOrderOfRetraining(Trials()).ElementAt(step.Index);
        TrainAndStore(step, options.Method, trial.Number, trial.Sizes, run, cancel);
    }

    /// <summary>A table that no search chose. Where the found one is stored just so it is itself that row.</summary>
    private protected override void Compare(SearchStep step, KeptTraining run, CancellationToken cancel)
    {
        string name = options.Compare[step.Index];
        var (winner, result) = Winner();
        var weights = files.ReadWeights(winner);
        var shape = ComparedTables.Find(name).Shape(new ComparedContext(
            Budget, options.Seed, result.Stored, Data,
            () => Full.Table));
        if (shape.IsFullUntilPacked)
        {
            Compress(step, name, shape, cancel);
            return;
        }

        if (shape with { Axes = default } != weights.Table.Shape)
        {
            TrainAndStore(step, name, null, shape, run, cancel);
            return;
        }

        files.WriteWeights(step.Name, weights);
        files.Write(step.Name, result with { Name = name, Trial = null, Seconds = 0 });
    }

    private void Compress(SearchStep step, string name, TableShape shape, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var before = files.Read<TrainedResult>(StepName(StepKind.Pretrain));
        var trained = Budgeted.Compress(shape, Full, new(before.Epochs, before.BestEpoch, null), cancel);
        Store(step, name, null, trained, Trains, trained.Weights.Table.ServingBytes, clock);
    }

    private void TrainAndStore(
        SearchStep step, string name, int? trial, TableShape shape, KeptTraining run, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var trained = Budgeted.Train(shape, options.WarmStart ? Full : null, run, cancel);
        Store(step, name, trial, trained, Trains, trained.Weights.Table.ServingBytes, clock, shape.Axes);
    }

    /// <summary>
    /// The full table, which the others may begin with, the found one, and those beside it; one that is the same as an
    /// earlier one, trained as long, is taken from there.
    /// </summary>
    private protected override void Refit(SearchStep step, KeptTraining run, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        string fullName = StepName(StepKind.Refit);
        var (row, before) = BeforeRefit(step.Index);
        if (EarlierRefit(step.Index) is { } earlier)
        {
            files.WriteWeights(step.Name, files.ReadWeights(earlier));
            files.Write(step.Name, files.Read<TrainedResult>(earlier) with { Name = before.Name, Trial = before.Trial, Seconds = 0 });
            return;
        }

        var refits = new TableRefits(Training, Budgeted);
        var (weights, test) = step.Index == 0
            ? refits.Full(before.BestEpoch, run, cancel)
            : refits.Budgeted(files.ReadWeights(row).Table.Shape with { Axes = before.Axes }, () => files.ReadWeights(fullName), before.BestEpoch, run, cancel);
        files.WriteWeights(step.Name, weights);
        files.Write(step.Name, before with
        {
            Validation = null,
            Test = test,
            Epochs = before.BestEpoch,
            Seconds = clock.Elapsed.TotalSeconds,
            TrainedOn = TrainedOn.TrainAndValidation,
        });
    }

    /// <summary>The row that the numbered refit trains again, by its step's name.</summary>
    private (string Step, TrainedResult Result) BeforeRefit(int index)
    {
        if (index == 1)
            return Found();
        string step = index == 0 ? StepName(StepKind.Pretrain) : new SearchStep(StepKind.Compare, index - 2).Name;
        return (step, files.Read<TrainedResult>(step));
    }

    /// <summary>The step that refitted a table of the same shape for as many epochs; null where there is none.</summary>
    private string? EarlierRefit(int index)
    {
        if (index < 2)
            return null;
        var (row, before) = BeforeRefit(index);
        TableShape Shape(string name) => files.ReadWeights(name).Table.Shape;
        var shape = Shape(row);
        return Enumerable.Range(1, index - 1)
            .Where(other => BeforeRefit(other) is var (step, result)
                && result.BestEpoch == before.BestEpoch && Shape(step) == shape)
            .Select(other => new SearchStep(StepKind.Refit, other).Name)
            .FirstOrDefault(refit => files.TryRead<TrainedResult>(refit) is not null);
    }

    private void Store(
        SearchStep step, string name, int? trial, TableOutcome trained, TrainedOn trainedOn, long bytes, Stopwatch clock,
        ColumnAxes axes = default)
    {
        files.WriteWeights(step.Name, trained.Weights);
        files.Write(step.Name, new TrainedResult(
            name, trained.Weights.Table.Values, bytes, trial, trained.Quality, trained.Validation, trained.Test!,
            trained.Training.Epochs, trained.Training.BestEpoch, clock.Elapsed.TotalSeconds, trainedOn,
            trained.Weights.Table.Users.Shape.Precision, trained.Weights.Table.Items.Shape.Precision, axes, trained.Decay, trained.LearningRate));
    }

    private protected override void Export()
    {
        var (step, found) = Found();
        TrainedResult[] rows =
        [
            files.Read<TrainedResult>(StepName(StepKind.Pretrain)), .. Rows<TrainedResult>(StepKind.Compare).Select(row => row.Result), found,
        ];
        var refitted = Rows<TrainedResult>(StepKind.Refit);
        var (served, again) = refitted.FirstOrDefault(row => row.Step == new SearchStep(StepKind.Refit, 1).Name, (step, null!));
        var curve = place?.Add(new CurvePoint(
            place.Point, options.Budget, Budget.MaximumBytes, TableRow.Of(found), again is null ? null : TableRow.Of(again),
            [.. rows[1..^1].Select(TableRow.Of)]));
        var content = new SearchArtifacts(
            options, Data, [.. rows, .. refitted.Select(row => row.Result)], Trials(), curve);
        content.Write(
            files.ReadWeights(served),
            (name, write) => files.Store.Write(ArtifactPrefix + name, write));
    }

    /// <summary>What is served: the best searched table, or the table to compare with that is clearly better.</summary>
    private (string Step, TrainedResult Result) Found()
    {
        var winner = Winner();
        var compared = Rows<TrainedResult>(StepKind.Compare);
        return TrainedResult.BetterThan(winner.Result, compared.Select(row => row.Result)) is { } better
            ? (compared.First(row => row.Result == better).Step, better with { Name = options.Method })
            : winner;
    }

    /// <summary>The retrained table with the best validation quality (Eq. 14), else the best trial's.</summary>
    private (string Step, TrainedResult Result) Winner()
    {
        var retrained = Rows<TrainedResult>(StepKind.Retrain);
        if (retrained.Count > 0)
            return retrained.MaxBy(row => row.Result.Quality);

        var best = Trials().MaxBy(trial => trial.Fitness)!;
        string step = new SearchStep(StepKind.Trial, best.Number - 1).Name;
        if (files.TryRead<TrainedResult>(StepFiles.BestSoFarName) is { } known)
            return (step, known);
        var weights = files.ReadWeights(step);
        var (validation, test) = Training.Evaluate(weights, CancellationToken.None);
        int epochs = Trains == TrainedOn.Given ? 0 : Budgeted.TrialEpochs(best.Sizes);
        return (step, new TrainedResult(
            options.Method, weights.Table.Values, weights.Table.ServingBytes, best.Number, best.Quality, validation, test,
            epochs, epochs, best.Seconds, Trains,
            weights.Table.Users.Shape.Precision, weights.Table.Items.Shape.Precision, best.Sizes.Axes,
            Trains == TrainedOn.Given ? null : Training.Decay, Trains == TrainedOn.Given ? null : Training.LearningRate));
    }

    /// <summary>What tables within the budget are trained on, until they are trained again on more.</summary>
    private TrainedOn Trains => options.Table is { FineTune: false } ? TrainedOn.Given : TrainedOn.Train;

    private long FullBytes() => (long)Data.EntityCount * options.MaximumSize * sizeof(float);

    private static string StepName(StepKind kind) => new SearchStep(kind, 0).Name;

    private protected override string Describe(SearchStep step) => step.Kind switch
    {
        StepKind.Prepare => "splitting the data",
        StepKind.Pretrain => "training the full table",
        StepKind.Trial => $"trial {step.Index + 1}: fine-tuning the chosen sizes",
        StepKind.Retrain => $"training the number {step.Index + 1} of the trials to the end",
        StepKind.Compare => "training a table to compare with under the same budget",
        StepKind.Refit => "training again on the training and the validation part",
        _ => "packing the table",
    };
}
