"""What every peer shares: the graph's file format, and the conversation with Bet.Bench.

A peer is started once. It prints one JSON line, {"ready": "PyTorch 1.13, 2 threads, CSR"} or {"missing": "why"},
then answers every line "run 4" on its standard input, when it has done the work four times over, with {"ms": 12.3} for
once and whatever else it measured, and ends at the end of its input. So ours and the peer's runs alternate within one measurement, on one machine, on one graph.
"""
import argparse
import json
import os
import sys
import time


def arguments(description):
    return parsed(parser(description))


def parser(description):
    """What every peer understands, for a peer that adds to it."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--graph", help="a file that Bet.Bench wrote; see read_graph")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--columns", type=int, default=128, help="the embeddings' width")
    parser.add_argument("--batch", type=int, default=8192)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--model", default="lightgcn", choices=["mf", "lightgcn", "ngcf", "ncf"])
    parser.add_argument("--return-memory", action="store_true", help="the least memory instead of the least time")
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--inner", type=int, default=1024)
    parser.add_argument("--transposed", choices=["none", "a", "b"], default="b", help="the operand stored transposed")
    parser.add_argument("--embeddings", help="float32, users' rows then items' rows")
    parser.add_argument("--folder", help="train.txt.gz and test.txt.gz, or the same uncompressed")
    parser.add_argument("--work", default="step", choices=["lookup", "update", "step"])
    parser.add_argument("--categories", help="int32 [batches, batch, fields]")
    parser.add_argument("--fields", type=int, default=26)
    parser.add_argument("--collisions", type=int, default=1, help="categories of a row of the first table of a field")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def parsed(parser):
    options = parser.parse_args()
    # Read by the OpenMP and BLAS libraries when they are loaded, so before the first import of numpy or torch.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)
    # A peer is measured with the kernels that its library chooses for the processor, not with those of another one.
    os.environ.pop("OPENBLAS_CORETYPE", None)
    return options


def say(message):
    print(json.dumps(message), flush=True)


def require(*modules):
    """Imports by name; where one is missing, says so and ends."""
    try:
        return [__import__(name) for name in modules]
    except ImportError as error:
        say({"missing": str(error)})
        sys.exit(0)


def serve(run, ready, **answers):
    """run() does the work once; it may return a dictionary of further results. answers: what is said to "word 1", by word."""
    say({"ready": ready})
    for line in sys.stdin:
        word, times = line.split()
        if word in answers:
            say(answers[word]())
            continue
        if word != "run":
            break
        elapsed, extra = timed(run, int(times))
        say({"ms": elapsed, **(extra or {})})


def timed(run, times=1):
    """The milliseconds of one of so many runs, one right after the other, and what the last returned."""
    start = time.perf_counter()
    for _ in range(times):
        extra = run()
    return (time.perf_counter() - start) * 1000 / times, extra


def fastest(candidates, repeats=3):
    """The (name, run) with the least median time, each warmed once; one that fails is left out."""
    best = None
    for name, run in candidates:
        try:
            run()
            median = sorted(timed(run)[0] for _ in range(repeats))[repeats // 2]
        except (RuntimeError, NotImplementedError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        if best is None or median < best[0]:
            best = (median, name, run)
    if best is None:
        say({"missing": "no formulation runs on this installation"})
        sys.exit(0)
    return best[1], best[2]


def fastest_made(candidates, repeats=3):
    """As fastest, for (name, make) where make() gives run: the (name, make) whose run is quickest. Every run is dropped
    before the next is made, so that the memory of one does not count for another."""
    def tried():
        for name, make in candidates:
            made.append((name, make))
            yield name, make()
    made = []
    name, _ = fastest(tried(), repeats)
    return name, dict(made)[name]


def keep_memory():
    """The C library gives freed tables back to the system and takes new ones from it, page by page and zeroed, in every
    step; told not to, PyTorch's step is up to twice as fast."""
    import ctypes
    trim_threshold, mmap_max = -1, -4
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(mmap_max, 0)
        library.mallopt(trim_threshold, -1)


def forget_peak():
    """The most memory ever resident is, from here, what is resident now (Linux)."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as references:
        references.write("5")


def peak_megabytes():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM:"))


def read_graph(path):
    """int32, little-endian: users, items, train count, test count, then for train and for test the row offsets
    [users + 1] and the items [count]. Returns (users, items, train, test), the parts as (offsets, items)."""
    import numpy
    content = numpy.fromfile(path, dtype="<i4")
    users, items, train_count, test_count = (int(value) for value in content[:4])
    lengths = [4, users + 1, train_count, users + 1, test_count]
    parts = numpy.split(content, numpy.cumsum(lengths))
    return users, items, (parts[1], parts[2]), (parts[3], parts[4])


def adjacency(users, items, train):
    """The symmetrically normalised bipartite graph, D^-1/2 A D^-1/2, as (offsets, columns, values) of a CSR matrix
    of users + items rows, columns ascending inside a row."""
    import numpy
    offsets, item_of = train
    user_of = numpy.repeat(numpy.arange(users, dtype=numpy.int64), numpy.diff(offsets))
    item_nodes = item_of.astype(numpy.int64) + users
    rows = numpy.concatenate([user_of, item_nodes])
    columns = numpy.concatenate([item_nodes, user_of])
    order = numpy.lexsort((columns, rows))
    rows, columns = rows[order], columns[order]
    degrees = numpy.bincount(rows, minlength=users + items)
    scale = 1 / numpy.sqrt(numpy.maximum(degrees, 1))
    values = (scale[rows] * scale[columns]).astype(numpy.float32)
    return numpy.concatenate([[0], numpy.cumsum(degrees)]), columns, values


def blas_name():
    """The linear algebra library that is loaded, by its file: "libopenblas..." or "libblas..." (the reference)."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        names = {os.path.basename(line.split()[-1]) for line in maps if "blas" in line}
    return max(names, key=len, default="unknown BLAS")
