#!/usr/bin/env python3
"""Reads a packed embedding table, table.safetensors. Needs numpy alone.

    python3 bet_table.py table.safetensors                                 says what is in it
    python3 bet_table.py table.safetensors --dense users.npy items.npy     both sides, float32 [rows, d_max]

    from bet_table import BetTable
    table = BetTable("table.safetensors")
    vector = table.user("raw user id")

What a backbone makes of two vectors is another matter: bet_rank.py does it.

A side of kind prefix stores its rows end to end in order of falling size, each as long as its size; row_starts[s] is the
number of rows larger than s. Rows of size 0, if they share vectors, are divided by number into as many buckets, whose
vectors lie behind all rows. Whatever a row does not store is zero. int8, int4, int2 and int1 are times the row's scale;
below eight bits several share a byte, the first in the lowest bits, and an odd code c of int2 or int1 is stored as
(c + largest) / 2. Sides of the other kinds, which the classes below describe, make every row of shared values.
users.ids.txt and items.ids.txt beside the table name the rows.
"""
import argparse
import functools
import json
import os
import re
import sys

import numpy as np

DTYPES = {"float32": "<f4", "float16": "<f2", "int8": "i1", "int4": "u1", "int2": "u1", "int1": "u1"}
BITS = {"int4": 4, "int2": 2, "int1": 1}  # of the values that share bytes
ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}


class Side:
    """One side of the table; rows count from 0, the most frequent first. A kind of side says what its rows are."""

    def __init__(self, name, metadata, tensor, ids_path):
        self.name, self.ids_path = name, ids_path
        self.rows, self.d_max = int(metadata[f"{name}.rows"]), int(metadata["d_max"])
        self.metadata, self.tensor = metadata, lambda key, dtype="<f4": tensor(f"{name}.{key}", dtype)
        self._row_of = None
        self.load()

    def row(self, row):
        """float32 [d_max], zero after the row's own values."""
        if not 0 <= row < self.rows:
            raise IndexError(f"{self.name}: row {row} of {self.rows}")
        return self.at(np.array([row]))[0]

    def dense(self):
        """float32 [rows, d_max], zero after each row's own values."""
        return np.ascontiguousarray(self.at(np.arange(self.rows)))

    def ids(self):
        """Raw ids in the order of the rows."""
        if not os.path.exists(self.ids_path):
            raise FileNotFoundError(f"{self.ids_path} is missing: raw ids are looked up in it")
        with open(self.ids_path, encoding="utf-8", newline="") as file:
            lines = file.read().split("\n")[:-1]
        if len(lines) != self.rows:
            raise ValueError(f"{self.ids_path} has {len(lines)} ids, the table has {self.rows} {self.name}")
        return [re.sub(r"\\[\\nrt]", lambda match: ESCAPES[match[0]], line) for line in lines]

    def find(self, raw_id):
        if self._row_of is None:
            self._row_of = {name: row for row, name in enumerate(self.ids())}
        if raw_id not in self._row_of:
            raise KeyError(f"no id {raw_id!r} among the {self.rows} {self.name} of {self.ids_path}")
        return self._row_of[raw_id]


class Prefix(Side):
    """Every row has its first values, as many as its size."""

    def load(self):
        precision = self.metadata[f"{self.name}.precision"]
        self.bits = BITS.get(precision)
        self.values, self.row_starts = self.tensor("values", DTYPES[precision]), self.tensor("row_starts", "<u4")
        self.scales = self.tensor("scales", "<f2") if precision.startswith("int") else None
        self.shared, self.shared_size = (int(self.metadata.get(f"{self.name}.shared_{key}", 0)) for key in ("rows", "size"))
        count = int(self.row_starts.sum(dtype=np.int64)) + self.shared * self.shared_size
        if len(self.values) != (-(-count * self.bits // 8) if self.bits else count):
            raise ValueError(f"{self.name} has {len(self.values)} {self.values.dtype} values, its index asks for {count} of {precision}")

    def at(self, rows):
        size = self.d_max + 1 - int(np.searchsorted(self.row_starts[::-1], rows[0], side="right"))
        start = size * int(rows[0]) + int(self.row_starts[size:].sum(dtype=np.int64))
        vector = np.zeros((1, self.d_max), np.float32)
        if size:
            vector[:, :size] = self._read(int(rows[0]), 1, start, size)
        elif self.shared:
            own = int(self.row_starts[0])
            bucket = (int(rows[0]) - own) * self.shared // (self.rows - own)
            vector[:, :self.shared_size] = self._read(own + bucket, 1, start + bucket * self.shared_size, self.shared_size)
        return vector

    def dense(self):
        dense, first, start = np.zeros((self.rows, self.d_max), np.float32), 0, 0
        for size in range(self.d_max, 0, -1):
            end = int(self.row_starts[size - 1])
            count = (end - first) * size
            dense[first:end, :size] = self._read(first, end - first, start, size)
            first, start = end, start + count
        if self.shared:
            buckets = np.arange(self.rows - first) * self.shared // (self.rows - first)
            dense[first:, :self.shared_size] = self._read(first, self.shared, start, self.shared_size)[buckets]
        return dense

    def _read(self, first, rows, start, size):
        """float32 [rows, size]: rows from first on, whose values begin at start."""
        end = start + rows * size
        if self.bits:
            in_byte, levels = 8 // self.bits, 2 ** self.bits
            shared = self.values[start // in_byte:-(-end // in_byte), None]
            codes = (shared >> (np.arange(in_byte, dtype=np.uint8) * self.bits)) & (levels - 1)
            codes = codes.reshape(-1)[start % in_byte:][:end - start].astype(np.int8)
            codes = (codes ^ 8) - 8 if self.bits == 4 else 2 * codes - (levels - 1)
        else:
            codes = self.values[start:end]
        values = codes.astype(np.float32).reshape(rows, size)
        return values if self.scales is None else values * self.scales[first:first + rows, None].astype(np.float32)


class Hashed(Side):
    """Row r is row hash(r) of the shared ones: the last steps of MurmurHash3, then the high word of the product."""

    def load(self):
        self.shared = self.tensor("shared")

    def at(self, rows):
        word, code = np.uint64(0xFFFFFFFF), rows.astype(np.uint64)
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            code = ((code ^ (code >> np.uint64(shift))) * np.uint64(factor)) & word
        code ^= code >> np.uint64(16)
        return self.shared[(code * np.uint64(len(self.shared))) >> np.uint64(32)]


class Partitioned(Side):
    """
    Row r is made of one row of each table, joined in the order given here: their sum or product, or all side by side. Which row
    is r modulo the table's length for Chinese remainders, else a digit of r, the quotient being the one above the remainder.
    """

    TABLES = {
        "quotient-remainder": ("quotients", "remainders"), "k-way": ("table0", "table1", "table2"),
        "chinese-remainder": ("table0", "table1"),
    }

    def load(self):
        self.family, self.operation = self.metadata[f"{self.name}.kind"].rsplit("-", 1)
        self.tables = [self.tensor(key) for key in self.TABLES[self.family]]

    def at(self, rows):
        parts = [table[cells] for table, cells in zip(self.tables, self._cells(rows))]
        if self.operation == "concatenate":
            return np.concatenate(parts, axis=1)
        return functools.reduce(np.add if self.operation == "add" else np.multiply, parts)

    def _cells(self, rows):
        lengths = [len(table) for table in self.tables]
        if self.family == "chinese-remainder":
            return [rows % length for length in lengths]
        if self.family == "quotient-remainder":
            return [rows // lengths[1], rows % lengths[1]]
        return [rows % lengths[0], rows // lengths[0] % lengths[1], rows // (lengths[0] * lengths[1])]


class LowRank(Side):
    """Rows are the coefficients times the basis, summed in double precision in the order of the rank, then rounded."""

    def load(self):
        self.coefficients, self.basis = self.tensor("coefficients"), self.tensor("basis")

    def at(self, rows):
        sums = np.zeros((len(rows), self.d_max))
        for coefficients, basis in zip(self.coefficients[rows].T, self.basis):
            sums += coefficients[:, None].astype(np.float64) * basis.astype(np.float64)
        return sums.astype(np.float32)


class ProductQuantised(Side):
    """Value j of a row is centroids[c, j], c the row's code of subspace j % m, of 8, 4, 2 or 1 bits."""

    def load(self):
        self.codes, self.centroids = self.tensor("codes", "u1"), self.tensor("centroids")
        self.subspaces = int(self.metadata[f"{self.name}.subspaces"])

    def at(self, rows):
        count = len(self.centroids)
        bits, columns = count.bit_length() - 1, np.arange(self.d_max)
        first = (rows[:, None] * self.subspaces + np.arange(self.subspaces)) * bits
        codes = (self.codes[first // 8] >> (first % 8).astype(np.uint8)) & (count - 1)
        return self.centroids[codes[:, columns % self.subspaces], columns]


KINDS = {
    "prefix": Prefix, "hashing": Hashed, "low-rank": LowRank, "product-quantisation": ProductQuantised,
    **{f"quotient-remainder-{operation}": Partitioned for operation in ("add", "multiply", "concatenate")},
    "k-way-multiply": Partitioned, "chinese-remainder-multiply": Partitioned,
}


def open_tensors(path):
    """A safetensors file: its header, and what makes an array of a tensor by its name and type, without a copy."""
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path} is missing")
    length = os.path.getsize(path)
    with open(path, "rb") as file:
        end = 8 + int.from_bytes(file.read(8), "little")
        if length < 8 or end > length:
            raise ValueError(f"{path} is not a whole safetensors file: header up to byte {end} of {length}")
        header = json.loads(file.read(end - 8))
    data = np.memmap(path, np.uint8, "r")[end:]

    def tensor(key, dtype):
        if key not in header:
            raise ValueError(f"{path} has no {key}")
        first, last = header[key]["data_offsets"]
        if not 0 <= first <= last <= len(data):
            raise ValueError(f"{path}: {key} ends at byte {last} of {len(data)}, the file is truncated")
        return data[first:last].view(dtype).reshape(header[key]["shape"])
    return header, tensor


class BetTable:
    def __init__(self, path):
        header, tensor = open_tensors(path)
        self.metadata = header.get("__metadata__", {})
        version = self.metadata.get("format_version")
        if self.metadata.get("format") != "bet.packed_table" or version not in ("2", "3"):
            raise ValueError(f"{path} is not a packed table of format version 2 or 3")
        self._users, self._items = (self._side(path, tensor, name) for name in ("users", "items"))

    def _side(self, path, tensor, name):
        kind = self.metadata.get(f"{name}.kind", "prefix")
        if kind not in KINDS:
            raise ValueError(f"{path}: {name} is of kind {kind}, which is not among {', '.join(KINDS)}")
        ids_path = os.path.join(os.path.dirname(os.path.abspath(path)), f"{name}.ids.txt")
        return KINDS[kind](name, self.metadata, tensor, ids_path)

    def user_ids(self):
        return self._users.ids()

    def item_ids(self):
        return self._items.ids()

    def user(self, raw_id):
        return self._users.row(self._users.find(raw_id))

    def item(self, raw_id):
        return self._items.row(self._items.find(raw_id))

    def users(self):
        return self._users.dense()

    def items(self):
        return self._items.dense()


def main():
    parser = argparse.ArgumentParser(description="Reads a packed embedding table.")
    parser.add_argument("table", help="table.safetensors")
    parser.add_argument("--dense", nargs=2, metavar=("USERS", "ITEMS"), help="write both sides as .npy files")
    arguments = parser.parse_args()
    try:
        table = BetTable(arguments.table)
        for path, read in zip(arguments.dense or [], (table.users, table.items)):
            with open(path, "wb") as file:
                np.save(file, read())
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"error: {error}")
    for key in sorted(table.metadata):
        print(f"{key}: {table.metadata[key]}")


if __name__ == "__main__":
    main()
