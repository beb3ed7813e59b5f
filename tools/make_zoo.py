#!/usr/bin/env python3
"""Prints bench/zoo.txt: the layers of a zoo.json, as problem texts with names. Usage: make_zoo.py ZOO.json > bench/zoo.txt

A layer has "name", "n", "cin" and "in" of the coarse side, "cout" of the fine side, lists "k", "s", "p", "op", "d" with
one number per axis, and "g".
"""
import json
import sys


def listed(key, values, otherwise):
    if all(value == otherwise for value in values):
        return []
    return [key + "x".join(map(str, values[:1] if len(set(values)) == 1 else values))]


def number(key, value):
    return [] if value == 1 else [f"{key}{value}"]


def problem_text(layer):
    """The canonical text, in the order of include/tconv/problem_text.h."""
    tokens = [*number("n", layer["n"]), *number("ic", layer["cin"]), *number("oc", layer["cout"]),
              "i" + "x".join(map(str, layer["in"])), *listed("k", layer["k"], None), *listed("s", layer["s"], 1),
              *listed("p", layer["p"], 0), *listed("op", layer["op"], 0), *listed("d", layer["d"], 1),
              *number("g", layer["g"]), f'"{layer["name"]}"']
    return " ".join(tokens)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        layers = json.load(file)
    print("# The zoo: transposed convolutions of real networks, with which tconv is timed. Written by tools/make_zoo.py.")
    for layer in layers:
        print(problem_text(layer))


main()
