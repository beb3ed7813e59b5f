#!/usr/bin/env python3
"""clang-tidy over src/, cli/, lessons/ and examples/, a file per core at a time, remembering what was clean.

A file is looked at again when it, something of ours that it includes, .clang-tidy or its compile command changed.
Usage: tidy.py [BUILD] (build/release), whose compile_commands.json is read.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
# CI has 25 minutes, and looks at what is shipped; `./dev lint` looks at everything.
FOLDERS = ("src", "cli") if os.environ.get("CI") == "true" else ("src", "cli", "lessons", "examples")
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
CLANG_TIDY = "clang-tidy-19"


def closure(path, seen):
    """`path` and every file of this repository that it includes."""
    if path in seen:
        return seen
    seen.add(path)
    for name in INCLUDE.findall(path.read_bytes()):
        for folder in (path.parent, REPOSITORY / "src", REPOSITORY / "include"):
            file = pathlib.Path(os.path.normpath(folder / name.decode()))
            if file.is_file():
                closure(file, seen)
                break
    return seen


def fingerprint(path, command):
    digest = hashlib.sha256(command.encode())
    for file in [REPOSITORY / ".clang-tidy", *path.parent.glob(".clang-tidy"), *sorted(closure(path, set()))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def tidy(path, build, clean):
    """What clang-tidy says about a file; nothing where it is clean."""
    done = subprocess.run([CLANG_TIDY, "--quiet", "-p", build, path], capture_output=True, text=True)
    if done.returncode == 0:
        clean.touch()
        return ""
    return done.stdout or done.stderr


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / "build/release").resolve()
    remembered = build / "tidy"
    remembered.mkdir(exist_ok=True)
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, text=True, check=True).stdout
    todo = []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        ours = path.is_relative_to(REPOSITORY) and path.relative_to(REPOSITORY).parts[0] in FOLDERS
        if ours and path.is_file():
            clean = remembered / fingerprint(path, version + entry["command"])
            if not clean.exists():
                todo.append((path, clean))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(lambda job: tidy(job[0], build, job[1]), todo))
    findings = [answer for answer in answers if answer]
    print("\n".join(findings) + f"clang-tidy: {len(todo)} files looked at, {len(findings)} with findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
