namespace Bet.Bench.Profiling;

/// <summary>What one operation of a backend has cost so far.</summary>
/// <param name="Calls">How often it ran.</param>
/// <param name="Milliseconds">Wall time of all calls.</param>
/// <param name="Bytes">What the calls had to read and write at least, if nothing stayed in a cache between them.</param>
/// <param name="FloatingPoint">Floating-point operations of the calls; a multiplication with its addition is two.</param>
public readonly record struct OperationTotals(double Calls, double Milliseconds, double Bytes, double FloatingPoint)
{
    public static OperationTotals operator +(OperationTotals a, OperationTotals b) => new(
        a.Calls + b.Calls, a.Milliseconds + b.Milliseconds, a.Bytes + b.Bytes, a.FloatingPoint + b.FloatingPoint);

    public static OperationTotals operator /(OperationTotals total, double steps) => new(
        total.Calls / steps, total.Milliseconds / steps, total.Bytes / steps, total.FloatingPoint / steps);
}
