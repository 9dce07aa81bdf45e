"""One process at a time writes a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jaxplay.errors import UserError

LOCK_FILE = ".lock"

try:
    import fcntl
except ImportError:  # a system without file locks
    fcntl = None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the run in `folder`; the system lets go of it when the process ends, however it does.

    Raises:
        UserError: another process holds it, or the folder cannot be written.
    """
    if fcntl is None:
        yield
        return
    try:
        file = (folder / LOCK_FILE).open("w")
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(f"{folder} is in use by another process") from error
        yield
