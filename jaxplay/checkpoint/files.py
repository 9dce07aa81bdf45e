"""Files that are written whole or not at all, and JSON data that carry a checksum of themselves."""

import json
import os
import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

DRAFT = ".draft"
"""Appended to the name of what is not finished."""
SEAL = "seal"
"""Key under which sealed data hold their checksum."""


class DamagedError(Exception):
    """A file that exists and does not hold what was written."""


def write_whole(path: Path, data: bytes | str) -> None:
    """Write a file, so that a reader finds the old content or the new one, whatever happens meanwhile.

    The data are on the disk when the file gets its name. A symbolic link of that name is replaced, not
    followed. The folder is made if it is missing.

    Raises:
        OSError: it cannot be written; a file that was there stays.
    """
    draft = path.with_name(path.name + DRAFT)
    try:
        path.parent.mkdir(exist_ok=True)
        draft.unlink(missing_ok=True)
        with draft.open("xb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def append_line(path: Path, text: str) -> None:
    """Append a line to a file. What a broken write left of a line is ended first, to spoil no other.

    Raises:
        OSError: it cannot be written, or `path` is a symbolic link.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o666), "ab") as file:
        end = os.lseek(file.fileno(), 0, os.SEEK_END)
        if end:
            os.lseek(file.fileno(), end - 1, os.SEEK_SET)
        whole = not end or os.read(file.fileno(), 1) == b"\n"
        file.write((b"" if whole else b"\n") + text.encode() + b"\n")


def seal(data: Mapping[str, Any]) -> str:
    """JSON text of `data` and of their checksum."""
    return json.dumps({**data, SEAL: _checksum(data)})


def unseal(text: str) -> dict[str, Any]:
    """The data that `seal` was given.

    Raises:
        DamagedError: the text is not what was written.
    """
    try:
        data = json.loads(text)
        right = data.pop(SEAL) == _checksum(data)
    except (ValueError, RecursionError) as error:
        raise DamagedError(first_line(error)) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedError("it is not what was written") from error
    if not right:
        raise DamagedError("it is not what was written")
    return data


def _checksum(data: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(data, sort_keys=True).encode())


def first_line(error: BaseException) -> str:
    """The system's words, where they are part of a longer message; else the first line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error) or type(error).__name__
    code = re.search(r"os_error_code='?([0-9]+)", text)
    return os.strerror(int(code.group(1))) if code else text.splitlines()[0][:200]
