"""One training step of a recommender in PyTorch: BPR and L2 of a batch, the gradients, and Adam of every parameter.

Adam's moments are dense, as ours are. SparseAdam would touch the batch's rows alone, but it is another optimiser: a row
that no batch names keeps its moments and stays where it is, while Adam lets the moments fall and moves the row on."""
import gc

import peer

options = peer.arguments(__doc__)
torch, numpy = peer.require("torch", "numpy")
import graph_layouts
import recommenders

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
users, items, train, _ = peer.read_graph(options.graph)
L2 = 1e-4


def batches(count=8):
    """Batches drawn beforehand, so that PyTorch's time holds no sampling."""
    offsets, item_of = train
    user_of = numpy.repeat(numpy.arange(users), numpy.diff(offsets))
    random = numpy.random.default_rng(options.seed)
    for _ in range(count):
        chosen = random.integers(0, len(item_of), options.batch)
        negatives = random.integers(0, items, options.batch)
        yield torch.from_numpy(numpy.concatenate([user_of[chosen], users + item_of[chosen], users + negatives]))


def step(model, foreach):
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01, foreach=foreach)
    position = 0

    def run():
        nonlocal position
        nodes = prepared[position % len(prepared)]
        position += 1
        rows, positive, negative = model(nodes)
        loss = torch.nn.functional.softplus(negative - positive).mean() + L2 / 2 / options.batch * rows.square().sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"loss": loss.item()}

    return run


def candidates():
    """One after the other, so that one holds its memory only while it is tried."""
    made = recommenders.formulations(
        options.model, users + items, options.columns, options.layers,
        lambda: graph_layouts.layouts(torch, users, items, train))
    for name, make in made:
        for foreach in (False, True):
            yield (name + (", Adam foreach" if foreach else ""),
                   lambda make=make, foreach=foreach: step(make(), foreach))


def with_memory(run):
    def measured():
        return {**run(), "peak_mb": peer.peak_megabytes()}
    return measured


if not options.return_memory:
    peer.keep_memory()
prepared = list(batches())
name, make = peer.fastest_made(candidates(), repeats=1 if options.return_memory else 3)
gc.collect()
peer.forget_peak()
run = make()
run()
peer.serve(with_memory(run), f"PyTorch {torch.__version__} {name}, {torch.get_num_threads()} threads")
