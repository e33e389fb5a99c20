using System.Diagnostics;

namespace Bet.Engine.Search;

/// <summary>
/// The state of a training of one step, stored now and then and when it is cancelled, so that a later attempt goes on from
/// there; it ends with the same bits.
/// </summary>
/// <param name="store">Where the step keeps its files; null: nothing is kept.</param>
/// <param name="step">The step's name.</param>
/// <param name="interval">Between two states, at least.</param>
internal sealed class KeptState(IStepStore? store, string step, TimeSpan interval)
{
    private readonly Stopwatch sinceKept = Stopwatch.StartNew();
    private readonly string name = step + ".checkpoint";
    private bool isKept;

    /// <summary>Whether it is time to store the state.</summary>
    public bool IsDue => sinceKept.Elapsed >= interval;

    /// <summary>Goes on from the state that an earlier attempt has left, if it has.</summary>
    /// <param name="load">Reads the state; throws <see cref="InvalidDataException"/> where it is another training's.</param>
    public void Resume(Action<Stream> load)
    {
        using var stream = store?.OpenRead(name);
        if (stream is null)
            return;
        isKept = true;
        try
        {
            load(stream);
        }
        catch (InvalidDataException)
        {
            // Of another version, or of an earlier training of this step: the training begins anew, as without it.
        }
    }

    public void Keep(Action<Stream> save)
    {
        if (store is null)
            return;
        store.Write(name, save);
        isKept = true;
        sinceKept.Restart();
    }

    /// <summary>Once the step's result is stored: the state is of no use any more.</summary>
    public void Forget()
    {
        if (isKept)
            store!.Delete(name);
    }
}
