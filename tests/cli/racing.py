"""A race's values, checksum and answers in plain Python, sharing nothing with the program: the definition of splitmix64
(Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), and sums in the order of the elements."""
import json
import math
import re
import subprocess

import definition
import support
from npy import Array, product

MASK = (1 << 64) - 1


def value(i, seed):
    z = (i + (seed << 32) + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    z ^= z >> 31
    return (z >> 40) / (1 << 24) - 0.5


def fill(shape, seed):
    return Array(shape, [value(i, seed) for i in range(product(shape))], 'f8')


def checksum(values):
    return (math.fsum(v * math.cos(j) for j, v in enumerate(values)), math.sqrt(math.fsum(v * v for v in values)))


def fine_size(layer):
    return tuple((i - 1) * s - 2 * p + d * (k - 1) + op + 1 for i, s, p, k, op, d in
                 zip(layer['in'], layer['s'], layer['p'], layer['k'], layer['op'], layer['d']))


def expected(layer, one_pass):
    """(shape, checksum) in channels-first order."""
    seed = layer.get('seed', 1)
    coarse = fill((layer['n'], layer['cin'], *layer['in']), seed)
    weights = fill((layer['cin'], layer['cout'] // layer['g'], *layer['k']), seed + 1)
    fine = fill((layer['n'], layer['cout'], *fine_size(layer)), seed + 2)
    terms = {'stride': layer['s'], 'dilation': layer['d'], 'begin': layer['p'], 'end': layer['p'], 'op': layer['op'],
             'groups': layer['g'], 'nhwc': False}
    written = {'scatter': fine, 'gather': coarse, 'weight_grad': weights}[one_pass]
    sums = [0.0] * product(written.shape)
    for c, f, w in definition.products(terms, layer['n'], layer['cin'], tuple(layer['in']), layer['cout'],
                                       fine_size(layer), weights):
        if one_pass == 'scatter':
            sums[f] += coarse.values[c] * weights.values[w]
        elif one_pass == 'gather':
            sums[c] += fine.values[f] * weights.values[w]
        else:
            sums[w] += coarse.values[c] * fine.values[f]
    return list(written.shape), checksum(sums)


def layer(name='', n=1, cin=1, size=(4,), cout=1, k=(3,), s=(1,), p=(0,), op=(0,), d=(1,), g=1, **more):
    axes = len(size)
    spread = {key: list(value) * (axes if len(value) == 1 else 1) for key, value in
              {'k': k, 's': s, 'p': p, 'op': op, 'd': d}.items()}
    return {'name': name, 'dims': axes, 'n': n, 'cin': cin, 'in': list(size), 'cout': cout, 'g': g, **spread, **more}


class Server:
    """`tconv bench --serve` as a race talks to it: a question, then its answer."""

    def __init__(self, *options):
        self.process = subprocess.Popen([support.PROGRAM, 'bench', '--serve', *map(str, options)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=support.environment())

    def ask(self, question):
        self.process.stdin.write((question if isinstance(question, str) else json.dumps(question)) + '\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        """(exit code, what else was said)."""
        out, error = self.process.communicate(timeout=60)
        # AddressSanitizer's own remark where memory was refused.
        error = re.sub(r'^==\d+==WARNING: AddressSanitizer failed to allocate .*\n', '', error)
        return self.process.returncode, out + error
