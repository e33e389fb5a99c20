using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

/// <summary>
/// A value on a <see cref="Tape"/>. It stays valid until the tape begins its next step; its buffers are then used
/// again by the operation recorded at the same place.
/// </summary>
public abstract class Variable
{
    private Tape? tape;
    private Tensor? value;
    private Tensor? gradient;
    private bool borrowed;

    /// <summary>The result of the operation, [rows, columns].</summary>
    public Tensor Value => value!;

    /// <summary>
    /// int32 [rows], falling, where only the first values of a row exist: the others are zero, and their gradients are
    /// not wanted. Null where every value exists.
    /// </summary>
    internal Ids? RowSizes { get; private protected set; }

    /// <summary>Whether a parameter lies behind this value.</summary>
    internal bool NeedsGradient { get; private protected set; }

    /// <summary>Whether this step's gradient has a first contribution.</summary>
    internal bool HasGradient { get; private set; }

    /// <summary>Whether there is a gradient to hand on.</summary>
    internal virtual bool MustRunBackward => NeedsGradient && HasGradient;

    private protected Backend Backend => tape!.Backend;

    /// <summary>The gradient to read, once every user of this value has contributed.</summary>
    internal Tensor Gradient => gradient!;

    /// <summary>
    /// The gradient to contribute to, with the beta for the kernel that does: 0 for the first contribution, which
    /// overwrites, and 1 for later ones, which add.
    /// </summary>
    internal (Tensor Gradient, float Beta) Contribute()
    {
        gradient ??= tape!.Rent(Value.Rows, Value.Columns);
        float beta = HasGradient ? 1 : 0;
        HasGradient = true;
        return (gradient, beta);
    }

    /// <summary>The gradient for a kernel that can only add: zeroed before the first contribution.</summary>
    internal Tensor ContributeByAdding()
    {
        var (target, beta) = Contribute();
        if (beta == 0)
            Backend.Fill(target, 0);
        return target;
    }

    /// <summary>
    /// Contributes a finished gradient of the shape of <see cref="Value"/>. The first contribution changes buffers
    /// instead of copying: the given one holds no particular values afterwards, and may be null.
    /// </summary>
    internal void Contribute(ref Tensor? finished)
    {
        if (!HasGradient && !borrowed)
        {
            (gradient, finished) = (finished, gradient);
            HasGradient = true;
            return;
        }

        var (target, beta) = Contribute();
        Backend.Axpby(1, finished!, beta, target);
    }

    /// <summary>Adds this operation's gradient to those of its inputs.</summary>
    internal abstract void Backward();

    internal void Attach(Tape owner) => tape = owner;

    internal virtual void BeginStep()
    {
        HasGradient = false;
        NeedsGradient = false;
    }

    internal virtual void Release()
    {
        Return(ref value);
        Return(ref gradient);
    }

    /// <summary>Makes the result [rows, columns], with the buffer of the last step where it fits.</summary>
    private protected Tensor Result(int rows, int columns)
    {
        Reuse(ref value, rows, columns);
        if (gradient is not null && (gradient.Rows != rows || gradient.Columns != columns))
            Return(ref gradient);
        return value!;
    }

    /// <summary>Makes a temporary of this operation [rows, columns].</summary>
    private protected Tensor Reuse(ref Tensor? buffer, int rows, int columns)
    {
        if (buffer is null || buffer.Rows != rows || buffer.Columns != columns)
        {
            Return(ref buffer);
            buffer = tape!.Rent(rows, columns);
        }

        return buffer;
    }

    private protected void Return(ref Tensor? buffer)
    {
        if (buffer is not null)
            tape!.Return(buffer);
        buffer = null;
    }

    /// <summary>Takes tensors that belong to somebody else, who frees them.</summary>
    private protected void Borrow(Tensor borrowedValue, Tensor? borrowedGradient)
    {
        value = borrowedValue;
        gradient = borrowedGradient;
        borrowed = true;
    }
}

/// <summary>An operation whose result is a number, the value and the gradient found in one pass.</summary>
public abstract class LossVariable : Variable
{
    /// <summary>The loss.</summary>
    public double Loss { get; private protected set; }

    internal override bool MustRunBackward => true;
}
