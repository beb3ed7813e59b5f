#!/usr/bin/env python3
"""The same training in PyTorch: one network, initial weights and batches, every loss compared. And weights both ways:
each side's safetensors and npz files in the other.

Usage: torch_test.py TRAINING_STEPS [PYTHON]

PYTHON has torch, numpy and safetensors; without it, that of ./dev python --all (build/python/venv) is taken where it has
them, or TCONV_TORCH_PYTHON. Without any of these, it says so and skips.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
NEEDED = 'import torch, numpy, safetensors.torch'
F64_TOLERANCE, F64_STEPS = 1e-8, 50
# In f32 the first losses of two correct programs agree to 1e-6, and then may part: Adam's first steps follow the signs
# of gradients, and a ReLU's input near 0 may fall on either side. PyTorch's own f32 losses are up to 5e-3 from its f64
# ones after 5 steps (batches of 8 to 64, 2026-11-30). So Adam gets an epsilon that lets small gradients be small, and
# of several batches most have to stay together.
F32_TOLERANCE, F32_STEPS, F32_FIRST = 1e-4, 5, 1e-5
ADAM_EPSILON = {'f64': 1e-8, 'f32': 1e-4}
F32_BATCHES = {'dcgan': (3, 5, 6, 7, 8), 'fcn': (2, 4, 8)}


def python_with_torch(given):
    candidates = [*given, os.environ.get('TCONV_TORCH_PYTHON'), REPOSITORY / 'build/python/venv/bin/python', sys.executable]
    for python in filter(None, candidates):
        if pathlib.Path(python).exists() and not subprocess.run([python, '-c', NEEDED], capture_output=True, check=False).returncode:
            return str(python)
    return None


def main():
    program, *rest = sys.argv[1:]
    if rest[:1] == ['--inside']:
        return compare_all(program)
    python = python_with_torch(rest)
    if not python:
        print('no torch here: ./dev python --all installs it')
        return 0
    return subprocess.run([python, __file__, program, '--inside'], check=False).returncode


# What follows runs in PyTorch's environment.

def dcgan(width=64):
    from torch import nn
    up = dict(kernel_size=4, stride=2, padding=1, bias=False)
    generator = nn.Sequential(
        nn.ConvTranspose2d(100, 4 * width, 4, bias=False), nn.BatchNorm2d(4 * width), nn.ReLU(),
        nn.ConvTranspose2d(4 * width, 2 * width, **up), nn.BatchNorm2d(2 * width), nn.ReLU(),
        nn.ConvTranspose2d(2 * width, width, **up), nn.BatchNorm2d(width), nn.ReLU(),
        nn.ConvTranspose2d(width, 1, **up), nn.Tanh())
    discriminator = nn.Sequential(
        nn.Conv2d(1, width, **up), nn.LeakyReLU(0.2),
        nn.Conv2d(width, 2 * width, **up), nn.BatchNorm2d(2 * width), nn.LeakyReLU(0.2),
        nn.Conv2d(2 * width, 4 * width, **up), nn.BatchNorm2d(4 * width), nn.LeakyReLU(0.2),
        nn.Conv2d(4 * width, 1, 4, bias=False))
    return nn.ModuleDict({'generator': nn.ModuleDict({'main': generator}),
                          'discriminator': nn.ModuleDict({'main': discriminator})})


def fcn(classes=11, width=16):
    import torch
    from torch import nn

    def stage(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

    class Fcn(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(*stage(3, width), nn.MaxPool2d(2), *stage(width, 2 * width), nn.MaxPool2d(2),
                                          *stage(2 * width, 4 * width))
            self.deeper = nn.Sequential(nn.MaxPool2d(2), *stage(4 * width, 8 * width), *stage(8 * width, 8 * width))
            self.score = nn.Conv2d(4 * width, classes, 1)
            self.score_deeper = nn.Conv2d(8 * width, classes, 1)
            self.twice = nn.ConvTranspose2d(classes, classes, 4, stride=2, padding=1, bias=False)
            self.large = nn.ConvTranspose2d(classes, classes, 8, stride=4, padding=2, bias=False)

        def forward(self, x):
            quarter = self.features(x)
            return self.large(torch.add(self.score(quarter), self.twice(self.score_deeper(self.deeper(quarter)))))

    return Fcn()


class DcganSteps:
    """The tutorial's step."""

    def __init__(self, networks, epsilon):
        import torch
        self.generator, self.discriminator = networks['generator']['main'], networks['discriminator']['main']
        self.adams = [torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999), eps=epsilon)
                      for net in (self.generator, self.discriminator)]
        self.loss = torch.nn.BCEWithLogitsLoss()

    def __call__(self, real, noise):
        import torch
        generator_adam, discriminator_adam = self.adams
        discriminator_adam.zero_grad()
        on_real = self.discriminator(real)
        loss_real = self.loss(on_real, torch.ones_like(on_real))
        loss_real.backward()
        fake = self.generator(noise)
        on_fake = self.discriminator(fake.detach())
        loss_fake = self.loss(on_fake, torch.zeros_like(on_fake))
        loss_fake.backward()
        discriminator_adam.step()
        generator_adam.zero_grad()
        self.discriminator.requires_grad_(False)
        on_fake = self.discriminator(fake)
        loss = self.loss(on_fake, torch.ones_like(on_fake))
        loss.backward()
        self.discriminator.requires_grad_(True)
        generator_adam.step()
        return [loss_real.item() + loss_fake.item(), loss.item()]


class FcnSteps:
    def __init__(self, network, _epsilon):
        import torch
        self.network = network
        self.sgd = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
        self.loss = torch.nn.CrossEntropyLoss()

    def __call__(self, pixels, labels):
        self.sgd.zero_grad()
        loss = self.loss(self.network(pixels), labels.long().reshape(pixels.shape[0], *pixels.shape[2:]))
        loss.backward()
        self.sgd.step()
        return [loss.item()]


NETWORKS = {'dcgan': (dcgan, DcganSteps, ('real', 'noise')), 'fcn': (fcn, FcnSteps, ('pixels', 'labels'))}


def under(tensors, prefix):
    return {name[len(prefix):]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def run_both(program, network, dtype, steps, batch, folder):
    """The file that tconv recorded, both sides' losses, and PyTorch's network after the steps."""
    import numpy as np
    import torch
    from safetensors.torch import load_file
    file = folder / 'steps.safetensors'
    subprocess.run([program, 'record', network, dtype, str(steps), str(batch), str(ADAM_EPSILON[dtype]), str(file)], check=True)
    recorded = load_file(file)
    make, trainer, inputs = NETWORKS[network]
    module = make().to(torch.float64 if dtype == 'f64' else torch.float32)
    module.load_state_dict(under(recorded, 'initial.'), strict=True)
    step = trainer(module, ADAM_EPSILON[dtype])
    theirs = np.array([step(*(recorded[f'{name}.{number}'] for name in inputs)) for number in range(steps)])
    ours = recorded['losses'].numpy()
    return recorded, np.max(np.abs(ours - theirs) / np.abs(theirs), axis=1), module.state_dict()


def compare_f64(program, network, batch, folder):
    """Complaints about 50 steps."""
    recorded, differences, state = run_both(program, network, 'f64', F64_STEPS, batch, folder)
    print(f'{network} f64: {F64_STEPS} steps, losses from {recorded["losses"][0].tolist()} to '
          f'{recorded["losses"][-1].tolist()}, differing by at most {max(differences):.1e} of each')
    complaints = []
    if not max(differences) <= F64_TOLERANCE:
        complaints.append(f'{network} f64: losses differ by {differences}')
    for name, tensor in under(recorded, 'final.').items():
        largest = state[name].double().abs().max().item()
        if (state[name].double() - tensor.double()).abs().max().item() > 1e-7 * max(largest, 1e-3):
            complaints.append(f'{network} f64: {name} differs after {F64_STEPS} steps')
    return complaints


def compare_f32(program, network, folder):
    """Complaints about 5 steps."""
    worst = []
    for batch in F32_BATCHES[network]:
        differences = run_both(program, network, 'f32', F32_STEPS, batch, folder)[1]
        worst.append(max(differences))
        if not differences[0] <= F32_FIRST:
            return [f'{network} f32: the first loss differs by {differences[0]}']
    print(f'{network} f32: {F32_STEPS} steps, batches of {F32_BATCHES[network]}: losses differ by at most '
          + ', '.join(f'{each:.1e}' for each in worst) + ' of each')
    together = sum(each <= F32_TOLERANCE for each in worst)
    return [] if 2 * together > len(worst) else [f'{network} f32: losses differ by {worst}']


def compare_files(program, folder):
    """Weights that PyTorch saved, as safetensors and as npz, and what they compute here; and the other way."""
    import numpy as np
    import torch
    from safetensors.torch import load_file, save_file
    torch.manual_seed(3)
    generator = dcgan(8)['generator']['main']
    for _ in range(3):  # running statistics other than at first
        generator(torch.randn(4, 100, 1, 1))
    state = {f'main.{name}': tensor for name, tensor in generator.state_dict().items()}
    noise = torch.randn(5, 100, 1, 1)
    complaints = []
    save_file({**state, 'noise': noise}, folder / 'theirs.safetensors')
    np.savez(folder / 'theirs.npz', noise=noise.numpy(), **{name: tensor.numpy() for name, tensor in state.items()})
    with torch.no_grad():
        expected = generator.eval()(noise)
    for theirs, ours in (('theirs.safetensors', 'ours.npz'), ('theirs.npz', 'ours.safetensors')):
        subprocess.run([program, 'generate', '8', str(folder / theirs), str(folder / ours)], check=True)
        if ours.endswith('npz'):
            with np.load(folder / ours) as arrays:
                read = {name: torch.from_numpy(arrays[name]) for name in arrays}
        else:
            read = load_file(folder / ours)
        difference = (read.pop('pictures') - expected).abs().max().item()
        if not difference < 1e-6:
            complaints.append(f'{theirs}: pictures differ by {difference}')
        again = dcgan(8)['generator']
        again.load_state_dict(read, strict=True)
        with torch.no_grad():
            if not torch.equal(again['main'].eval()(noise), expected):
                complaints.append(f'{ours}: PyTorch reads other weights than it wrote')
    print('weights: both files, both ways')
    return complaints


def compare_prints(program):
    """What a variable prints, grad_fn included."""
    import torch
    torch.manual_seed(0)
    complaints = []
    shapes = [(), (1,), (3,), (40,), (1001,), (2, 3), (1, 1, 4, 4), (2, 1, 3, 2), (0,), (0, 3), (12, 100)]
    tables = [lambda x: x, torch.round, lambda x: x * 1e4, lambda x: x * 1e-6, lambda x: x * 1e9, lambda x: torch.round(x * 1e5),
              lambda x: torch.where(x > 0.5, torch.tensor(float('nan')), x), lambda x: torch.where(x > 0.5, torch.tensor(float('-inf')), torch.round(x)),
              torch.zeros_like]
    for shape in shapes:
        for table in tables:
            x = table(torch.randn(shape))
            values = ' '.join(repr(value) for value in x.reshape(-1).tolist())
            sizes = ' '.join(map(str, shape))
            found = subprocess.run([program, 'print'], input=f'{len(shape)} {sizes} {values}', capture_output=True,
                                   text=True, check=True).stdout
            leaf = x.clone().requires_grad_()
            expected = f'{x!r}\n{leaf!r}\n{torch.add(leaf, x)!r}\n'
            if found != expected:
                complaints.append(f'printed\n{found}and by PyTorch\n{expected}')
    print(f'prints: {len(shapes) * len(tables)} tensors')
    return complaints


def compare_all(program):
    import torch
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        complaints = compare_files(program, folder) + compare_prints(program)
        for network, batch in (('dcgan', 16), ('fcn', 8)):
            complaints += compare_f64(program, network, batch, folder) + compare_f32(program, network, folder)
    print('\n'.join(complaints) or 'the same as in PyTorch')
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
