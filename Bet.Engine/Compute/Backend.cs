namespace Bet.Engine.Compute;

/// <summary>
/// The whole contract of a device: coarse operations over two-dimensional, contiguous, row-major float32.
/// <para>
/// Operations write into given destinations and never allocate. Their results do not depend on the number of
/// threads. A destination may be one of the inputs only where it is said. Shapes are checked at the entry:
/// <see cref="ArgumentException"/> names the operation and the shapes that do not fit.
/// </para>
/// </summary>
public abstract class Backend : IDisposable
{
    /// <summary>The kind of device: "cpu".</summary>
    public abstract string Name { get; }

    /// <summary>What the device is, for reports: model, vector width, threads.</summary>
    public abstract string Description { get; }

    /// <summary>Threads of this machine's processor that work for it.</summary>
    public abstract int Threads { get; }

    // ---- Memory -------------------------------------------------------------------------------------------

    /// <summary>A new tensor of zeros.</summary>
    public abstract Tensor Allocate(int rows, int columns);

    /// <summary>A new vector of zeros.</summary>
    public abstract Ids AllocateIds(int count);

    /// <summary>A copy of a CSR matrix on this device. See <see cref="CsrMatrix"/> for the shapes.</summary>
    public abstract CsrMatrix UploadCsr(
        int rows, int columns, ReadOnlySpan<int> rowOffsets, ReadOnlySpan<int> columnIds, ReadOnlySpan<float> values);

    public abstract void Upload(ReadOnlySpan<float> source, Tensor destination);

    public abstract void Upload(ReadOnlySpan<int> source, Ids destination);

    public abstract void Download(Tensor source, Span<float> destination);

    public abstract void Download(Ids source, Span<int> destination);

    public abstract void Fill(Tensor destination, float value);

    /// <summary>Normal numbers with the given standard deviation, element i from position i / 2 of the stream.</summary>
    public abstract void FillNormal(Philox random, float standardDeviation, Tensor destination);

    /// <summary>Uniform numbers in [low, high).</summary>
    public abstract void FillUniform(Philox random, float low, float high, Tensor destination);

    // ---- Products -----------------------------------------------------------------------------------------

    /// <summary>C = alpha op(A) op(B) + beta C, where op transposes when asked. A beta of 0 never reads C.</summary>
    public abstract void Gemm(bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c);

    /// <summary>
    /// Y = alpha A X + beta Z, with A sparse [m, n], X [n, d], Y and Z [m, d]. Z may be Y. A beta of 0 never reads Z.
    /// </summary>
    /// <param name="sourceSizes">
    /// [n], falling from row to row: row r of X is zero beyond its first <c>sourceSizes[r]</c> values. The result is the
    /// same, bit for bit; what is known to be zero is mostly not visited. Null: nothing is known.
    /// </param>
    /// <param name="resultSizes">
    /// [m]: only the first <c>resultSizes[r]</c> values of row r of Y are wanted; the rest of Y stays as it is. Null: all.
    /// </param>
    public abstract void SpMM(
        float alpha, CsrMatrix a, Tensor x, float beta, Tensor z, Tensor y, Ids? sourceSizes = null,
        Ids? resultSizes = null);

    /// <summary>
    /// to = P from, with P E = (E + A E + ... + A^L E) / (L + 1) and A = [0 R; R' 0], R [users, items] sparse: taken as
    /// E + A (E + A (E + ...)), so that each layer is one product.
    /// </summary>
    /// <param name="userItem">R.</param>
    /// <param name="itemUser">R'.</param>
    /// <param name="from">[users, d] and [items, d].</param>
    /// <param name="to">The same shapes, other tensors.</param>
    /// <param name="layers">L, at least 1.</param>
    /// <param name="sizes">Of the rows of <paramref name="from"/>, as <c>sourceSizes</c> of <see cref="SpMM"/>.</param>
    /// <param name="wanted">
    /// How many values of a row of <paramref name="to"/> are wanted; what the others become is not defined. Null: all.
    /// </param>
    /// <param name="precision">In what the products read the rows that they gather.</param>
    public abstract void Propagate(
        CsrMatrix userItem, CsrMatrix itemUser, (Tensor Users, Tensor Items) from, (Tensor Users, Tensor Items) to,
        int layers, (Ids? Users, Ids? Items) sizes, (Ids? Users, Ids? Items) wanted, GatherPrecision precision);

    /// <summary>y[i] = alpha x_i . z_i + beta y[i], with x and z [n, d], y [n, 1]. A beta of 0 never reads y.</summary>
    public abstract void RowDots(float alpha, Tensor x, Tensor z, float beta, Tensor y);

    /// <summary>
    /// y_i = alpha scales[i] x_i + beta y_i, with scales [n, 1], x and y [n, d]. A beta of 0 never reads y.
    /// </summary>
    public abstract void ScaleRows(float alpha, Tensor scales, Tensor x, float beta, Tensor y);

    /// <summary>
    /// A small network for each row: y_i = b_i + W_i' relu(V_i x_i + a_i), x and y [n, w]. Row i of weights [n, 2hw + h + w]
    /// holds V_i [h, w], a_i [h], W_i [h, w], b_i [w], one after the other.
    /// </summary>
    public abstract void PathMlp(Tensor x, Tensor weights, Tensor y);

    /// <summary>
    /// dx = the gradient of <see cref="PathMlp"/> by x + betaX dx, dWeights = that by weights + betaWeights dWeights, with dy of
    /// the shape of y. A beta of 0 never reads its destination.
    /// </summary>
    public abstract void PathMlpGradient(
        Tensor x, Tensor weights, Tensor dy, float betaX, Tensor dx, float betaWeights, Tensor dWeights);

    /// <summary>
    /// Row i of y [b, n (n - 1) / 2] = the inner products of all pairs of the n blocks of <paramref name="size"/> columns
    /// that row i of x [b, n size] is made of: (0, 1), (0, 2), ..., (n - 2, n - 1).
    /// </summary>
    public abstract void PairwiseDots(int size, Tensor x, Tensor y);

    /// <summary>
    /// dx_j = the sum over the other blocks k of their pair's dy times x_k, + beta dx_j, block by block; shapes as
    /// <see cref="PairwiseDots"/> has them. A beta of 0 never reads dx.
    /// </summary>
    public abstract void PairwiseDotsGradient(int size, Tensor x, Tensor dy, float beta, Tensor dx);

    /// <summary>
    /// A cross layer (Wang et al. 2017, Eq. 3): dots[i] = x_i . w and y_i = dots[i] first_i + bias + x_i, with first, x and y
    /// [b, m], w [m, 1], bias [1, m], dots [b, 1], written. first may be x.
    /// </summary>
    public abstract void CrossLayer(Tensor first, Tensor x, Tensor w, Tensor bias, Tensor dots, Tensor y);

    /// <summary>
    /// With t_i = dy_i . first_i: dfirst_i = dots[i] dy_i, dx_i = dy_i + t_i w, dw = the sum over i of t_i x_i, dbias = that of
    /// dy_i, each + its beta times what it holds; dots as <see cref="CrossLayer"/> wrote them. A beta of 0 never reads its
    /// destination. dx may be dfirst, which is then written first.
    /// </summary>
    public abstract void CrossLayerGradient(
        Tensor first, Tensor x, Tensor w, Tensor dots, Tensor dy, (Tensor Gradient, float Beta) dfirst,
        (Tensor Gradient, float Beta) dx, (Tensor Gradient, float Beta) dw, (Tensor Gradient, float Beta) dbias);

    // ---- Rows ---------------------------------------------------------------------------------------------

    /// <summary>Row i of the destination [n, d] = row <c>rows[i]</c> of the source [m, d].</summary>
    public abstract void GatherRows(Tensor source, Ids rows, Tensor destination);

    /// <summary>
    /// Row <c>rows[i]</c> of the destination [m, d] += alpha times row i of the source [n, d]; rows that repeat are
    /// added in the order of i.
    /// </summary>
    public abstract void ScatterAddRows(float alpha, Tensor source, Ids rows, Tensor destination);

    /// <summary>Every row of y [n, d] += bias [1, d].</summary>
    public abstract void AddBias(Tensor bias, Tensor y);

    /// <summary>y [1, d] = alpha times the column sums of x [n, d] + beta y.</summary>
    public abstract void ColumnSums(float alpha, Tensor x, float beta, Tensor y);

    /// <summary>
    /// y_i = x_i / norms[i], with norms[i] = max(|x_i|, 1e-12), the Euclidean length; x and y [n, d], norms [n, 1],
    /// written. y may be x.
    /// </summary>
    public abstract void NormaliseRows(Tensor x, Tensor norms, Tensor y);

    /// <summary>
    /// dx_i = (dy_i - (dy_i . y_i) y_i) / norms[i] + beta dx_i, with y and norms as <see cref="NormaliseRows"/> wrote
    /// them, dy and dx [n, d]. A beta of 0 never reads dx.
    /// </summary>
    public abstract void NormaliseRowsGradient(Tensor y, Tensor norms, Tensor dy, float beta, Tensor dx);

    /// <summary>
    /// Row i of y = row i of x / (1 - rate), or 0 where row i is dropped, + beta times row i of y; x and y [n, d]. See
    /// <see cref="Dropout"/>, of which this is the same with rows for values.
    /// </summary>
    public abstract void DropRows(Philox random, float rate, Tensor x, float beta, Tensor y);

    /// <summary>Row r of x [m, d] keeps its first <c>sizes[r]</c> values; the rest become zero.</summary>
    public abstract void PrefixMask(Ids sizes, Tensor x);

    /// <summary>
    /// y [m, d] = the rows of x [m, d] as they are read again from a table of that precision; see
    /// <see cref="RowQuantiser"/>. Row r has <c>sizes[r]</c> values, the rest of y becomes zero; null: all. y may be x.
    /// </summary>
    public abstract void QuantiseRows(Precision precision, Ids? sizes, Tensor x, Tensor y);

    /// <summary>
    /// Column j of the range of the destination [n, e] = column j of the range of the source [n, d], or += if
    /// accumulating; the ranges have as many columns, and the destination's others stay as they are.
    /// </summary>
    public abstract void CopyColumns(
        Tensor source, ColumnRange from, Tensor destination, ColumnRange to, bool accumulate);

    /// <summary>Row i m + j of y [n m, h] = row i of x [n, h] + row j of z [m, h].</summary>
    public abstract void PairSums(Tensor x, Tensor z, Tensor y);

    /// <summary>
    /// dx_i = the sum over j of dy_(i m + j) + betaX dx_i, dz_j = the sum over i of dy_(i m + j) + betaZ dz_j, with dy
    /// [n m, h], dx [n, h], dz [m, h]. A beta of 0 never reads its destination.
    /// </summary>
    public abstract void PairSumsGradient(Tensor dy, float betaX, Tensor dx, float betaZ, Tensor dz);

    /// <summary>
    /// y [m, e] = the values of x [n, d], n d = m e, in their order, + beta y. A beta of 0 never reads y.
    /// </summary>
    public abstract void Reshape(Tensor x, float beta, Tensor y);

    // ---- Fields -------------------------------------------------------------------------------------------

    /// <summary>
    /// Row i of the result [b, C] = the embeddings of sample i, whose category in field f is <c>categories[i F + f]</c>:
    /// every source's row, as it is read again from a table of the source's precision, joins its columns by the source's
    /// operation, in the order of the sources.
    /// </summary>
    /// <param name="lookup">F fields, C columns.</param>
    /// <param name="categories">[b F], sample by sample, none negative.</param>
    /// <param name="result">[b, C].</param>
    public abstract void LookUpRows(FieldLookup lookup, Ids categories, Tensor result);

    /// <summary>
    /// One step of the optimiser on every row of every source's table that <see cref="LookUpRows"/> reads for these
    /// categories, in place, by the row's gradient: the sum over the samples that read it, in their order. All gradients are
    /// those of the values before the step, the other rows of a product rounded as the lookup rounds them; a rounded row's
    /// gradient is taken for the unrounded one's (straight through). No other row is read or written.
    /// </summary>
    /// <param name="step">Its kind is that which the tables keep the states of.</param>
    /// <param name="lookup">F fields, C columns.</param>
    /// <param name="categories">[b F], sample by sample, none negative.</param>
    /// <param name="gradient">[b, C], of the loss by the result of the lookup.</param>
    public abstract void UpdateRows(OptimiserStep step, FieldLookup lookup, Ids categories, Tensor gradient);

    // ---- Elementwise --------------------------------------------------------------------------------------

    /// <summary>y = alpha x + beta y. A beta of 0 never reads y.</summary>
    public abstract void Axpby(float alpha, Tensor x, float beta, Tensor y);

    /// <summary>y = alpha x z + beta y, value by value. A beta of 0 never reads y, which may be x or z.</summary>
    public abstract void Multiply(float alpha, Tensor x, Tensor z, float beta, Tensor y);

    /// <summary>
    /// y = x / (1 - rate), or 0 where the value is dropped, + beta y (Srivastava et al. 2014). Whether value i is dropped
    /// depends on the stream and i alone, so the gradient is the same call on the gradients. The rate, in [0, 1), is
    /// rounded to a multiple of 2^-16; at 0 it is a plain copy. A beta of 0 never reads y. y may be x.
    /// </summary>
    public abstract void Dropout(Philox random, float rate, Tensor x, float beta, Tensor y);

    /// <summary>y = x where x is positive, slope x elsewhere. y may be x.</summary>
    public abstract void LeakyRelu(float slope, Tensor x, Tensor y);

    /// <summary>dx = dy where x is positive, slope dy elsewhere, + beta dx. A beta of 0 never reads dx, which may then be dy.</summary>
    public abstract void LeakyReluGradient(float slope, Tensor x, Tensor dy, float beta, Tensor dx);

    // ---- Losses (value and gradient in one pass) ----------------------------------------------------------

    /// <summary>
    /// Bayesian personalised ranking (Rendle et al. 2009): the mean over the rows i of
    /// softplus(-(u_i . p_i - u_i . n_i)), all [b, d]. The gradients of that mean, times <paramref name="scale"/>,
    /// are written into du, dp and dn (overwritten). Returns the mean times scale.
    /// </summary>
    public abstract double BprLoss(
        float scale, Tensor users, Tensor positives, Tensor negatives, Tensor du, Tensor dp, Tensor dn);

    /// <summary>
    /// Sampled softmax: the mean over the rows of -log(exp(p / t) / (exp(p / t) + the sum over k of exp(n_k / t))), with
    /// the scores of one positive, positives [b, 1], and of its negatives [b, K]. The gradients of that mean, times
    /// <paramref name="scale"/>, are written into dPositives [b, 1] and dNegatives [b, K] (overwritten). Returns the
    /// mean times scale. With K = 1 and t = 1 it is <see cref="BprLoss"/> of the scores.
    /// </summary>
    /// <param name="scale">Times the mean.</param>
    /// <param name="temperature">t, positive.</param>
    /// <param name="positives">[b, 1].</param>
    /// <param name="negatives">[b, K].</param>
    /// <param name="excluded">
    /// Bits, [b, w] words, w at least ceil(K / 32): where bit k % 32 of word k / 32 of a row is set, its negative k does not
    /// count, and has the gradient 0. Words after the first ceil(K / 32) of a row are not read; bits of these from K on are 0.
    /// Null: all count.
    /// </param>
    /// <param name="dPositives">[b, 1].</param>
    /// <param name="dNegatives">[b, K].</param>
    public abstract double SampledSoftmax(
        float scale, float temperature, Tensor positives, Tensor negatives, Ids? excluded, Tensor dPositives,
        Tensor dNegatives);

    /// <summary>scale times the sum of squares of x. Its gradient, 2 scale x, is left to <see cref="Axpby"/>.</summary>
    public abstract double SquaredNorm(float scale, Tensor x);

    /// <summary>
    /// Logistic loss: the mean over the rows of softplus(z) - y z, with scores z and labels y in [0, 1], both [b, 1]. The
    /// gradient of that mean by the scores, times <paramref name="scale"/>, is written into dScores [b, 1]. Returns the mean
    /// times scale.
    /// </summary>
    public abstract double LogisticLoss(float scale, Tensor scores, Tensor labels, Tensor dScores);

    // ---- Optimiser ----------------------------------------------------------------------------------------

    /// <summary>
    /// One step of an optimiser on every value, in place; with <paramref name="sizes"/>, on the first <c>sizes[r]</c> values
    /// of row r alone: the rest are neither read nor written.
    /// </summary>
    /// <param name="step">Which optimiser, and its numbers.</param>
    /// <param name="gradient">[n, d].</param>
    /// <param name="value">[n, d].</param>
    /// <param name="states">What the optimiser keeps, each [n, d], in the order that <see cref="Optimiser"/> gives.</param>
    /// <param name="sizes">[n]; null: all.</param>
    public abstract void Update(
        OptimiserStep step, Tensor gradient, Tensor value, IReadOnlyList<Tensor> states, Ids? sizes);

    // ---- Ranking ------------------------------------------------------------------------------------------

    /// <summary>
    /// For every row of users [n, d] the k items [m, d] of largest inner product, best first, ties to the smaller
    /// item number. Row r leaves out the items <c>excludedItems[excludedOffsets[r] .. excludedOffsets[r + 1]]</c>
    /// (ascending). Writes item numbers into result, [n * k] row by row; -1 where fewer than k items remain.
    /// The n x m scores never exist at once.
    /// </summary>
    public abstract void TopK(
        Tensor users, Tensor items, Ids excludedOffsets, Ids excludedItems, int k, Ids result);

    /// <summary>
    /// <see cref="TopK"/> from scores [n, m] that are there: for every row the k columns of largest score. A score that
    /// is not a number is never chosen.
    /// </summary>
    public abstract void SelectTopK(Tensor scores, Ids excludedOffsets, Ids excludedItems, int k, Ids result);

    public abstract void Dispose();
}
