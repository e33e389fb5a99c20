using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Engine.Backbones;

/// <summary>The normalised user-item graph on a device, in both directions; see <see cref="Graph.Normalised"/>.</summary>
internal sealed class GraphMatrices : IDisposable
{
    public GraphMatrices(Backend backend, Interactions train)
    {
        var (userItem, itemUser) = Graph.Normalised(train);
        UserItem = Upload(backend, userItem);
        ItemUser = Upload(backend, itemUser);
    }

    /// <summary>[users, items]: takes items' rows to users.</summary>
    public CsrMatrix UserItem { get; }

    /// <summary>[items, users], the transpose.</summary>
    public CsrMatrix ItemUser { get; }

    public void Dispose()
    {
        UserItem.Dispose();
        ItemUser.Dispose();
    }

    private static CsrMatrix Upload(Backend backend, CsrArrays matrix) =>
        backend.UploadCsr(matrix.Rows, matrix.Columns, matrix.RowOffsets, matrix.ColumnIds, matrix.Values);
}
