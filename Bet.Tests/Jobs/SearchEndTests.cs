using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Dapper;

namespace Bet.Tests.Jobs;

/// <summary>How searches end, and what goes with them.</summary>
public sealed class SearchEndTests : StoreTests
{
    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_data_set_stays_while_a_search_needs_it(RowPlace rows)
    {
        Begin(rows, "s1");
        Assert.Equal(SearchState.Paused, Store.RequestPause("s1")!.State);
        Assert.Equal(DatasetDeletion.InUse, Store.DeleteDataset("data"));
        Assert.Equal(SearchState.Cancelled, Store.RequestCancel("s1")!.State);
        Assert.Equal(DatasetDeletion.Deleted, Store.DeleteDataset("data"));
        Assert.Equal(DatasetDeletion.Unknown, Store.DeleteDataset("data"));
        Assert.Empty(Store.Blobs.All());
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_search_that_was_worked_on_is_cancelled_by_a_worker_once_no_other_has_a_step(RowPlace rows)
    {
        Begin(rows, "s1");
        var claim = Claim("w1", Lease)!.Claim;
        Assert.Equal(SearchState.Cancelling, Store.RequestCancel("s1")!.State);
        Assert.Null(Claim("w2", Lease));
        Assert.Equal(SearchState.Cancelling, Store.Beat(claim, Lease, 0, null, null));
        Store.Release(claim);
        var last = Claim("w2", Lease)!;
        Assert.Equal((SearchStore.CancelStep, SearchState.Cancelling), (last.Claim.Step, last.Search.State));
        Store.Finish(last.Claim, SearchState.Cancelled, new SearchEnd(), "{}");
        Assert.Null(Claim("w2", Lease));
        Assert.Equal(["queued", "started", "cancelling", "cancelled"], Store.ListEvents("s1", 0, 10).Select(e => e.Type));
        var revision = Store.FindSearch("s1")!.Revision;
        Assert.Equal(SearchState.Cancelled, Store.RequestCancel("s1")!.State);
        Assert.Equal(revision, Store.FindSearch("s1")!.Revision);
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Of_steps_side_by_side_that_fail_the_first_ends_the_search(RowPlace rows)
    {
        Begin(rows, "s1");
        End("prepare", "pretrain");
        StepClaim[] claims = [Claim("w1", Lease)!.Claim, Claim("w2", Lease)!.Claim];
        foreach (var (i, claim) in claims.Index())
            Store.Finish(claim, SearchState.Failed, new SearchEnd(ErrorCode: $"code-{i}", ErrorMessage: "broken"), "{}");
        Assert.Equal("code-0", Store.FindSearch("s1")!.ErrorCode);
        Assert.Single(Store.ListEvents("s1", 0, 20), e => e.Type == "failed");
        Assert.Equal(2, Store.ListSteps("s1").Count(step => step.State == StepState.Ready));
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_failed_search_can_be_resumed_and_its_step_is_tried_anew(RowPlace rows)
    {
        Begin(rows, "s1");
        Claim("w", NoLease);
        Claim("w", NoLease);
        var claim = Claim("w", Lease)!.Claim;
        Store.Finish(claim, SearchState.Failed, new SearchEnd(ErrorCode: "storage", ErrorMessage: "full"), "{}");
        Assert.Equal((SearchState.Failed, "storage"), (Store.FindSearch("s1")!.State, Store.FindSearch("s1")!.ErrorCode));
        Assert.Null(Claim("w", Lease));
        var resumed = Store.RequestResume("s1")!;
        Assert.Equal((SearchState.Queued, null, null), (resumed.State, resumed.ErrorCode, resumed.FinishedAt));
        Assert.Equal(("prepare", 0), (Claim("w", Lease)!.Claim.Step, Claim("w", Lease)?.AttemptsBefore ?? 0));
        Assert.Equal(["queued", "started", "resumed", "resumed", "failed", "queued", "resumed"], Store.ListEvents("s1", 0, 20).Select(e => e.Type));
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void What_is_past_its_time_is_stopped_and_says_why(RowPlace rows)
    {
        Begin(rows, "free", "waits", "runs", "watched");
        Store.SetPriority("runs", 1);
        var claim = Claim("w", Lease)!.Claim;
        Assert.Equal("runs", claim.Search);
        Assert.Equal(0, Store.StopOverdue());
        Store.SetDeadlines("waits", new(BeginBy: 1));
        Store.SetDeadlines("runs", new(BeginBy: 1, LongestRun: 60_000));
        Store.SetDeadlines("watched", new(KeepAlive: 60_000));
        Assert.Equal(1, Store.StopOverdue());
        Assert.Equal((SearchState.Cancelled, "queue-deadline"), (Store.FindSearch("waits")!.State, Store.FindSearch("waits")!.ErrorCode));
        Assert.Contains("""{"reason":"queue-deadline"}""", Store.ListEvents("waits", 0, 10)[^1].Data);

        Store.SetDeadlines("runs", new(LongestRun: 0));
        Store.SetDeadlines("watched", new(KeepAlive: 0));
        Thread.Sleep(5);
        Assert.Equal(2, Store.StopOverdue());
        Assert.Equal((SearchState.Cancelling, "run-deadline"), (Store.FindSearch("runs")!.State, Store.FindSearch("runs")!.ErrorCode));
        Assert.Equal((SearchState.Cancelled, "nobody-asks"), (Store.FindSearch("watched")!.State, Store.FindSearch("watched")!.ErrorCode));
        Store.Release(claim);
        Store.Finish(Claim("w", Lease)!.Claim, SearchState.Cancelled, new SearchEnd(), "{}");
        Assert.Equal("run-deadline", Store.FindSearch("runs")!.ErrorCode);
        Assert.Equal("free", Claim("w", Lease)!.Claim.Search);
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Searches_that_ended_long_ago_go_with_their_files_and_a_dry_run_says_which(RowPlace rows)
    {
        Begin(rows, "ended", "unfinished");
        var claim = Claim("w", Lease)!.Claim;
        new BlobStepStore(Store, claim).Write("a", Text("a file"));
        Store.Finish(claim, SearchState.Failed, new SearchEnd(), "{}");
        Assert.Equal(SearchDeletion.Unfinished, Store.DeleteSearch("unfinished"));
        Assert.Equal(SearchDeletion.Unknown, Store.DeleteSearch("nothing"));
        Thread.Sleep(5);
        Assert.Empty(Store.FindDisposable(TimeSpan.FromDays(1)).Searches);
        var found = Store.FindDisposable(TimeSpan.Zero);
        Assert.Equal(["ended"], found.Searches);
        Assert.Equal((6L, 0), (found.Bytes, found.Orphans));
        Store.Sweep(TimeSpan.FromDays(1));
        Assert.NotNull(Store.FindSearch("ended"));
        Store.Sweep(TimeSpan.Zero);
        Assert.Null(Store.FindSearch("ended"));
        Assert.NotNull(Store.FindSearch("unfinished"));
        Assert.Empty(StepBlobs());
        Assert.Empty(Store.ListEvents("ended", 0, 10));
    }

    /// <summary>Many workers at once: no step is had twice, none is left.</summary>

    /// <summary>Its process was asleep for longer than its lease; meanwhile the search was cancelled.</summary>
    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_worker_that_comes_back_after_a_cancel_finds_its_claim_gone(RowPlace rows)
    {
        Begin(rows, "s1");
        var frozen = Claim("frozen", NoLease)!.Claim;
        Store.RequestCancel("s1");
        var last = Claim("w", Lease)!.Claim;
        Assert.Equal(SearchStore.CancelStep, last.Step);
        Assert.Throws<ClaimLostException>(() => new BlobStepStore(Store, frozen).Write("prepared.bin", Text("late")));
        Assert.Throws<ClaimLostException>(() => Store.EndStep(frozen, Plan, Told()));
        Assert.Empty(StepBlobs());
        Store.Finish(last, SearchState.Cancelled, new SearchEnd(), "{}");
        Assert.Throws<ClaimLostException>(() => Store.Finish(frozen, SearchState.Failed, new SearchEnd(ErrorCode: "late"), "{}"));
        Assert.Equal(["queued", "started", "cancelling", "cancelled"], Store.ListEvents("s1", 0, 10).Select(e => e.Type));
    }

    /// <summary>The best so far is packed all the same.</summary>
    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_step_that_fails_while_its_search_is_cancelled_does_not_end_it(RowPlace rows)
    {
        Begin(rows, "s1");
        var claim = Claim("w", Lease)!.Claim;
        Store.RequestCancel("s1");
        Store.Finish(claim, SearchState.Failed, new SearchEnd(ErrorCode: "storage", ErrorMessage: "full"), "{}");
        Assert.Equal((SearchState.Cancelling, null), (Store.FindSearch("s1")!.State, Store.FindSearch("s1")!.ErrorCode));
        var last = Claim("w", Lease)!.Claim;
        Assert.Equal(SearchStore.CancelStep, last.Step);
        // It itself may fail.
        Store.Finish(last, SearchState.Failed, new SearchEnd(ErrorCode: "storage", ErrorMessage: "full"), "{}");
        Assert.Equal((SearchState.Failed, "storage"), (Store.FindSearch("s1")!.State, Store.FindSearch("s1")!.ErrorCode));
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_search_that_succeeds_before_its_deadline_is_noticed_has_no_error(RowPlace rows)
    {
        Begin(rows, "s1");
        var claim = Claim("w", Lease)!.Claim;
        Store.RequestCancel("s1", "run-deadline");
        Store.Finish(claim, SearchState.Succeeded, new SearchEnd(), "{}");
        var row = Store.FindSearch("s1")!;
        Assert.Equal((SearchState.Succeeded, null, null), (row.State, row.ErrorCode, row.ErrorMessage));
        Assert.Null(Claim("w", Lease));
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void A_paused_search_that_no_worker_began_in_time_is_stopped_for_that(RowPlace rows)
    {
        Begin(rows, "s1");
        Store.RequestPause("s1");
        Store.SetDeadlines("s1", new(BeginBy: 1));
        Assert.Equal(1, Store.StopOverdue());
        Assert.Equal("queue-deadline", Store.FindSearch("s1")!.ErrorCode);
    }

    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void Who_resumes_a_search_has_asked_for_it(RowPlace rows)
    {
        Begin(rows, "s1");
        Store.SetDeadlines("s1", new(KeepAlive: 60_000));
        Store.Finish(Claim("w", Lease)!.Claim, SearchState.Failed, new SearchEnd(ErrorCode: "storage"), "{}");
        Place!.NewDatabase().Read(connection => connection.Execute("update searches set askedAt = 0"));
        Store.RequestResume("s1");
        Assert.Equal(0, Store.StopOverdue());
        Assert.Equal(SearchState.Queued, Store.FindSearch("s1")!.State);
    }

    /// <summary>Where nobody knew whether the transaction was committed, it is run again.</summary>
    [Theory]
    [MemberData(nameof(Databases.Here), MemberType = typeof(Databases))]
    public void What_is_stored_twice_is_there_once(RowPlace rows)
    {
        Begin(rows, "s1");
        var claim = Claim("w", Lease)!.Claim;
        using var file = Store.Blobs.Stage(Text("file"));
        using var table = Store.Blobs.Stage(Text("table"));
        for (int time = 0; time < 2; time++)
        {
            Store.PutFile(claim, "a", file);
            Assert.True(Store.AddTable(new FullTableRow { Id = "t1", Name = "mine", Dataset = "data", Summary = "{}", CreatedAt = 1 }, table));
        }

        Assert.Equal("file", ReadText(new BlobStepStore(Store, claim), "a"));
        Assert.Single(Store.ListTables("data", null, 10, null));
        Assert.Equal(2, StepBlobs().Count());
        Store.RequestCancel("s1");
        Store.Release(claim);
        Store.Finish(Claim("w", Lease)!.Claim, SearchState.Cancelled, new SearchEnd(), "{}");
        Assert.Equal(DatasetDeletion.Deleted, Store.DeleteDataset("data"));
        Assert.False(Store.AddTable(new FullTableRow { Id = "t2", Name = "late", Dataset = "data", Summary = "{}", CreatedAt = 1 }, table));
        Assert.Empty(Store.ListTables(null, null, 10, null));
    }
}
