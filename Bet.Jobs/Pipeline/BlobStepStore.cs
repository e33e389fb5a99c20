using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>
/// A search's step files as blobs. A file that was written is durable and whole; a worker whose claim is lost gets a
/// <see cref="ClaimLostException"/> and changes nothing.
/// </summary>
public sealed class BlobStepStore(SearchStore store, SearchClaim claim) : IStepStore
{
    public Stream? OpenRead(string name) =>
        store.FindFile(claim.Search, name) is { } file ? store.Blobs.OpenRead(file.Blob) : null;

    public void Write(string name, Action<Stream> content)
    {
        using var staged = store.Blobs.Stage(content);
        store.PutFile(claim, name, staged);
    }

    public void Delete(string name) => store.DeleteFile(claim, name);
}
