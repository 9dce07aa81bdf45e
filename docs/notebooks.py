"""Runs notebooks as they stand and keeps what they show: `python docs/notebooks.py [NAME...]`.

Without names: all. Needs the `test` extra. The pictures want to be looked at before they are committed.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
KEPT = ("kernelspec", "language_info")
"""Metadata of a notebook that are kept; what a widget left behind is not."""


os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # XLA's remarks on a slow machine are none of the notebook's


def main(names: list[str]) -> None:
    """Run each from top to bottom in a folder of its own, and write it."""
    for path in [FOLDER / f"{name}.ipynb" for name in names] or sorted(FOLDER.glob("*.ipynb")):
        began = time.monotonic()
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            NotebookClient(notebook, timeout=3600, resources={"metadata": {"path": folder}}).execute()
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        for name in set(notebook.metadata) - {*KEPT}:
            del notebook.metadata[name]
        nbformat.write(notebook, path)
        sys.stderr.write(f"{path.name}: {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main(sys.argv[1:])
