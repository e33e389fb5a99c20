"""One dense product C = A B with A [rows, d] and B [d, inner], in NumPy: the linear algebra library's own speed. Either
is stored transposed when asked. In blocks of --batch rows, one over the other, so that memory stays small."""
import peer

options = peer.arguments(__doc__)
numpy, = peer.require("numpy")

random = numpy.random.default_rng(options.seed)


def matrix(rows, columns, transposed):
    if transposed:
        return random.standard_normal((columns, rows), dtype=numpy.float32).T
    return random.standard_normal((rows, columns), dtype=numpy.float32)


a = matrix(options.rows, options.columns, options.transposed == "a")
b = matrix(options.columns, options.inner, options.transposed == "b")
c = numpy.empty((min(options.rows, options.batch), options.inner), dtype=numpy.float32)


def run():
    for start in range(0, options.rows, options.batch):
        block = a[start:start + options.batch]
        numpy.matmul(block, b, out=c[:len(block)])


run()
peer.serve(run, f"NumPy {numpy.__version__}, {peer.blas_name()}, {options.threads} threads")
