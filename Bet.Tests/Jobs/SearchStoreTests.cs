using System.Text;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Tests.Jobs;

/// <summary>Rows and blobs on real SQLite and a real folder.</summary>
public sealed class SearchStoreTests : IDisposable
{
    private readonly string root = Path.Combine(Path.GetTempPath(), $"bet-store-{Guid.NewGuid():N}");
    private readonly DataFolder folder;
    private readonly DirectoryBlobStore blobs;
    private readonly SearchStore store;

    public SearchStoreTests()
    {
        folder = new DataFolder(root);
        blobs = new DirectoryBlobStore(folder.Blobs, folder.Temporary);
        store = new SearchStore(new Database(folder.DatabaseFile), blobs);
    }

    public void Dispose()
    {
        folder.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void A_new_claim_shuts_the_old_worker_out()
    {
        AddSearch("s1");
        var old = store.Claim("s1")!.Value;
        var fresh = store.Claim("s1")!.Value;
        Assert.Throws<ClaimLostException>(() => new BlobStepStore(store, old).Write("prepared.bin", Text("late")));
        Assert.Throws<ClaimLostException>(() => store.SaveProgress(old, 0.5, null, null));
        Assert.Throws<ClaimLostException>(() => store.Finish(old, SearchState.Succeeded, new SearchEnd(), "{}"));
        Assert.Empty(store.ListFiles("s1", ""));
        Assert.Empty(StepBlobs());
        new BlobStepStore(store, fresh).Write("prepared.bin", Text("in time"));
        Assert.Equal("in time", ReadText(new BlobStepStore(store, fresh), "prepared.bin"));
        Assert.Equal(SearchState.Running, store.FindSearch("s1")!.State);
    }

    [Fact]
    public void Equal_files_share_a_blob_that_goes_with_the_last_of_them()
    {
        AddSearch("s1");
        var files = new BlobStepStore(store, store.Claim("s1")!.Value);
        files.Write("a", Text("same"));
        files.Write("b", Text("same"));
        Assert.Single(StepBlobs());
        files.Write("a", Text("other"));
        Assert.Equal("same", ReadText(files, "b"));
        files.Write("b", Text("other"));
        Assert.Single(StepBlobs());
        store.PruneFiles("s1", name => name == "a");
        Assert.Equal("other", ReadText(files, "a"));
        store.PruneFiles("s1", _ => false);
        Assert.Empty(StepBlobs());
    }

    [Fact]
    public void A_file_that_fails_while_it_is_written_leaves_nothing()
    {
        AddSearch("s1");
        var files = new BlobStepStore(store, store.Claim("s1")!.Value);
        Assert.Throws<InvalidOperationException>(() => files.Write("a", stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidOperationException("broken");
        }));
        Assert.Null(files.OpenRead("a"));
        Assert.Empty(StepBlobs());
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Temporary));
    }

    [Fact]
    public void Sweeping_deletes_only_what_no_row_names()
    {
        AddSearch("s1");
        var files = new BlobStepStore(store, store.Claim("s1")!.Value);
        files.Write("kept", Text("kept"));
        using (var orphan = blobs.Stage(Text("orphan")))
            orphan.Publish();
        Assert.Equal(2, StepBlobs().Count());
        store.Sweep();
        Assert.Equal("kept", ReadText(files, "kept"));
        Assert.Single(StepBlobs());
    }

    [Fact]
    public void A_key_belongs_to_one_request()
    {
        Assert.Equal((SearchCreation.Created, "s1"), AddSearch("s1", new IdempotencyKey("k", "print")));
        Assert.Equal((SearchCreation.Replayed, "s1"), AddSearch("s2", new IdempotencyKey("k", "print")));
        Assert.Equal((SearchCreation.KeyReused, "s1"), AddSearch("s3", new IdempotencyKey("k", "other")));
        Assert.Null(store.FindSearch("s2"));
    }

    [Fact]
    public void A_data_set_stays_while_a_search_needs_it()
    {
        AddSearch("s1");
        Assert.Equal(DatasetDeletion.InUse, store.DeleteDataset("data"));
        Assert.Equal(SearchState.Cancelled, store.RequestCancel("s1")!.State);
        Assert.Equal(DatasetDeletion.Deleted, store.DeleteDataset("data"));
        Assert.Equal(DatasetDeletion.Unknown, store.DeleteDataset("data"));
        Assert.Empty(blobs.All());
    }

    [Fact]
    public void A_search_that_was_worked_on_is_cancelled_by_its_worker()
    {
        AddSearch("s1");
        AddSearch("s2");
        var claim = store.Claim("s2")!.Value;
        Assert.Equal(SearchState.Cancelling, store.RequestCancel("s2")!.State);
        Assert.Equal(["s2", "s1"], store.UnfinishedSearches());
        store.Finish(claim, SearchState.Cancelled, new SearchEnd(), "{}");
        Assert.Equal(["s1"], store.UnfinishedSearches());
        Assert.Null(store.Claim("s2"));
        Assert.Equal(["queued", "started", "cancelling", "cancelled"], store.ListEvents("s2", 0, 10).Select(e => e.Type));
    }

    [Fact]
    public void Attempts_count_unless_they_are_forgiven_or_end()
    {
        AddSearch("s1");
        var claim = store.Claim("s1")!.Value;
        Assert.Equal(0, store.BeginStep(claim, "pretrain", "pretrain"));
        Assert.Equal(1, store.BeginStep(claim, "pretrain", "pretrain"));
        store.ForgiveStep(claim, "pretrain");
        Assert.Equal(1, store.BeginStep(claim, "pretrain", "pretrain"));
        store.EndStep(claim, "pretrain", "pretrain", 1.5, 1, null, null, null, null, "{}");
        Assert.Equal((0, 1.5), store.ListSteps("s1").Select(s => (s.Attempts, s.Seconds)).Single());
        Assert.Equal(1, store.FindSearch("s1")!.StepsDone);
    }

    [Fact]
    public void The_time_left_is_known_once_it_was_measured()
    {
        StepKind[] left = [StepKind.Trial, StepKind.Trial, StepKind.Retrain, StepKind.Compare, StepKind.Export];
        (StepKind, double)[] before = [(StepKind.Prepare, 1), (StepKind.Pretrain, 10)];
        Assert.Null(TimeLeft.Estimate(before, left, null));
        Assert.Null(TimeLeft.Estimate(before, left, (StepKind.Trial, 1, 0.05)));
        // Trials of 4 s, of which one is half done; retraining and uniform like pretraining, export like prepare.
        Assert.Equal(2 + 4 + 10 + 10 + 1, TimeLeft.Estimate(before, left, (StepKind.Trial, 2, 0.5))!.Value, 9);
        Assert.Equal(3 + 3 + 10 + 10 + 1, TimeLeft.Estimate([.. before, (StepKind.Trial, 3)], left, null)!.Value, 9);
        Assert.Equal(0, TimeLeft.Estimate(before, [], null));
        Assert.Equal(1 + 1, TimeLeft.Estimate(before, [StepKind.Export, StepKind.Curve], null));
    }

    /// <summary>All but the data set's.</summary>
    private IEnumerable<string> StepBlobs() => blobs.All().Except([store.FindDataset("data")!.Blob]);

    private static Action<Stream> Text(string text) => stream => stream.Write(Encoding.UTF8.GetBytes(text));

    private static string ReadText(BlobStepStore files, string name)
    {
        using var reader = new StreamReader(files.OpenRead(name)!);
        return reader.ReadToEnd();
    }

    private (SearchCreation, string) AddSearch(string id, IdempotencyKey? key = null)
    {
        if (store.FindDataset("data") is null)
        {
            using var content = blobs.Stage(_ => { });
            store.AddDataset(new DatasetRow { Id = "data", Name = "data", Summary = "{}", CreatedAt = 1 }, content);
            Assert.NotNull(store.FindDataset("data"));
        }

        return store.AddSearch(
            new SearchRow { Id = id, Dataset = "data", Options = "{}", Budget = "{}", StepCount = 5, CreatedAt = 1 }, key);
    }
}
