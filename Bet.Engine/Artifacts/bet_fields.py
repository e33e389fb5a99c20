#!/usr/bin/env python3
"""Reads the packed embeddings of categorical fields, fields.safetensors. Needs numpy alone.

    python3 bet_fields.py fields.safetensors                           says what is in it
    python3 bet_fields.py fields.safetensors --dense FIELD field.npy   all vectors of a field, float32 [categories, features d]

    from bet_fields import FieldTable
    table = FieldTable("fields.safetensors")
    vector = table.vector("C3", 17)              # float32 [features * d] of category number 17; the field by name or place
    vectors = table.vectors("C3", [17, 0, 5])    # the same of many, one a row

Categories count from 0, the most frequent first. The first `head` have rows of their own, which come first in a table. Of
another category x, table j has row (x - head) // divisor % cells, by partition j. The rows of a category are added, multiplied,
or set side by side, as the field's operation says; "features" leaves each row a feature, and "path" sends the first table's row
through the layers that are the other tables' rows. Where the width is below d, a projection makes d values of each feature.
"""
import argparse
import json
import os
import sys

import numpy as np

DTYPES = {"float32": "<f4", "float16": "<f2", "int8": "i1", "int4": "u1", "int2": "u1", "int1": "u1"}
BITS = {"int4": 4, "int2": 2, "int1": 1}  # of the values that share bytes


class Table:
    """Rows of one partition, in one precision."""

    def __init__(self, name, precision, rows, columns, tensor):
        self.columns, self.bits = columns, BITS.get(precision)
        self.values = tensor(name, DTYPES[precision])
        self.scales = tensor(f"{name}.scales", "<f2") if precision.startswith("int") else None
        count = rows * columns
        if len(self.values) != (-(-count * self.bits // 8) if self.bits else count):
            raise ValueError(f"{name} has {len(self.values)} {self.values.dtype}, {rows} rows of {columns} {precision} are needed")
        if self.scales is not None and len(self.scales) != rows:
            raise ValueError(f"{name}.scales has {len(self.scales)} values for {rows} rows")

    def at(self, rows):
        """float32 [len(rows), columns]."""
        places = rows[:, None].astype(np.int64) * self.columns + np.arange(self.columns)
        if self.bits:
            in_byte, levels = 8 // self.bits, 2 ** self.bits
            codes = (self.values[places // in_byte] >> (places % in_byte * self.bits).astype(np.uint8)) & (levels - 1)
            codes = codes.astype(np.int8)
            codes = (codes ^ 8) - 8 if self.bits == 4 else 2 * codes - (levels - 1)
        else:
            codes = self.values[places]
        values = codes.astype(np.float32)
        return values if self.scales is None else values * self.scales[rows, None].astype(np.float32)


class Field:
    def __init__(self, place, entry, tensor):
        self.name, self.categories, self.head = entry["name"], entry["categories"], entry["head"]
        self.size, self.width, self.hidden = entry["size"], entry["width"], entry["hidden"]
        self.operation, self.partitions = entry["operation"], entry["partitions"]
        self.features = len(self.partitions) if self.operation == "features" else 1
        self.tables = []
        for j, (_, cells) in enumerate(self.partitions):
            layers = self.operation == "path" and j > 0
            rows = cells + (self.head if self._has_columns(j) else 0)
            self.tables.append(Table(
                f"field{place}.table{j}", "float32" if layers else entry["precision"], rows, self._columns(j, layers), tensor))
        self.projection = tensor(f"field{place}.projection", "<f4") if self.width < self.size else None

    def vectors(self, categories):
        """float32 [len(categories), features * d]."""
        categories = np.asarray(categories, np.int64)
        if categories.size and not (0 <= categories.min() and categories.max() < self.categories):
            raise IndexError(f"{self.name}: categories from {categories.min()} to {categories.max()}, there are {self.categories}")
        result = np.zeros((len(categories), self.features * self.width), np.float32)
        in_head, column = categories < self.head, 0
        for j, (divisor, cells) in enumerate(self.partitions):
            rows = np.maximum(categories - self.head, 0) // divisor % cells
            if self._has_columns(j):
                rows = np.where(in_head, categories, self.head + rows)
            values = self.tables[j].at(rows)
            if j > 0 and self.operation == "add":
                result = np.where(in_head[:, None], result, result + values)
            elif j > 0 and self.operation == "multiply":
                result = np.where(in_head[:, None], result, result * values)
            elif j > 0 and self.operation == "path":
                result = self._through(values, result)
            else:
                result[:, column:column + values.shape[1]] = values
                column += values.shape[1]
        return result if self.projection is None else self._project(result)

    def _has_columns(self, j):
        """Whether a table's rows have columns of their own, and so those of the head as well."""
        return j == 0 or self.operation in ("concatenate", "features", "path")

    def _columns(self, j, layers):
        if self.operation == "concatenate":
            return self.width // len(self.partitions) + (j < self.width % len(self.partitions))
        return 2 * self.hidden * self.width + self.hidden + self.width if layers else self.width

    def _through(self, layers, x):
        """W' relu(V x + a) + b, a row V [h, w], a [h], W [h, w], b [w]; summed in double precision in order, then rounded."""
        products, (n, w), h = self.hidden * self.width, x.shape, self.hidden
        layers, x = layers.astype(np.float64), x.astype(np.float64)
        into, out_of = (layers[:, start:start + products].reshape(n, h, w) for start in (0, products + h))
        sums = layers[:, products:products + h].copy()
        for i in range(w):
            sums += into[:, :, i] * x[:, i:i + 1]
        hidden, result = np.maximum(sums, 0), layers[:, 2 * products + h:].copy()
        for j in range(h):
            result += hidden[:, j:j + 1] * out_of[:, j]
        return result.astype(np.float32)

    def _project(self, made):
        """Every feature's w values times the projection, summed in double precision in order, then rounded."""
        made = made.reshape(-1, self.width).astype(np.float64)
        sums = np.zeros((len(made), self.size))
        for k in range(self.width):
            sums += made[:, k:k + 1] * self.projection[k].astype(np.float64)
        return sums.astype(np.float32).reshape(-1, self.features * self.size)


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


class FieldTable:
    def __init__(self, path):
        header, tensor = open_tensors(path)
        self.metadata = header.get("__metadata__", {})
        if (self.metadata.get("format"), self.metadata.get("format_version")) != ("bet.packed_fields", "1"):
            raise ValueError(f"{path} has no packed fields of format version 1")
        self.fields = [Field(place, entry, tensor) for place, entry in enumerate(json.loads(self.metadata["fields"]))]
        self.names = [field.name for field in self.fields]

    def field(self, field):
        """A field by name or place."""
        if isinstance(field, str):
            if field not in self.names:
                raise KeyError(f"no field {field!r} among {', '.join(self.names)}")
            return self.fields[self.names.index(field)]
        return self.fields[field]

    def vector(self, field, category):
        """float32 [features * d]."""
        return self.vectors(field, [category])[0]

    def vectors(self, field, categories):
        """float32 [len(categories), features * d]."""
        return self.field(field).vectors(categories)


def main():
    parser = argparse.ArgumentParser(description="Reads the packed embeddings of categorical fields.")
    parser.add_argument("fields", help="fields.safetensors")
    parser.add_argument("--dense", nargs=2, metavar=("FIELD", "FILE"), help="write all vectors of a field as a .npy file")
    arguments = parser.parse_args()
    try:
        table = FieldTable(arguments.fields)
        if arguments.dense:
            field = table.field(arguments.dense[0])
            with open(arguments.dense[1], "wb") as file:
                np.save(file, field.vectors(np.arange(field.categories)))
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"error: {error}")
    print(f"bytes_used: {table.metadata['bytes_used']}")
    for field in table.fields:
        partitions = ", ".join(f"x // {divisor} % {cells}" for divisor, cells in field.partitions)
        print(f"{field.name}: {field.categories} categories, {field.operation} of {partitions}, {field.features} x {field.size} values")


if __name__ == "__main__":
    main()
