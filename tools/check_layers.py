#!/usr/bin/env python3
"""Checks that every room includes only itself and lower ranks (tools/rooms.txt), and that the core (rank <= 7) includes
nothing that prints or makes threads.

Usage: check_layers.py [REPOSITORY] | --self-test
"""
import pathlib
import re
import sys
import tempfile

CORE_RANK = 7
PRINTING = {"iostream", "ostream", "istream", "fstream", "sstream", "iomanip", "syncstream", "print", "cstdio", "stdio.h",
            "cassert", "assert.h", "csignal", "signal.h", "locale", "filesystem", "regex"}
THREADS = {"thread", "mutex", "future", "condition_variable", "semaphore", "shared_mutex", "stop_token", "pthread.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def read_rooms(repository):
    """({room: rank}, {public header: room})."""
    ranks, owners = {}, {}
    for line in (repository / "tools/rooms.txt").read_text().splitlines():
        name, rank, *headers = line.split("#")[0].split() or [None, 0]
        if name:
            ranks[name] = int(rank)
            owners.update({f"tconv/{header}.h": name for header in headers if header != "-"})
    return ranks, owners


def sources(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in {".h", ".cpp"})


def room_of_include(including, name, ranks, owners, repository):
    """The room that an #include "..." leads to, or None where no room owns it."""
    if name.startswith("tconv/"):
        return owners.get(name)
    if (including.parent / name).is_file():  # a sibling
        return room_of_file((including.parent / name).resolve(), owners, repository)
    first = name.split("/")[0]
    return first if first in ranks else None


def room_of_file(path, owners, repository):
    parts = path.relative_to(repository).parts
    if parts[0] == "include":
        return owners.get("/".join(parts[1:]))
    return parts[1] if parts[0] == "src" else parts[0]


def check(repository):
    """The list of complaints."""
    repository = repository.resolve()
    ranks, owners = read_rooms(repository)
    complaints = []
    for header in sorted(owners):
        if not (repository / "include" / header).is_file():
            complaints.append(f"tools/rooms.txt: {header} does not exist")
    for path in (path for folder in ("src", "cli", "lessons", "include") for path in sources(repository / folder)):
        where = path.relative_to(repository)
        room = room_of_file(path, owners, repository)
        if room not in ranks:
            complaints.append(f"{where}: belongs to no room; add it to tools/rooms.txt")
            continue
        for bracket, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            core = ranks[room] <= CORE_RANK
            if core and name in PRINTING:
                complaints.append(f"{where}: the core must not include <{name}>: it neither prints nor aborts")
            elif core and room != "runtime" and name in THREADS:
                complaints.append(f"{where}: only runtime/ may include <{name}>")
            elif bracket == '"':
                target = room_of_include(path, name, ranks, owners, repository)
                if target is None:
                    complaints.append(f'{where}: "{name}" belongs to no room in tools/rooms.txt')
                elif target != room and ranks[target] >= ranks[room]:
                    complaints.append(f'{where}: {room} (rank {ranks[room]}) must not include "{name}" of {target} '
                                      f"(rank {ranks[target]})")
                elif where.parts[0] == "include" and not name.startswith("tconv/"):
                    complaints.append(f'{where}: a public header must not include the private "{name}"')
    return complaints


def self_test():
    """A small tree with one fault of each kind: each has to be found, and nothing else."""
    rooms = "low 0 low\nleft 1 left\nright 1 -\nhigh 9 -\ncli 20 -\n"
    files = {
        "include/tconv/low.h": '#include <vector>\n#include "../../src/low/a.h"\n#include "low/a.h"\n',
        "include/tconv/left.h": '#include "tconv/low.h"\n',
        "include/tconv/stray.h": "",
        "src/low/a.h": '#include "tconv/left.h"\n',
        "src/left/b.cpp": '#include "tconv/left.h"\n#include "b.h"\n#include "low/a.h"\n'
                          '#include "right/c.h"\n#include <cstdio>\n',
        "src/left/b.h": "#include <thread>\n",
        "src/right/c.h": '#include "nowhere.h"\n',
        "src/high/d.cpp": '#include <cstdio>\n#include <thread>\n#include "right/c.h"\n',
        "cli/main.cpp": '#include <iostream>\n#include "high/d.h"\n#include "tconv/left.h"\n',
    }
    expected = ['must not include the private "../../src/low/a.h"', 'must not include the private "low/a.h"',
                "stray.h: belongs to no room",
                'src/low/a.h: low (rank 0) must not include "tconv/left.h"',
                'src/left/b.cpp: left (rank 1) must not include "right/c.h"', "src/left/b.cpp: the core",
                "src/left/b.h: only runtime/", '"nowhere.h" belongs to no room']
    with tempfile.TemporaryDirectory() as folder:
        repository = pathlib.Path(folder)
        for name, text in {"tools/rooms.txt": rooms, **files}.items():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            (repository / name).write_text(text)
        complaints = check(repository)
    missed = [e for e in expected if not any(e in c for c in complaints)]
    return ([f"self-test: not found: {e}" for e in missed] +
            ([f"self-test: {c}" for c in complaints] if len(complaints) != len(expected) else []))


def main():
    if sys.argv[1:] == ["--self-test"]:
        complaints = self_test()
    else:
        complaints = check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1]))
    print("\n".join(complaints) or "layers: every include leads down")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
