#!/usr/bin/env python3
"""Ranks items for users, as the backbone does that the table was trained for. Needs numpy and what lies beside it.

    python3 bet_rank.py --user 42 --user 43 --top 20 --interactions known.csv

    from bet_rank import Ranker
    ranker = Ranker(".", [("raw user id", "raw item id"), ...])
    ranker.top("raw user id", 20)       the best items first, (raw item id, score) each

Interactions are what is known of users: a file, .gz too, that is read as the service reads it. Columns between tabs, commas,
semicolons or bars, with quotes around what holds one, are an interaction a line; the user's and the item's are told by a header
that names them, or else by --user-column and --item-column; others, as a rating, are not looked at, and no row is left out.
Blanks separate a user and then the user's items. --pairs and --adjacency say which of the two a file is where it does not tell.

Nobody is recommended what they have. lightgcn and ngcf propagate vectors along the interactions, so they need them; those that
came after training may be among them, as long as the table has the user and the item. Scores of one user compare; those of two
need not.
"""
import argparse
import csv
import gzip
import itertools
import json
import os
import re
import sys

import numpy as np
from bet_table import BetTable, open_tensors

COLUMNS_AT_ONCE = 16  # of the rows that are summed up over the interactions
NGCF_SLOPE = 0.2

DELIMITERS = "\t,;|"
SAMPLE = 64  # lines of a file that say how to read it
VALUE = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|\d{4}-\d\d-\d\d.*")
USERS = (
    "user userid uid customer customerid visitor visitorid reviewer reviewerid member memberid account accountid person "
    "personid").split()
ITEMS = (
    "item itemid iid movie movieid product productid asin isbn book bookid track trackid song songid artist artistid business "
    "businessid location locationid poi place placeid article articleid game gameid").split()


def read_weights(path):
    """Float32 matrices of backbone.safetensors by name."""
    header, tensor = open_tensors(path)
    return {name: np.array(tensor(name, "<f4")) for name in header if name != "__metadata__" and header[name]["dtype"] == "F32"}


def read_interactions(path, pairs=None, user=None, item=None, header=True):
    """Pairs of a user and an item. A line is one, or a user and all items; None: as its first lines tell."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
        sample = list(itertools.islice(file, SAMPLE))
        lines = itertools.chain(sample, file)
        first = next(filter(str.strip, sample), "")
        movielens = "::" in first
        if movielens:
            first, lines = "\t", (line.replace("::", "\t") for line in lines)
        delimiter = next((one for one in DELIMITERS if one in first), " ")
        ragged = len({line.count("\t") for line in sample if line.strip()}) > 1 and not re.search(r"[^\d\s]", "".join(sample))
        if pairs is None:
            pairs = bool(user or item) or not (delimiter == " " or delimiter == "\t" and ragged)
        if pairs:
            quoting = csv.QUOTE_NONE if movielens else csv.QUOTE_MINIMAL
            rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, quoting=quoting)
            yield from read_columns(path, rows, user, item, header and not movielens)
            return
        for line in lines:
            of, *items = re.split(r"[\s,]+", line.strip())
            yield from ((of, item) for item in items)


def read_columns(path, rows, user, item, header):
    rows = ([field.rstrip(" ") for field in row] for row in rows if row)
    sample = list(itertools.islice(rows, SAMPLE))
    if not sample:
        return
    header, user, item = columns_of(path, sample, user, item, header)
    for row in itertools.chain(sample[header:], rows):
        if len(row) != len(sample[0]):
            raise ValueError(f"{path} has a row of {len(row)} columns, {', '.join(row)}; the first has {len(sample[0])}")
        yield row[user], row[item]


def columns_of(path, rows, user, item, header):
    """Whether the first row is a header, and where users and items are; told as the service does."""
    names = [name.strip() for name in rows[0]]
    plain = [re.sub(r":(token|float)(_seq)?$|[ ._-]", "", name).lower() for name in names]
    header = header and (
        any(asked and not asked.isdigit() for asked in (user, item)) or any(name in USERS + ITEMS for name in plain)
        or names_numbers(rows))

    def place(asked, known):
        if not asked:
            return next((column for column, name in enumerate(plain) if header and name in known), None)
        if header and asked.strip() in names:
            return names.index(asked.strip())
        if asked.isdigit() and 0 < int(asked) <= len(names):
            return int(asked) - 1
        raise ValueError(f"{path} has no column {asked}; it has {', '.join(names)}")

    user, item = place(user, USERS), place(item, ITEMS)
    if len(names) == 2 and None in (user, item):
        user, item = (user, 1 - user) if user is not None else (1 - item, item) if item is not None else (0, 1)
    elif not header:
        user, item = 0 if user is None else user, 1 if item is None else item
    if None in (user, item) or max(user, item) >= len(names) or user == item:
        raise ValueError(
            f"{path} does not tell the user's and the item's column; it has {', '.join(names)}, --user-column and --item-column "
            "(a name, or a place from 1) would do")
    return header, user, item


def names_numbers(rows):
    """The first row has no number or date, but below one of its fields stands nothing else."""
    below = itertools.zip_longest(*rows[1:], fillvalue="")
    return not any(map(VALUE.fullmatch, rows[0])) and any(
        name and all(map(VALUE.fullmatch, values)) for name, values in zip(rows[0], below))


class Graph:
    """Users and items, an edge for each interaction of rows, [n, 2]; an edge's weight is 1 / sqrt(degree * degree)."""

    def __init__(self, pairs, users, items):
        users_of, items_of = pairs.T
        degrees = np.bincount(users_of, minlength=users)[users_of] * np.bincount(items_of, minlength=items)[items_of]
        self.pairs, self.weights = pairs, (1 / np.sqrt(degrees)).astype(np.float32)

    def heard(self, users, items):
        """What users hear of their items and items of their users: the weighted sums of their vectors."""
        users_of, items_of = self.pairs.T
        return self._sums(len(users), users_of, items_of, items), self._sums(len(items), items_of, users_of, users)

    def _sums(self, rows, to, of, vectors):
        sums = np.zeros((rows, vectors.shape[1]), np.float32)
        order = np.argsort(to, kind="stable")
        to, of, weights = to[order], of[order], self.weights[order, None]
        starts = np.flatnonzero(np.diff(to, prepend=-1))
        for first in range(0, vectors.shape[1] if len(to) else 0, COLUMNS_AT_ONCE):
            columns = slice(first, first + COLUMNS_AT_ONCE)
            sums[to[starts], columns] = np.add.reduceat(weights * vectors[of, columns], starts)
        return sums


def normalised(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


class Products:
    """Scores are the inner products of a user's and an item's representation, or their cosines."""

    def __init__(self, users, items, cosine):
        self.users, self.items = (normalised(users), normalised(items)) if cosine else (users, items)

    def scores(self, user):
        return self.items @ self.users[user]


class NeuMf:
    """The inner product of the first columns, and a tower over the last, as many as its first layer is wide."""

    def __init__(self, users, items, weights):
        of_user, of_item = weights["mlp.user"], weights["mlp.item"]
        factors = max(1, users.shape[1] - of_user.shape[1])
        self.users, self.items, self.weights = users[:, :factors], items[:, :factors], weights
        self.hidden_users = users[:, factors:][:, :len(of_user)] @ of_user + weights["mlp.bias0"]
        self.hidden_items = items[:, factors:][:, :len(of_item)] @ of_item

    def scores(self, user):
        hidden = np.maximum(self.hidden_users[user] + self.hidden_items, 0)
        for layer in (1, 2):
            hidden = np.maximum(hidden @ self.weights[f"mlp.weight{layer}"] + self.weights[f"mlp.bias{layer}"], 0)
        return self.items @ self.users[user] + (hidden @ self.weights["mlp.output"])[:, 0]


def matrix_factorisation(users, items, graph, weights, options):
    return Products(users, items, options["pretraining"]["loss"]["cosine"])


def light_gcn(users, items, graph, weights, options):
    """The mean of the vectors propagated 0 to L times."""
    layers = options["layers"]
    sums = [users, items]
    for _ in range(layers):
        users, items = graph.heard(users, items)
        sums = [sums[0] + users, sums[1] + items]
    return Products(sums[0] / (layers + 1), sums[1] / (layers + 1), options["pretraining"]["loss"]["cosine"])


def ngcf(users, items, graph, weights, options):
    """The vectors and what each layer makes of them, normalised, side by side."""
    sides = [(side, [side]) for side in (users, items)]
    for layer in range(options["layers"]):
        of_sum, of_product = weights[f"layer{layer}.sum"], weights[f"layer{layer}.product"]
        own = [side[:, :len(of_sum)] for side, _ in sides]
        sides = [(next_of(own_side, heard, of_sum, of_product), parts)
                 for own_side, heard, (_, parts) in zip(own, graph.heard(*own), sides)]
        for side, parts in sides:
            parts.append(normalised(side))
    return Products(*(np.concatenate(parts, axis=1) for _, parts in sides), options["pretraining"]["loss"]["cosine"])


def next_of(own, heard, of_sum, of_product):
    message = (heard + own) @ of_sum + (heard * own) @ of_product
    return np.where(message > 0, message, NGCF_SLOPE * message)


def neu_mf(users, items, graph, weights, options):
    return NeuMf(users, items, weights)


BACKBONES = {"mf": matrix_factorisation, "lightgcn": light_gcn, "ngcf": ngcf, "ncf": neu_mf}


class Ranker:
    def __init__(self, folder, interactions=()):
        """Interactions of ids that the table has not are left out; unknown counts them."""
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
            options = json.load(file)["options"]
        backbone = options.get("backbone")
        if backbone not in BACKBONES:
            raise ValueError(f"{folder} holds a table of backbone {backbone}; {', '.join(BACKBONES)} can be ranked with")
        table = BetTable(os.path.join(folder, "table.safetensors"))
        self.items = table.item_ids()
        self.user_row, item_row = ({name: row for row, name in enumerate(ids)} for ids in (table.user_ids(), self.items))
        rows = [(self.user_row.get(user, -1), item_row.get(item, -1)) for user, item in interactions]
        known = {pair for pair in rows if min(pair) >= 0}
        self.unknown = sum(min(pair) < 0 for pair in rows)
        if not known and backbone in ("lightgcn", "ngcf"):
            raise ValueError(f"{backbone} propagates vectors along interactions, and none is given of the table's users and items")
        pairs = np.array(sorted(known), np.int64).reshape(-1, 2)
        self.owned = np.split(pairs[:, 1], np.searchsorted(pairs[:, 0], np.arange(1, len(self.user_row))))
        path = os.path.join(folder, "backbone.safetensors")
        self.model = BACKBONES[backbone](
            table.users(), table.items(), Graph(pairs, len(self.user_row), len(self.items)),
            read_weights(path) if os.path.exists(path) else {}, options)

    def top(self, user, count=20):
        """The best items that the user has not, (raw id, score) each, best first; fewer than count where there are no more."""
        if count < 1:
            raise ValueError(f"{count} items were asked for; 1 or more would do")
        if user not in self.user_row:
            raise KeyError(f"no id {user!r} among the users")
        row = self.user_row[user]
        scores = np.array(self.model.scores(row))
        scores[self.owned[row]] = -np.inf
        best = np.argsort(-scores, kind="stable")[:count]
        return [(self.items[item], float(scores[item])) for item in best if scores[item] > -np.inf]


def main():
    parser = argparse.ArgumentParser(description="Ranks items for users, by the table in this script's folder.")
    parser.add_argument("--user", action="append", required=True, help="a raw user id; may be given several times")
    parser.add_argument("--interactions", metavar="FILE", help="a user and an item a line, in columns, or a user and then the user's items")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--pairs", action="store_true", default=None, help="a line of it is one interaction; told where it has columns")
    kind.add_argument("--adjacency", dest="pairs", action="store_false", help="a line of it is a user and all items")
    parser.add_argument("--user-column", metavar="COLUMN", help="the user's: its header, or its place from 1; default told by the header")
    parser.add_argument("--item-column", metavar="COLUMN", help="the item's")
    parser.add_argument("--no-header", action="store_true", help="the first line is an interaction too")
    parser.add_argument("--top", type=int, default=20, metavar="K", help="items for each; default 20")
    parser.add_argument("--bundle", default=os.path.dirname(os.path.abspath(__file__)), help="a folder; default this script's")
    arguments = parser.parse_args()
    try:
        known = () if arguments.interactions is None else read_interactions(
            arguments.interactions, arguments.pairs, arguments.user_column, arguments.item_column, not arguments.no_header)
        ranker = Ranker(arguments.bundle, known)
        if ranker.unknown:
            print(f"{ranker.unknown} interactions are of ids that the table has not, and are left out", file=sys.stderr)
        for user in arguments.user:
            for item, score in ranker.top(user, arguments.top):
                print(f"{user}\t{item}\t{score:.6g}")
    except (OSError, ValueError, KeyError, csv.Error) as error:
        sys.exit(f"error: {error.args[0] if isinstance(error, KeyError) else error}")


if __name__ == "__main__":
    main()
