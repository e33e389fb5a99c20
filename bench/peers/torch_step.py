"""One training step of LightGCN in PyTorch: propagation, BPR and L2 of a batch, the gradients and Adam."""
import peer

options = peer.arguments(__doc__)
torch, numpy = peer.require("torch", "numpy")
import graph_layouts

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
users, items, train, _ = peer.read_graph(options.graph)
L2 = 1e-4


class Propagate(torch.autograd.Function):
    """A X for a symmetric A: the gradient is A dY, which spares PyTorch a transpose and works for both layouts."""

    @staticmethod
    def forward(context, matrix, x):
        context.matrix = matrix
        return torch.sparse.mm(matrix, x)

    @staticmethod
    def backward(context, gradient):
        return None, torch.sparse.mm(context.matrix, gradient)


def batches(count=8):
    """Batches drawn beforehand, so that PyTorch's time holds no sampling."""
    offsets, item_of = train
    user_of = numpy.repeat(numpy.arange(users), numpy.diff(offsets))
    random = numpy.random.default_rng(options.seed)
    for _ in range(count):
        chosen = random.integers(0, len(item_of), options.batch)
        yield (torch.from_numpy(user_of[chosen]),
               torch.from_numpy(item_of[chosen].astype(numpy.int64) + users),
               torch.from_numpy(random.integers(0, items, options.batch) + users))


def step(matrix, prepared, foreach):
    table = torch.nn.Parameter(torch.randn(users + items, options.columns) * 0.1)
    optimiser = torch.optim.Adam([table], lr=0.01, foreach=foreach)
    position = 0

    def run():
        nonlocal position
        user, positive, negative = prepared[position % len(prepared)]
        position += 1
        layer = table
        total = table
        for _ in range(options.layers):
            layer = Propagate.apply(matrix, layer)
            total = total + layer
        final = total / (options.layers + 1)
        user_rows = final[user]
        difference = (user_rows * final[positive]).sum(1) - (user_rows * final[negative]).sum(1)
        penalty = table[user].square().sum() + table[positive].square().sum() + table[negative].square().sum()
        loss = torch.nn.functional.softplus(-difference).mean() + L2 / 2 / options.batch * penalty
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"loss": loss.item()}

    return run


prepared = list(batches())
candidates = [
    (f"{name}{', Adam foreach' if foreach else ''}", step(matrix, prepared, foreach))
    for name, matrix in graph_layouts.layouts(torch, users, items, train) for foreach in (False, True)]
name, run = peer.fastest(candidates)
peer.serve(run, f"PyTorch {torch.__version__} {name}, {torch.get_num_threads()} threads")
