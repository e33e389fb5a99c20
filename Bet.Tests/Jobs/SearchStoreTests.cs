using System.Text;
using Bet.Engine.Data;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Dapper;

namespace Bet.Tests.Jobs;

/// <summary>Rows and blobs, on every database that is here and a real folder.</summary>
public sealed class SearchStoreTests : StoreTests
{
    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_new_claim_shuts_the_old_worker_out(RowPlace rows)
    {
        Begin(rows, "s1");
        var old = Claim("frozen", NoLease)!;
        var fresh = Claim("second", Lease)!;
        Assert.Equal((old.Claim.Step, old.Claim.Attempt + 1, 1), (fresh.Claim.Step, fresh.Claim.Attempt, fresh.AttemptsBefore));
        Assert.Null(Claim("third", Lease));
        Assert.Throws<ClaimLostException>(() => new BlobStepStore(Store, old.Claim).Write("prepared.bin", Text("late")));
        Assert.Throws<ClaimLostException>(() => new BlobStepStore(Store, old.Claim).Delete("prepared.bin"));
        Assert.Throws<ClaimLostException>(() => Store.Beat(old.Claim, Lease, 0.5, null, null));
        Assert.Throws<ClaimLostException>(() => Store.Release(old.Claim));
        Assert.Throws<ClaimLostException>(() => Store.EndStep(old.Claim, Plan, Told()));
        Assert.Throws<ClaimLostException>(() => Store.Finish(old.Claim, SearchState.Failed, new SearchEnd(), "{}"));
        Assert.Empty(Store.ListFiles("s1", ""));
        Assert.Empty(StepBlobs());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Place!.Folder.Temporary));
        var files = new BlobStepStore(Store, fresh.Claim);
        files.Write("prepared.bin", Text("in time"));
        Assert.Equal("in time", ReadText(files, "prepared.bin"));
        Assert.Equal(SearchState.Running, Store.Beat(fresh.Claim, Lease, 0.5, "half", 12));
        var row = Store.FindSearch("s1")!;
        Assert.Equal((0.5, "half", 12), (row.StepFraction, row.Detail, row.SecondsLeft));
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Equal_files_share_a_blob_that_goes_with_the_last_of_them(RowPlace rows)
    {
        Begin(rows, "s1");
        var files = new BlobStepStore(Store, Claim("w", Lease)!.Claim);
        files.Write("a", Text("same"));
        files.Write("b", Text("same"));
        Assert.Single(StepBlobs());
        files.Write("a", Text("other"));
        Assert.Equal("same", ReadText(files, "b"));
        files.Write("b", Text("other"));
        Assert.Single(StepBlobs());
        files.Delete("b");
        files.Delete("c");
        Assert.Equal("other", ReadText(files, "a"));
        files.Write("c", Text("third"));
        Store.PruneFiles("s1", name => name == "a");
        Assert.Equal("other", ReadText(files, "a"));
        Store.PruneFiles("s1", _ => false);
        Assert.Empty(StepBlobs());
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_file_that_fails_while_it_is_written_leaves_nothing(RowPlace rows)
    {
        Begin(rows, "s1");
        var files = new BlobStepStore(Store, Claim("w", Lease)!.Claim);
        Assert.Throws<InvalidOperationException>(() => files.Write("a", stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidOperationException("broken");
        }));
        Assert.Null(files.OpenRead("a"));
        Assert.Empty(StepBlobs());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Place!.Folder.Temporary));
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Sweeping_deletes_only_what_no_row_names(RowPlace rows)
    {
        Begin(rows, "s1");
        var files = new BlobStepStore(Store, Claim("w", Lease)!.Claim);
        files.Write("kept", Text("kept"));
        using (var orphan = Store.Blobs.Stage(Text("orphan")))
            orphan.Publish();
        Assert.Equal(2, StepBlobs().Count());
        Assert.Equal(1, Store.FindDisposable(null).Orphans);
        Assert.Equal(1, Store.Sweep().Orphans);
        Assert.Equal("kept", ReadText(files, "kept"));
        Assert.Single(StepBlobs());
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_key_belongs_to_one_request(RowPlace rows)
    {
        Begin(rows);
        Assert.Equal((SearchCreation.Created, "s1"), AddSearch("s1", key: new IdempotencyKey("k", "print")));
        Assert.Equal((SearchCreation.Replayed, "s1"), AddSearch("s2", key: new IdempotencyKey("k", "print")));
        Assert.Equal((SearchCreation.KeyReused, "s1"), AddSearch("s3", key: new IdempotencyKey("k", "other")));
        Assert.Null(Store.FindSearch("s2"));
    }

    /// <summary>On PostgreSQL alone two transactions run at once.</summary>
    [PostgresFact]
    public async Task A_search_that_is_paused_while_its_step_is_claimed_has_none_begun()
    {
        Begin(RowPlace.Postgres, "s1");
        var claim = Task.FromResult<ClaimedStep?>(null);
        Place!.NewDatabase().InTransaction((connection, transaction) =>
        {
            connection.Execute("update searches set state = 'paused' where id = 's1'", transaction: transaction);
            claim = Task.Run(() => Claim("w", Lease));
            // The claim has found the step and waits for the search's row.
            while (connection.ExecuteScalar<long>("select count(*) from pg_locks where not granted and pid <> pg_backend_pid()") == 0)
                Thread.Sleep(10);
            return 0;
        });
        Assert.Null(await claim.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(SearchState.Paused, Store.FindSearch("s1")!.State);
        Assert.Equal(["queued"], Store.ListEvents("s1", 0, 10).Select(e => e.Type));
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_step_is_ready_when_what_it_needs_is_done(RowPlace rows)
    {
        Begin(rows, "s1");
        string[] Ready() => [.. Store.ListSteps("s1").Where(step => step.State == StepState.Ready).Select(step => step.Name)];
        End("prepare", "pretrain");
        Assert.Equal(["trial-1", "trial-2"], Ready());
        var first = Claim("w1", Lease)!.Claim;
        End("trial-2");
        Assert.Empty(Ready());
        Store.EndStep(first, Plan, Told(trial: 1));
        Assert.Equal(["trial-3", "trial-4"], Ready());
        // The answer to the first call got lost: the second finds what it did.
        Store.EndStep(first, Plan, Told(trial: 1));
        Assert.Single(Store.ListTrials("s1"));
        Assert.Equal(4, Store.FindSearch("s1")!.StepsDone);
        Assert.Equal(4, Store.ListEvents("s1", 0, 20).Count(e => e.Type == "step"));
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Attempts_count_unless_they_are_handed_back_or_end(RowPlace rows)
    {
        Begin(rows, "s1");
        Assert.Equal(0, Claim("w", NoLease)!.AttemptsBefore);
        var second = Claim("w", Lease)!;
        Assert.Equal(1, second.AttemptsBefore);
        Store.Release(second.Claim);
        var third = Claim("w", Lease)!;
        Assert.Equal(1, third.AttemptsBefore);
        Store.EndStep(third.Claim, Plan, Told(seconds: 1.5));
        Assert.Equal((0, 1.5, StepState.Done), Store.ListSteps("s1").Where(s => s.Name == "prepare").Select(s => (s.Attempts, s.Seconds, s.State)).Single());
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Workers_are_shared_evenly_by_priority_and_then_by_age(RowPlace rows)
    {
        Begin(rows, "old", "middle", "young");
        foreach (string step in new[] { "prepare", "pretrain" })
        {
            var claim = Claim("w", Lease)!.Claim;
            Assert.Equal(("old", step), (claim.Search, claim.Step));
            Store.EndStep(claim, Plan, Told());
        }

        // The old one could use both, but then the middle one would have none.
        Assert.Equal("old", Claim("w1", Lease)!.Claim.Search);
        Assert.Equal("middle", Claim("w2", Lease)!.Claim.Search);
        Store.SetPriority("young", 5);
        Assert.Equal("young", Claim("w3", Lease)!.Claim.Search);
        Assert.Equal(("old", "trial-2"), (Claim("w4", Lease)!.Claim is var last ? (last.Search, last.Step) : default));
        Assert.Equal(["w1", "w2", "w3", "w4"], Store.ListRunningSteps().Select(step => step.Worker));
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Only_so_many_searches_of_a_key_are_under_way_and_workers_keep_to_their_queues(RowPlace rows)
    {
        Begin(rows);
        AddSearch("a1", owner: "a");
        AddSearch("a2", owner: "a");
        AddSearch("b1", owner: "b");
        AddSearch("g1", queue: "gpu");
        Assert.Equal("a1", Claim("w1", Lease, most: 1)!.Claim.Search);
        Assert.Equal("b1", Claim("w2", Lease, most: 1)!.Claim.Search);
        Assert.Null(Claim("w3", Lease, most: 1));
        Assert.Equal("a2", Claim("w3", Lease, most: 2)!.Claim.Search);
        var queues = Store.ListQueues();
        Assert.Equal([("default", 0L, 3L, 0L), ("gpu", 1L, 0L, 0L)], queues.Select(queue => (queue.Name, queue.Ready, queue.Running, queue.Lost)));
        Assert.True(queues[1].OldestWait > 0 && queues[0].OldestWait == 0);
        Assert.Equal("g1", Store.ClaimStep("w4", ["gpu", "other"], NoLease)!.Claim.Search);
        Assert.Equal(1, Store.ListQueues()[1].Lost);
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Of_all_queues_that_a_worker_serves_the_first_by_priority_and_age_is_taken(RowPlace rows)
    {
        Begin(rows);
        AddSearch("g1", queue: "gpu");
        AddSearch("d1");
        AddSearch("g2", queue: "gpu");
        AddSearch("d2");
        Store.SetPriority("d2", 1);
        string[] taken = [.. Enumerable.Range(1, 4).Select(i => Store.ClaimStep($"w{i}", [SearchRow.DefaultQueue, "gpu"], Lease)!.Claim.Search)];
        Assert.Equal(["d2", "g1", "d1", "g2"], taken);
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_step_is_given_to_one_of_many_workers(RowPlace rows)
    {
        Begin(rows, [.. Enumerable.Range(1, 6).Select(i => $"s{i}")]);
        var taken = new System.Collections.Concurrent.ConcurrentBag<(string, string)>();
        var threads = Enumerable.Range(0, 4).Select(i => new Thread(() =>
        {
            var mine = new SearchStore(Place!.NewDatabase(), Place.Blobs);
            while (mine.ClaimStep($"w{i}", Queues, Lease) is { } claimed)
            {
                taken.Add((claimed.Claim.Search, claimed.Claim.Step));
                mine.EndStep(claimed.Claim, Plan, Told());
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        while (Claim("last", Lease) is { } left)
        {
            taken.Add((left.Claim.Search, left.Claim.Step));
            Store.EndStep(left.Claim, Plan, Told());
        }

        Assert.Equal(6 * Plan.Steps.Count, taken.Count);
        Assert.Equal(taken.Count, taken.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Steps_that_are_missing_are_added(RowPlace rows)
    {
        Begin(rows, "s1");
        var claim = Claim("w", Lease)!.Claim;
        // As a version without plans has left it: done, and no next step.
        Store.EndStep(claim, new SearchPlan(Options with { Trials = 1 }), Told());
        Store.AddMissingSteps(_ => Plan);
        Assert.Equal(["prepare", "pretrain"], Store.ListSteps("s1").Select(step => step.Name));
    }

    [Fact]
    public void The_time_left_is_known_once_it_was_measured()
    {
        StepKind[] left = [StepKind.Trial, StepKind.Trial, StepKind.Retrain, StepKind.Compare, StepKind.Export];
        (StepKind, double)[] before = [(StepKind.Prepare, 1), (StepKind.Pretrain, 10)];
        Assert.Null(TimeLeft.Estimate(before, left, null, 2));
        Assert.Null(TimeLeft.Estimate(before, left, (StepKind.Trial, 1, 0.05), 2));
        // Trials of 4 s, of which one is half done; retraining and uniform like two trials, export like prepare.
        Assert.Equal(2 + 4 + 8 + 8 + 1, TimeLeft.Estimate(before, left, (StepKind.Trial, 2, 0.5), 2)!.Value, 9);
        Assert.Equal(3 + 3 + 6 + 6 + 1, TimeLeft.Estimate([.. before, (StepKind.Trial, 3)], left, null, 2)!.Value, 9);
        // No training is longer than pretraining.
        Assert.Equal(3 + 3 + 10 + 10 + 1, TimeLeft.Estimate([.. before, (StepKind.Trial, 3)], left, null, 5)!.Value, 9);
        Assert.Equal(10, TimeLeft.Estimate(before, [StepKind.Refit], null, 2)!.Value, 9);
        Assert.Equal(0, TimeLeft.Estimate(before, [], null, 2));
        Assert.Equal(1 + 1, TimeLeft.Estimate(before, [StepKind.Export, StepKind.Curve], null, 2));
    }
}
