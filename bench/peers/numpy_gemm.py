"""One dense product C = A B^T with A [rows, d] and B [inner, d], in NumPy: the linear algebra library's own speed.
In blocks of --batch rows, one over the other, so that memory stays small."""
import peer

options = peer.arguments(__doc__)
numpy, = peer.require("numpy")

random = numpy.random.default_rng(options.seed)
a = random.standard_normal((options.rows, options.columns), dtype=numpy.float32)
b = random.standard_normal((options.inner, options.columns), dtype=numpy.float32)
c = numpy.empty((min(options.rows, options.batch), options.inner), dtype=numpy.float32)


def run():
    for start in range(0, options.rows, options.batch):
        block = a[start:start + options.batch]
        numpy.matmul(block, b.T, out=c[:len(block)])


run()
peer.serve(run, f"NumPy {numpy.__version__}, {peer.blas_name()}, {options.threads} threads")
