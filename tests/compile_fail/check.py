"""check.py [--self-test] INCLUDE COMPILER FLAG...: of each line of pairs.txt the left side compiles, the right not.

All left sides make one file, all right sides another, every snippet a function on a line of its own; the compiler has
to accept the first file, and to name every such line of the second.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

PRELUDE = """#include <string>
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/tensor.h"
using namespace tconv;
"""


def read_pairs(text):
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [[side.strip() for side in line.split(" | ")] for line in lines]


def lines_with_errors(compiler, include, snippets):
    """The numbers of the snippets that the compiler complains about, and what it says."""
    functions = [f"void f{i}(Tensor x, Tensor y) {{ {snippet}; }}" for i, snippet in enumerate(snippets)]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "snippets.cpp")
        path.write_text(PRELUDE + "\n".join(functions) + "\n")
        command = [*compiler, "-std=c++20", "-fsyntax-only", f"-I{include}", str(path)]
        said = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    first = PRELUDE.count("\n") + 1
    found = {int(number) - first for number in re.findall(r"snippets\.cpp:(\d+):\d+: error:", said.stderr)}
    if said.returncode != 0 and not found:
        sys.exit(said.stderr)
    return found, said.stderr


def faults(compiler, include, pairs):
    """A sentence for every pair that does not keep its promise."""
    refused, said = lines_with_errors(compiler, include, [right for right, _ in pairs])
    sentences = [f"does not compile, but should: {pairs[i][0]}\n{said}" for i in sorted(refused)]
    refused, _ = lines_with_errors(compiler, include, [wrong for _, wrong in pairs])
    return sentences + [f"compiles, but must not: {wrong}" for i, (_, wrong) in enumerate(pairs) if i not in refused]


def main():
    arguments = sys.argv[1:]
    is_self_test = arguments[0] == "--self-test"
    include, *compiler = arguments[is_self_test:]
    if is_self_test:
        found = faults(compiler, include, [["x(1)", "x(2)"], ["x(1.5)", "x(1.5)"], ["x(1)", "x(1.5)"]])
        if len(found) != 2 or "should: x(1.5)" not in found[0] or "must not: x(2)" not in found[1]:
            sys.exit(f"the check does not see planted faults: {found}")
        return
    pairs = read_pairs(pathlib.Path(__file__).with_name("pairs.txt").read_text())
    found = faults(compiler, include, pairs)
    print("\n".join(found) or f"{len(pairs)} pairs")
    sys.exit(bool(found))


main()
