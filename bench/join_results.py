#!/usr/bin/env python3
"""Joins what a race and `tconv bench --zoo --json` wrote into one file of bench/results, and prints its name.

Usage: join_results.py RACE.json BENCH.json [--python PYTHON] [--folder bench/results]     PYTHON has the rivals' packages

    {"schema_version": 1, "date", "pass", "threads", "machine": {"cpu", "isa", "peak_gflops", "bandwidth_gbs"},
     "versions": {"torch": "2.15", ...},
     "layers": {NAME: {"problem", "useful_gflop", "ms": {"tconv", "torch", ...}, "wrong": [...], "ratio", "method",
                       "kernel", "limit_ms", "share_of_limit", "bound", "plan_us", "pack_ms", "copy_ms"}}}

ms and ratio (best rival / tconv) are the race's; everything about limits comes from the bench, which timed the layer
beside them. A racer that could not do a layer has no ms; what it said is left out, as it may name files.
"""
import argparse
import datetime
import json
import pathlib
import re
import subprocess

PACKAGES = ("torch", "onnxruntime", "openvino", "ncnn", "MNN", "jax")
FROM_BENCH = ("problem", "useful_gflop", "method", "kernel", "limit_ms", "share_of_limit", "bound", "plan_us", "pack_ms",
              "copy_ms")
NAME = re.compile(r'"([^"]*)"')


def versions(python):
    program = ("import importlib.metadata as m, json\nfound = {}\n"
               f"for name in {PACKAGES}:\n"
               "    try: found[name] = m.version(name)\n"
               "    except m.PackageNotFoundError: pass\n"
               "print(json.dumps(found))")
    return json.loads(subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout)


def joined(race, bench):
    machine = dict(bench["machine"])
    machine.pop("threads")
    of_name = {NAME.search(result["problem"])[1]: result for result in bench["results"]}
    layers = {}
    for name, raced in race["layers"].items():
        result = of_name[name]
        layers[name] = {"ms": raced["ms"], "wrong": raced["wrong"], "ratio": raced["ratio"],
                        **{field: result[field] for field in FROM_BENCH}}
    return {"schema_version": 1, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
            "pass": race["pass"], "threads": race["threads"], "machine": machine, "layers": layers}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("race", type=pathlib.Path)
    arguments.add_argument("bench", type=pathlib.Path)
    arguments.add_argument("--python", default="python3")
    arguments.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(__file__).parent / "results")
    given = arguments.parse_args()
    answer = joined(json.loads(given.race.read_text()), json.loads(given.bench.read_text()))
    answer["versions"] = versions(given.python)
    machine = re.sub("[^a-z0-9]+", "-", f"{answer['machine']['cpu']} {answer['machine']['isa']}".lower()).strip("-")
    one_pass = "" if answer["pass"] == "scatter" else "-" + answer["pass"]
    path = given.folder / f"{machine}-{answer['date']}-{answer['threads']}t{one_pass}.json"
    given.folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(answer, indent=1) + "\n")
    print(path)


if __name__ == "__main__":
    main()
