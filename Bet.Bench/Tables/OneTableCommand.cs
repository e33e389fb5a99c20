using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Bench.Tables;

/// <summary>
/// <c>one-table</c>: one table of given sizes and precision, trained from random values or a full table and judged on validation and test, for
/// finding out what is worth searching for.
/// </summary>
public static class OneTableCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "a folder of a data set", Required = true };
        var backbone = new Option<string>("--backbone") { DefaultValueFactory = _ => "lightgcn" };
        var sparsity = Number("--sparsity", 0.9, "share of the full float32 table's bytes that must go; 0 trains the full table");
        var size = Number("--size", 128, "d_max");
        var precision = Number("--precision", Precision.Float32, "of both sides");
        var users = new Option<Precision?>("--users-precision") { Description = "of the users alone" };
        var family = new Option<SizeFamily?>("--family") { Description = "of both sides' sizes; uniform where it is left out" };
        var parameter = Number("--parameter", 1.0, "of the family");
        var userCurve = Curve("--users-curve", "of the users' sizes: halvings over head, middle and tail, instead of a family");
        var itemCurve = Curve("--items-curve", "of the items' sizes");
        var axes = new Option<ColumnAxes?>("--axes") { Description = "what coarse rows begin on; the backbone's first choice where it is left out" };
        var share = new Option<double?>("--share") { Description = "of the budget for the users; by their number where it is left out" };
        var epochs = Number("--epochs", 30, "the most passes over the training part");
        var every = Number("--every", 5, "epochs between validations");
        var patience = Number("--patience", 4, "validations without improvement before the end");
        var rate = new Option<float?>("--rate");
        var last = new Option<float?>("--last-rate");
        var l2 = new Option<float?>("--l2");
        var representationL2 = new Option<float?>("--representation-l2");
        var batch = new Option<int?>("--batch");
        var negatives = new Option<int?>("--negatives");
        var loss = new Option<string?>("--loss");
        var dropout = new Option<float?>("--message-dropout");
        var temperature = new Option<float?>("--temperature");
        var deviation = new Option<float?>("--deviation");
        var cosine = new Option<bool>("--cosine");
        var beta2 = Number("--beta2", 0.999f, "Adam's");
        var start = new Option<string?>("--start") { Description = "a file of the full table to begin with, FILE.backbone.safetensors beside it where the backbone has weights; trained and written where it is absent" };
        var startEpochs = Number("--start-epochs", 12, "of that full table");
        var asItIs = new Option<bool>("--as-it-is") { Description = "no training: prefixes of the full table in the file, rounded" };
        var json = new Option<string?>("--json") { Description = "a file that a line is added to" };
        var name = new Option<string>("--name") { DefaultValueFactory = _ => "" };
        var threads = Number("--threads", Environment.ProcessorCount, "threads");
        var train = Number("--train", 0.5, "share of the interactions to train on; a quarter validates, the rest tests");
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var command = new Command("one-table", "train one table of given sizes and precision and say how good it is");
        foreach (var option in new Option[]
        {
            data, backbone, sparsity, size, precision, users, family, parameter, userCurve, itemCurve, axes, share, epochs, every, patience, rate, last, l2, representationL2, batch,
            negatives, loss, dropout, temperature, deviation, cosine, beta2, start, startEpochs, asItIs, json, name, threads, train, seed,
        })
            command.Add(option);
        command.SetAction(parsed =>
        {
            var overrides = new SearchOverrides
            {
                MaximumSize = parsed.GetValue(size),
                RetrainEpochs = parsed.GetValue(epochs),
                WarmStart = parsed.GetValue(start) is not null,
                PretrainEpochs = parsed.GetValue(startEpochs),
                EvaluateEvery = parsed.GetValue(every),
                Patience = parsed.GetValue(patience),
                LearningRate = parsed.GetValue(rate),
                L2 = parsed.GetValue(l2),
                RepresentationL2 = parsed.GetValue(representationL2),
                BatchSize = parsed.GetValue(batch),
                Negatives = parsed.GetValue(negatives),
                Loss = parsed.GetValue(loss),
                MessageDropout = parsed.GetValue(dropout),
                Temperature = parsed.GetValue(temperature),
                InitialDeviation = parsed.GetValue(deviation),
                Cosine = parsed.GetValue(cosine) ? true : null,
                Precision = parsed.GetValue(precision),
            };
            double asked = parsed.GetValue(sparsity);
            SearchOptions Create(SearchOverrides with) => SearchPresets.Create(
                parsed.GetValue(backbone)!, new BudgetRequest(Sparsity: asked), Effort.Standard, parsed.GetValue(seed),
                new SplitOptions(SplitKind.Random, parsed.GetValue(train), 0.25), with);
            var options = Create(overrides);
            var schedule = options.Pretraining.Schedule;
            if (parsed.GetValue(last) is { } end)
                schedule = schedule with { Last = end };
            var training = options.Retraining with { Schedule = schedule, EvaluateEvery = parsed.GetValue(every), Beta2 = parsed.GetValue(beta2) };
            options = options with { Retraining = training, Pretraining = asked == 0 ? training : Create(overrides with { LearningRate = null, L2 = null, RepresentationL2 = null }).Pretraining };
            var prepared = Splitter.Split(DatasetReader.ReadFolder(parsed.GetValue(data)!), options.Split, options.Seed);
            var budget = MemoryBudget.From(
                options.Budget, prepared.UserCount, prepared.ItemCount, options.MinimumSize, options.MaximumSize, null);
            var ofBoth = parsed.GetValue(precision);
            var stored = new TablePrecision(parsed.GetValue(users) ?? ofBoth, ofBoth)
            {
                Axes = parsed.GetValue(axes) ?? BackboneRegistry.DefaultsOf(options.Backbone).For(training.Loss).Axes[0],
            };
            double ofUsers = parsed.GetValue(share) ?? (double)prepared.UserCount / (prepared.UserCount + prepared.ItemCount);
            SizeDistribution? shape = parsed.GetValue(family) is { } chosen ? new(chosen, parsed.GetValue(parameter)) : null;
            Func<double, int> Rows(int rows, double[]? curve) => curve is [var head, var middle, var tail]
                ? x => new SizeCurve(head, middle, tail).RowsOfAtLeast(x, rows)
                : shape is { } drawn ? x => (int)((drawn.Survival(x) * rows) + 0.5) : x => x <= 1 ? rows : 0;
            var sizes = asked == 0 ? null : new SizeSampler(budget, options.Seed, stored).Of(ofUsers, Rows(prepared.UserCount, parsed.GetValue(userCurve)), Rows(prepared.ItemCount, parsed.GetValue(itemCurve)));

            if (parsed.GetValue(asItIs))
            {
                if (asked == 0 || !File.Exists(parsed.GetValue(start)))
                    throw new UsageException("--as-it-is was given; it takes a sparsity above 0 and, by --start, the file of a full table");
                options = options with { Table = new GivenTableUse(Sha256: "", FineTune: false) };
            }

            using var backend = new CpuBackend(parsed.GetValue(threads));
            using var work = new TableTraining(options, backend, prepared, budget);
            var clock = Stopwatch.StartNew();
            var progress = new KeptTraining(null, "", Timeout.InfiniteTimeSpan, told =>
                Console.Error.WriteLine(FormattableString.Invariant($"  {told.Detail}, {clock.Elapsed.TotalSeconds:0} s")));
            TrainedWeights? full = null;
            if (parsed.GetValue(start) is { } file)
            {
                full = FullTable(file, () => new FullTableTraining(work).Train(progress, default).Weights);
                clock.Restart();
            }

            var trained = sizes is null
                ? new FullTableTraining(work).Train(progress, default)
                : new BudgetedTableTraining(work).Train(sizes, full, progress, default);
            var row = new
            {
                Name = parsed.GetValue(name),
                Backbone = options.Backbone,
                Sparsity = asked,
                Users = stored.Users,
                Items = stored.Items,
                Axes = sizes?.Axes,
                Family = shape?.Name ?? "uniform",
                Parameter = shape?.Parameter,
                Share = Math.Round(ofUsers, 4),
                Width = sizes is null ? options.MaximumSize : Math.Max(sizes.Users.Width, sizes.Items.Width),
                Bytes = trained.Weights.Table.ServingBytes,
                budget.MaximumBytes,
                Validation20 = Math.Round(trained.Validation.RecallAt(20), 4),
                Quality = Math.Round(trained.Quality, 5),
                Recall5 = Math.Round(trained.Test!.RecallAt(5), 4),
                Ndcg5 = Math.Round(trained.Test.NdcgAt(5), 4),
                Recall20 = Math.Round(trained.Test.RecallAt(20), 4),
                Ndcg20 = Math.Round(trained.Test.NdcgAt(20), 4),
                trained.Training.Epochs,
                trained.Training.BestEpoch,
                Seconds = Math.Round(clock.Elapsed.TotalSeconds),
                training.Loss.Negatives,
                training.Loss.Temperature,
                First = trained.LearningRate ?? schedule.First,
                Last = schedule.Last * ((trained.LearningRate ?? schedule.First) / schedule.First),
                L2 = trained.Decay?.Rows,
                RepresentationL2 = trained.Decay?.Representations,
                Batch = training.BatchSize,
                training.Beta2,
                options.Seed,
                Commit = Repository.Commit(),
            };
            string line = JsonSerializer.Serialize(row, ArtifactJson.Compact);
            Console.WriteLine(line);
            if (parsed.GetValue(json) is { } path)
                File.AppendAllText(path, line + "\n");
            return 0;
        });
        return command;
    }

    /// <summary>Read from a file, with the weights beside it from another; where there is none, trained and written first.</summary>
    private static TrainedWeights FullTable(string file, Func<TrainedWeights> train)
    {
        string beside = file + "." + BackboneFile.Name;
        if (!File.Exists(file))
        {
            var trained = train();
            if (trained.Dense.Count > 0)
            {
                using var dense = File.Create(beside);
                BackboneFile.Write(dense, trained.Dense);
            }

            using var made = File.Create(file);
            TableFile.Write(made, trained.Table);
        }

        using var table = File.OpenRead(file);
        using var weights = File.Exists(beside) ? File.OpenRead(beside) : null;
        return new TrainedWeights(TableFile.Read(table), weights is null ? [] : BackboneFile.Read(weights));
    }

    private static Option<double[]?> Curve(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, Arity = new ArgumentArity(3, 3) };

    private static Option<T> Number<T>(string name, T value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
