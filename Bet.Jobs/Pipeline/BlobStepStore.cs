using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>
/// A search's step files as blobs. A file that was written is durable and whole; a worker whose claim is lost gets a
/// <see cref="ClaimLostException"/> and changes nothing.
/// </summary>
/// <param name="store">Rows and blobs.</param>
/// <param name="claim">Of the step that writes.</param>
public sealed class BlobStepStore(SearchStore store, StepClaim claim) : IStepStore
{
    /// <summary>Of the step that writes now: a worker goes from one step of a search to the next.</summary>
    public StepClaim Claim { get; set; } = claim;

    public Stream? OpenRead(string name) =>
        store.FindFile(Claim.Search, name) is { } file ? store.Blobs.OpenRead(file.Blob) : null;

    public void Write(string name, Action<Stream> content)
    {
        using var staged = store.Blobs.Stage(content);
        store.PutFile(Claim, name, staged);
    }

    public void Delete(string name) => store.DeleteFile(Claim, name);
}
