"""Other processes, and the environment that the tests run in."""
import os
import pathlib
import re
import subprocess
import sys
import sysconfig


def python(code, *, timeout=60, **environment):
    """What `python -c code` prints; an error where it fails or says anything on stderr."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout,
                          env={**os.environ, **environment})
    assert done.returncode == 0 and not done.stderr, (done.returncode, done.stderr)
    return done.stdout


def fails(code, **environment):
    """What `python -c code` says on stderr, which has to fail."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **environment})
    assert done.returncode == 1, (done.returncode, done.stderr)
    return done.stderr


def command():
    """The tconv command that the wheel installed, or None."""
    path = pathlib.Path(sysconfig.get_path("scripts"), "tconv")
    return path if path.exists() else None


def weights_of(text):
    """The weights' shape of a problem text."""
    found = {name: [int(n) for n in numbers.split("x")]
             for name, numbers in re.findall(r"\b(ic|oc|i|k|g)([\dx]+)\b", text)}
    rank = max(len(found["i"]), len(found["k"]))
    kernel = found["k"] * (rank if len(found["k"]) == 1 else 1)
    return (found.get("ic", [1])[0], found.get("oc", [1])[0] // found.get("g", [1])[0], *kernel)
