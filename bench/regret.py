#!/usr/bin/env python3
"""The cost model's regret: on random problems that look like real layers, the time of the method that a plan chooses over
that of the fastest one.

Each problem is planned, then every method that may be the fastest is timed in turn with the others, in processes of their
own (`tconv bench --serve`). A time is the lowest of the rounds' medians. Printed are the problems on which the choice is
more than --list times slower than the best, the distribution, and who should have been chosen. The last line says how to
repeat it.

Usage: regret.py [--tconv build/release/tconv] [--problems 1000] [--seconds N] [--seed S] [--threads 1] [--isa I]
                 [--pass scatter,gather,weight_grad] [--list 1.15] [--json OUT.json] [--only N] | --self-test

--seconds ends it after so long, whatever --problems says; --only N times the problem of that number alone.
"""
import argparse
import collections
import json
import math
import random
import statistics
import subprocess
import sys
import time

CHANNELS = (1, 2, 3, 4, 8, 12, 16, 21, 24, 32, 48, 64, 80, 96, 100, 128, 160, 192, 256, 320, 384, 512, 640, 768, 1024)
ODD_CHANNELS = (5, 6, 7, 9, 13, 17, 33, 40, 65, 72, 112, 200, 258)
# (kernel, stride), each as often as it stands here.
PAIRS = {
    1: ((16, 8), (8, 4), (4, 2), (4, 2), (20, 10), (10, 5), (7, 1), (3, 1), (11, 1), (5, 2), (3, 2), (2, 2), (41, 4), (400, 160),
        (1024, 256), (512, 128)),
    2: ((4, 2), (4, 2), (4, 2), (2, 2), (2, 2), (3, 2), (3, 2), (3, 1), (3, 1), (5, 2), (5, 1), (9, 3), (9, 4), (8, 4), (4, 4), (3, 3),
        (16, 8), (64, 32), (7, 2), (7, 1), (4, 1), (1, 1), (1, 2), (6, 2), (5, 3)),
    3: ((2, 2), (2, 2), (3, 2), (4, 2), (3, 1), (4, 1), (3, 3), (1, 1)),
}
LEAST_FLOPS, MOST_FLOPS = 2e4, 1.2e9
HOPELESS = 6        # not timed: predicted to take so many times the least prediction
NOT_AGAIN = 3       # not asked for more rounds: so many times the best
ROUNDS, ROUND_SECONDS = 4, 0.006


def channel_count(draw):
    return draw.choice(ODD_CHANNELS if draw.random() < 0.15 else CHANNELS)


def problem(draw):
    """A layer as bench/race.py has it, its layout, element type and pass."""
    while True:
        rank = draw.choices((1, 2, 3), (0.25, 0.6, 0.15))[0]
        pairs = [draw.choice(PAIRS[rank])] * rank
        if rank > 1 and draw.random() < 0.12:  # anisotropic
            pairs = [draw.choice(((1, 1), (3, 1), (3, 2), (4, 2), (2, 2), pair)) for pair in pairs]
        kernel, stride = ([pair[i] for pair in pairs] for i in (0, 1))
        dilation = [1] * rank
        if max(kernel) <= 7 and draw.random() < 0.12:
            dilation = [draw.choice((2, 3, 4, 8) if max(stride) == 1 else (2, 3))] * rank
        read, written, groups = channel_count(draw), channel_count(draw), 1
        if draw.random() < 0.2:
            kind = draw.random()
            if kind < 0.5:
                written = groups = read
            elif kind < 0.6:
                groups, written = read, read * 2
            else:
                groups = draw.choice((2, 4, 8, 16))
                read, written = groups * max(1, read // groups), groups * max(1, written // groups)
        largest = {1: 4000, 2: 160, 3: 40}[rank]
        size = [max(1, round(math.exp(draw.uniform(0, math.log(largest)))))] * rank
        if rank > 1 and draw.random() < 0.4:
            size = [max(1, round(each * draw.uniform(0.5, 1.6))) for each in size]
        padding, output_padding = [], []
        for k, s, d in zip(kernel, stride, dilation):
            extent = d * (k - 1) + 1
            same = max(0, (extent - s + 1) // 2)
            p = draw.choice((0, same, same, same))
            padding.append(p)
            output_padding.append(max(0, min(s - extent + 2 * p, max(s, d) - 1)) if draw.random() < 0.7 else 0)
        fine = [(i - 1) * s - 2 * p + d * (k - 1) + op + 1
                for i, s, p, d, k, op in zip(size, stride, padding, dilation, kernel, output_padding)]
        batch = draw.choice((1, 1, 1, 1, 2, 4, 8, 16, 32))
        flops = 2 * batch * read * written / groups * math.prod(kernel) * math.prod(size)
        numbers = batch * (read * math.prod(size) + written * math.prod(fine)) + read * written // groups * math.prod(kernel)
        if min(fine) < 1 or not LEAST_FLOPS <= flops <= MOST_FLOPS or numbers > 2e7:
            continue
        layer = {"n": batch, "cin": read, "in": size, "cout": written, "k": kernel, "s": stride, "p": padding,
                 "op": output_padding, "d": dilation, "g": groups, "dims": rank}
        return (layer, "nhwc" if draw.random() < 0.35 else "nchw", "f64" if draw.random() < 0.2 else "f32")


class Server:
    """One process that times one layer at a time."""

    def __init__(self, command):
        self.command, self.process = command, None

    def ask(self, question):
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.process = None
            return {"ok": False, "error": "the process ended"}
        return json.loads(line)

    def end(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


class Sweep:
    def __init__(self, options):
        self.options, self.servers = options, {}

    def server(self, layout, dtype, slot):
        key = (layout, dtype, slot)
        if key not in self.servers:
            command = [self.options.tconv, "bench", "--serve", "--threads", str(self.options.threads), "--layout", layout,
                       "--dtype", dtype] + (["--isa", self.options.isa] if self.options.isa else [])
            self.servers[key] = Server(command)
        return self.servers[key]

    def times(self, layer, layout, dtype, one_pass):
        """The plan's answer, and the seconds of each method that was timed."""
        plan = self.server(layout, dtype, 0).ask({"cmd": "plan", "layer": layer, "pass": one_pass})
        if not plan["ok"]:
            return plan, {}
        least = min(plan["methods"].values())
        names = [name for name, predicted in plan["methods"].items()
                 if name == plan["method"] or predicted <= HOPELESS * least]
        racers = {}
        for slot, name in enumerate(names):
            server = self.server(layout, dtype, slot)
            if server.ask({"cmd": "prep", "layer": layer, "pass": one_pass, "method": name})["ok"]:
                racers[name] = server
        best = {}
        for turn in range(ROUNDS):
            for name, server in racers.items():
                if turn > 1 and best.get(name, 0) > NOT_AGAIN * min(best.values(), default=math.inf):
                    continue
                answer = server.ask({"cmd": "run", "seconds": ROUND_SECONDS})
                if answer["ok"]:
                    best[name] = min(best.get(name, math.inf), answer["median"])
        return plan, best

    def end(self):
        for server in self.servers.values():
            server.end()


def regret(plan, times):
    """The choice's time over the best's."""
    return times[plan["method"]] / min(times.values())


def report(results, limit):
    """Lines about [(problem, pass, method, times, regret)], the worst first."""
    lines = []
    bad = sorted((each for each in results if each["regret"] > limit), key=lambda each: -each["regret"])
    for each in bad:
        others = ", ".join(f"{name} {1e3 * seconds:.4f}" for name, seconds in sorted(each["times"].items(), key=lambda t: t[1]))
        lines.append(f"{each['regret']:6.2f}  #{each['number']:<5} {each['pass']:<11} chose {each['method']}: {others} ms   "
                     f"{each['problem']}")
    ratios = sorted(each["regret"] for each in results)
    if not ratios:
        return lines + ["no problem was timed"]
    at = lambda share: ratios[min(len(ratios) - 1, math.ceil(share * len(ratios)) - 1)]
    lines.append(f"\n{len(ratios)} problems, {sum(len(each['times']) > 1 for each in results)} with a choice; more than {limit} x "
                 f"slower than the best: {len(bad)} ({100 * len(bad) / len(ratios):.1f} %)")
    lines.append(f"regret: geometric mean {math.exp(statistics.fmean(map(math.log, ratios))):.3f}, median {at(0.5):.3f}, "
                 f"95th percentile {at(0.95):.3f}, 99th {at(0.99):.3f}, worst {ratios[-1]:.2f}")
    for one_pass in sorted({each["pass"] for each in results}):
        own = sorted(each["regret"] for each in results if each["pass"] == one_pass)
        lines.append(f"  {one_pass}: {len(own)} problems, 95th percentile {own[math.ceil(0.95 * len(own)) - 1]:.3f}, worst {own[-1]:.2f}")
    missed = collections.Counter((each["method"], min(each["times"], key=each["times"].get)) for each in bad)
    lines += [f"  {count} x chose {chosen} where {best} was faster" for (chosen, best), count in missed.most_common()]
    return lines


def self_test():
    first, second = random.Random(7), random.Random(7)
    drawn = [problem(first) for _ in range(300)]
    assert drawn == [problem(second) for _ in range(300)], "a seed's problems repeat"
    assert {layer["dims"] for layer, _, _ in drawn} == {1, 2, 3} and len({json.dumps(each) for each in drawn}) > 290
    assert any(layer["g"] > 1 for layer, _, _ in drawn) and any(max(layer["d"]) > 1 for layer, _, _ in drawn)
    results = [{"number": i, "pass": "scatter", "problem": "i4 k3", "method": "a", "times": {"a": 1.0 + (i == 99), "b": 1.0},
                "regret": regret({"method": "a"}, {"a": 1.0 + (i == 99), "b": 1.0})} for i in range(100)]
    text = "\n".join(report(results, 1.15))
    assert "slower than the best: 1 (1.0 %)" in text and "95th percentile 1.000" in text and "worst 2.00" in text, text
    assert "1 x chose a where b was faster" in text and "#99" in text, text
    print("regret: self-test passed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tconv", default="build/release/tconv")
    parser.add_argument("--problems", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 6))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--isa")
    parser.add_argument("--pass", dest="passes", default="scatter,gather,weight_grad")
    parser.add_argument("--list", type=float, default=1.15)
    parser.add_argument("--only", type=int)
    parser.add_argument("--json")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    passes, draw, sweep, results = options.passes.split(","), random.Random(options.seed), Sweep(options), []
    end = time.monotonic() + options.seconds
    try:
        for number in range(options.problems):
            layer, layout, dtype = problem(draw)
            one_pass = passes[number % len(passes)]
            if options.only is not None and number != options.only:
                continue
            if time.monotonic() > end:
                break
            plan, times = sweep.times(layer, layout, dtype, one_pass)
            if not plan["ok"]:
                print(f"#{number}: {plan['error']}", file=sys.stderr)
            elif plan["method"] in times:
                results.append({"number": number, "pass": one_pass, "problem": plan["problem"], "method": plan["method"],
                                "times": times, "regret": regret(plan, times)})
            if sys.stderr.isatty():
                print(f"\r{number + 1} problems", end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        pass  # what was timed is told
    sweep.end()
    print("\n".join(report(results, options.list)))
    print(f"\nseed {options.seed}: bench/regret.py --seed {options.seed} --pass {options.passes} --threads {options.threads}"
          + (f" --isa {options.isa}" if options.isa else "") + " [--only NUMBER]")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"seed": options.seed, "threads": options.threads, "results": results}, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
