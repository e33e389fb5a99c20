"""The normalised graph as PyTorch holds it, in both layouts."""
import warnings

from peer import adjacency


def layouts(torch, users, items, train):
    """[("CSR", matrix), ("COO", matrix)] of shape [users + items, users + items]. CSR with 32-bit indices, which is
    the faster width; COO knows 64-bit ones only."""
    warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
    offsets, columns, values = (torch.from_numpy(part) for part in adjacency(users, items, train))
    nodes = users + items
    rows = torch.repeat_interleave(torch.arange(nodes), offsets[1:] - offsets[:-1])
    csr = torch.sparse_csr_tensor(offsets.int(), columns.int(), values, (nodes, nodes))
    coo = torch.sparse_coo_tensor(torch.stack([rows, columns]), values, (nodes, nodes)).coalesce()
    return [("CSR", csr), ("COO", coo)]
