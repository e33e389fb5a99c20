using System.Text;
using Bet.Engine.Data;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Tests.Jobs;

/// <summary>Tests of a store with a data set, "data", and searches over it.</summary>
public abstract class StoreTests : IDisposable
{
    private protected static readonly TimeSpan Lease = TimeSpan.FromMinutes(1), NoLease = TimeSpan.FromMilliseconds(-1);
    private protected static readonly string[] Queues = [SearchRow.DefaultQueue];
    private protected static readonly SearchOptions Options = SearchPresets.Create(
        "mf", new BudgetRequest(Sparsity: 0.5), Effort.Quick, 1, new SplitOptions(SplitKind.Random), new SearchOverrides { Trials = 4, ParallelTrials = 2 });

    private protected static readonly SearchPlan Plan = new(Options);

    private long created;

    private protected TestStore? Place { get; private set; }

    private protected SearchStore Store => Place!.Store;

    public void Dispose()
    {
        Place?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected ClaimedStep? Claim(string worker, TimeSpan lease, int most = 0) => Store.ClaimStep(worker, Queues, lease, most);

    /// <summary>Takes the steps that are due and ends them; they must be these.</summary>
    private protected void End(params string[] steps)
    {
        foreach (string step in steps)
        {
            var claim = Claim("w", Lease)!.Claim;
            Assert.Equal(step, claim.Step);
            Store.EndStep(claim, Plan, Told());
        }
    }

    private protected static StepTold Told(double? seconds = null, int? trial = null) =>
        new(seconds, "{}") { Trial = trial is { } number ? new TrialTold(number, "{}", _ => "{}") : null };

    /// <summary>All but the data set's.</summary>
    private protected IEnumerable<string> StepBlobs() => Store.Blobs.All().Except([Store.FindDataset("data")!.Blob]);

    private protected static Action<Stream> Text(string text) => stream => stream.Write(Encoding.UTF8.GetBytes(text));

    private protected static string ReadText(BlobStepStore files, string name)
    {
        using var reader = new StreamReader(files.OpenRead(name)!);
        return reader.ReadToEnd();
    }

    private protected void Begin(RowPlace rows, params string[] searches)
    {
        Place = new TestStore(rows);
        using var content = Store.Blobs.Stage(_ => { });
        Assert.True(Store.AddDataset(new DatasetRow { Id = "data", Name = "data", Summary = "{}", CreatedAt = 1 }, content));
        foreach (string id in searches)
            AddSearch(id);
    }

    private protected (SearchCreation, string) AddSearch(
        string id, IdempotencyKey? key = null, string? owner = null, string queue = SearchRow.DefaultQueue) => Store.AddSearch(
        new SearchRow
        {
            Id = id,
            Dataset = "data",
            Options = "{}",
            Budget = "{}",
            StepCount = 5,
            CreatedAt = ++created,
            Owner = owner,
            Queue = queue,
        },
        key);
}
