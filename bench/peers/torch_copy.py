"""One copy of a matrix [rows, columns], in PyTorch: what the machine's memory moves."""
import peer

options = peer.arguments(__doc__)
torch, = peer.require("torch")

torch.set_num_threads(options.threads)
source = torch.zeros(options.rows, options.columns)
destination = torch.empty_like(source)


def run():
    destination.copy_(source)


run()
peer.serve(run, f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
