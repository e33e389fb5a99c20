using System.Data.Common;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>What a worker writes; each write is fenced by its claim.</summary>
public sealed partial class SearchStore
{
    /// <summary>
    /// Takes a search that is not finished, whoever had it before: from here on only this claim can write. Null where
    /// there is nothing left to do.
    /// </summary>
    public SearchClaim? Claim(string id) =>
        database.InTransaction<SearchClaim?>((connection, transaction) =>
        {
            var row = connection.QuerySingleOrDefault<SearchRow>(
                "select * from searches where id = @id", new { id }, transaction);
            if (row is null || row.IsFinished)
                return null;
            connection.Execute(
                """
                update searches set attempt = attempt + 1, revision = revision + 1,
                    state = case state when 'queued' then 'running' else state end,
                    startedAt = coalesce(startedAt, @now)
                where id = @id
                """,
                new { id, now = Now },
                transaction);
            if (row.State != SearchState.Cancelling)
                AddEvent(connection, transaction, id, row.Attempt == 0 ? "started" : "resumed", "{}");
            return new SearchClaim(id, row.Attempt + 1);
        });

    /// <summary>Counts one more attempt at a step, before it is made, and answers how many there were before it.</summary>
    public int BeginStep(SearchClaim claim, string step, string kind) =>
        Fenced(claim, "step = @step, stepFraction = 0, detail = null", new { step }, (connection, transaction) =>
        {
            connection.Execute(
                """
                insert into steps (search, name, kind, attempts, startedAt) values (@Search, @step, @kind, 1, @now)
                on conflict (search, name) do update set attempts = steps.attempts + 1, startedAt = excluded.startedAt
                """,
                new { claim.Search, step, kind, now = Now },
                transaction);
            return connection.ExecuteScalar<int>(
                "select attempts from steps where search = @Search and name = @step",
                new { claim.Search, step },
                transaction) - 1;
        });

    /// <summary>A step that was stopped in good order (the server shuts down) does not count as an attempt.</summary>
    public void ForgiveStep(SearchClaim claim, string step) =>
        Fenced(claim, "stepFraction = 0", new { }, (connection, transaction) => connection.Execute(
            "update steps set attempts = attempts - 1 where search = @Search and name = @step",
            new { claim.Search, step },
            transaction));

    public void SaveProgress(SearchClaim claim, double fraction, string? detail, double? secondsLeft) =>
        Fenced(
            claim,
            "stepFraction = @fraction, detail = @detail, secondsLeft = @secondsLeft",
            new { fraction, detail, secondsLeft },
            (_, _) => 0);

    /// <summary>
    /// Marks a step as done, with what a client may see of it. The step's own files were stored before: a process killed
    /// between the two finds the step done and only repeats this.
    /// </summary>
    /// <param name="claim">The worker's claim.</param>
    /// <param name="step">The step's name.</param>
    /// <param name="kind">The step's kind.</param>
    /// <param name="seconds">How long it took; null where another process did it.</param>
    /// <param name="stepsDone">How many steps are done now.</param>
    /// <param name="trial">The trial's number and result as JSON, where the step was one.</param>
    /// <param name="best">The best trial so far as JSON; null where there is none yet.</param>
    /// <param name="curve">The curve so far as JSON; null where the step has not added to it.</param>
    /// <param name="secondsLeft">The estimate for the steps that are left.</param>
    /// <param name="data">The event's data.</param>
    public void EndStep(
        SearchClaim claim, string step, string kind, double? seconds, int stepsDone,
        (int Number, string Result)? trial, string? best, string? curve, double? secondsLeft, string data) =>
        Fenced(
            claim,
            "step = @step, stepsDone = @stepsDone, stepFraction = 1, best = coalesce(@best, best), " +
            "curve = coalesce(@curve, curve), secondsLeft = @secondsLeft",
            new { step, stepsDone, best, curve, secondsLeft },
            (connection, transaction) =>
            {
                connection.Execute(
                    """
                    insert into steps (search, name, kind, finishedAt) values (@Search, @step, @kind, @now)
                    on conflict (search, name) do update set finishedAt = excluded.finishedAt
                    """,
                    new { claim.Search, step, kind, now = Now },
                    transaction);
                connection.Execute(
                    "update steps set seconds = coalesce(@seconds, seconds), attempts = 0 where search = @Search and name = @step",
                    new { claim.Search, step, seconds },
                    transaction);
                if (trial is { } t)
                    connection.Execute(
                        "insert into trials (search, number, result) values (@Search, @Number, @Result) on conflict (search, number) do nothing",
                        new { claim.Search, t.Number, t.Result },
                        transaction);
                AddEvent(connection, transaction, claim.Search, "step", data);
                return 0;
            });

    /// <summary>The end of a search: succeeded, failed or cancelled.</summary>
    public void Finish(SearchClaim claim, SearchState state, SearchEnd end, string data) =>
        Fenced(
            claim,
            "state = @state, results = @Results, curve = coalesce(@Curve, curve), errorCode = @ErrorCode, " +
            "errorMessage = @ErrorMessage, finishedAt = @now, secondsLeft = null",
            new { state = Text(state), end.Results, end.Curve, end.ErrorCode, end.ErrorMessage, now = Now },
            (connection, transaction) =>
            {
                AddEvent(connection, transaction, claim.Search, Text(state), data);
                return 0;
            });

    /// <summary>Publishes a file and its row together; what had the name before is gone.</summary>
    public void PutFile(SearchClaim claim, string name, IStagedBlob content)
    {
        lock (publishing)
        {
            content.Publish();
            string? replaced = null;
            try
            {
                replaced = Fenced(claim, "revision = revision", new { }, (connection, transaction) =>
                {
                    string? before = connection.ExecuteScalar<string?>(
                        "select blob from artifacts where search = @Search and name = @name",
                        new { claim.Search, name },
                        transaction);
                    connection.Execute(
                        """
                        insert into artifacts (search, name, blob, bytes) values (@Search, @name, @Hash, @Bytes)
                        on conflict (search, name) do update set blob = excluded.blob, bytes = excluded.bytes
                        """,
                        new { claim.Search, name, content.Hash, content.Bytes },
                        transaction);
                    return before;
                });
            }
            finally
            {
                using var connection = database.Open();
                DeleteUnnamed(connection, replaced is null ? [content.Hash] : [content.Hash, replaced]);
            }
        }
    }

    /// <summary>Takes a file's name away; nothing happens where there is none.</summary>
    public void DeleteFile(SearchClaim claim, string name)
    {
        lock (publishing)
        {
            string? gone = Fenced(claim, "revision = revision", new { }, (connection, transaction) =>
            {
                string? blob = connection.ExecuteScalar<string?>(
                    "select blob from artifacts where search = @Search and name = @name", new { claim.Search, name }, transaction);
                connection.Execute("delete from artifacts where search = @Search and name = @name", new { claim.Search, name }, transaction);
                return blob;
            });
            if (gone is null)
                return;
            using var connection = database.Open();
            DeleteUnnamed(connection, [gone]);
        }
    }

    /// <summary>After the end: deletes the files that no one will read again.</summary>
    public void PruneFiles(string search, Func<string, bool> keep)
    {
        lock (publishing)
        {
            using var connection = database.Open();
            var gone = ListFiles(search, "").Where(file => !keep(file.Name)).ToList();
            foreach (var file in gone)
                connection.Execute("delete from artifacts where search = @search and name = @Name", new { search, file.Name });
            DeleteUnnamed(connection, gone.Select(file => file.Blob));
        }
    }

    /// <summary>
    /// One transaction that first changes the search's row where the claim still holds, then does the rest. The change
    /// also raises the revision, except where it sets it itself.
    /// </summary>
    private T Fenced<T>(SearchClaim claim, string changes, object values, Func<DbConnection, DbTransaction, T> rest) =>
        database.InTransaction((connection, transaction) =>
        {
            var parameters = new DynamicParameters(values);
            parameters.Add("claimedSearch", claim.Search);
            parameters.Add("claimedAttempt", claim.Attempt);
            string revision = changes.StartsWith("revision", StringComparison.Ordinal) ? "" : ", revision = revision + 1";
            int changed = connection.Execute(
                $"update searches set {changes}{revision} where id = @claimedSearch and attempt = @claimedAttempt",
                parameters,
                transaction);
            return changed == 1 ? rest(connection, transaction) : throw new ClaimLostException(claim);
        });
}
