"""docs/guide/python.ipynb does again what it shows: every cell is run, and every text that was printed is printed again."""
import os
import pathlib
import re

import pytest

pytestmark = pytest.mark.slow
REPOSITORY = pathlib.Path(os.environ.get("TCONV_REPOSITORY") or pathlib.Path(__file__).resolve().parents[2])


def said(cell):
    """Texts and kinds of what a cell shows; what a plan decides is the machine's own."""
    texts = ["".join(each.get("text", "")) or each.get("data", {}).get("text/plain", "") for each in cell.outputs]
    texts = [re.sub(r"<tconv.Plan ('[^']*'): \w+", r"<tconv.Plan \1", text) for text in texts]
    return texts, [sorted(each.get("data", {})) for each in cell.outputs]


def test_the_notebook_does_it_again(tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("matplotlib")
    kept = nbformat.read(REPOSITORY / "docs" / "guide" / "python.ipynb", as_version=4)
    nbformat.validate(kept)
    anew = nbformat.reads(nbformat.writes(kept), as_version=4)
    nbclient.NotebookClient(anew, timeout=120, kernel_name="python3",
                            resources={"metadata": {"path": str(tmp_path)}}).execute()
    cells = [(a, b) for a, b in zip(kept.cells, anew.cells) if a.cell_type == "code"]
    assert len(cells) > 12 and all(a.execution_count for a, _ in cells)
    for before, after in cells:
        assert said(before) == said(after), before.source
    pictures = sum("image/png" in kinds for cell, _ in cells for kinds in said(cell)[1])
    assert pictures >= 5
    assert any("text/html" in kinds for cell, _ in cells for kinds in said(cell)[1])  # the plan as a table
