#!/usr/bin/env python3
"""Rewrites the tables of docs/performance.md from bench/results/*.json (bench/run_race.sh writes those), and draws a
picture beside each (plot_performance.py). Usage: performance_tables.py [REPOSITORY] | --check [REPOSITORY] | --self-test

What stands between `<!-- results: PASS -->` and `<!-- /results -->` is replaced by the tables of that pass: of each
machine and thread count the newest file counts. What stands behind `<!-- results: first_call -->` is replaced by the table of
the newest file of bench/results/first_call (bench/first_call.py). --check writes nothing and fails where something would change.
"""
import json
import math
import pathlib
import re
import sys
import tempfile

import plot_performance

REGION = re.compile(r"(<!-- results: (\w+) -->\n).*?(<!-- /results -->)", re.DOTALL)
FIRST_CALL = "first_call"
NOTHING = "Not measured yet.\n"
PICTURES = "images/performance"


def read_results(folder):
    """The newest of each machine, pass and thread count."""
    newest = {}
    for path in sorted(folder.glob("*.json")):
        results = json.loads(path.read_text(encoding="utf-8"))
        key = (results["machine"]["cpu"], results["machine"]["isa"], results["pass"], results["threads"])
        if key not in newest or newest[key]["date"] <= results["date"]:
            newest[key] = {**results, "stem": path.stem}
    return [newest[key] for key in sorted(newest)]


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def milliseconds(value):
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def summary(layers):
    ratios = [layer["ratio"] for layer in layers.values() if layer["ratio"]]
    shares = sorted(layer["share_of_limit"] for layer in layers.values())
    sentences = []
    if ratios:
        behind = sum(ratio < 1 for ratio in ratios)
        sentences.append(f"Best rival / tconv: geometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}, "
                         f"worst {min(ratios):.2f}; tconv is behind on {behind} of {len(ratios)} layers.")
    if shares:
        sentences.append(f"Share of the limit: median {100 * shares[len(shares) // 2]:.0f} %, "
                         f"worst {100 * shares[0]:.0f} %.")
    return " ".join(sentences)


def layer_row(name, layer, racers):
    rivals = [layer["ms"][racer] for racer in racers if racer in layer["ms"] and racer not in layer["wrong"]]
    cells = [name, f"{layer['useful_gflop']:.3f}", milliseconds(layer["ms"]["tconv"]) if "tconv" in layer["ms"] else "-",
             f"{100 * layer['share_of_limit']:.0f} % ({layer['bound']})"]
    for racer in racers:
        time = layer["ms"].get(racer)
        mark = "!" if racer in layer["wrong"] else ""
        best = time is not None and not mark and time == min(rivals)
        words = "-" if time is None else milliseconds(time) + mark
        cells.append(f"**{words}**" if best else words)
    return [*cells, f"{layer['ratio']:.2f}" if layer["ratio"] else "-"]


def section(results):
    machine, layers, threads = results["machine"], results["layers"], results["threads"]
    racers = sorted({racer for layer in layers.values() for racer in layer["ms"]} - {"tconv"})
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    header = ["layer", "GFLOP", "tconv, ms", "of the limit", *racers, "best rival / tconv"]
    return (f"#### {machine['cpu']}, {machine['isa']}, {threads} thread{'' if threads == 1 else 's'}\n\n"
            f"{results['date']}; peak {machine['peak_gflops']['f32']:.0f} GFLOP/s, memory "
            f"{machine['bandwidth_gbs']:.0f} GB/s; {versions}. {summary(layers)}\n\n"
            f"![bars: best rival / tconv and share of the limit, layer by layer]({PICTURES}/{results['stem']}.svg)\n\n"
            + table(header, [layer_row(name, layer, racers) for name, layer in layers.items()]))


def first_call_row(name, times, racers):
    """A layer's line: what preparing and the first run take together, and tconv's parts."""
    whole = {racer: times[racer]["prepare"] + times[racer]["first"] for racer in racers if times.get(racer)}
    is_rival = {racer: not racer.startswith("tconv") for racer in racers}
    best = min((whole[racer] for racer in whole if is_rival[racer]), default=None)
    cells = [name]
    for racer in racers:
        words = milliseconds(whole[racer]) if racer in whole else "-"
        cells.append(f"**{words}**" if is_rival[racer] and whole.get(racer) == best is not None else words)
    own = times.get("tconv")
    ratio = best / min(time for racer, time in whole.items() if not is_rival[racer]) if best and own else None
    return [*cells, *(milliseconds(own[step]) if own else "-" for step in ("prepare", "first", "again")),
            f"{ratio:.2f}" if ratio else "-"], ratio


def first_call_section(results):
    racers = sorted(results["versions"], key=lambda racer: (not racer.startswith("tconv"), racer))
    rows = [first_call_row(name, times, racers) for name, times in results["layers"].items()]
    ratios = [ratio for _, ratio in rows if ratio]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items() if not name.startswith("tconv"))
    threads = results["threads"]
    words = f"{results['machine']['cpu']}, {results['date']}, {threads} thread{'' if threads == 1 else 's'}; {versions}."
    if ratios:
        words += (f" Best rival / tconv: geometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}, worst "
                  f"{min(ratios):.2f}; tconv is behind on {sum(ratio < 1 for ratio in ratios)} of {len(ratios)} layers.")
    header = ["layer", *(f"{racer}, ms" if racer.startswith("tconv") else racer for racer in racers), "tconv: prepare", "first run",
              "a run more", "best rival / tconv"]
    return words + "\n\n" + table(header, [cells for cells, _ in rows])


def first_call_sections(folder):
    newest = {}
    for path in sorted(folder.glob("*.json")):
        results = json.loads(path.read_text(encoding="utf-8"))
        if results["threads"] not in newest or newest[results["threads"]]["date"] <= results["date"]:
            newest[results["threads"]] = results
    return [first_call_section(newest[threads]) for threads in sorted(newest)]


def wanted_files(repository):
    """{path: text} of everything that the results determine."""
    all_results = read_results(repository / "bench/results")

    def region(match):
        if match[2] == FIRST_CALL:
            return match[1] + "\n" + ("\n".join(first_call_sections(repository / "bench/results" / FIRST_CALL)) or NOTHING) + \
                "\n" + match[3]
        sections = [section(results) for results in all_results if results["pass"] == match[2]]
        return match[1] + "\n" + ("\n".join(sections) or NOTHING) + "\n" + match[3]

    page = repository / "docs/performance.md"
    text = page.read_text(encoding="utf-8")
    files = {page: REGION.sub(region, text)}
    for results in all_results:
        if f"<!-- results: {results['pass']} -->" in text:
            files[repository / "docs" / PICTURES / f"{results['stem']}.svg"] = plot_performance.draw(results)
    return files


def update(repository, checks):
    """What would change, or has changed."""
    changed = []
    files = wanted_files(repository)
    for path, text in files.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            changed.append(path)
            if not checks:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for path in (repository / "docs" / PICTURES).glob("*.svg"):
        if path not in files:
            changed.append(path)
            if not checks:
                path.unlink()
    return [str(path.relative_to(repository)) for path in changed]


def self_test():
    """A repository with two results of one machine, of which the newer counts, and one of another pass."""
    def results(date, ratio, one_pass="scatter"):
        layer = {"problem": 'i4 k3 "a"', "useful_gflop": 0.5, "ms": {"tconv": 1.0, "ort": ratio, "odd": 0.1},
                 "wrong": ["odd"], "ratio": ratio, "method": "direct", "kernel": "", "limit_ms": 0.8,
                 "share_of_limit": 0.8, "bound": "compute", "plan_us": 3.0, "pack_ms": 0.1, "copy_ms": 0.1}
        alone = {**layer, "ms": {"tconv": 250.0}, "wrong": [], "ratio": None}
        return {"schema_version": 1, "date": date, "pass": one_pass, "threads": 1, "versions": {"torch": "2.0"},
                "machine": {"cpu": "A & B", "isa": "avx2", "peak_gflops": {"f32": 100.0, "f64": 50.0},
                            "bandwidth_gbs": 10.0}, "layers": {"a": layer, "b": alone}}

    complaints = []

    def expect(claim, words):
        if not claim:
            complaints.append(f"self-test: {words}")

    with tempfile.TemporaryDirectory() as folder:
        repository = pathlib.Path(folder)
        (repository / "bench/results").mkdir(parents=True)
        page = repository / "docs/performance.md"
        page.parent.mkdir()
        page.write_text("# P\n\n<!-- results: scatter -->\nold\n<!-- /results -->\n\n"
                        "<!-- results: gather -->\n<!-- /results -->\n<!-- results: first_call -->\n<!-- /results -->\n")
        times = {"tconv": {"prepare": 0.5, "first": 1.5, "again": 1.0}, "ort": {"prepare": 3.0, "first": 1.0, "again": 1.0},
                 "torch": {"prepare": 0.0, "first": 3.0, "again": 1.0}, "ncnn": None}
        (repository / "bench/results/first_call").mkdir()
        (repository / "bench/results/first_call/a.json").write_text(json.dumps(
            {"schema_version": 1, "date": "2026-01-01", "machine": {"cpu": "C"}, "threads": 1, "layers": {"a": times},
             "versions": {"tconv": "0.1", "torch": "2.0", "ort": "1.0", "ncnn": "1.0"}}))
        for name, content in {"m-1": results("2026-01-01", 9.0), "m-2": results("2026-02-01", 1.5),
                              "m-3": results("2026-01-01", 3.0, "weight_grad")}.items():
            (repository / f"bench/results/{name}.json").write_text(json.dumps(content))
        expect(update(repository, checks=True) == ["docs/performance.md", f"docs/{PICTURES}/m-2.svg"], "--check")
        update(repository, checks=False)
        text = page.read_text()
        expect("| a | 0.500 | 1 | 80 % (compute) | 0.1! | **1.5** | 1.50 |" in text, "a row")
        expect("| b | 0.500 | 250 | 80 % (compute) | - | - | - |" in text, "a row without rivals")
        expect("geometric mean 1.50, worst 1.50" in text and "old" not in text and "9.00" not in text, "the newest")
        expect(text.count(NOTHING) == 1, "a pass without results")
        expect("| a | 2 | - | 4 | **3** | 0.5 | 1.5 | 1 | 1.50 |" in text, "a row of first calls")
        expect("torch 2.0" in text and "tconv 0.1" not in text and "behind on 0 of 1" in text, "first calls in words")
        picture = (repository / f"docs/{PICTURES}/m-2.svg").read_text()
        expect("A &amp; B" in picture and "no rival" in picture, "the picture")
        expect(update(repository, checks=True) == [], "nothing changes twice")
    return complaints


def main():
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        complaints = self_test()
        print("\n".join(complaints) or "performance: self-test passed")
        return 1 if complaints else 0
    checks = arguments[:1] == ["--check"]
    rest = arguments[1:] if checks else arguments
    changed = update(pathlib.Path(rest[0]) if rest else pathlib.Path(__file__).resolve().parents[1], checks)
    if checks:
        print("\n".join(f"{name}: differs from bench/results; python3 tools/performance_tables.py writes it anew"
                        for name in changed) or "performance: the tables are those of bench/results")
        return 1 if changed else 0
    print("\n".join(f"wrote {name}" for name in changed) or "nothing changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
