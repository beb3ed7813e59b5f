#!/usr/bin/env python3
"""Checks that what the documents show is true: README.md, other *.md beside it, and docs/**/*.md.

Usage: check_docs.py --static [REPOSITORY] | --program PATH/tconv [--examples FOLDER] [--update] [REPOSITORY] | --self-test

```cpp       follows <!-- from examples/FILE.cpp#REGION --> and equals what stands in that compiled file between
             // [REGION] and // [/REGION], less its indentation.
```console   a transcript: `$ command` lines, each followed by what it prints (stdout and stderr). It is run by bash in a
             fresh folder (one for the whole document, with a link to the repository's assets/), tconv first on PATH,
             then FOLDER with the programs made of examples/; $TCONV_REPO names the repository. A line `…` stands for any
             lines, `…` inside a line for any text; a status other than 0 is written as a last line `[exit 2]`; a
             command goes on after a `\\`. Not with --static.
Either is left alone after <!-- not run: REASON -->.
![…](…/drawn/F.svg) is a picture that a transcript of the same document makes: a command writes F.svg, and what it writes
             is what is stored, byte for byte. --update stores it; look at it before a commit.
Links to files and #headings of this repository must lead somewhere.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

FENCE = re.compile(r"^(\s*)(```+)\s*([\w+-]*)")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)|<(?:img|source|a)[^>]*\b(?:src|srcset|href)=\"([^\"]+)\"")
TIMEOUT_SECONDS = 120


class Block:
    """A fenced block: language, text lines, where it is, and the HTML comment above it."""

    def __init__(self, where, language, comment):
        self.where, self.language, self.comment, self.lines = where, language, comment, []


def parse(path, name):
    """(blocks, the lines outside of them)."""
    blocks, prose, fence, above = [], [], None, ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark = FENCE.match(line)
        if fence and mark and mark[2] == fence and line.strip() == fence:
            fence = None
        elif fence:
            blocks[-1].lines.append(line.removeprefix(indent))
        elif mark:
            indent, fence = mark[1], mark[2]
            comment = re.fullmatch(r"<!--\s*(.*?)\s*-->", above.strip())
            blocks.append(Block(f"{name}:{number}", mark[3], comment[1] if comment else ""))
        else:
            prose.append((number, line))
        if line.strip():
            above = line
    return blocks, prose


def check_region(block, repository):
    """A cpp block against its region."""
    source = re.fullmatch(r"from (\S+\.(?:cpp|h|c))#(\w+)", block.comment)
    if not source:
        return f"{block.where}: a cpp block follows <!-- from examples/FILE.cpp#REGION -->"
    file, region = repository / source[1], source[2]
    if not file.is_file():
        return f"{block.where}: {source[1]} does not exist"
    text = re.search(rf"^\s*// \[{region}\]\n(.*?)^\s*// \[/{region}\]$", file.read_text(encoding="utf-8"), re.M | re.S)
    if not text:
        return f"{block.where}: {source[1]} has no region // [{region}] … // [/{region}]"
    expected = re.sub(r"^\s*// \[/?\w+\]\n", "", textwrap.dedent(text[1]), flags=re.M)
    if expected.strip("\n") != "\n".join(block.lines).strip("\n"):
        return f"{block.where}: differs from {source[1]}#{region}, which says\n{textwrap.indent(expected, '    ')}"
    return None


def split_transcript(block):
    """[(command, expected lines)], or None where it does not begin with a command."""
    steps, continues = [], False
    for line in block.lines:
        if continues:
            steps[-1][0] += "\n" + line
        elif line.startswith("$ "):
            steps.append([line[2:], []])
        elif not steps:
            return None
        else:
            steps[-1][1].append(line)
        continues = (continues or line.startswith("$ ")) and line.endswith("\\")
    return steps


def matches(expected_lines, output):
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line).replace("…", ".*") + "\n"
                      for line in expected_lines)
    return re.fullmatch(pattern, output) is not None


def run_transcript(block, folder, environment):
    complaints = []
    for command, expected in split_transcript(block):
        try:
            done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            complaints.append(f"{block.where}: $ {command}\nran over {TIMEOUT_SECONDS} seconds")
            continue
        output = done.stdout.decode("utf-8", "replace")
        if output and not output.endswith("\n"):
            output += "\n"
        if done.returncode:
            output += f"[exit {done.returncode}]\n"
        if not matches(expected, output):
            complaints.append(f"{block.where}: $ {command}\n  the document says\n" +
                              "".join(f"    {line}\n" for line in expected) + "  it prints\n" +
                              textwrap.indent(output, "    "))
    return complaints


def check_pictures(path, name, prose, folder, updates):
    """Stored pictures against what the document's commands have written into the folder."""
    complaints = []
    for number, line in prose:
        for target in (a or b for a, b in LINK.findall(re.sub(r"`[^`]*`", "", line))):
            stored = (path.parent / target).resolve()
            if stored.parent.name != "drawn":
                continue
            made = pathlib.Path(folder, stored.name)
            if not made.is_file():
                complaints.append(f"{name}:{number}: no command of this document makes {stored.name}")
            elif updates:
                stored.parent.mkdir(parents=True, exist_ok=True)
                stored.write_bytes(made.read_bytes())
            elif not stored.is_file() or stored.read_bytes() != made.read_bytes():
                complaints.append(f"{name}:{number}: {target} is not what its command makes now: look at both, then "
                                  f"check_docs.py --program … --update stores the new one")
    return complaints


def drawn_links(path):
    """The stored pictures that a document shows."""
    for _, line in parse(path, "")[1]:
        for a, b in LINK.findall(line):
            stored = (path.parent / (a or b)).resolve()
            if stored.parent.name == "drawn":
                yield stored


def headings(path):
    """The #anchors that GitHub makes of a document's headings."""
    found = set()
    for _, line in parse(path, "")[1]:
        if line.startswith("#"):
            slug = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
            found.add(slug if slug not in found else f"{slug}-1")
    return found


def check_links(path, name, prose, repository):
    complaints = []
    for number, line in prose:
        for target in (a or b for a, b in LINK.findall(re.sub(r"`[^`]*`", "", line))):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            leads_to = (path.parent / file).resolve() if file else path
            if not leads_to.exists() or repository not in leads_to.parents and leads_to != repository:
                complaints.append(f"{name}:{number}: nothing at {target}")
            elif anchor and leads_to.suffix == ".md" and anchor not in headings(leads_to):
                complaints.append(f"{name}:{number}: {file or name} has no heading #{anchor}")
    return complaints


def check(repository, program=None, examples=None, report=print, updates=False):
    """The list of complaints; transcripts are run where a program is given, and pictures compared or stored."""
    repository = repository.resolve()
    complaints, shown = [], {"cpp": 0, "console": 0, "not run": 0}
    documents = sorted([*repository.glob("*.md"), *repository.glob("docs/**/*.md")])
    for path in documents:
        name = str(path.relative_to(repository))
        blocks, prose = parse(path, name)
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(repository / "assets", pathlib.Path(folder, "assets"))
            environment = {**os.environ, "TCONV_REPO": str(repository), "LC_ALL": "C.UTF-8", "HOME": folder}
            if program:
                first = [str(path.resolve()) for path in (program.parent, examples) if path]
                environment["PATH"] = ":".join([*first, environment["PATH"]])
            for block in blocks:
                if block.language not in ("cpp", "console"):
                    continue
                skipped = re.fullmatch(r"not run: (.+)", block.comment)
                shown["not run" if skipped else block.language] += 1
                if skipped:
                    report(f"{block.where}: not run: {skipped[1]}")
                elif block.language == "cpp":
                    complaints += filter(None, [check_region(block, repository)])
                elif split_transcript(block) is None:
                    complaints.append(f"{block.where}: a transcript begins with a line `$ command`")
                elif program:
                    complaints += run_transcript(block, folder, environment)
            if program:
                complaints += check_pictures(path, name, prose, folder, updates)
        complaints += check_links(path, name, prose, repository)
    shown_pictures = {link for path in documents for link in drawn_links(path)}
    for stored in sorted(repository.glob("docs/**/drawn/*")):
        if stored not in shown_pictures:
            complaints.append(f"{stored.relative_to(repository)}: no document shows it")
    report(f"docs: {shown['cpp']} code blocks, {shown['console']} transcripts{'' if program else ' (not run)'}, "
           f"{shown['not run']} left alone")
    return complaints


GOOD = """# A title, with `code`
[here](#a-title-with-code) [file](docs/x.md) [web](https://example.org)
<!-- from examples/a.cpp#one -->
```cpp
int one;
```
```console
$ echo a; echo b >&2; (exit 3)
a
b
[exit 3]
$ seq 5 > f; \\
  cat f
1
…
5
$ example_ran
from examples
$ echo took 3.2 ms
took … ms
```
```console
$ cat f | head -n 1
1
$ echo '<svg/>' > one.svg
```
![one](docs/drawn/one.svg)
<!-- not run: needs a network -->
```console
$ false
```
"""
BAD = {
    "differs from": "<!-- from examples/a.cpp#one -->\n```cpp\nint two;\n```\n",
    "has no region": "<!-- from examples/a.cpp#three -->\n```cpp\nint one;\n```\n",
    "does not exist": "<!-- from examples/b.cpp#one -->\n```cpp\nint one;\n```\n",
    "a cpp block follows": "```cpp\nint one;\n```\n",
    "the document says": "```console\n$ echo a\nb\n```\n",
    "[exit 1]": "```console\n$ false\n```\n",
    "begins with": "```console\necho a\n```\n",
    "nothing at": "[x](missing.md)\n",
    "no heading": "[x](docs/x.md#nowhere)\n",
    "no command of this document": "![one](docs/drawn/one.svg)\n",
    "not what its command makes": "```console\n$ echo '<svg />' > one.svg\n```\n![one](docs/drawn/one.svg)\n",
}


def self_test():
    """A good document passes; each bad one fails for its reason."""
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        repository = pathlib.Path(folder)
        for name, text in {"docs/x.md": "# X\n```console\n$ echo '<svg/>' > one.svg\n```\n![one](drawn/one.svg)\n",
                           "docs/drawn/one.svg": "<svg/>\n", "examples/a.cpp": "void f() {\n    // [one]\n    int one;\n    // [/one]\n}\n",
                           "bin/tconv": "", "examples/example_ran": "#!/bin/sh\necho from examples\n"}.items():
            (repository / name).parent.mkdir(exist_ok=True)
            (repository / name).write_text(text)
            (repository / name).chmod(0o755)
        for reason, text in {"": GOOD, **BAD}.items():
            (repository / "README.md").write_text(text, encoding="utf-8")
            found = check(repository, repository / "bin/tconv", repository / "examples", report=lambda text: None)
            if not (len(found) == 1 and reason in found[0]) if reason else found:
                complaints.append(f"self-test: {reason or 'good'}: {found}")
        (repository / "README.md").write_text(BAD["not what its command makes"])
        (repository / "docs/x.md").unlink()
        (repository / "docs/drawn/two.svg").write_text("<svg/>")
        found = check(repository, repository / "bin/tconv", report=lambda text: None, updates=True)
        if (repository / "docs/drawn/one.svg").read_text() != "<svg />\n" or len(found) != 1 or "two.svg: no doc" not in found[0]:
            complaints.append(f"self-test: --update and pictures that nobody shows: {found}")
    return complaints


def main(arguments):
    mode, *rest = arguments or [None]
    program = pathlib.Path(rest.pop(0)) if mode == "--program" and rest else None
    examples, updates = None, "--update" in rest
    if updates:
        rest.remove("--update")
    if program and rest[:1] == ["--examples"] and len(rest) > 1:
        examples, rest = pathlib.Path(rest[1]), rest[2:]
    if mode == "--self-test":
        complaints = self_test()
    elif mode == "--static" or program:
        complaints = check(pathlib.Path(rest[0] if rest else pathlib.Path(__file__).parents[1]), program, examples, updates=updates)
    else:
        sys.exit(__doc__)
    print("\n".join(complaints) or "docs: all true")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
