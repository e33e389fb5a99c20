namespace Bet.Engine.Compute.Cpu;

public sealed partial class CpuBackend
{
    public override CsrMatrix UploadCsr( int rows, int columns, ReadOnlySpan<int> rowOffsets, ReadOnlySpan<int> columnIds, ReadOnlySpan<float> values) => throw new NotImplementedException();

    public override void Upload(ReadOnlySpan<float> source, Tensor destination) => throw new NotImplementedException();

    public override void Upload(ReadOnlySpan<int> source, Ids destination) => throw new NotImplementedException();

    public override void Download(Tensor source, Span<float> destination) => throw new NotImplementedException();

    public override void Download(Ids source, Span<int> destination) => throw new NotImplementedException();

    public override void Fill(Tensor destination, float value) => throw new NotImplementedException();

    public override void FillNormal(Philox random, float standardDeviation, Tensor destination) => throw new NotImplementedException();

    public override void FillUniform(Philox random, float low, float high, Tensor destination) => throw new NotImplementedException();

    public override void Gemm(bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c) => throw new NotImplementedException();

    public override void SpMM(float alpha, CsrMatrix a, Tensor x, float beta, Tensor z, Tensor y) => throw new NotImplementedException();

    public override void GatherRows(Tensor source, Ids rows, Tensor destination) => throw new NotImplementedException();

    public override void ScatterAddRows(float alpha, Tensor source, Ids rows, Tensor destination) => throw new NotImplementedException();

    public override void AddBias(Tensor bias, Tensor y) => throw new NotImplementedException();

    public override void ColumnSums(float alpha, Tensor x, float beta, Tensor y) => throw new NotImplementedException();

    public override void PrefixMask(Ids sizes, Tensor x) => throw new NotImplementedException();

    public override void CopyColumns( Tensor source, int sourceColumn, Tensor destination, int destinationColumn, int count, bool accumulate) => throw new NotImplementedException();

    public override void Axpby(float alpha, Tensor x, float beta, Tensor y) => throw new NotImplementedException();

    public override void LeakyRelu(float slope, Tensor x, Tensor y) => throw new NotImplementedException();

    public override void LeakyReluGradient(float slope, Tensor x, Tensor dy, float beta, Tensor dx) => throw new NotImplementedException();

    public override double BprLoss( float scale, Tensor users, Tensor positives, Tensor negatives, Tensor du, Tensor dp, Tensor dn) => throw new NotImplementedException();

    public override double SquaredNorm(float scale, Tensor x, float beta, Tensor dx) => throw new NotImplementedException();

    public override double MeanSquaredError(Tensor y, Tensor target, Tensor dy) => throw new NotImplementedException();

    public override void Adam( AdamStep step, Tensor gradient, Tensor value, Tensor firstMoment, Tensor secondMoment, Ids? sizes) => throw new NotImplementedException();

    public override void TopK( Tensor users, Tensor items, Ids excludedOffsets, Ids excludedItems, int k, Ids result) => throw new NotImplementedException();
}
