"""One training update of the fitness predictor (BET, Eqs. 7-11) in PyTorch: rho of every entity once, a mean by size with
index_add for all actions at once, mu, the mean over the sizes in use, pi, the mean squared error, its gradients and Adam.
Frequencies, sizes and fitness are random; only time counts."""
import peer

options = peer.arguments(__doc__)
torch, _ = peer.require("torch", "numpy")
from torch.nn import LeakyReLU, Linear, Sequential

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
users, items, _, _ = peer.read_graph(options.graph)
SIZES = 129
rho_users = Sequential(Linear(1, 16), LeakyReLU(), Linear(16, 16))
rho_items = Sequential(Linear(1, 16), LeakyReLU(), Linear(16, 16))
mu = Sequential(Linear(17, 64), LeakyReLU(), Linear(64, 64))
pi = Sequential(Linear(64, 64), LeakyReLU(), Linear(64, 1))
layers = [rho_users, rho_items, mu, pi]
adam = torch.optim.Adam([weight for layer in layers for weight in layer.parameters()], lr=0.01)
sizes = torch.randint(1, SIZES, (options.batch, users + items))
counts = torch.stack([torch.bincount(action, minlength=SIZES) for action in sizes])
used = (counts > 0).unsqueeze(2)
share = (torch.arange(SIZES) / (SIZES - 1)).expand(options.batch, SIZES).unsqueeze(2)
user_frequency, item_frequency = torch.rand(users, 1), torch.rand(items, 1)
fitness = torch.rand(options.batch)


def run():
    entities = torch.cat([rho_users(user_frequency), rho_items(item_frequency)])
    sums = torch.stack([torch.zeros(SIZES, 16).index_add_(0, action, entities) for action in sizes])
    means = sums / counts.clamp(min=1).unsqueeze(2)
    of_sizes = mu(torch.cat([means, share], 2)) * used
    predicted = pi(of_sizes.sum(1) / used.sum(1)).squeeze(1)
    loss = ((predicted - fitness) ** 2).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()


run()
peer.serve(run, f"PyTorch {torch.__version__}, {options.batch} pairs, {torch.get_num_threads()} threads")
