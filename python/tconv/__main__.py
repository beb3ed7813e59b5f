"""`python -m tconv lint MODEL.onnx [--probe]`: the linter with the flat-field probe. The command `tconv` does the rest."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, Optional

import numpy as np

from ._lint import SEVERITIES, lint, worst


def _range(text: str) -> tuple[float, float]:
    low, high = (float(part) for part in text.split(","))
    if not low < high:
        raise ValueError("the first number has to be the smaller one")
    return low, high


def _sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _named(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise ValueError("an input is given as NAME=F.npy")
    return name, path


def _arguments(words: Optional[list[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tconv", description=__doc__)
    verb = parser.add_subparsers(dest="verb", required=True).add_parser(
        "lint", help="what may show as a checkerboard in a model; with --probe, what does")
    verb.add_argument("model", help="an ONNX model, or a problem text")
    verb.add_argument("--probe", action="store_true", help="run the model on flat fields and measure (needs tconv[lint])")
    verb.add_argument("--size", type=_sizes, help="the probe's input size, one number or one for each axis: 96,128")
    verb.add_argument("--input", type=_named, action="append", default=[], metavar="NAME=F.npy", help="what another input "
                      "holds; where all are given, flat fields enter at the first layer that enlarges")
    verb.add_argument("--input-range", type=_range, help="black and white of the input (0,1)")
    verb.add_argument("--output-range", type=_range, help="black and white of the output (0,1; behind a Tanh -1,1)")
    verb.add_argument("--format", choices=("text", "json"), default="text")
    verb.add_argument("--fail-on", choices=SEVERITIES, default="error", help="exit with 1 from this severity on")
    return parser.parse_args(words)


def _print(report: dict[str, Any]) -> None:
    for node in report["nodes"]:
        print(f"{node['name']}  {node['op']}  {node['problem']}")
        if measured := node.get("probe"):
            print(f"    measured behind it: {measured['peak_to_peak']:.3g}, period {measured['period']}, on {measured['stimulus']}")
        for finding in node["findings"]:
            print(f"  {finding['rule']} {finding['severity']}: {finding['message']}\n        do: {finding['fix']}")
    for skipped in report["skipped"]:
        print(f"{skipped['name']}  {skipped['op']}\n  not judged: {skipped['reason']}")
    if probe := report.get("probe"):
        _print_probe(probe)
    else:
        print("\nseverities are risk, judged from geometry and weights; --probe measures what shows")


def _print_probe(probe: dict[str, Any]) -> None:
    if held := probe.get("held"):
        print(f"\nflat fields entered at {', '.join(held['entries'])}, shape {probe['shape']}")
    levels = probe.get("quietest", probe["levels"])
    verdict = "it shows" if levels >= 1 else "nothing to be heard" if "quietest" in probe else "nothing to be seen"
    print(f"\nat the output: {levels:.3g} of one 8-bit level"
          f"{' in the quietest of the fields' if 'quietest' in probe else ''} ({verdict})")


def main(words: Optional[list[str]] = None) -> int:
    asked = _arguments(words)
    size = asked.size[0] if asked.size and len(asked.size) == 1 else asked.size
    try:
        inputs = {name: np.load(path) for name, path in asked.input}
        report = lint(asked.model, probe=asked.probe, size=size, inputs=inputs, input_range=asked.input_range,
                      output_range=asked.output_range)
    except (ValueError, ImportError, OSError) as why:
        print(f"python -m tconv lint: {why}", file=sys.stderr)
        return 3 if isinstance(why, OSError) else 2
    if asked.format == "json":
        print(json.dumps(report, indent=2))
    else:
        _print(report)
    found = worst(report)
    return int(found is not None and SEVERITIES.index(found) >= SEVERITIES.index(asked.fail_on))


if __name__ == "__main__":
    sys.exit(main())
