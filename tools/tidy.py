#!/usr/bin/env python3
"""clang-tidy over src/, cli/, lessons/ and examples/, a file per core at a time, remembering what was clean.

A file is looked at again when it, something of ours that it includes, .clang-tidy or its compile command changed.
CI, which remembers nothing, joins the files of a room, so that what they include is looked at once; files that cannot
be joined, because they give one name to two things, are looked at alone. It has three minutes: it begins with another
room at every commit, says how many files it did not reach, and leaves the static analyzer, which looks at no file that
another includes, to developers.
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
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
IS_CI = os.environ.get("CI") == "true"
# CI has 25 minutes, and looks at what is shipped; `./dev lint` looks at everything.
FOLDERS = ("src", "cli", "lessons") if IS_CI else ("src", "cli", "lessons", "examples")
MOST_JOINED = 10
JOINING = "--checks=-bugprone-suspicious-include"
CI_SECONDS = 180
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


def run(database, path, *options):
    # GCC's own warnings mean nothing to it; what joins files includes them.
    options = [*options, "--quiet", "--extra-arg=-Wno-unknown-warning-option"]
    if "Unity" in path.parts:
        options.append(JOINING)
    return subprocess.run([CLANG_TIDY, *options, "-p", database, path], capture_output=True, text=True)


def tidy(path, build, clean, *options):
    """What clang-tidy says about a file; nothing where it is clean."""
    done = run(build, path, *options)
    if done.returncode == 0:
        clean.touch()
        return ""
    return done.stdout or done.stderr


def is_clean_joined(entries):
    """Whether clang-tidy says nothing about several files in one. If not: one may give a neighbour's name to something."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        joined = folder / "joined.cpp"
        joined.write_text("".join(f'#include "{entry["file"]}"\n' for entry in entries))
        command = entries[0]["command"].replace(entries[0]["file"], str(joined)) + " -Wno-shadow"
        database = [{"directory": entries[0]["directory"], "command": command, "file": str(joined)}]
        (folder / "compile_commands.json").write_text(json.dumps(database))
        can_be_joined = run(folder, joined, "--checks=-*,misc-definitions-in-headers").returncode == 0
        return can_be_joined and run(folder, joined, f"--config-file={REPOSITORY / '.clang-tidy'}", JOINING).returncode == 0


def tidy_group(group, build):
    """What clang-tidy says about files that are compiled alike: (entry, mark of being clean)."""
    if len(group) == 1:
        return [tidy(pathlib.Path(group[0][0]["file"]), build, group[0][1])]
    if not is_clean_joined([entry for entry, _ in group]):
        half = len(group) // 2
        return tidy_group(group[:half], build) + tidy_group(group[half:], build)
    for _, clean in group:
        clean.touch()
    return []


def groups_of(todo):
    """Lists of at most MOST_JOINED files of one folder that are compiled alike, the longest first."""
    alike = {}
    for entry, clean in todo:
        path = pathlib.Path(entry["file"])
        key = path.parent, re.sub(r" -o \S+ -c \S+", "", entry["command"]), path.name if "Unity" in path.parts else ""
        alike.setdefault(key, []).append((entry, clean))
    groups = []
    for group in alike.values():
        count = -(-len(group) // MOST_JOINED)
        groups += [group[len(group) * i // count : len(group) * (i + 1) // count] for i in range(count)]
    return sorted(groups, key=len, reverse=True)


def is_ours(path, build):
    """A source of FOLDERS, or several of them that CMake joined (TCONV_JOIN_SOURCES)."""
    if "Unity" in path.parts and path.is_relative_to(build):
        return path.relative_to(build).parts[0] in FOLDERS
    return path.is_relative_to(REPOSITORY) and path.relative_to(REPOSITORY).parts[0] in FOLDERS


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / "build/release").resolve()
    remembered = build / "tidy"
    remembered.mkdir(exist_ok=True)
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, text=True, check=True).stdout
    todo = []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if is_ours(path, build) and path.is_file():
            clean = remembered / fingerprint(path, version + entry["command"])
            if not clean.exists():
                todo.append((entry, clean))

    groups = groups_of(todo) if IS_CI else [[job] for job in todo]
    if IS_CI and groups:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True).stdout
        first = int(head[:8] or "0", 16) % len(groups)
        groups = groups[first:] + groups[:first]
    end, missed = time.monotonic() + CI_SECONDS, []

    def look(group):
        if IS_CI and time.monotonic() > end:
            missed.extend(group)
            return []
        return tidy_group(group, build)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = [answer for answers in pool.map(look, groups) for answer in answers]
    findings = [answer for answer in answers if answer]
    print("\n".join(findings) + f"clang-tidy: {len(todo) - len(missed)} files looked at, {len(findings)} with findings"
          + (f"; {len(missed)} more were not reached in {CI_SECONDS} seconds" if missed else ""))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
