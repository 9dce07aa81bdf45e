"""Frozen players of format 1: a NumPy archive of arrays, one of which holds the facts as JSON."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from jaxplay.checkpoint.files import DamagedError, first_line
from jaxplay.checkpoint.leaves import Named, Shapes

SUFFIX = ".npz"
FORMAT = 1
ABOUT = "about"
PARAMS = "params."
"""Stands before the path of each array of parameters."""


def decode(path: Path, *, whole: bool = True) -> tuple[dict[str, Any], Named]:
    """The facts and, if `whole`, the arrays of a file. Its checksums, which zip archives have, are compared.

    Raises:
        DamagedError: it cannot be read, whatever is the matter with it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if f"{ABOUT}.npy" not in archive.namelist():
                raise DamagedError("it holds no frozen player")
            about = json.loads(_array(archive, ABOUT).tobytes())
            if about["format"] != FORMAT:
                raise DamagedError(f"it has format {about['format']}; this version reads {FORMAT}")
            return about["facts"], _params(archive, about["shapes"]) if whole else {}
    except DamagedError:
        raise
    except Exception as error:
        raise DamagedError(first_line(error)) from error


def _params(archive: zipfile.ZipFile, stored: Shapes) -> Named:
    """The arrays, in types too that the format has no name for, such as bfloat16."""
    arrays = {name: _array(archive, PARAMS + name) for name in stored}
    return {name: x.view(stored[name][1]) if x.dtype.kind == "V" else x for name, x in arrays.items()}


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """One array. Its bytes are all read first, because that compares the checksum."""
    return np.lib.format.read_array(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
