namespace Bet.Engine.Compute;

/// <summary>A rotation of tables' columns that keeps groups of them apart.</summary>
public static class ColumnRotation
{
    /// <summary>
    /// Of every group the columns below <paramref name="size"/> are turned, by axes of their own; all others stay as they are.
    /// </summary>
    /// <param name="groups">Groups without columns in common, all within <paramref name="width"/>.</param>
    /// <param name="size">Columns from here on stay.</param>
    /// <param name="gram">The columns' Gram matrix, [width, width], row-major.</param>
    /// <param name="width">Columns of the tables.</param>
    /// <param name="axesOf">
    /// Orthogonal [n, n], row-major, from the Gram matrix of n columns; <see cref="PrincipalAxes.Of"/>, say.
    /// </param>
    /// <returns>Orthogonal R, [width, width], row-major; a row x becomes x R.</returns>
    public static float[] Of(
        IReadOnlyList<ColumnRange> groups, int size, double[] gram, int width, Func<double[], int, double[]> axesOf)
    {
        var rotation = new float[width * width];
        for (int column = 0; column < width; column++)
            rotation[(column * width) + column] = 1;
        foreach (var group in groups)
        {
            int[] columns = [.. group.Columns.Where(column => column < size)];
            if (columns.Length == 0)
                continue;
            double[] axes = axesOf([.. columns.SelectMany(i => columns.Select(j => gram[(i * width) + j]))], columns.Length);
            for (int at = 0; at < axes.Length; at++)
                rotation[(columns[at / columns.Length] * width) + columns[at % columns.Length]] = (float)axes[at];
        }

        return rotation;
    }

    /// <summary>What a rotation does within a group of columns, [n, n], row-major.</summary>
    /// <param name="rotation">[width, width], row-major.</param>
    /// <param name="width">Columns of the tables.</param>
    /// <param name="group">n columns.</param>
    public static float[] Within(float[] rotation, int width, ColumnRange group)
    {
        int[] columns = [.. group.Columns];
        return [.. columns.SelectMany(i => columns.Select(j => rotation[(i * width) + j]))];
    }
}
