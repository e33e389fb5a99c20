"""Reads lines of "user item item ..." into arrays of user and item numbers, as the published LightGCN code does but
with NumPy's parser for each line."""
import gzip
import os
import peer

options = peer.arguments(__doc__)
numpy, = peer.require("numpy")

names = [name for name in ("train.txt", "test.txt")
         if any(os.path.exists(os.path.join(options.folder, name + end)) for end in ("", ".gz"))]
if not names:
    peer.say({"missing": "it reads train.txt and test.txt alone"})
    raise SystemExit


def lines(name):
    path = os.path.join(options.folder, name)
    if os.path.exists(path + ".gz"):
        with gzip.open(path + ".gz", "rt") as stream:
            yield from stream
    else:
        with open(path, encoding="utf-8") as stream:
            yield from stream


def split(name):
    user_of, item_of = [], []
    for line in lines(name):
        numbers = numpy.array(line.split(), dtype=numpy.int64)
        user_of.append(numpy.full(max(len(numbers) - 1, 0), numbers[0]))
        item_of.append(numbers[1:])
    return numpy.concatenate(user_of), numpy.concatenate(item_of)


def from_string(name):
    user_of, item_of = [], []
    for line in lines(name):
        numbers = numpy.fromstring(line, dtype=numpy.int64, sep=" ")
        user_of.append(numpy.full(max(len(numbers) - 1, 0), numbers[0]))
        item_of.append(numbers[1:])
    return numpy.concatenate(user_of), numpy.concatenate(item_of)


def both(read):
    def run():
        return {"check": sum(len(read(name)[0]) for name in names)}
    return run


name, run = peer.fastest([("split", both(split)), ("fromstring", both(from_string))], repeats=1)
peer.serve(run, f"Python and NumPy {numpy.__version__} {name}")
