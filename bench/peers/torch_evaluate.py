"""Ranks every item for every user in PyTorch: scores in batches, training items masked, the best 20, and their
Recall@20 and NDCG@20 over the users that have test items."""
import peer

options = peer.arguments(__doc__)
torch, numpy = peer.require("torch", "numpy")

torch.set_num_threads(options.threads)
users, items, train, test = peer.read_graph(options.graph)
K = 20
embeddings = torch.from_numpy(
    numpy.fromfile(options.embeddings, dtype="<f4").reshape(users + items, options.columns))
user_rows, item_columns = embeddings[:users], embeddings[users:].t()
train_offsets, train_items = (torch.from_numpy(part.astype(numpy.int64)) for part in train)
test_offsets, test_items = (torch.from_numpy(part.astype(numpy.int64)) for part in test)
train_users = torch.repeat_interleave(torch.arange(users), train_offsets[1:] - train_offsets[:-1])
test_counts = test_offsets[1:] - test_offsets[:-1]
test_keys = torch.repeat_interleave(torch.arange(users), test_counts) * items + test_items
discounts = 1 / torch.log2(torch.arange(2, K + 2, dtype=torch.float64))
ideal = torch.cat([torch.zeros(1, dtype=torch.float64), discounts.cumsum(0)])


def rank(batch):
    best = torch.empty(users, K, dtype=torch.int64)
    scores = torch.empty(batch, items)
    for start in range(0, users, batch):
        stop = min(start + batch, users)
        block = torch.mm(user_rows[start:stop], item_columns, out=scores[:stop - start])
        first, last = train_offsets[start], train_offsets[stop]
        block[train_users[first:last] - start, train_items[first:last]] = -torch.inf
        best[start:stop] = torch.topk(block, K, dim=1).indices
    return best


def evaluate(batch):
    def run():
        best = rank(batch)
        keys = torch.arange(users).unsqueeze(1) * items + best
        places = torch.searchsorted(test_keys, keys).clamp_(max=len(test_keys) - 1)
        hits = (test_keys[places] == keys).to(torch.float64)
        counted = test_counts > 0
        recall = hits.sum(1)[counted] / test_counts[counted]
        ndcg = (hits * discounts).sum(1)[counted] / ideal[test_counts[counted].clamp(max=K)]
        return {"check": recall.mean().item(), "ndcg": ndcg.mean().item()}
    return run


with torch.no_grad():
    name, run = peer.fastest([(f"{batch} users a batch", evaluate(batch)) for batch in (256, 1024)], repeats=1)
    peer.serve(run, f"PyTorch {torch.__version__}, {peer.blas_name()}, {name}, {torch.get_num_threads()} threads")
