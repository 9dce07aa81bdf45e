"""One process at a time writes a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jaxplay.checkpoint.files import first_line
from jaxplay.errors import UserError

LOCK_FILE = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the run in `folder`. The system releases the lock when the process ends, however it ends.

    A lock file that is a symbolic link is refused: it could point out of the run.

    Raises:
        UserError: another process holds the run, or its lock file cannot be opened.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK_FILE)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise UserError(f"{folder} is in use by another process") from error
    except (OSError, NotImplementedError) as error:
        link = (folder / LOCK_FILE).is_symlink()
        reason = "it is a symbolic link" if link else first_line(error)
        raise UserError(f"cannot lock {folder / LOCK_FILE}: {reason}") from error
    try:
        yield
    finally:
        lock.release()
