#!/usr/bin/env python3
"""Checks that no source file is longer than 500 lines. Usage: check_length.py [REPOSITORY] | --self-test"""
import pathlib
import subprocess
import sys
import tempfile

LIMIT = 500
SUFFIXES = {".cpp", ".h", ".py", ".sh", ".cmake"}
NAMES = {"dev", "CMakeLists.txt"}


def files(repository):
    """What git tracks or would track; every file where the sources came without git."""
    listing = subprocess.run(["git", "-C", repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, text=True)
    if listing.returncode == 0:
        return [repository / name for name in listing.stdout.split("\0") if name]
    return [path for path in repository.rglob("*") if path.relative_to(repository).parts[0] != "build"]


def check(repository):
    complaints = []
    for path in files(repository):
        if path.is_file() and (path.suffix in SUFFIXES or path.name in NAMES):
            lines = len(path.read_bytes().splitlines())
            if lines > LIMIT:
                complaints.append(f"{path.relative_to(repository)}: {lines} lines; split it, {LIMIT} are allowed")
    return complaints


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        repository = pathlib.Path(folder)
        for name, lines in {"long.cpp": 501, "fits.cpp": 500, "long.txt": 501, "build/long.cpp": 501}.items():
            (repository / name).parent.mkdir(exist_ok=True)
            (repository / name).write_text("\n" * lines)
        found = check(repository)
    return [] if len(found) == 1 and found[0].startswith("long.cpp: 501") else [f"self-test: found {found}"]


def main():
    if sys.argv[1:] == ["--self-test"]:
        complaints = self_test()
    else:
        complaints = check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1]).resolve())
    print("\n".join(complaints) or f"length: no source file is over {LIMIT} lines")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
