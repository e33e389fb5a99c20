using System.Globalization;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class SearchPlanTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bet-plan-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_step_needs_comes_before_it_and_nothing_is_left_over(bool curve)
    {
        var plan = new SearchPlan(Options(SearchMethods.BetPlus, 2, curve));
        Assert.All(plan.Steps.Index(), entry => Assert.All(
            plan.NeedsOf(entry.Item), need => Assert.Contains(need, plan.Steps.Take(entry.Index))));

        var done = new HashSet<string>();
        while (plan.Ready(done).ToList() is { Count: > 0 } ready)
            done.Add(ready[^1].Name);
        Assert.Equal(plan.Steps.Count, done.Count);
    }

    [Fact]
    public void As_many_trials_are_ready_as_may_be_under_way()
    {
        string[] Ready(int parallel, params string[] done) =>
            [.. new SearchPlan(Options(SearchMethods.BetPlus, parallel, curve: false)).Ready(done.ToHashSet()).Select(step => step.Name)];

        Assert.Equal(["prepare"], Ready(2));
        Assert.Equal(["pretrain"], Ready(2, "prepare"));
        Assert.Equal(["trial-1", "refit-1"], Ready(1, "prepare", "pretrain"));
        Assert.Equal(["trial-1", "trial-2", "trial-3", "refit-1"], Ready(3, "prepare", "pretrain"));
        Assert.Equal(["trial-1", "trial-3", "refit-1"], Ready(3, "prepare", "pretrain", "trial-2"));
        Assert.Equal(["trial-2", "trial-3", "trial-4", "refit-1"], Ready(3, "prepare", "pretrain", "trial-1"));
    }

    /// <summary>Workers that take any step that is ready, in an order of their own, end with the bytes of one worker.</summary>
    [Theory]
    [InlineData(SearchMethods.BetPlus, 3, false)]
    [InlineData(SearchMethods.Bet, 2, false)]
    [InlineData(SearchMethods.BetPlus, 2, true)]
    public void Any_number_of_workers_ends_with_the_same_bytes(string method, int parallel, bool curve)
    {
        var options = Options(method, parallel, curve);
        string alone = Path.Combine(folder, "alone"), together = Path.Combine(folder, "together");
        using (var backend = new CpuBackend(1))
        using (var search = new CurveSearch(options, backend, new DirectoryStepStore(alone), Data))
            search.RunAll(null, CancellationToken.None);
        RunTogether(options, together, workers: 4);

        string[] names = Names(alone);
        Assert.Contains("manifest.json", names.Select(Path.GetFileName));
        Assert.Equal(names, Names(together));
        Assert.All(names, name => Assert.Equal(
            File.ReadAllBytes(Path.Combine(alone, "artifacts", name)), File.ReadAllBytes(Path.Combine(together, "artifacts", name))));
    }

    /// <summary>A worker that is stopped in an epoch goes on from there, in another process if need be.</summary>
    [Theory]
    [InlineData("pretrain", 0)]
    [InlineData("pretrain", 60)]
    [InlineData("retrain-1", 0)]
    [InlineData("refit-2", 0)]
    public void A_training_that_is_stopped_goes_on_with_the_same_bits(string name, int seconds)
    {
        var options = Options(SearchMethods.BetPlus, 2, curve: false);
        string whole = Path.Combine(folder, "whole"), pieces = Path.Combine(folder, "pieces");
        using var backend = new CpuBackend(2);
        using (var search = new CurveSearch(options, backend, new DirectoryStepStore(whole), Data))
            search.RunAll(null, CancellationToken.None);

        var step = options.Steps().Single(step => step.Name == name);
        using (var first = new CurveSearch(options, backend, new DirectoryStepStore(pieces), Data) { CheckpointInterval = TimeSpan.FromSeconds(seconds) })
        {
            foreach (var earlier in options.Steps().TakeWhile(other => other != step))
                first.Run(earlier, null, CancellationToken.None);
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => first.Run(
                step, told => Stop(stop, told, "epoch 3 of"), stop.Token));
        }

        Assert.True(File.Exists(Path.Combine(pieces, name + ".checkpoint")));
        var told = new List<string>();
        using var second = new CurveSearch(options, backend, new DirectoryStepStore(pieces), Data);
        second.Run(step, progress => told.Add(progress.Detail), CancellationToken.None);
        Assert.Contains("epoch 4 of", told[1]);
        Assert.False(File.Exists(Path.Combine(pieces, name + ".checkpoint")));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(whole, name + ".safetensors")), File.ReadAllBytes(Path.Combine(pieces, name + ".safetensors")));
    }

    private static void Stop(CancellationTokenSource stop, StepProgress told, string when)
    {
        if (told.Detail.Contains(when, StringComparison.Ordinal))
            stop.Cancel();
    }

    private static void RunTogether(SearchOptions options, string place, int workers)
    {
        var plan = new SearchPlan(options);
        HashSet<string> done = [], taken = [];
        var threads = Enumerable.Range(0, workers).Select(worker => new Thread(() =>
        {
            var random = new Random(worker);
            using var backend = new CpuBackend(1);
            using var search = new CurveSearch(options, backend, new DirectoryStepStore(place), Data);
            while (Take(random) is { } step)
            {
                search.Run(step, null, CancellationToken.None);
                lock (done)
                {
                    done.Add(step.Name);
                    Monitor.PulseAll(done);
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        Assert.All(threads, thread => Assert.True(thread.Join(TimeSpan.FromMinutes(2))));

        SearchStep? Take(Random random)
        {
            lock (done)
            {
                while (done.Count < plan.Steps.Count)
                {
                    SearchStep[] ready = [.. plan.Ready(done).Where(step => !taken.Contains(step.Name))];
                    if (ready.Length > 0)
                    {
                        var step = ready[random.Next(ready.Length)];
                        taken.Add(step.Name);
                        return step;
                    }

                    Monitor.Wait(done);
                }

                return null;
            }
        }
    }

    private static SearchOptions Options(string method, int parallel, bool curve) => SearchPresets.Create(
        "lightgcn", new BudgetRequest(Sparsity: 0.75), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
        new SearchOverrides
        {
            Method = method,
            ParallelTrials = parallel,
            MaximumSize = 16,
            Layers = 2,
            Trials = 6,
            Candidates = 20,
            Retrained = 2,
            Refit = true,
            Compare = ["uniform", "random"],
            PretrainEpochs = 6,
            FineTuneEpochs = 1,
            RetrainEpochs = 6,
            BatchSize = 512,
            EvaluateEvery = 2,
        }) with
    {
        Budgets = curve ? [new(Sparsity: 0.75), new(Sparsity: 0.85)] : null,
    };

    private static InteractionSet Data() => SyntheticData.Generate(new SyntheticOptions(120, 80, 3000, Seed: 5));

    private static string[] Names(string place)
    {
        string artifacts = Path.Combine(place, "artifacts");
        return [.. Directory.EnumerateFiles(artifacts, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(artifacts, path)).Order(StringComparer.Create(CultureInfo.InvariantCulture, false))];
    }
}
