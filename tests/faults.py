"""What goes wrong on purpose: disks without room, folders that may not be written."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
"""A user who owns nothing."""


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes: as on a full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


@contextmanager
def rights(mode: int, *folders: Path) -> Iterator[None]:
    """The folders have this mode, and this process the rights of a user who does not own them, if it can."""
    root = os.geteuid() == 0
    paths = [path for path in (*folders, *folders[0].parents) if path.stat().st_uid == os.geteuid()]
    old = {path: path.stat().st_mode for path in paths}
    try:
        for path in paths:
            path.chmod(mode if path in folders else old[path] | 0o111)
        if root:
            os.seteuid(NOBODY)
        yield
    finally:
        if root:
            os.seteuid(0)
        for path, old_mode in old.items():
            path.chmod(old_mode)
