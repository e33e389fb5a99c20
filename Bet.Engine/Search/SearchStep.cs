namespace Bet.Engine.Search;

/// <summary>The kinds of durable steps, in the order in which a search takes them.</summary>
public enum StepKind
{
    /// <summary>Read, split and renumber the data set.</summary>
    Prepare,

    /// <summary>Train the full table, the denominator of every fitness.</summary>
    Pretrain,

    /// <summary>Choose and evaluate one action.</summary>
    Trial,

    /// <summary>Train one of the best actions to the end.</summary>
    Retrain,

    /// <summary>Train sizes that no search chose under the same budget, the same way: a row to compare with.</summary>
    Compare,

    /// <summary>Train a row of the result again, on the training and the validation part together.</summary>
    Refit,

    /// <summary>Pack the winner and write the artifacts.</summary>
    Export,

    /// <summary>Put the points of a curve together, where several budgets were asked for.</summary>
    Curve,
}

/// <summary>One durable step of a search.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Index">Which of its kind, from 0.</param>
/// <param name="Point">Of a curve the budget that it is for, from 1; 0 for what all share, and where there is one budget.</param>
public readonly record struct SearchStep(StepKind Kind, int Index, int Point = 0)
{
    /// <summary>The step's stable name: "prepare", "trial-3"; for a point of a curve "budget-2/trial-3".</summary>
    public string Name => PrefixOf(Point) + (Kind is StepKind.Trial or StepKind.Retrain or StepKind.Compare or StepKind.Refit
        ? $"{Kind.ToString().ToLowerInvariant()}-{Index + 1}"
        : Kind.ToString().ToLowerInvariant());

    /// <summary>What the names of a point's steps and files begin with: "budget-2/"; empty for 0.</summary>
    public static string PrefixOf(int point) => point == 0 ? "" : $"budget-{point}/";
}

/// <summary>
/// Where a search keeps what its steps store, by name. A file appears whole or not at all; writing a name again
/// replaces it with the same bytes.
/// </summary>
public interface IStepStore
{
    /// <summary>Null where nothing has that name. The caller disposes the stream.</summary>
    Stream? OpenRead(string name);

    /// <summary>Stores what <paramref name="content"/> writes, durably, under the name.</summary>
    void Write(string name, Action<Stream> content);

    /// <summary>Takes the name away; nothing happens where nothing has it.</summary>
    void Delete(string name);
}

/// <summary>A step store in a folder: a temporary file, flushed, then renamed.</summary>
public sealed class DirectoryStepStore(string folder) : IStepStore
{
    public Stream? OpenRead(string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? File.OpenRead(path) : null;
    }

    public void Write(string name, Action<Stream> content)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = path + ".tmp";
        using (var stream = File.Create(temporary))
        {
            content(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    public void Delete(string name) => File.Delete(Path.Combine(folder, name));
}

/// <summary>What a running step tells.</summary>
/// <param name="Step">The step.</param>
/// <param name="Fraction">How much of it is done, 0 to 1.</param>
/// <param name="Detail">For a person: "epoch 12 of 40, loss 0.31, validation Recall@20 0.1321".</param>
public readonly record struct StepProgress(SearchStep Step, double Fraction, string Detail);
