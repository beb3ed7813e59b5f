"""Times one training step of DCGAN and of the FCN in tconv and in PyTorch (eager; contiguous and channels_last), in turn.
Prints the times, the ratio to PyTorch's better layout, and tconv's share of time by operation.

usage: race_training.py [--steps-program build/release/tests/train/steps/training_steps] [--networks dcgan,fcn]
                        [--threads 1,2] [--rounds 5] [--steps 3] [--profile] [--json FILE]

Both sides train the same network on the same kind of batch (DCGAN 128, FCN 32), gradients of what is not trained left out
on both. A racer's time is the lowest of the rounds' medians: a neighbour on the machine only slows down. Needs a Python
with torch. --profile also prints PyTorch's own time by operation (torch.profiler).
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / 'tests/train'))
BATCH = {'dcgan': 128, 'fcn': 32}


def worker(network, layout, threads):
    """PyTorch, spoken to line by line as training_steps is."""
    import torch
    import torch_test
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    format = torch.channels_last if layout == 'channels_last' else torch.contiguous_format
    make, trainer, _ = torch_test.NETWORKS[network]
    module = make().to(memory_format=format)
    step = trainer(module, 1e-8)
    batch = BATCH[network]
    if network == 'dcgan':
        inputs = [torch.rand(batch, 1, 32, 32) * 2 - 1, torch.randn(batch, 100, 1, 1)]
    else:
        inputs = [torch.rand(batch, 3, 64, 64) * 2 - 1, torch.randint(0, 11, (batch * 64 * 64,))]
    inputs[0] = inputs[0].to(memory_format=format)
    for line in sys.stdin:
        if line.strip() == 'profile':
            with torch.profiler.profile() as profiler:
                step(*inputs)
            table = {event.key: event.self_cpu_time_total / 1000 for event in profiler.key_averages()}
            print(json.dumps(dict(sorted(table.items(), key=lambda each: -each[1])[:14])), flush=True)
            continue
        start = time.perf_counter()
        step(*inputs)
        print(1000 * (time.perf_counter() - start), flush=True)


class Racer:
    def __init__(self, name, command):
        environment = {**os.environ, 'OMP_WAIT_POLICY': 'passive'}
        self.name, self.medians = name, []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def ask(self, word):
        self.process.stdin.write(word + '\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def race(network, threads, arguments):
    batch = BATCH[network]
    racers = [Racer('tconv', [arguments.steps_program, 'serve', network, str(batch), str(threads)])]
    for layout in ('contiguous', 'channels_last'):
        racers.append(Racer(f'PyTorch {layout}', [sys.executable, __file__, '--worker', network, layout, str(threads)]))
    for racer in racers:
        racer.ask('step')  # plans, pages, primitives
    for _ in range(arguments.rounds):
        for racer in racers:
            racer.medians.append(statistics.median(racer.ask('step') for _ in range(arguments.steps)))
    shares = racers[0].ask('profile')
    theirs = {racer.name: racer.ask('profile') for racer in racers[1:]} if arguments.profile else {}
    for racer in racers:
        racer.end()
    times = {racer.name: min(racer.medians) for racer in racers}
    better = min(time for name, time in times.items() if name != 'tconv')
    print(f'\n{network}, batch {batch}, {threads} thread{"s" if threads > 1 else ""}')
    for name, milliseconds in times.items():
        print(f'  {name:24} {milliseconds:8.1f} ms  {batch / milliseconds * 1000:6.0f} images/s')
    print(f'  PyTorch\'s better layout / tconv = {better / times["tconv"]:.2f}')
    whole = sum(map(sum, shares.values()))
    for name, (forward, backward) in shares.items():
        print(f'    {name:40} {forward:8.1f} + {backward:8.1f} ms  {100 * (forward + backward) / whole:5.1f} %')
    for name, table in theirs.items():
        print(f'  {name}, by operation:')
        for operation, milliseconds in table.items():
            print(f'    {operation:60} {milliseconds:8.1f} ms')
    return {'network': network, 'threads': threads, 'batch': batch, 'ms': times, 'ratio': better / times['tconv'],
            'by_operation_ms': shares, 'torch_by_operation_ms': theirs}


def main():
    if sys.argv[1:2] == ['--worker']:
        return worker(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--steps-program', default=str(REPOSITORY / 'build/release/tests/train/steps/training_steps'))
    parser.add_argument('--networks', default='dcgan,fcn')
    parser.add_argument('--threads', default='1,2')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--steps', type=int, default=3)
    parser.add_argument('--profile', action='store_true')
    parser.add_argument('--json')
    arguments = parser.parse_args()
    results = [race(network, int(threads), arguments) for network in arguments.networks.split(',')
               for threads in arguments.threads.split(',')]
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=1) + '\n')


if __name__ == '__main__':
    sys.exit(main())
