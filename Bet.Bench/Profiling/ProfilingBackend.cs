using System.Diagnostics;
using System.Runtime.CompilerServices;
using Bet.Engine.Compute;

namespace Bet.Bench.Profiling;

/// <summary>
/// Any backend, with every operation timed and its bytes and floating-point operations added up. Results are those of
/// the backend inside, which is not owned. An operation must have ended when its call returns.
/// <para>
/// Bytes are those of the shapes: every input read once, every destination written once, and read too where beta is not
/// 0; of a sparse product, a row of X for every non-zero. Rows of given sizes count whole.
/// </para>
/// </summary>
public sealed class ProfilingBackend(Backend inner) : Backend
{
    private readonly Dictionary<string, OperationTotals> operations = [];
    private long begun;
    private bool started;

    /// <summary>Every operation since <see cref="BeginStep"/>, by name.</summary>
    public IReadOnlyDictionary<string, OperationTotals> Operations => operations;

    /// <summary>From <see cref="BeginStep"/> to the first operation, which in training is the drawing of the batch.</summary>
    public double MillisecondsBefore { get; private set; }

    public override int Threads => inner.Threads;

    public override string Name => inner.Name;

    public override string Description => inner.Description;

    /// <summary>Forgets what was measured.</summary>
    public void BeginStep()
    {
        operations.Clear();
        MillisecondsBefore = 0;
        started = false;
        begun = Stopwatch.GetTimestamp();
    }

    // ---- Memory -------------------------------------------------------------------------------------------

    public override Tensor Allocate(int rows, int columns) => Time(0, 0, () => inner.Allocate(rows, columns));

    public override Ids AllocateIds(int count) => Time(0, 0, () => inner.AllocateIds(count));

    public override CsrMatrix UploadCsr(
        int rows, int columns, ReadOnlySpan<int> rowOffsets, ReadOnlySpan<int> columnIds, ReadOnlySpan<float> values) =>
        inner.UploadCsr(rows, columns, rowOffsets, columnIds, values);

    public override void Upload(ReadOnlySpan<float> source, Tensor destination)
    {
        long start = Start();
        inner.Upload(source, destination);
        End(start, 2 * Bytes(destination), 0);
    }

    public override void Upload(ReadOnlySpan<int> source, Ids destination)
    {
        long start = Start();
        inner.Upload(source, destination);
        End(start, 2 * Bytes(destination), 0);
    }

    public override void Download(Tensor source, Span<float> destination)
    {
        long start = Start();
        inner.Download(source, destination);
        End(start, 2 * Bytes(source), 0);
    }

    public override void Download(Ids source, Span<int> destination)
    {
        long start = Start();
        inner.Download(source, destination);
        End(start, 2 * Bytes(source), 0);
    }

    public override void Fill(Tensor destination, float value) =>
        Time(Bytes(destination), 0, () => inner.Fill(destination, value));

    public override void FillNormal(Philox random, float standardDeviation, Tensor destination) =>
        Time(Bytes(destination), 0, () => inner.FillNormal(random, standardDeviation, destination));

    public override void FillUniform(Philox random, float low, float high, Tensor destination) =>
        Time(Bytes(destination), 0, () => inner.FillUniform(random, low, high, destination));

    // ---- Products -----------------------------------------------------------------------------------------

    /// <summary>Each combination of transposes is an operation of its own: "Gemm", "Gemm A'B", "Gemm AB'", "Gemm A'B'".</summary>
    public override void Gemm(bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c) => Time(
        Bytes(a, b, c) + Read(beta, c), 2.0 * c.Length * (transposeA ? a.Rows : a.Columns),
        () => inner.Gemm(transposeA, transposeB, alpha, a, b, beta, c),
        transposeA || transposeB ? $"Gemm A{(transposeA ? "'" : "")}B{(transposeB ? "'" : "")}" : "Gemm");

    public override void SpMM(
        float alpha, CsrMatrix a, Tensor x, float beta, Tensor z, Tensor y, Ids? sourceSizes = null,
        Ids? resultSizes = null) => Time(
        (4L * a.NonZeros * x.Columns) + Bytes(a.Values, y) + Bytes(a.RowOffsets, a.ColumnIds) + Read(beta, z),
        2.0 * a.NonZeros * x.Columns, () => inner.SpMM(alpha, a, x, beta, z, y, sourceSizes, resultSizes));

    public override void Propagate(
        CsrMatrix userItem, CsrMatrix itemUser, (Tensor Users, Tensor Items) from, (Tensor Users, Tensor Items) to,
        int layers, (Ids? Users, Ids? Items) sizes, (Ids? Users, Ids? Items) wanted, GatherPrecision precision) => Time(
        Propagated(userItem, itemUser, from.Users.Columns, layers, precision),
        4.0 * layers * userItem.NonZeros * from.Users.Columns,
        () => inner.Propagate(userItem, itemUser, from, to, layers, sizes, wanted, precision));

    public override void RowDots(float alpha, Tensor x, Tensor z, float beta, Tensor y) =>
        Time(Bytes(x, z, y) + Read(beta, y), 2 * x.Length, () => inner.RowDots(alpha, x, z, beta, y));

    public override void ScaleRows(float alpha, Tensor scales, Tensor x, float beta, Tensor y) =>
        Time(Bytes(scales, x, y) + Read(beta, y), 2 * x.Length, () => inner.ScaleRows(alpha, scales, x, beta, y));

    public override void PathMlp(Tensor x, Tensor weights, Tensor y) =>
        Time(Bytes(x, weights, y), 2 * weights.Length, () => inner.PathMlp(x, weights, y));

    public override void PathMlpGradient(
        Tensor x, Tensor weights, Tensor dy, float betaX, Tensor dx, float betaWeights, Tensor dWeights) => Time(
        Bytes(x, weights, dy, dx, dWeights) + Read(betaX, dx) + Read(betaWeights, dWeights), 5 * weights.Length,
        () => inner.PathMlpGradient(x, weights, dy, betaX, dx, betaWeights, dWeights));

    public override void PairwiseDots(int size, Tensor x, Tensor y) =>
        Time(Bytes(x, y), 2.0 * size * y.Length, () => inner.PairwiseDots(size, x, y));

    public override void PairwiseDotsGradient(int size, Tensor x, Tensor dy, float beta, Tensor dx) => Time(
        Bytes(x, dy, dx) + Read(beta, dx), 4.0 * size * dy.Length, () => inner.PairwiseDotsGradient(size, x, dy, beta, dx));

    public override void CrossLayer(Tensor first, Tensor x, Tensor w, Tensor bias, Tensor dots, Tensor y) =>
        Time(Bytes(first, x, w, bias, dots, y), 5 * x.Length, () => inner.CrossLayer(first, x, w, bias, dots, y));

    public override void CrossLayerGradient(
        Tensor first, Tensor x, Tensor w, Tensor dots, Tensor dy, (Tensor Gradient, float Beta) dfirst,
        (Tensor Gradient, float Beta) dx, (Tensor Gradient, float Beta) dw, (Tensor Gradient, float Beta) dbias) => Time(
        Bytes(first, x, w, dots, dy) + Bytes(dfirst.Gradient, dx.Gradient, dw.Gradient, dbias.Gradient)
            + Read(dfirst.Beta, dfirst.Gradient) + Read(dx.Beta, dx.Gradient), 8 * x.Length,
        () => inner.CrossLayerGradient(first, x, w, dots, dy, dfirst, dx, dw, dbias));

    // ---- Rows ---------------------------------------------------------------------------------------------

    public override void GatherRows(Tensor source, Ids rows, Tensor destination) =>
        Time((2 * Bytes(destination)) + Bytes(rows), 0, () => inner.GatherRows(source, rows, destination));

    public override void ScatterAddRows(float alpha, Tensor source, Ids rows, Tensor destination) => Time(
        (3 * Bytes(source)) + Bytes(rows), 2 * source.Length, () => inner.ScatterAddRows(alpha, source, rows, destination));

    public override void AddBias(Tensor bias, Tensor y) =>
        Time(Bytes(bias, y, y), y.Length, () => inner.AddBias(bias, y));

    public override void ColumnSums(float alpha, Tensor x, float beta, Tensor y) =>
        Time(Bytes(x, y) + Read(beta, y), x.Length, () => inner.ColumnSums(alpha, x, beta, y));

    public override void NormaliseRows(Tensor x, Tensor norms, Tensor y) =>
        Time(Bytes(x, norms, y), 3 * x.Length, () => inner.NormaliseRows(x, norms, y));

    public override void NormaliseRowsGradient(Tensor y, Tensor norms, Tensor dy, float beta, Tensor dx) => Time(
        Bytes(y, norms, dy, dx) + Read(beta, dx), 5 * y.Length, () => inner.NormaliseRowsGradient(y, norms, dy, beta, dx));

    public override void DropRows(Philox random, float rate, Tensor x, float beta, Tensor y) =>
        Time(Bytes(x, y) + Read(beta, y), x.Length, () => inner.DropRows(random, rate, x, beta, y));

    public override void PrefixMask(Ids sizes, Tensor x) =>
        Time(Bytes(x) + Bytes(sizes), 0, () => inner.PrefixMask(sizes, x));

    public override void QuantiseRows(Precision precision, Ids? sizes, Tensor x, Tensor y) =>
        Time(Bytes(x, y), 3L * x.Length, () => inner.QuantiseRows(precision, sizes, x, y));

    public override void CopyColumns(Tensor source, ColumnRange from, Tensor destination, ColumnRange to, bool accumulate) => Time(
        4L * source.Rows * from.Count * (accumulate ? 3 : 2), 0,
        () => inner.CopyColumns(source, from, destination, to, accumulate));

    public override void PairSums(Tensor x, Tensor z, Tensor y) =>
        Time(Bytes(x, z, y), y.Length, () => inner.PairSums(x, z, y));

    public override void PairSumsGradient(Tensor dy, float betaX, Tensor dx, float betaZ, Tensor dz) => Time(
        Bytes(dy, dx, dz) + Read(betaX, dx) + Read(betaZ, dz), 2 * dy.Length,
        () => inner.PairSumsGradient(dy, betaX, dx, betaZ, dz));

    public override void Reshape(Tensor x, float beta, Tensor y) =>
        Time(Bytes(x, y) + Read(beta, y), 0, () => inner.Reshape(x, beta, y));

    // ---- Fields -------------------------------------------------------------------------------------------

    public override void LookUpRows(FieldLookup lookup, Ids categories, Tensor result) => Time(
        (result.Rows * RowBytes(lookup)) + Bytes(categories) + Bytes(result), 0,
        () => inner.LookUpRows(lookup, categories, result));

    /// <summary>Every row is read and written with its states for each sample that has it, as if none were repeated.</summary>
    public override void UpdateRows(OptimiserStep step, FieldLookup lookup, Ids categories, Tensor gradient) => Time(
        (2.0 * (1 + step.Kind.StateCount()) * gradient.Rows * RowBytes(lookup)) + Bytes(categories) + Bytes(gradient),
        (double)gradient.Rows * RowBytes(lookup) / sizeof(float),
        () => inner.UpdateRows(step, lookup, categories, gradient));

    // ---- Elementwise --------------------------------------------------------------------------------------

    public override void Axpby(float alpha, Tensor x, float beta, Tensor y) =>
        Time(Bytes(x, y) + Read(beta, y), 2 * x.Length, () => inner.Axpby(alpha, x, beta, y));

    public override void Multiply(float alpha, Tensor x, Tensor z, float beta, Tensor y) =>
        Time(Bytes(x, z, y) + Read(beta, y), 3 * x.Length, () => inner.Multiply(alpha, x, z, beta, y));

    public override void Dropout(Philox random, float rate, Tensor x, float beta, Tensor y) =>
        Time(Bytes(x, y) + Read(beta, y), x.Length, () => inner.Dropout(random, rate, x, beta, y));

    public override void LeakyRelu(float slope, Tensor x, Tensor y) =>
        Time(Bytes(x, y), x.Length, () => inner.LeakyRelu(slope, x, y));

    public override void LeakyReluGradient(float slope, Tensor x, Tensor dy, float beta, Tensor dx) => Time(
        Bytes(x, dy, dx) + Read(beta, dx), 2 * x.Length, () => inner.LeakyReluGradient(slope, x, dy, beta, dx));

    // ---- Losses -------------------------------------------------------------------------------------------

    public override double BprLoss(
        float scale, Tensor users, Tensor positives, Tensor negatives, Tensor du, Tensor dp, Tensor dn) => Time(
        Bytes(users, positives, negatives, du, dp, dn), 8 * users.Length,
        () => inner.BprLoss(scale, users, positives, negatives, du, dp, dn));

    public override double SampledSoftmax(
        float scale, float temperature, Tensor positives, Tensor negatives, Ids? excluded, Tensor dPositives,
        Tensor dNegatives) => Time(
        Bytes(positives, negatives, dPositives, dNegatives), 4 * negatives.Length,
        () => inner.SampledSoftmax(scale, temperature, positives, negatives, excluded, dPositives, dNegatives));

    public override double SquaredNorm(float scale, Tensor x) =>
        Time(Bytes(x), 2 * x.Length, () => inner.SquaredNorm(scale, x));

    public override double LogisticLoss(float scale, Tensor scores, Tensor labels, Tensor dScores) => Time(
        Bytes(scores, labels, dScores), 10 * scores.Length, () => inner.LogisticLoss(scale, scores, labels, dScores));

    // ---- Optimiser and ranking ----------------------------------------------------------------------------

    /// <summary>Each optimiser is an operation of its own: "Adam", "Adagrad".</summary>
    public override void Update(
        OptimiserStep step, Tensor gradient, Tensor value, IReadOnlyList<Tensor> states, Ids? sizes) => Time(
        Bytes(gradient) + (2 * (1 + states.Count) * Bytes(value)), 4 * (1 + states.Count) * value.Length,
        () => inner.Update(step, gradient, value, states, sizes), $"{step.Kind}");

    public override void TopK(
        Tensor users, Tensor items, Ids excludedOffsets, Ids excludedItems, int k, Ids result) => Time(
        Bytes(users, items) + Bytes(excludedOffsets, excludedItems, result), 2.0 * users.Length * items.Rows,
        () => inner.TopK(users, items, excludedOffsets, excludedItems, k, result));

    public override void SelectTopK(Tensor scores, Ids excludedOffsets, Ids excludedItems, int k, Ids result) => Time(
        Bytes(scores) + Bytes(excludedOffsets, excludedItems, result), scores.Length,
        () => inner.SelectTopK(scores, excludedOffsets, excludedItems, k, result));

    /// <summary>Does nothing: the backend inside is its maker's.</summary>
    public override void Dispose()
    {
    }

    /// <summary>Bytes of the rows that one sample looks up.</summary>
    private static long RowBytes(FieldLookup lookup) => lookup.Sources.Sum(source => (long)source.Table.Value.Columns) * sizeof(float);

    private static long Bytes(params ReadOnlySpan<Tensor> tensors)
    {
        long values = 0;
        foreach (var tensor in tensors)
            values += tensor.Length;
        return sizeof(float) * values;
    }

    private static long Bytes(params ReadOnlySpan<Ids> ids)
    {
        long values = 0;
        foreach (var one in ids)
            values += one.Count;
        return sizeof(int) * values;
    }

    /// <summary>
    /// Every layer reads the matrices, a row for every non-zero and the first rows, and writes all rows; where they are
    /// rounded, the first ones are in a pass of their own, and the last layer writes float32.
    /// </summary>
    private static double Propagated(
        CsrMatrix userItem, CsrMatrix itemUser, int columns, int layers, GatherPrecision precision)
    {
        double rows = (double)columns * (userItem.Rows + itemUser.Rows);
        double gathered = 2.0 * userItem.NonZeros * columns;
        double matrices = Bytes(userItem.Values, itemUser.Values)
            + Bytes(userItem.RowOffsets, userItem.ColumnIds, itemUser.RowOffsets, itemUser.ColumnIds);
        bool rounded = precision == GatherPrecision.Bfloat16;
        int each = rounded ? sizeof(ushort) : sizeof(float);
        double written = rows * ((each * (layers - 1)) + sizeof(float));
        return (layers * (matrices + (each * gathered) + (sizeof(float) * rows))) + written
            + (rounded ? rows * (sizeof(float) + each) : 0);
    }

    /// <summary>A destination is read only where beta is not 0.</summary>
    private static long Read(float beta, Tensor destination) => beta == 0 ? 0 : Bytes(destination);

    private void Time(double bytes, double floatingPoint, Action run, [CallerMemberName] string name = "")
    {
        long start = Start();
        run();
        End(start, bytes, floatingPoint, name);
    }

    private T Time<T>(double bytes, double floatingPoint, Func<T> run, [CallerMemberName] string name = "")
    {
        long start = Start();
        var result = run();
        End(start, bytes, floatingPoint, name);
        return result;
    }

    private long Start()
    {
        long now = Stopwatch.GetTimestamp();
        if (!started)
            MillisecondsBefore = Stopwatch.GetElapsedTime(begun, now).TotalMilliseconds;
        started = true;
        return now;
    }

    private void End(long start, double bytes, double floatingPoint, [CallerMemberName] string name = "")
    {
        var call = new OperationTotals(1, Stopwatch.GetElapsedTime(start).TotalMilliseconds, bytes, floatingPoint);
        operations[name] = operations.GetValueOrDefault(name) + call;
    }
}
