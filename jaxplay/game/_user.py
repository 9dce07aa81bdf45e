"""Code of a user's own: loaded by name, and whatever it raises told in one line.

A name such as `my_module:MyGame` is all that a command line has. Its module is imported; what it names is
called only where it is known to make games (`jaxplay.game._factory`).
"""

import importlib
import importlib.util
import io
import site
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jaxplay.errors import UserError, one_line, quoted

LONGEST = 300
"""Characters of an error's own message that are shown."""


def load(text: str) -> Any:
    """What a name `module:attribute` stands for; its module is imported, and cannot read standard input.

    Raises:
        UserError: no such name, or its module cannot be imported, whatever it raises (`__cause__` has that).
    """
    module, _, attribute = text.partition(":")
    if not attribute.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        raise UserError(f"no game {quoted(text)}; allowed: MODULE:NAME, such as my_module:MyGame")
    with user_code(f"no game {quoted(text)}", spare=KeyboardInterrupt), _without_input():
        return getattr(_import(module), attribute)


@contextmanager
def user_code(what: str, *, spare: type[BaseException] = UserError) -> Iterator[None]:
    """Turn what a user's code raises, `exit()` too, into a `UserError` of one line.

    Args:
        what: how the line begins; file and line, the kind of the error and its message follow.
        spare: errors of this kind, and a keyboard's interrupt, are left as they are.
    """
    try:
        yield
    except (spare, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        told = ": ".join(filter(None, [what, place(error), type(error).__name__, _message(error)]))
        raise UserError(told) from error


def _import(module: str) -> Any:
    """The module; Python does not tell where in a file a null byte stands, so that is done here."""
    try:
        return importlib.import_module(module)
    except (SyntaxError, ValueError) as error:
        spec = importlib.util.find_spec(module) if "null byte" in str(error) else None
        if spec is None or spec.origin is None:
            raise
        before, null, _ = Path(spec.origin).read_bytes().partition(b"\0")
        place = (spec.origin, before.count(b"\n") + 1, None, None)
        raise (SyntaxError("a null byte", place) if null else error) from error


def _message(error: BaseException) -> str:
    """What an error says, on one line."""
    try:
        if isinstance(error, SystemExit):
            return (
                "exit was called" if error.code is None else f"exit was called: {one_line(str(error.code))}"
            )
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # noqa: BLE001 the error is the user's own, too
        return ""
    return one_line(text)[:LONGEST]


def place(error: BaseException) -> str:
    """File and line of the user's code where `error` came from; empty where none is known."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}, line {error.lineno or 1}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if _is_user_file(frame.filename):
            return f"{Path(frame.filename).name}, line {frame.lineno}"
    return ""


def _is_user_file(name: str) -> bool:
    """Whether a file is neither Python's, nor installed, nor this package's."""
    if name.startswith("<"):
        return False
    path = Path(name).resolve()
    return not any(path.is_relative_to(folder) for folder in _foreign_folders())


def _foreign_folders() -> list[Path]:
    package = Path(__file__).resolve().parent.parent
    folders = [sysconfig.get_paths()[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    installed = (Path(name).resolve() for name in (*folders, *site.getsitepackages()))
    ours = [package, package.parent / "games", package.parent / "benchmarks"]
    return [*ours, *installed]


class _NoInput(io.TextIOBase):
    """Standard input of a module that is imported for its game: whoever reads it is told not to."""

    def _refuse(self, *_: Any) -> Any:
        raise OSError("a module with a game may not read standard input when it is imported")

    read = readline = readlines = __next__ = fileno = _refuse  # pyright: ignore[reportAssignmentType]


@contextmanager
def _without_input() -> Iterator[None]:
    before, sys.stdin = sys.stdin, _NoInput()
    try:
        yield
    finally:
        sys.stdin = before
