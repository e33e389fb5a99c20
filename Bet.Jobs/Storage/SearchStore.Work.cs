using System.Data.Common;
using Bet.Engine.Search;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>What a worker writes of its step; each write is fenced by its claim.</summary>
public sealed partial class SearchStore
{
    /// <summary>Says that the worker still has its step, and how far it is; answers where its search stands.</summary>
    /// <param name="claim">The worker's.</param>
    /// <param name="lease">For how long the step is nobody else's from now on.</param>
    /// <param name="fraction">How much of the step is done.</param>
    /// <param name="detail">For a person.</param>
    /// <param name="secondsLeft">The estimate for the search.</param>
    public SearchState Beat(StepClaim claim, TimeSpan lease, double fraction, string? detail, double? secondsLeft) =>
        database.InTransaction((connection, transaction) =>
        {
            connection.Execute(
                """
                update searches set stepFraction = @fraction, detail = @detail, secondsLeft = @secondsLeft, revision = revision + 1
                where id = @Search and step = @Step and (stepFraction <> @fraction or coalesce(detail, '') <> coalesce(@detail, ''))
                """,
                new { claim.Search, claim.Step, fraction, detail, secondsLeft },
                transaction);
            Fence(connection, transaction, claim, $"leaseUntil = {database.Clock} + @milliseconds", new { milliseconds = (long)lease.TotalMilliseconds });
            return Enum.Parse<SearchState>(
                connection.ExecuteScalar<string>("select state from searches where id = @Search", new { claim.Search }, transaction)!,
                ignoreCase: true);
        });

    /// <summary>Hands a step back that was stopped in good order: any worker may take it, and it does not count as an attempt.</summary>
    public void Release(StepClaim claim) => database.InTransaction((connection, transaction) =>
    {
        Fence(
            connection, transaction, claim, "state = 'ready', worker = null, leaseUntil = null, attempts = attempts - 1", new { });
        return 0;
    });

    /// <summary>
    /// Marks a step as done, with what a client may see of it, and those as ready that can be taken now. The step's own files
    /// were stored before: a process killed between the two leaves a step to the next that only repeats this.
    /// </summary>
    /// <param name="claim">The worker's.</param>
    /// <param name="plan">Of the search.</param>
    /// <param name="told">What a client may see.</param>
    public void EndStep(StepClaim claim, SearchPlan plan, StepTold told) => database.InTransaction((connection, transaction) =>
    {
        Touch(connection, transaction, claim.Search);
        if (!End(connection, transaction, claim, Done, told.Seconds))
            return 0;
        var steps = connection.Query<(string Name, string State)>(
            "select name, state from steps where search = @Search", new { claim.Search }, transaction).ToDictionary();
        var done = steps.Where(step => step.Value == Text(StepState.Done)).Select(step => step.Key).ToHashSet();
        foreach (var step in plan.Ready(done).Where(step => !steps.ContainsKey(step.Name)))
            AddReady(connection, transaction, claim.Search, step, plan.PlaceOf(step.Name));
        if (told.Trial is { } trial)
            connection.Execute(
                "insert into trials (search, number, result) values (@Search, @Number, @Result) on conflict (search, number) do nothing",
                new { claim.Search, trial.Number, trial.Result },
                transaction);
        string? best = told.Trial?.BestOf(connection.Query<string>(
            "select result from trials where search = @Search order by number", new { claim.Search }, transaction).AsList());
        connection.Execute(
            """
            update searches set step = @Step, stepsDone = @done, stepFraction = 1, best = coalesce(@best, best),
                curve = coalesce(@Curve, curve), budget = coalesce(@Budget, budget), secondsLeft = @SecondsLeft
            where id = @Search
            """,
            new { claim.Search, claim.Step, done = done.Count, best, told.Curve, told.Budget, told.SecondsLeft },
            transaction);
        AddEvent(connection, transaction, claim.Search, "step", told.Event);
        return 0;
    });

    /// <summary>The end of a search by its last step: succeeded, failed or cancelled.</summary>
    public void Finish(StepClaim claim, SearchState state, SearchEnd end, string data) => database.InTransaction((connection, transaction) =>
    {
        Touch(connection, transaction, claim.Search);
        // A step that failed is there to be tried again, should somebody resume the search.
        string changes = state == SearchState.Failed ? "state = 'ready', worker = null, leaseUntil = null" : Done;
        if (!End(connection, transaction, claim, changes, seconds: null))
            return 0;
        // What fails in a search that is being cancelled does not keep the best so far from being packed; what succeeds was not too late.
        string among = state == SearchState.Failed && claim.Step != CancelStep ? CanBeOverdue : $"state in {Unfinished}";
        int ended = connection.Execute(
            $"""
            update searches set state = @state, results = @Results, curve = coalesce(@Curve, curve),
                errorCode = case when @state = 'succeeded' then null else coalesce(@ErrorCode, errorCode) end,
                errorMessage = case when @state = 'succeeded' then null else coalesce(@ErrorMessage, errorMessage) end, finishedAt = {database.Clock}, secondsLeft = null,
                stepsDone = (select count(*) from steps where search = @Search and state = 'done' and name <> @CancelStep),
                stepFraction = case when @state = 'succeeded' then 1 else stepFraction end
            where id = @Search and {among}
            """,
            new { claim.Search, state = Text(state), end.Results, end.Curve, end.ErrorCode, end.ErrorMessage, CancelStep },
            transaction);
        // Of steps side by side that fail, the first ends the search.
        if (ended > 0)
            AddEvent(connection, transaction, claim.Search, Text(state), data);
        return 0;
    });

    /// <summary>Publishes a file and its row together; what had the name before is gone.</summary>
    public void PutFile(StepClaim claim, string name, IStagedBlob content)
    {
        try
        {
            string? replaced = Put(claim, name, content);
            if (replaced is not null && replaced != content.Hash)
                DeleteUnnamed([replaced]);
        }
        catch (ClaimLostException)
        {
            DeleteUnnamed([content.Hash]);
            throw;
        }
    }

    /// <summary>
    /// To publish can be an upload of minutes, so it comes before the claim is looked at: that takes the step's row, which the
    /// heartbeat needs meanwhile.
    /// </summary>
    /// <returns>The blob that had the name before.</returns>
    private string? Put(StepClaim claim, string name, IStagedBlob content) => database.InTransaction(
            (connection, transaction) =>
            {
                content.Publish();
                Fence(connection, transaction, claim, "attempt = attempt", new { });
                string? before = connection.ExecuteScalar<string?>(
                    "select blob from artifacts where search = @Search and name = @name", new { claim.Search, name }, transaction);
                connection.Execute(
                    """
                    insert into artifacts (search, name, blob, bytes) values (@Search, @name, @Hash, @Bytes)
                    on conflict (search, name) do update set blob = excluded.blob, bytes = excluded.bytes
                    """,
                    new { claim.Search, name, content.Hash, content.Bytes },
                    transaction);
                return before;
            },
            LockOf(content.Hash));

    /// <summary>Takes a file's name away; nothing happens where there is none.</summary>
    public void DeleteFile(StepClaim claim, string name)
    {
        string? gone = database.InTransaction((connection, transaction) =>
        {
            Fence(connection, transaction, claim, "attempt = attempt", new { });
            string? blob = connection.ExecuteScalar<string?>(
                "select blob from artifacts where search = @Search and name = @name", new { claim.Search, name }, transaction);
            connection.Execute("delete from artifacts where search = @Search and name = @name", new { claim.Search, name }, transaction);
            return blob;
        });
        if (gone is not null)
            DeleteUnnamed([gone]);
    }

    /// <summary>Deletes the files that no one will read again.</summary>
    public void PruneFiles(string search, Func<string, bool> keep)
    {
        var gone = ListFiles(search, "").Where(file => !keep(file.Name)).ToList();
        database.Read(connection => gone.Sum(file => connection.Execute(
            "delete from artifacts where search = @search and name = @Name", new { search, file.Name })));
        DeleteUnnamed(gone.Select(file => file.Blob));
    }

    private string Done =>
        $"state = 'done', finishedAt = {database.Clock}, seconds = coalesce(@seconds, seconds), attempts = 0, worker = null, leaseUntil = null";

    /// <summary>Changes the step's row where the claim still holds.</summary>
    private static void Fence(DbConnection connection, DbTransaction transaction, StepClaim claim, string changes, object values)
    {
        if (!TryFence(connection, transaction, claim, changes, values))
            throw new ClaimLostException(claim);
    }

    /// <summary>
    /// Changes the step's row for the last time under its claim. False where this very attempt is recorded as done: the
    /// transaction that did it was committed, and the answer got lost.
    /// </summary>
    private static bool End(DbConnection connection, DbTransaction transaction, StepClaim claim, string changes, double? seconds)
    {
        if (TryFence(connection, transaction, claim, changes, new { seconds }))
            return true;
        long ended = connection.ExecuteScalar<long>(
            "select count(*) from steps where search = @Search and name = @Step and attempt = @Attempt and state = 'done'",
            new { claim.Search, claim.Step, claim.Attempt },
            transaction);
        return ended > 0 ? false : throw new ClaimLostException(claim);
    }

    private static bool TryFence(DbConnection connection, DbTransaction transaction, StepClaim claim, string changes, object values)
    {
        var parameters = new DynamicParameters(values);
        parameters.Add("claimedSearch", claim.Search);
        parameters.Add("claimedStep", claim.Step);
        parameters.Add("claimedAttempt", claim.Attempt);
        return connection.Execute(
            $"""
            update steps set {changes}
            where search = @claimedSearch and name = @claimedStep and attempt = @claimedAttempt and state = 'running'
            """,
            parameters,
            transaction) == 1;
    }

    /// <summary>A change that clients see. Taken first of a search's rows, it keeps others from the search until the end.</summary>
    private static bool Touch(DbConnection connection, DbTransaction transaction, string search) =>
        connection.Execute("update searches set revision = revision + 1 where id = @search", new { search }, transaction) > 0;

    private static void AddReady(DbConnection connection, DbTransaction transaction, string search, SearchStep step, int place) =>
        AddReady(connection, transaction, search, step.Name, Text(step.Kind), place);

    private static void AddReady(DbConnection connection, DbTransaction transaction, string search, string name, string kind, int place) =>
        connection.Execute(
            """
            insert into steps (search, name, kind, place, state) values (@search, @name, @kind, @place, 'ready')
            on conflict (search, name) do nothing
            """,
            new { search, name, kind, place },
            transaction);
}

/// <summary>What a client may see of a step that has ended.</summary>
/// <param name="Seconds">How long it took; null where an earlier attempt did it.</param>
/// <param name="Event">The event's data.</param>
public sealed record StepTold(double? Seconds, string Event)
{
    /// <summary>The estimate for the steps that are left.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Null where the step was no trial.</summary>
    public TrialTold? Trial { get; init; }

    /// <summary>The curve so far as JSON; null where the step has not added to it.</summary>
    public string? Curve { get; init; }

    /// <summary>See <see cref="SearchRow.Budget"/>; null where the step has not changed it.</summary>
    public string? Budget { get; init; }
}

/// <summary>What a client may see of a trial that has ended.</summary>
/// <param name="Number">From 1, among all trials of the search.</param>
/// <param name="Result">As JSON.</param>
/// <param name="BestOf">The best of the search's trials as JSON, from their results.</param>
public sealed record TrialTold(int Number, string Result, Func<IReadOnlyList<string>, string> BestOf);
