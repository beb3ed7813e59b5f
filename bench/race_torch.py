"""Times tconv beside PyTorch where race.py does not: channels last, double precision, AVX2. Prints a table of ratios.

usage: race_torch.py channels_last|f64|avx2 [--tconv build/release/tconv] [--threads 1] [--rounds 5] [--only dcgan,unet]
                     [--shared ../shared] [--seconds 0.08] [--json FILE]

channels_last  arrays of both in channels-last order, in and out; layers of two and three axes
f64            double precision, contiguous
avx2           both held to AVX2 (tconv by --isa, PyTorch by its and oneDNN's variables), f32; the better of PyTorch's layouts

Racers take turns, layer by layer and round by round; a time is the lowest of the rounds' medians, and results are compared
(race.py tells how). Needs a Python with torch and numpy.
"""
import argparse
import json
import math
import os
import statistics
import sys
import time


def values(shape, seed):
    """What every racer fills its arrays with (docs/cli.md, bench --serve), in double precision."""
    import numpy as np
    with np.errstate(over='ignore'):
        z = np.arange(math.prod(shape), dtype=np.uint64) + np.uint64((seed << 32) + 0x9E3779B97F4A7C15)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float64) / (1 << 24) - 0.5).reshape(shape)


def checksum(y):
    import numpy as np
    flat = y.reshape(-1)
    return [float((flat * np.cos(np.arange(flat.size))).sum()), float(np.sqrt((flat * flat).sum()))]


def worker(threads):
    """PyTorch in double precision, spoken to as rival.py is."""
    os.environ['OMP_NUM_THREADS'] = str(threads)  # before torch is imported
    import torch
    import torch.nn.functional as F
    torch.set_num_threads(threads)
    run = None
    for line in sys.stdin:
        question = json.loads(line)
        if question['cmd'] == 'prep':
            layer = question['layer']
            seed = layer.get('seed', 1)
            coarse = torch.from_numpy(values([layer['n'], layer['cin'], *layer['in']], seed))
            weights = torch.from_numpy(values([layer['cin'], layer['cout'] // layer['g'], *layer['k']], seed + 1))
            call = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[layer['dims']]
            options = [tuple(layer[name]) for name in ('s', 'p', 'op')] + [layer['g'], tuple(layer['d'])]

            def run(call=call, coarse=coarse, weights=weights, options=options):
                with torch.inference_mode():
                    return call(coarse, weights, None, *options)
            answer = {'ok': True, 'checksum': checksum(run().numpy())}
        else:
            end, times = time.perf_counter() + question['seconds'], []
            while not times or time.perf_counter() < end:
                start = time.perf_counter()
                run()
                times.append(time.perf_counter() - start)
            answer = {'ok': True, 'median': statistics.median(times)}
        print(json.dumps(answer), flush=True)


def racers(o, race):
    """The racers of an arrangement; tconv is the first."""
    tconv = [o.tconv, 'bench', '--serve', '--threads', str(o.threads)]
    of_torch = [sys.executable, os.path.join(o.shared, 'bench', 'rival.py')]
    if o.arrangement == 'channels_last':
        return [race.Racer('tconv', tconv + ['--layout', 'nhwc']), race.Racer('torch_cl', of_torch + ['torch_cl', str(o.threads)])]
    if o.arrangement == 'f64':
        return [race.Racer('tconv', tconv + ['--dtype', 'f64']),
                race.Racer('torch', [sys.executable, os.path.abspath(__file__), 'f64', '--worker', '--threads', str(o.threads),
                                     '--shared', o.shared])]
    os.environ.update(ONEDNN_MAX_CPU_ISA='AVX2', ATEN_CPU_CAPABILITY='avx2')
    return [race.Racer('tconv', tconv + ['--isa', 'avx2'])] + [
        race.Racer(name, of_torch + [name, str(o.threads)]) for name in ('torch', 'torch_cl')]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('arrangement', choices=['channels_last', 'f64', 'avx2'])
    a.add_argument('--tconv', default='build/release/tconv')
    a.add_argument('--threads', type=int, default=1)
    a.add_argument('--rounds', type=int, default=5)
    a.add_argument('--seconds', type=float, default=0.08)
    a.add_argument('--only', default='')
    a.add_argument('--shared', default='../shared')
    a.add_argument('--json')
    a.add_argument('--worker', action='store_true', help=argparse.SUPPRESS)
    o = a.parse_args()
    if o.worker:
        return worker(o.threads)
    sys.path.insert(0, os.path.join(o.shared, 'bench'))
    import race
    all_racers = racers(o, race)
    with open(os.path.join(o.shared, 'bench', 'zoo.json')) as file:
        layers = [layer for layer in json.load(file) if not o.only or any(word in layer['name'] for word in o.only.split(','))]
    ratios, results = [], {}
    print(f"{'layer':22s}" + ''.join(f'{r.name:>12s}' for r in all_racers) + f"{'best/tconv':>12s}")
    for layer in layers:
        prep = {r.name: r.ask({'cmd': 'prep', 'layer': layer, 'pass': 'scatter'}) for r in all_racers}
        ready = [r for r in all_racers if prep[r.name].get('ok')]
        times = {r.name: [] for r in ready}
        for _ in range(o.rounds):
            for r in ready:
                answer = r.ask({'cmd': 'run', 'seconds': o.seconds})
                if answer.get('ok'):
                    times[r.name].append(answer['median'])
        ms = {name: 1e3 * min(t) for name, t in times.items() if t}
        sums = [prep[name]['checksum'] for name in ms]
        differ = bool(sums) and any(abs(c - sums[0][0]) > 2e-4 * n + 1e-12 for c, n in sums)
        others = [t for name, t in ms.items() if name != 'tconv']
        ratio = min(others) / ms['tconv'] if others and 'tconv' in ms and not differ else None
        if ratio:
            ratios.append(ratio)
        results[layer['name']] = {'ms': ms, 'ratio': ratio, 'results_differ': differ}
        print(f"{layer['name']:22s}" + ''.join(f"{ms.get(r.name, math.nan):12.3f}" for r in all_racers)
              + (f'{ratio:12.2f}' if ratio else f"{'differ!' if differ else '-':>12s}"), flush=True)
    if ratios:
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        print(f'best of PyTorch / tconv: geometric mean {mean:.2f}, worst {min(ratios):.2f}, '
              f'tconv behind on {sum(r < 1 for r in ratios)} of {len(ratios)} layers')
    if o.json:
        with open(o.json, 'w') as file:
            json.dump({'arrangement': o.arrangement, 'threads': o.threads, 'layers': results}, file, indent=1)
    for r in all_racers:
        if r.process:
            r.process.kill()


if __name__ == '__main__':
    main()
