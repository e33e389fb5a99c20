using System.Data.Common;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>What a client may do to a search; from any process, and its workers notice.</summary>
public sealed partial class SearchStore
{
    /// <summary>
    /// Asks a search to stop. One that no worker ever had is cancelled at once; another becomes cancelling, and a worker does
    /// the rest; a finished one stays as it is. Null where there is no such search.
    /// </summary>
    /// <param name="id">The search.</param>
    /// <param name="reason">Why, where it was not a client who asked: a code of the deadlines'.</param>
    public SearchRow? RequestCancel(string id, string? reason = null) => Change(id, (connection, transaction, row) =>
    {
        if (row.State is not (SearchState.Queued or SearchState.Running or SearchState.Paused))
            return false;
        bool untouched = row.StartedAt is null;
        var state = untouched ? SearchState.Cancelled : SearchState.Cancelling;
        connection.Execute(
            $"""
            update searches set state = @state, finishedAt = {(untouched ? database.Clock : "null")}, errorCode = @reason, errorMessage = @message
            where id = @id
            """,
            new { id, state = Text(state), reason, message = reason is null ? null : Reasons[reason] },
            transaction);
        if (!untouched)
            AddReady(connection, transaction, id, CancelStep, CancelStep, place: -1);
        AddEvent(connection, transaction, id, Text(state), reason is null ? "{}" : $$"""{"reason":"{{reason}}"}""");
        return true;
    });

    /// <summary>Stops the work on a search until it is resumed; its workers store where they are. Null where there is no such search.</summary>
    public SearchRow? RequestPause(string id) => Change(id, (connection, transaction, row) =>
    {
        if (row.State is not (SearchState.Queued or SearchState.Running))
            return false;
        MoveTo(connection, transaction, id, SearchState.Paused, "paused");
        return true;
    });

    /// <summary>
    /// Queues a search that was paused or has failed; the steps of a failed one are tried anew. Null where there is no such
    /// search.
    /// </summary>
    public SearchRow? RequestResume(string id) => Change(id, (connection, transaction, row) =>
    {
        if (row.State is not (SearchState.Paused or SearchState.Failed))
            return false;
        connection.Execute("update steps set attempts = 0 where search = @id and state = 'ready'", new { id }, transaction);
        connection.Execute($"update searches set askedAt = {database.Clock} where id = @id", new { id }, transaction);
        MoveTo(connection, transaction, id, SearchState.Queued, "queued");
        return true;
    });

    /// <summary>Null where there is no such search.</summary>
    public SearchRow? SetPriority(string id, int priority) => Change(id, (connection, transaction, row) =>
        row.Priority != priority
        && connection.Execute("update searches set priority = @priority where id = @id", new { id, priority }, transaction) > 0);

    private void MoveTo(DbConnection connection, DbTransaction transaction, string id, SearchState state, string happened)
    {
        connection.Execute(
            "update searches set state = @state, finishedAt = null, errorCode = null, errorMessage = null where id = @id",
            new { id, state = Text(state) },
            transaction);
        AddEvent(connection, transaction, id, happened, "{}");
    }

    /// <param name="id">The search.</param>
    /// <param name="change">Answers whether there is anything that clients see.</param>
    private SearchRow? Change(string id, Func<DbConnection, DbTransaction, SearchRow, bool> change) =>
        database.InTransaction((connection, transaction) =>
        {
            // A write of nothing, so that nobody else changes the row until the end.
            connection.Execute("update searches set revision = revision where id = @id", new { id }, transaction);
            SearchRow? Row() => connection.QuerySingleOrDefault<SearchRow>(
                "select * from searches where id = @id", new { id }, transaction);
            if (Row() is not { } before || !change(connection, transaction, before))
                return Row();
            Touch(connection, transaction, id);
            return Row();
        });
}
