#!/usr/bin/env python3
"""Scores samples: how likely a click is, by the model that the tables were trained for. Needs numpy and what lies beside it.

    python3 bet_score.py samples.csv                a probability a line, in the order of the samples
    python3 bet_score.py test.txt --no-header       Criteo's files, or others whose first line is a sample

    from bet_score import Scorer
    scorer = Scorer(".")
    scorer.names                                                         of the columns that the model takes
    scorer.probabilities([{"i1": 5, "c1": "68fd1e64", ...}, ...])        float64 [samples]

A file's columns are separated by tabs, commas, semicolons or bars, the first of these that its first line has; it may be a
.gz. Spaces around a field are no part of it. Columns that the model does not take, as the label, are not looked at. Without a
header a column's name is its place, from 1, or, where the model takes Criteo's, one of those; its label may be left out. A
number that is missing is the mean of training; a category that training did not know, or too seldom, is the one that stands
for all of these.
"""
import argparse
import csv
import gzip
import itertools
import json
import math
import os
import re
import sys

import numpy as np
from bet_fields import FieldTable, open_tensors

DELIMITERS = "\t,;|"
CRITEO = ["label", *(f"i{n}" for n in range(1, 14)), *(f"c{n}" for n in range(1, 27))]
ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
SAMPLES_AT_ONCE = 4096


def read_ids(path):
    """Raw ids by number."""
    with open(path, encoding="utf-8", newline="") as file:
        return [re.sub(r"\\[\\nrt]", lambda match: ESCAPES[match[0]], line) for line in file.read().split("\n")[:-1]]


def read_weights(path):
    """Float32 matrices of backbone.safetensors by name."""
    header, tensor = open_tensors(path)
    return {name: np.array(tensor(name, "<f4")) for name in header if name != "__metadata__" and header[name]["dtype"] == "F32"}


def read_samples(path, has_header, known):
    """A dictionary for each sample of a file; known are the names that the model takes."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        delimiter = next((one for one in DELIMITERS if one in first), ",")
        columns = next(csv.reader([first], delimiter=delimiter, skipinitialspace=True), [])
        names = [name.strip() for name in columns] if has_header else names_of(len(columns), known)
        for name in known:
            if name not in names:
                raise ValueError(f"{path} has no column {name}; it has {', '.join(names)}, and the model takes {', '.join(known)}")
        lines = csv.reader(file if has_header else itertools.chain([first], file), delimiter=delimiter, skipinitialspace=True)
        for values in filter(None, lines):
            if len(values) != len(names):
                raise ValueError(f"{path}, line {lines.line_num + has_header}: {len(values)} columns, there are {len(names)} in the first line")
            yield dict(zip(names, (value.rstrip(" ") for value in values)))


def names_of(columns, known):
    """Of the columns of a file without a header."""
    if set(known) <= set(CRITEO) and columns in (len(CRITEO) - 1, len(CRITEO)):
        return CRITEO[-columns:]
    return [str(place) for place in range(1, columns + 1)]


def through(weights, name, x):
    """x through the layers of that name, each with a ReLU."""
    for layer in itertools.takewhile(lambda layer: f"{name}.weight{layer}" in weights, itertools.count()):
        x = np.maximum(x @ weights[f"{name}.weight{layer}"] + weights[f"{name}.bias{layer}"], 0)
    return x


def dlrm(numbers, features, weights, size):
    """What the numbers become is a vector as the features are; the inner products of all pairs go through the top layers."""
    bottom = through(weights, "bottom", numbers)
    vectors = np.concatenate([bottom, features], axis=1).reshape(len(features), -1, size)
    first, second = np.triu_indices(vectors.shape[1], 1)
    dots = (vectors @ vectors.transpose(0, 2, 1))[:, first, second]
    return through(weights, "top", np.concatenate([bottom, dots], axis=1)) @ weights["output.weight"] + weights["output.bias"]


def dcn(numbers, features, weights, size):
    """Numbers and features side by side through cross layers, and beside these through deep ones."""
    start = crossed = np.concatenate([numbers, features], axis=1)
    for layer in itertools.takewhile(lambda layer: f"cross.weight{layer}" in weights, itertools.count()):
        crossed = start * (crossed @ weights[f"cross.weight{layer}"]) + weights[f"cross.bias{layer}"] + crossed
    return crossed @ weights["output.cross"] + through(weights, "deep", start) @ weights["output.deep"] + weights["output.bias"]


MODELS = {"dlrm": dlrm, "dcn": dcn}


def transformed(scale, value):
    """sign(x) log(1 + |x|), less the mean, over the deviation; 0 where the number is missing."""
    if value is None or value == "":
        return 0
    try:
        number = float(np.float32(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{scale['name']} is {value!r}; a finite number or nothing would do")
    return (math.copysign(math.log(1 + abs(number)), number) - scale["mean"]) / scale["deviation"]


class Scorer:
    def __init__(self, folder):
        def path(name):
            return os.path.join(folder, name)
        with open(path("model.json"), encoding="utf-8") as file:
            served = json.load(file)
        model, self.size = served["model"]["name"], served["model"]["size"]
        if model not in MODELS:
            raise ValueError(f"{folder} holds the tables of a {model}; {', '.join(MODELS)} can be scored by")
        self.model, self.scales = MODELS[model], served["numbers"]
        self.fields = [field["name"] for field in served["fields"]]
        self.names = [*(scale["name"] for scale in self.scales), *self.fields]
        self.table = FieldTable(path("fields.safetensors"))
        self.numbers_of = [
            {name: number for number, name in enumerate(read_ids(path(f"field{place}.ids.txt")))}
            for place in range(len(self.fields))]
        self.weights = read_weights(path("backbone.safetensors"))

    def probabilities(self, samples):
        """Of a click, float64 [len(samples)]. A sample is a dictionary that has a value for every one of names."""
        parts = [self._log_odds(samples[first:first + SAMPLES_AT_ONCE]) for first in range(0, len(samples), SAMPLES_AT_ONCE)]
        return 1 / (1 + np.exp(-np.concatenate([np.zeros(0), *parts])))

    def _log_odds(self, samples):
        for name in self.names:
            if any(name not in sample for sample in samples):
                raise ValueError(f"a sample has no {name}; the model takes {', '.join(self.names)}")
        numbers = [[transformed(scale, sample[scale["name"]]) for scale in self.scales] for sample in samples]
        features = [self.table.vectors(place, self._categories(place, name, samples)) for place, name in enumerate(self.fields)]
        return self.model(
            np.array(numbers, np.float32).reshape(len(samples), -1), np.concatenate(features, axis=1), self.weights, self.size)[:, 0]

    def _categories(self, place, name, samples):
        """Their numbers; the last one for what training did not know."""
        known, unknown = self.numbers_of[place], self.table.fields[place].categories - 1
        values = (sample[name] for sample in samples)
        return [known.get("" if value is None else str(value), unknown) for value in values]


def main():
    parser = argparse.ArgumentParser(description="Scores samples, by the tables and the model in this script's folder.")
    parser.add_argument("samples", help="a file; its first line names the columns")
    parser.add_argument("--no-header", action="store_true", help="its first line is a sample")
    parser.add_argument("--bundle", default=os.path.dirname(os.path.abspath(__file__)), help="a folder; default this script's")
    arguments = parser.parse_args()
    try:
        scorer = Scorer(arguments.bundle)
        samples = read_samples(arguments.samples, not arguments.no_header, scorer.names)
        while part := list(itertools.islice(samples, SAMPLES_AT_ONCE)):
            sys.stdout.writelines(f"{probability:.9g}\n" for probability in scorer.probabilities(part))
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
