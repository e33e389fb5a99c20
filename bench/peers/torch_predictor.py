"""The fitness predictor (BET, Eqs. 7-10) in PyTorch, batches of actions at once: rho of every entity once, a mean by
size with index_add, mu of the (size, mean) pairs, pi of their mean. Weights and sizes are random; only time counts."""
import peer

options = peer.arguments(__doc__)
torch, _ = peer.require("torch", "numpy")
from torch.nn import LeakyReLU, Linear, Sequential

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
users, items, train, _ = peer.read_graph(options.graph)
SIZES = 129
rho_users = Sequential(Linear(1, 16), LeakyReLU(), Linear(16, 16), LeakyReLU())
rho_items = Sequential(Linear(1, 16), LeakyReLU(), Linear(16, 16), LeakyReLU())
mu = Sequential(Linear(17, 64), LeakyReLU(), Linear(64, 64), LeakyReLU())
pi = Sequential(Linear(64, 64), LeakyReLU(), Linear(64, 1))
sizes = torch.randint(1, SIZES, (options.batch, users + items))
user_frequency = torch.rand(users, 1)
item_frequency = torch.rand(items, 1)


def run():
    entities = torch.cat([rho_users(user_frequency), rho_items(item_frequency)])
    ones = torch.ones(len(entities))
    share = (torch.arange(SIZES) / (SIZES - 1)).unsqueeze(1)
    fitness = []
    for action in sizes:
        counts = torch.zeros(SIZES).index_add_(0, action, ones)
        means = torch.zeros(SIZES, 16).index_add_(0, action, entities) / counts.clamp(min=1).unsqueeze(1)
        used = counts > 0
        fitness.append(pi(mu(torch.cat([means, share], 1)[used]).mean(0)))
    return {"fitness": float(torch.stack(fitness).mean())}


with torch.no_grad():
    run()
    peer.serve(run, f"PyTorch {torch.__version__}, {options.batch} actions, {torch.get_num_threads()} threads")
