using System.Data.Common;
using Bet.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Bet.Jobs.Pipeline;

/// <summary>
/// While a step runs, from a thread of its own: keeps the claim, tells how far the step is, and stops it where the search
/// is not to go on or another worker has the step.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private readonly SearchStore store;
    private readonly StepClaim claim;
    private readonly WorkerOptions options;
    private readonly Func<StepStanding> standing;
    private readonly SearchState goesOnWhile;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stop;
    private readonly ManualResetEventSlim ended = new();
    private readonly Thread thread;
    private volatile bool ending;

    /// <param name="store">One that does not wait long for its database.</param>
    /// <param name="claim">The step's.</param>
    /// <param name="options">Lease and beat.</param>
    /// <param name="standing">How far the step is.</param>
    /// <param name="goesOnWhile">The state of the search in which the step is to go on.</param>
    /// <param name="shutdown">Stops the step too.</param>
    /// <param name="logger">Told what is out of the ordinary.</param>
    public Heartbeat(
        SearchStore store, StepClaim claim, WorkerOptions options, Func<StepStanding> standing, SearchState goesOnWhile,
        ILogger logger, CancellationToken shutdown)
    {
        (this.store, this.claim, this.options, this.standing, this.goesOnWhile, this.logger) =
            (store, claim, options, standing, goesOnWhile, logger);
        stop = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
        thread = new Thread(Run) { IsBackground = true, Name = "heartbeat", Priority = ThreadPriority.AboveNormal };
        thread.Start();
    }

    /// <summary>Cancelled when the step is to stop.</summary>
    public CancellationToken Token => stop.Token;

    /// <summary>Whether another worker has the step.</summary>
    public bool IsLost { get; private set; }

    /// <summary>From here on the claim may end by the step's own doing.</summary>
    public void ExpectEnd() => ending = true;

    public void Dispose()
    {
        ending = true;
        ended.Set();
        thread.Join();
        stop.Dispose();
        ended.Dispose();
    }

    private void Run()
    {
        bool isSilent = false;
        while (!ended.Wait(options.Beat))
        {
            try
            {
                var (fraction, detail, secondsLeft) = standing();
                var state = store.Beat(claim, options.Lease, fraction, detail, secondsLeft);
                if (isSilent)
                    logger.LogInformation("The database answers again");
                isSilent = false;
                if (state != goesOnWhile && !ending)
                    stop.Cancel();
            }
            catch (ClaimLostException) when (ending)
            {
                return;
            }
            catch (ClaimLostException)
            {
                IsLost = true;
                stop.Cancel();
                return;
            }
            catch (DbException e)
            {
                // The work goes on: nobody else can take the step while the database does not answer, and whoever has it
                // afterwards is decided there.
                if (!isSilent)
                    logger.LogWarning("The database does not answer, the step goes on: {Reason}", e.Message);
                isSilent = true;
            }
            catch (Exception e)
            {
                // A step whose claim is not renewed is lost in the end; the process and its other steps are not.
                logger.LogError(e, "The claim could not be renewed; the heartbeat will try again");
            }
        }
    }
}

/// <summary>How far a step is.</summary>
/// <param name="Fraction">How much of it is done.</param>
/// <param name="Detail">For a person.</param>
/// <param name="SecondsLeft">The estimate for the search.</param>
internal readonly record struct StepStanding(double Fraction, string? Detail, double? SecondsLeft);
