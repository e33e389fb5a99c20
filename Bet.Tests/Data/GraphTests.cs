using Bet.Engine.Data;

namespace Bet.Tests.Data;

public class GraphTests
{
    [Fact]
    public void ValuesAreTheSymmetricNormalisationAndTheTransposeIsOne()
    {
        var train = Splitter.Split(
            SyntheticData.Generate(new SyntheticOptions(70, 40, 800)), new SplitOptions(SplitKind.Random), 1).Train;
        var (forward, backward) = Graph.Normalised(train);
        var dense = Dense(forward);
        var transposed = Dense(backward);
        Assert.Equal((train.UserCount, train.ItemCount), (forward.Rows, forward.Columns));
        Assert.Equal((train.ItemCount, train.UserCount), (backward.Rows, backward.Columns));
        var itemDegree = new int[train.ItemCount];
        foreach (int item in train.Items)
            itemDegree[item]++;
        for (int user = 0; user < train.UserCount; user++)
        {
            var owned = train.Of(user);
            for (int item = 0; item < train.ItemCount; item++)
            {
                bool joined = owned.BinarySearch(item) >= 0;
                float expected = joined ? (float)(1 / Math.Sqrt((double)owned.Length * itemDegree[item])) : 0;
                Assert.Equal(expected, dense[user, item]);
                Assert.Equal(expected, transposed[item, user]);
            }
        }
    }

    private static float[,] Dense(CsrArrays matrix)
    {
        var dense = new float[matrix.Rows, matrix.Columns];
        Assert.Equal(matrix.Rows + 1, matrix.RowOffsets.Length);
        Assert.Equal(matrix.ColumnIds.Length, matrix.RowOffsets[^1]);
        for (int row = 0; row < matrix.Rows; row++)
        {
            for (int place = matrix.RowOffsets[row]; place < matrix.RowOffsets[row + 1]; place++)
            {
                Assert.True(place == matrix.RowOffsets[row] || matrix.ColumnIds[place] > matrix.ColumnIds[place - 1]);
                dense[row, matrix.ColumnIds[place]] = matrix.Values[place];
            }
        }

        return dense;
    }
}
