#!/usr/bin/env python3
"""Draws one file of bench/results as SVG: a bar for each layer, how many times faster tconv is than its best rival, and
what share of the machine's limit it reaches. Usage: plot_performance.py RESULTS.json > picture.svg

Plain SVG from the standard library; colours follow the reader's light or dark theme.
"""
import html
import json
import math
import pathlib
import sys

ROW, TOP, NAME, PANEL, GAP = 20, 56, 170, 260, 70
STYLE = """
text { font: 12px sans-serif; fill: #24292f } .small { font-size: 11px; fill: #57606a } .line { stroke: #57606a }
.grid { stroke: #d0d7de } .ahead { fill: #2da44e } .behind { fill: #cf222e } .share { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 } .line { stroke: #9198a1 } .grid { stroke: #3d444d }
  .ahead { fill: #3fb950 } .behind { fill: #f85149 } .share { fill: #4493f8 }
}"""


def text(x, y, words, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind and f" class={chr(34)}{kind}{chr(34)}"}>' \
           f'{html.escape(words)}</text>'


def rectangle(x, y, width, height, kind):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height}" class="{kind}"/>'


def vertical(x, bottom, kind):
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{bottom}" class="{kind}"/>'


def ratio_panel(layers, left, bottom):
    """Bars from 1 to the left and right, on a logarithmic scale."""
    ratios = [layer["ratio"] for layer in layers if layer["ratio"]] or [1]
    low, high = min(0.5, *ratios), max(2, *ratios)

    def place(ratio):
        return left + PANEL * math.log(ratio / low) / math.log(high / low)

    parts = [text(left, TOP - 30, "best rival / tconv, logarithmic: right of 1 is faster")]
    for mark in (mark for mark in (0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32) if low <= mark <= high):
        parts += [vertical(place(mark), bottom, "line" if mark == 1 else "grid"),
                  text(place(mark), TOP - 10, f"{mark:g}", "middle", "small")]
    for row, layer in enumerate(layers):
        y = TOP + row * ROW
        if not layer["ratio"]:
            parts.append(text(place(1) + 4, y + 14, "no rival", kind="small"))
            continue
        x, kind = place(layer["ratio"]), "ahead" if layer["ratio"] >= 1 else "behind"
        parts += [rectangle(min(x, place(1)), y + 3, abs(x - place(1)), ROW - 6, kind),
                  text(max(x, place(1)) + 4, y + 14, f"{layer['ratio']:.2f}", kind="small")]
    return parts


def share_panel(layers, left, bottom):
    parts = [text(left, TOP - 30, "share of the machine's limit, percent")]
    for mark in (0, 25, 50, 75, 100):
        parts += [vertical(left + PANEL * mark / 100, bottom, "line" if mark in (0, 100) else "grid"),
                  text(left + PANEL * mark / 100, TOP - 10, str(mark), "middle", "small")]
    for row, layer in enumerate(layers):
        y, share = TOP + row * ROW, layer["share_of_limit"]
        parts += [rectangle(left, y + 3, PANEL * min(share, 1), ROW - 6, "share"),
                  text(left + PANEL * min(share, 1) + 4, y + 14, f"{100 * share:.0f}", kind="small")]
    return parts


def draw(results):
    """The picture, as text."""
    names, layers = list(results["layers"]), list(results["layers"].values())
    bottom = TOP + ROW * len(layers)
    first, second = NAME, NAME + PANEL + GAP
    width, height = second + PANEL + 40, bottom + 12
    machine, threads = results["machine"], results["threads"]
    title = f"{machine['cpu']}, {machine['isa']}, {threads} thread{'' if threads == 1 else 's'}, {results['pass']}, " \
            f"{results['date']}"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
             f'height="{height}" role="img">', f"<title>{html.escape(title)}</title>", f"<style>{STYLE}</style>",
             text(8, TOP - 30, "layer")]
    parts += [text(8, TOP + row * ROW + 14, name) for row, name in enumerate(names)]
    parts += ratio_panel(layers, first, bottom) + share_panel(layers, second, bottom)
    return "\n".join([*parts, "</svg>"]) + "\n"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(draw(json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
