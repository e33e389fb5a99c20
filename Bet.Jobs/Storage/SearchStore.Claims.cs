using System.Data.Common;
using Bet.Engine.Search;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>Who works on what.</summary>
public sealed partial class SearchStore
{
    /// <summary>The step that ends a search that was cancelled; not one of its plan.</summary>
    public const string CancelStep = "cancel";

    /// <summary>
    /// Takes the step that is due next, if there is one: of the searches with the highest priority, one with the fewest
    /// steps under way, the oldest of these first; a search waits while others that were begun can use the worker. So
    /// searches share workers evenly, and no more are under way than there are workers.
    /// </summary>
    /// <param name="worker">The worker's name.</param>
    /// <param name="queues">The queues that it serves.</param>
    /// <param name="lease">For how long the step is nobody else's, unless the worker says that it still has it.</param>
    /// <param name="mostOfOwner">How many searches of one key may be under way at once; 0 for any number.</param>
    public ClaimedStep? ClaimStep(string worker, IReadOnlyCollection<string> queues, TimeSpan lease, int mostOfOwner = 0)
    {
        // Most of the time there is nothing to do; to see that needs no lock.
        if (FindDue(null, queues, mostOfOwner) is null)
            return null;
        return database.InTransaction(
            (connection, transaction) => FindDue((connection, transaction), queues, mostOfOwner) is var (search, step)
                ? Take(connection, transaction, search, step, worker, lease)
                : null,
            "claims");
    }

    /// <summary>
    /// Where no other process uses the tables, at the start: what a process that is gone had under way is for anybody, at
    /// once and not when its lease has ended.
    /// </summary>
    public void EndLeases() => database.Read(connection => connection.Execute("update steps set leaseUntil = 0 where state = 'running'"));

    /// <summary>
    /// Adds what can be taken next to searches that have no such step: those begun, or asked to stop, under a version without
    /// plans.
    /// </summary>
    /// <param name="planOf">A search's plan from its options as JSON.</param>
    public void AddMissingSteps(Func<string, SearchPlan> planOf) => database.InTransaction((connection, transaction) =>
    {
        var searches = connection.Query<(string Id, string Options, string State)>(
            $"""
            select id, options, state from searches where state in {Unfinished} and not exists (
                select 1 from steps where steps.search = searches.id and steps.state in ('ready', 'running')
                    and (searches.state <> 'cancelling' or steps.name = '{CancelStep}'))
            """,
            transaction: transaction).AsList();
        foreach (var (id, options, state) in searches)
        {
            if (state == Text(SearchState.Cancelling))
            {
                AddReady(connection, transaction, id, CancelStep, CancelStep, place: -1);
                continue;
            }

            var plan = planOf(options);
            var done = connection.Query<string>(
                "select name from steps where search = @id and state = 'done'", new { id }, transaction).ToHashSet();
            foreach (var step in plan.Ready(done))
                AddReady(connection, transaction, id, step, plan.PlaceOf(step.Name));
        }

        return searches.Count;
    });

    private (string Search, string Step)? FindDue(
        (DbConnection Connection, DbTransaction Transaction)? within, IReadOnlyCollection<string> queues, int mostOfOwner)
    {
        // Of a list PostgreSQL's client makes an array, which SQLite does not have.
        string served = string.Join(", ", queues.Select((_, i) => $"@queue{i}"));
        string underLimit = mostOfOwner == 0
            ? ""
            : """
              and (owner is null or owner not in (
                  select owner from searches where state in ('running', 'cancelling') and owner is not null
                  group by owner having count(*) >= @mostOfOwner))
              """;
        // Queue by queue, so that each has its first from an index.
        string waiting = string.Join("\nunion all ", queues.Select((_, i) =>
            $"""
            select * from (
                select id, 'queued' as state, priority, createdAt from searches
                where state = 'queued' and queue = @queue{i} {underLimit}
                order by queue, priority desc, createdAt, id limit 1) as waiting{i}
            """));
        string sql =
            $"""
            select steps.search, steps.name from (
                select id, state, priority, createdAt from searches where state in ('running', 'cancelling') and queue in ({served})
                union all
                select * from (select * from ({waiting}) as waiting order by priority desc, createdAt, id limit 1) as first
            ) as due join steps on steps.search = due.id
            where steps.state in ('ready', 'running') and (steps.state = 'ready' or steps.leaseUntil < {database.Clock})
                and (due.state = 'cancelling') = (steps.name = '{CancelStep}')
                and (steps.name <> '{CancelStep}' or {BusyOf("due.id")} = 0)
            order by due.priority desc, {BusyOf("due.id")}, due.createdAt, due.id, steps.place
            limit 1
            """;
        var parameters = new DynamicParameters(new { mostOfOwner });
        foreach (var (i, queue) in queues.Index())
            parameters.Add($"queue{i}", queue);
        var found = within is { } inside
            ? inside.Connection.Query<(string, string)>(sql, parameters, inside.Transaction).AsList()
            : database.Read(connection => connection.Query<(string, string)>(sql, parameters).AsList());
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>An SQL expression: how many of a search's steps workers have.</summary>
    private string BusyOf(string search) =>
        $"(select count(*) from steps as busy where busy.search = {search} and busy.state = 'running' and busy.leaseUntil >= {database.Clock})";

    /// <summary>
    /// Null where, since the step was found, it has ended or somebody has asked its search to stop: only claims wait for one
    /// another.
    /// </summary>
    private ClaimedStep? Take(
        DbConnection connection, DbTransaction transaction, string search, string step, string worker, TimeSpan lease)
    {
        // Search first, then step, as everybody does who writes both.
        var before = connection.QuerySingle<SearchRow>(
            "update searches set revision = revision where id = @search returning *", new { search }, transaction);
        bool wanted = step == CancelStep
            ? before.State == SearchState.Cancelling
            : before.State is SearchState.Queued or SearchState.Running;
        if (!wanted)
            return null;
        var taken = connection.Query<(long Attempt, int Attempts)>(
            $"""
            update steps set state = 'running', attempt = attempt + 1, attempts = attempts + 1, worker = @worker,
                startedAt = {database.Clock}, leaseUntil = {database.Clock} + @milliseconds
            where search = @search and name = @step
                and (state = 'ready' or (state = 'running' and leaseUntil < {database.Clock}))
            returning attempt, attempts
            """,
            new { search, step, worker, milliseconds = (long)lease.TotalMilliseconds },
            transaction).AsList();
        if (taken is not [var (attempt, attempts)])
            return null;
        // A worker that was away for longer than its lease and comes back finds its claim gone.
        if (step == CancelStep)
        {
            connection.Execute(
                """
                update steps set state = 'ready', attempt = attempt + 1, worker = null, leaseUntil = null
                where search = @search and name <> @step and state = 'running'
                """,
                new { search, step },
                transaction);
        }

        var row = connection.QuerySingle<SearchRow>(
            $"""
            update searches set state = case state when 'queued' then 'running' else state end, step = @step, stepFraction = 0,
                detail = null, startedAt = coalesce(startedAt, {database.Clock}), revision = revision + 1
            where id = @search
            returning *
            """,
            new { search, step },
            transaction);
        if (before.StartedAt is null)
            AddEvent(connection, transaction, search, "started", "{}");
        else if (before.State == SearchState.Queued || attempts > 1)
            AddEvent(connection, transaction, search, "resumed", "{}");
        return new ClaimedStep(new StepClaim(search, step, attempt), row, attempts - 1);
    }
}
