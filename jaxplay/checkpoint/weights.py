"""Parameters as a safetensors file, which many programs read: named arrays, and facts about them.

The format has no checksum, so the file's metadata carries two: of the facts and of all arrays.
"""

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jaxplay.checkpoint.files import DamagedError, first_line, seal, unseal, write_whole
from jaxplay.checkpoint.leaves import Named, check_shapes, from_host, shapes, to_host
from jaxplay.errors import UserError

SUFFIX = ".safetensors"
METADATA = "jaxplay"
"""Key of the file's metadata under which all of ours stands as one JSON text."""


def export_weights(path: Path, params: Any, facts: Mapping[str, Any] | None = None) -> None:
    """Write parameters to a file that any reader of safetensors loads.

    Args:
        path: of the file, replaced if there is one.
        params: a tree of arrays, on a device or not; an array is named by its path, such as `stem.kernel`.
        facts: JSON data to keep with them.

    Raises:
        UserError: it cannot be written. Nothing is left of it then.
    """
    try:
        write_whole(path, encode(to_host(params), facts or {}))
    except OSError as error:
        raise UserError(f"cannot write {path}: {first_line(error)}") from error


def import_weights(path: Path, abstract: Any) -> tuple[dict[str, Any], Any]:
    """The facts and the parameters that `export_weights` wrote.

    Args:
        path: of the file.
        abstract: what `jax.eval_shape` says of the parameters.

    Raises:
        UserError: the file cannot be read, is damaged, or does not fit `abstract`.
    """
    try:
        facts, arrays = decode(path)
    except DamagedError as error:
        raise UserError(f"cannot read {path}: {error}") from error
    check_shapes(shapes(arrays), shapes(abstract), str(path))
    return facts, from_host(arrays, abstract)


def encode(arrays: Named, facts: Mapping[str, Any]) -> bytes:
    """The bytes of a file; equal arguments give equal bytes."""
    from safetensors.numpy import save

    about = seal({"facts": dict(facts), "shapes": shapes(arrays), "crc32": _checksum(arrays)})
    return save({name: np.asarray(x, order="C") for name, x in arrays.items()}, {METADATA: about})


def decode(path: Path, *, whole: bool = True) -> tuple[dict[str, Any], Named]:
    """The facts and, if `whole`, the arrays of a file.

    Raises:
        DamagedError: it cannot be read, is not what was written, or was not written by `encode`.
    """
    from safetensors import safe_open

    try:
        with safe_open(str(path), "numpy") as file:
            about = _about(file.metadata())
            facts, wanted, crc = about["facts"], about["shapes"], about["crc32"]
            arrays = {name: file.get_tensor(name) for name in wanted} if whole else {}
    except DamagedError:
        raise
    except Exception as error:
        raise DamagedError(first_line(error)) from error
    if whole and (shapes(arrays) != wanted or _checksum(arrays) != crc):
        raise DamagedError("its arrays are not what was written")
    return facts, arrays


def _about(metadata: Mapping[str, str] | None) -> dict[str, Any]:
    """Our part of a file's metadata."""
    if not metadata or METADATA not in metadata:
        raise DamagedError("it was not written by jaxplay")
    return unseal(metadata[METADATA])


def _checksum(arrays: Named) -> int:
    """Of the names and bytes of all arrays."""
    crc = 0
    for name in sorted(arrays):
        crc = zlib.crc32(arrays[name].tobytes(), zlib.crc32(name.encode(), crc))
    return crc
