using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Data;
using Bet.Engine.Fields;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bet.Tests.Jobs;

/// <summary>A worker with the real engine, without a server around it.</summary>
public sealed class StepRunnerTests : IDisposable
{
    private readonly TestStore place = new(RowPlace.Sqlite);
    private readonly SearchStore store;

    public StepRunnerTests()
    {
        store = place.Store;
        using var content = store.Blobs.Stage(stream =>
            InteractionSetFile.Write(stream, SyntheticData.Generate(new SyntheticOptions(60, 50, 900, Seed: 3))));
        store.AddDataset(new DatasetRow { Id = "data", Name = "data", Summary = "{}", CreatedAt = 1 }, content);
    }

    public void Dispose() => place.Dispose();

    [Fact]
    public void A_search_is_run_to_its_end_and_weights_in_between_go()
    {
        AddSearch(Options());
        Work();
        var search = store.FindSearch("s")!;
        Assert.True(search.State == SearchState.Succeeded, search.ErrorMessage);
        Assert.Equal(search.StepCount, search.StepsDone);
        Assert.Equal(2, store.ListTrials("s").Count);
        Assert.Contains(store.ListFiles("s", StepSearch.ArtifactPrefix), file => file.Name.EndsWith("manifest.json", StringComparison.Ordinal));
        Assert.DoesNotContain(store.ListFiles("s", ""), file => file.Name is "prepared.bin" or "pretrain.safetensors");
        Work();
        Assert.Equal(search, store.FindSearch("s"));
    }

    [Fact]
    public void A_curve_that_is_stopped_again_and_again_ends_with_the_same_files_and_weights_go_point_by_point()
    {
        var options = Options() with { Budgets = [new(Sparsity: 0.5), new(Bytes: 1200), new(Sparsity: 0.6)] };
        AddSearch(options, "whole");
        Work();
        AddSearch(options);
        int starts = 0;
        while (!store.FindSearch("s")!.IsFinished)
        {
            WorkUntilBlob(4 * ++starts);
            // A point that is done has no weights left but those in its bundle, whatever is still to come.
            foreach (var manifest in store.ListFiles("s", "artifacts/budget-").Where(file => file.Name.EndsWith("/manifest.json", StringComparison.Ordinal)))
                Assert.DoesNotContain(store.ListFiles("s", manifest.Name.Split('/')[1] + "/"), file => file.Name.EndsWith(".safetensors", StringComparison.Ordinal));
        }

        var search = store.FindSearch("s")!;
        Assert.True(search.State == SearchState.Succeeded, search.ErrorMessage);
        Assert.True(starts > 1);
        Assert.Equal(search.StepCount, search.StepsDone);
        Assert.Equal(store.ListFiles("whole", StepSearch.ArtifactPrefix), store.ListFiles("s", StepSearch.ArtifactPrefix));
        Assert.Equal(3, SearchJson.Read<QualityCurve>(search.Curve!).Points.Count);
        var trials = store.ListTrials("s").Select(SearchJson.Read<TrialSummary>);
        Assert.Equal([(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)], trials.Select(trial => (trial.Point!.Value, trial.Number)));
    }

    [Theory]
    [InlineData("dlrm", null)]
    [InlineData("dcn", 4)]
    public void A_search_over_clicks_that_is_stopped_again_and_again_ends_with_the_same_files(string backbone, int? collisions)
    {
        var clicks = SyntheticClicks.Generate(new SyntheticClickOptions([60, 25, 8], Numbers: 2, Rows: 1000, Seed: 3));
        using (var content = store.Blobs.Stage(stream => ClickSetFile.Write(stream, clicks)))
            store.AddDataset(new DatasetRow { Id = "clicks", Name = "clicks", Kind = DataContent.Clicks, Summary = "{}", CreatedAt = 1 }, content);
        Assert.Equal(DataContent.Clicks, store.FindDataset("clicks")!.Kind);
        Assert.Equal(DataContent.Interactions, store.FindDataset("data")!.Kind);
        var options = ClickSearchPresets.Create(
            backbone, collisions is null ? new BudgetRequest(Sparsity: 0.5) : null, Effort.Quick, 1, new ClickSplitOptions(ClickSplitKind.Random, 0.8, 0.1),
            new ClickSearchOverrides
            {
                Method = collisions is null ? null : "quotient-remainder-multiply",
                Collisions = collisions,
                Threshold = 10,
                Size = 4,
                Trials = collisions is null ? 2 : null,
                Candidates = collisions is null ? 10 : null,
                Compare = ["hashing"],
                Epochs = 10,
                BatchSize = 64,
                LearningRate = 0.01,
            });
        AddSearch(options, "whole", "clicks");
        Work();
        AddSearch(options, "s", "clicks");
        int starts = 0;
        while (!store.FindSearch("s")!.IsFinished)
        {
            WorkUntilBlob(++starts);
        }

        var search = store.FindSearch("s")!;
        Assert.True(search.State == SearchState.Succeeded, search.ErrorMessage);
        Assert.True(starts > 1);
        Assert.Equal(search.StepCount, search.StepsDone);
        var files = store.ListFiles("s", StepSearch.ArtifactPrefix);
        Assert.Contains(files, file => file.Name == StepSearch.ArtifactPrefix + FieldTableFile.Name);
        Assert.Equal(store.ListFiles("whole", StepSearch.ArtifactPrefix), files);
        Assert.DoesNotContain(store.ListFiles("s", "retrain-1"), file => file.Name.EndsWith(".safetensors", StringComparison.Ordinal));
        var results = SearchJson.Read<List<ClickTableResult>>(search.Results!);
        Assert.Equal(["full", "hashing", options.Method], results.Select(row => row.Name));
        var trials = store.ListTrials("s").Select(SearchJson.Read<TrialSummary>).ToList();
        Assert.Equal(Enumerable.Range(1, options.Trials), trials.Select(trial => trial.Number));
        Assert.All(trials, trial => Assert.True(trial is { Recipe.Weights.Count: 3, Bytes: > 0, Point: null, Values: null }));
    }

    [Fact]
    public void A_step_that_ended_its_process_three_times_fails_the_search()
    {
        AddSearch(Options());
        for (int death = 0; death < 3; death++)
            Assert.NotNull(store.ClaimStep("dies", [SearchRow.DefaultQueue], TimeSpan.FromMilliseconds(-1)));
        Work();
        var search = store.FindSearch("s")!;
        Assert.Equal((SearchState.Failed, "step-died"), (search.State, search.ErrorCode));
        Assert.Contains("step prepare was begun 3 times", search.ErrorMessage);
    }

    [Fact]
    public void What_the_engine_throws_is_why_the_search_failed()
    {
        AddSearch(Options() with { Split = new SplitOptions(SplitKind.AsGiven) });
        Work();
        var search = store.FindSearch("s")!;
        Assert.Equal(SearchState.Failed, search.State);
        Assert.Contains("test part", search.ErrorMessage);
        Assert.Equal("failed", store.ListEvents("s", 0, 10)[^1].Type);
    }

    [Fact]
    public async Task A_shutdown_leaves_the_search_for_the_next_start_and_costs_no_attempt()
    {
        AddSearch(Options() with { Trials = 200, Pretraining = Options().Pretraining with { Epochs = 1 } });
        using var shutdown = new CancellationTokenSource();
        var worker = Task.Run(() => Work(shutdown.Token));
        while (store.ListTrials("s").Count == 0 && !worker.IsCompleted)
            await Task.Delay(10);
        await shutdown.CancelAsync();
        await worker;
        Assert.Equal(SearchState.Running, store.FindSearch("s")!.State);
        Assert.All(store.ListSteps("s"), step => Assert.Equal(0, step.Attempts));
        Assert.DoesNotContain(store.ListSteps("s"), step => step.State == StepState.Running);

        int before = store.ListTrials("s").Count;
        Assert.Equal(SearchState.Cancelling, store.RequestCancel("s")!.State);
        Work();
        var search = store.FindSearch("s")!;
        Assert.Equal(SearchState.Cancelled, search.State);
        Assert.Equal(before, store.ListTrials("s").Count);
        Assert.NotEmpty(store.ListFiles("s", StepSearch.ArtifactPrefix));
    }

    [Fact]
    public async Task A_paused_search_rests_and_goes_on_with_what_was_done()
    {
        AddSearch(Options() with { Trials = 200, Pretraining = Options().Pretraining with { Epochs = 1 } });
        var worker = Task.Run(() => Work());
        while (store.ListTrials("s").Count == 0 && !worker.IsCompleted)
            await Task.Delay(10);
        Assert.Equal(SearchState.Paused, store.RequestPause("s")!.State);
        await worker;
        int done = store.ListTrials("s").Count;
        Assert.InRange(done, 1, 199);
        Work();
        Assert.Equal(done, store.ListTrials("s").Count);
        Assert.Equal(SearchState.Queued, store.RequestResume("s")!.State);
        using var stop = new CancellationTokenSource();
        worker = Task.Run(() => Work(stop.Token));
        while (store.ListTrials("s").Count == done && !worker.IsCompleted)
            await Task.Delay(10);
        await stop.CancelAsync();
        await worker;
        Assert.Equal(SearchState.Running, store.FindSearch("s")!.State);
        Assert.InRange(store.ListTrials("s").Count, done + 1, 200);
        Assert.Contains(store.ListEvents("s", 0, 1000), e => e.Type == "paused");
    }

    [Fact]
    public void A_worker_that_another_one_took_the_step_from_writes_nothing_more()
    {
        AddSearch(Options());
        var frozen = store.ClaimStep("frozen", [SearchRow.DefaultQueue], TimeSpan.FromMilliseconds(-1))!.Claim;
        Work();
        var before = store.FindSearch("s")!;
        Assert.Equal(SearchState.Succeeded, before.State);
        Assert.Throws<ClaimLostException>(() => new BlobStepStore(store, frozen).Write("prepared.bin", stream => stream.WriteByte(1)));
        Assert.Equal(before, store.FindSearch("s"));
    }

    [Fact]
    public void A_full_disk_is_said_clearly_and_the_search_goes_on_once_there_is_room()
    {
        AddSearch(Options(), "whole");
        Work();
        AddSearch(Options());
        var full = new FullBlobStore(place.Blobs) { RoomFor = 5 };
        Work(new SearchStore(place.NewDatabase(), full));
        var failed = store.FindSearch("s")!;
        Assert.Equal((SearchState.Failed, "storage"), (failed.State, failed.ErrorCode));
        Assert.Contains("No space left on device", failed.ErrorMessage);
        Assert.Contains("can be resumed", failed.ErrorMessage);
        Assert.InRange(failed.StepsDone, 1, failed.StepCount - 1);

        Assert.Equal(SearchState.Queued, store.RequestResume("s")!.State);
        Work();
        var search = store.FindSearch("s")!;
        Assert.True(search.State == SearchState.Succeeded, search.ErrorMessage);
        Assert.Equal(store.ListFiles("whole", StepSearch.ArtifactPrefix), store.ListFiles("s", StepSearch.ArtifactPrefix));
    }

    /// <summary>Has room for so many blobs, and then for none.</summary>
    private sealed class FullBlobStore(IBlobStore inner) : IBlobStore
    {
        public int RoomFor { get; set; }

        public IStagedBlob Stage(Action<Stream> content) => --RoomFor >= 0
            ? inner.Stage(content)
            : throw new IOException("No space left on device");

        public Stream? OpenRead(string hash) => inner.OpenRead(hash);

        public IEnumerable<string> All() => inner.All();

        public void Delete(string hash) => inner.Delete(hash);
    }

    /// <summary>Asks for a stop as soon as so many blobs were read or written, in the midst of a step.</summary>
    private sealed class StoppingBlobStore(IBlobStore inner, CancellationTokenSource stop, int blobs) : IBlobStore
    {
        private int left = blobs;

        public IStagedBlob Stage(Action<Stream> content)
        {
            Count();
            return inner.Stage(content);
        }

        public Stream? OpenRead(string hash)
        {
            Count();
            return inner.OpenRead(hash);
        }

        public IEnumerable<string> All() => inner.All();

        public void Delete(string hash) => inner.Delete(hash);

        private void Count()
        {
            if (Interlocked.Decrement(ref left) == 0)
                stop.Cancel();
        }
    }

    /// <summary>Takes steps until so many blobs were read or written: the same place in the work however fast it goes.</summary>
    private void WorkUntilBlob(int blobs)
    {
        using var stop = new CancellationTokenSource();
        Work(new SearchStore(place.NewDatabase(), new StoppingBlobStore(place.Blobs, stop, blobs)), stop.Token);
    }

    /// <summary>Takes steps until there are none.</summary>
    private void Work(CancellationToken stop = default) => Work(store, stop);

    private static void Work(SearchStore store, CancellationToken stop = default)
    {
        using var runner = new StepRunner(
            store, "worker", new WorkerOptions { Threads = 1, Beat = TimeSpan.FromMilliseconds(20) }, NullLogger.Instance);
        while (!stop.IsCancellationRequested && runner.RunNext(stop))
        {
        }
    }

    private static SearchOptions Options() => SearchPresets.Create(
        "mf", new BudgetRequest(Sparsity: 0.5), Effort.Quick, 1, new SplitOptions(SplitKind.Random),
        new SearchOverrides
        {
            MaximumSize = 8,
            Trials = 2,
            Candidates = 4,
            Retrained = 1,
            PretrainEpochs = 2,
            FineTuneEpochs = 1,
            RetrainEpochs = 2,
            BatchSize = 256,
        });

    private void AddSearch<T>(T options, string id = "s", string dataset = "data") where T : IStepOptions => store.AddSearch(
        new SearchRow
        {
            Id = id,
            Dataset = dataset,
            Options = SearchJson.Write(options),
            Budget = "{}",
            StepCount = options.Steps().Count,
            CreatedAt = 1,
        },
        null);
}
