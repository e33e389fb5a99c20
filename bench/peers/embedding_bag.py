"""Rows of many tables in PyTorch: EmbeddingBag with sparse gradients and Adagrad. Two formulations, the quicker is timed:
a bag for every field, or one bag with the tables of all fields one below the other. With collisions, quotients' rows times
remainders' rows. Work: the forward pass, the backward pass from a given gradient with the step, or all of it."""
import peer

options = peer.arguments(__doc__)
torch, numpy = peer.require("torch", "numpy")

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
fields, columns = options.fields, options.columns
cells = options.rows // options.collisions
drawn = numpy.fromfile(options.categories, dtype="<i4").reshape(-1, options.batch, fields)
batches = [torch.from_numpy(batch.astype(numpy.int64)) for batch in drawn]
gradient = torch.randn(options.batch, fields * columns)


def weights(rows):
    """[fields * rows, columns], the numbers that Bet.Bench has in the same places."""
    one = (torch.arange(rows * columns) % 19 + 1).float()
    return torch.cat([((one + field) / 19).view(rows, columns) for field in range(fields)])


def bag(values):
    return torch.nn.EmbeddingBag.from_pretrained(values, freeze=False, mode="sum", sparse=True)


def a_bag_each(values, rows):
    bags = [bag(values[field * rows:(field + 1) * rows]) for field in range(fields)]
    starts = torch.arange(options.batch)

    def look_up(places):
        return torch.cat([each(places[:, field].contiguous(), starts) for field, each in enumerate(bags)], 1)
    return look_up, bags


def one_bag(values, rows):
    whole = bag(values)
    shifts = torch.arange(fields) * rows
    starts = torch.arange(options.batch * fields)

    def look_up(places):
        return whole((places + shifts).view(-1), starts).view(options.batch, fields * columns)
    return look_up, [whole]


def work(formulation, first, second):
    look_up, bags = formulation(first, cells)
    forward = look_up
    if options.collisions > 1:
        factor, more = formulation(second, options.collisions)
        bags = bags + more

        def forward(categories):
            return look_up(categories % cells) * factor(torch.div(categories, cells, rounding_mode="floor"))
    adagrad = torch.optim.Adagrad([each.weight for each in bags], lr=0.01, eps=1e-8)
    state = {"next": 0}
    recorded = [forward(batch) for batch in batches] if options.work == "update" else None

    def run():
        place = state["next"] = (state["next"] + 1) % len(batches)
        if options.work == "lookup":
            with torch.no_grad():
                forward(batches[place])
            return {"check": check}
        adagrad.zero_grad(set_to_none=True)
        result = recorded[place] if recorded else forward(batches[place])
        result.backward(gradient, retain_graph=recorded is not None)
        adagrad.step()
        return None

    with torch.no_grad():
        check = float((forward(batches[0]).double() ** 2).sum())
    return run


first = weights(cells)
second = weights(options.collisions) if options.collisions > 1 else None
name, run = peer.fastest(
    (name, work(formulation, first, second)) for name, formulation in [("a bag a field", a_bag_each), ("one bag", one_bag)])
peer.serve(run, f"PyTorch {torch.__version__}, EmbeddingBag and sparse Adagrad, {name}, {torch.get_num_threads()} threads")
