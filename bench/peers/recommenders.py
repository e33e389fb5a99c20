"""The recommenders of the training step in PyTorch, each in the formulations worth trying on a machine.

A model is a torch.nn.Module. `table` holds its embeddings [users + items, d], and forward(nodes) takes a batch's users,
positive items and negative items, one after the other [3 batch], and returns the table's rows of them [3 batch, d] and
the scores of the positive and of the negative pairs, each [batch]. One gather for all three, because the gradient of a
gather is a whole table.
"""
import torch
from torch.nn.functional import dropout, embedding, leaky_relu, linear, normalize, relu


class Propagate(torch.autograd.Function):
    """A X for a symmetric A: the gradient is A dY, which spares PyTorch a transpose and works for both layouts."""

    @staticmethod
    def forward(context, matrix, x):
        context.matrix = matrix
        return torch.sparse.mm(matrix, x)

    @staticmethod
    def backward(context, gradient):
        return None, torch.sparse.mm(context.matrix, gradient)


class Recommender(torch.nn.Module):
    def __init__(self, rows, width):
        super().__init__()
        self.table = torch.nn.Parameter(torch.randn(rows, width) * 0.1)

    @staticmethod
    def weight(outputs, inputs):
        return torch.nn.Parameter(torch.nn.init.xavier_uniform_(torch.empty(outputs, inputs)))

    @staticmethod
    def biases(widths):
        return torch.nn.ParameterList([torch.nn.Parameter(torch.zeros(width)) for width in widths])


def inner_products(rows):
    users, positives, negatives = rows.chunk(3)
    return (users * positives).sum(1), (users * negatives).sum(1)


class MatrixFactorisation(Recommender):
    def forward(self, nodes):
        rows = embedding(nodes, self.table)
        return rows, *inner_products(rows)


class LightGcn(Recommender):
    """He et al., SIGIR 2020: inner products of the mean of the table and its propagations."""

    def __init__(self, rows, width, matrix, layers, whole):
        super().__init__(rows, width)
        self.matrix, self.layers, self.whole = matrix, layers, whole

    def outputs(self):
        yield (layer := self.table)
        for _ in range(self.layers):
            yield (layer := Propagate.apply(self.matrix, layer))

    def forward(self, nodes):
        rows = embedding(nodes, self.table)
        if self.whole:
            final = embedding(nodes, sum(self.outputs()) / (self.layers + 1))
        else:
            final = sum(embedding(nodes, layer) for layer in self.outputs()) / (self.layers + 1)
        return rows, *inner_products(final)


class Ngcf(Recommender):
    """Wang et al., SIGIR 2019, Eqs. 7 and 8: E(k+1) = LeakyReLU((L + I) E W1 + (L E * E) W2), then dropout;
    inner products of the table and every layer, scaled to rows of length one, side by side."""

    DROPOUT = 0.1
    SLOPE = 0.2

    def __init__(self, rows, width, matrix, layers, whole):
        super().__init__(rows, width)
        self.matrix, self.whole = matrix, whole
        self.sums = torch.nn.ParameterList([self.weight(width, width) for _ in range(layers)])
        self.products = torch.nn.ParameterList([self.weight(width, width) for _ in range(layers)])

    def outputs(self):
        layer = self.table
        for w1, w2 in zip(self.sums, self.products):
            neighbours = Propagate.apply(self.matrix, layer)
            layer = leaky_relu(linear(neighbours + layer, w1) + linear(neighbours * layer, w2), self.SLOPE)
            yield (layer := dropout(layer, self.DROPOUT))

    def forward(self, nodes):
        rows = embedding(nodes, self.table)
        if self.whole:
            final = torch.cat([self.table, *(normalize(layer) for layer in self.outputs())], 1)
            return rows, *inner_products(embedding(nodes, final))
        final = torch.cat([rows, *(normalize(embedding(nodes, layer)) for layer in self.outputs())], 1)
        return rows, *inner_products(final)


class Ncf(Recommender):
    """He et al., WWW 2017, NeuMF: half a row for the inner product, half for a tower over user and item of widths d,
    d/2, d/4, d/8; the score adds the outcomes of both up. Positive and negative pairs go through as one matrix, or in
    turn."""

    def __init__(self, rows, width, together):
        super().__init__(rows, width)
        self.half, self.together = width // 2, together
        widths = [width, width // 2, width // 4, width // 8]
        self.tower = torch.nn.ParameterList(
            [self.weight(outputs, inputs) for inputs, outputs in zip(widths, widths[1:])])
        self.tower_biases = self.biases(widths[1:])
        self.output = self.weight(1, widths[-1])

    def score(self, users, items):
        tower = torch.cat([users[:, self.half:], items[:, self.half:]], 1)
        for weight, bias in zip(self.tower, self.tower_biases):
            tower = relu(linear(tower, weight, bias))
        products = (users[:, :self.half] * items[:, :self.half]).sum(1)
        return products + linear(tower, self.output).squeeze(1)

    def forward(self, nodes):
        rows = embedding(nodes, self.table)
        users, positives, negatives = rows.chunk(3)
        if not self.together:
            return rows, self.score(users, positives), self.score(users, negatives)
        return rows, *self.score(users.repeat(2, 1), rows[len(users):]).chunk(2)


def formulations(model, rows, width, layers, graph):
    """[(name, make)] of one model; graph() gives the graph's layouts, and is called where the model propagates."""
    if model == "mf":
        kinds = [("dense", MatrixFactorisation, ())]
    elif model == "ncf":
        kinds = [("pairs at once", Ncf, (True,)), ("pairs in turn", Ncf, (False,))]
    else:
        kind = {"lightgcn": LightGcn, "ngcf": Ngcf}[model]
        kinds = [(layout + words, kind, (matrix, layers, whole))
                 for layout, matrix in graph() for words, whole in [("", True), (", batch's rows alone", False)]]
    return [(name, lambda kind=kind, more=more: kind(rows, width, *more)) for name, kind, more in kinds]
