"""One sparse product Y = A X of the normalised graph [n, n] and X [n, d], in PyTorch."""
import peer

options = peer.arguments(__doc__)
torch, _ = peer.require("torch", "numpy")
import graph_layouts

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
users, items, train, _ = peer.read_graph(options.graph)
x = torch.randn(users + items, options.columns)
y = torch.empty_like(x)


def product(matrix):
    def run():
        torch.addmm(y, matrix, x, beta=0, out=y)
    return run


with torch.no_grad():
    name, run = peer.fastest(
        (name, product(matrix)) for name, matrix in graph_layouts.layouts(torch, users, items, train))
    peer.serve(run, f"PyTorch {torch.__version__} {name}, {torch.get_num_threads()} threads")
