namespace Bet.Jobs.Storage;

/// <summary>Where rows and blobs are.</summary>
/// <param name="Folder">Blobs, and what is being written; without <see cref="Postgres"/> the rows too.</param>
/// <param name="Postgres">How PostgreSQL is reached, as Npgsql reads it; null: the rows are in a file of the folder.</param>
public sealed record StoragePlace(DataFolder Folder, string? Postgres = null)
{
    /// <summary>Whether other processes may use it at the same time.</summary>
    public bool IsShared => Postgres is not null;
}
