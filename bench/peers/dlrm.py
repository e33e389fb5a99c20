"""Training steps of DLRM in PyTorch: EmbeddingBag with sparse gradients, sparse Adagrad for the tables and Adagrad for the
layers. It begins with the values of weights.bin and trains on the batches of the folder, in order. The quicker of several
formulations is timed: a bag for every field or one bag with the tables of all fields one below the other, and the pairs
of inner products taken by one index or two."""
import gc
import os

import peer

parser = peer.parser(__doc__)
parser.add_argument("--sizes", help="categories of each field, with commas between")
options = peer.parsed(parser)
# Threads that spin while they wait for one another take the core from the one that they wait for, where other work runs too.
wait_policy = os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
torch, numpy = peer.require("torch", "numpy")

torch.set_num_threads(options.threads)
sizes = [int(size) for size in options.sizes.split(",")]
columns, vectors = options.columns, len(sizes) + 1


def read(name, kind):
    return numpy.fromfile(os.path.join(options.folder, name + ".bin"), dtype=kind)


def samples(name, count):
    """Batches of (numbers [b, D], categories [b, F], labels [b])."""
    labels = read(name + "-labels", "u1")
    numbers = torch.from_numpy(read(name + "-numbers", "<f4").reshape(len(labels), -1))
    categories = torch.from_numpy(read(name + "-categories", "<i4").astype(numpy.int64).reshape(len(labels), -1))
    return list(zip(numbers.split(count), categories.split(count), torch.from_numpy(labels.astype("f4")).split(count)))


def bag(values):
    return torch.nn.EmbeddingBag.from_pretrained(values, freeze=False, mode="sum", sparse=True)


def a_bag_each(tables):
    bags = [bag(table) for table in tables]

    def look_up(places):
        starts = torch.arange(len(places))
        return [each(places[:, field].contiguous(), starts) for field, each in enumerate(bags)]
    return look_up, bags


def one_bag(tables):
    whole = bag(torch.cat(tables))
    shifts = torch.tensor([sum(sizes[:field]) for field in range(len(sizes))])

    def look_up(places):
        return [whole((places + shifts).view(-1), torch.arange(places.numel())).view(len(places), -1)]
    return look_up, [whole]


def one_index():
    first, second = torch.triu_indices(vectors, vectors, 1)
    pairs = first * vectors + second
    return lambda products: products.flatten(1).index_select(1, pairs)


def two_indices():
    first, second = torch.triu_indices(vectors, vectors, 1)
    return lambda products: products[:, first, second]


def layers(values, widths):
    """Linear and ReLU in turn; a weight is [inputs, outputs] in the file."""
    made = []
    for inputs, outputs in zip(widths, widths[1:]):
        linear = torch.nn.Linear(inputs, outputs)
        with torch.no_grad():
            linear.weight.copy_(next(values).view(inputs, outputs).t())
            linear.bias.copy_(next(values))
        made += [linear, torch.nn.ReLU()]
    return made


def model(formulation, take_pairs):
    bottom_widths = [train[0][0].shape[1], 512, 256, 64, columns]
    top_widths = [columns + vectors * (vectors - 1) // 2, 512, 256, 1]
    shapes = [size * columns for size in sizes]
    for widths in (bottom_widths, top_widths):
        for inputs, outputs in zip(widths, widths[1:]):
            shapes += [inputs * outputs, outputs]
    read_values = torch.from_numpy(read("weights", "<f4")).split(shapes)
    look_up, bags = formulation([values.clone().view(-1, columns) for values in read_values[:len(sizes)]])
    dense = iter(read_values[len(sizes):])
    bottom = torch.nn.Sequential(*layers(dense, bottom_widths))
    top = torch.nn.Sequential(*layers(dense, top_widths)[:-1])
    pairs = take_pairs()

    def scores(numbers, categories):
        x = bottom(numbers)
        blocks = torch.cat([x, *look_up(categories)], 1).view(len(numbers), vectors, columns)
        return top(torch.cat([x, pairs(torch.bmm(blocks, blocks.transpose(1, 2)))], 1)).view(-1)
    return scores, [each.weight for each in bags], [*bottom.parameters(), *top.parameters()]


def loss_of(scores, batch):
    numbers, categories, labels = batch
    return torch.nn.functional.binary_cross_entropy_with_logits(scores(numbers, categories), labels)


def training(formulation, take_pairs):
    scores, tables, dense = model(formulation, take_pairs)
    optimisers = [torch.optim.Adagrad(each, lr=0.01, eps=1e-8) for each in (tables, dense)]
    position = 0

    def run():
        nonlocal position
        loss = loss_of(scores, train[position % len(train)])
        position += 1
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        for optimiser in optimisers:
            optimiser.step()
        return {"loss": loss.item(), "peak_mb": peer.peak_megabytes()}

    def judge():
        with torch.no_grad():
            losses = [loss_of(scores, batch).item() * len(batch[2]) for batch in judged]
        return {"loss": sum(losses) / sum(len(batch[2]) for batch in judged)}

    run.judge = judge
    return run


peer.keep_memory()
train, judged = samples("train", options.batch), samples("judged", 2048)
name, make = peer.fastest_made(
    (f"{table}, {index}", lambda formulation=formulation, take_pairs=take_pairs: training(formulation, take_pairs))
    for table, formulation in [("a bag a field", a_bag_each), ("one bag", one_bag)]
    for index, take_pairs in [("pairs by one index", one_index), ("pairs by two indices", two_indices)])
gc.collect()
peer.forget_peak()
run = make()
peer.serve(
    run, f"PyTorch {torch.__version__}, DLRM with EmbeddingBag and sparse Adagrad, {name}, "
    f"{torch.get_num_threads()} threads, OMP_WAIT_POLICY={wait_policy}",
    loss=run.judge)
