"""What went wrong, in one line: a command's own errors, those of a user's module, and ours.

| what                                         | line on standard error                     | status |
|----------------------------------------------|--------------------------------------------|-------:|
| something typed that is not allowed          | what, and what is allowed                  |      2 |
| a user's module that fails, or calls `exit`  | file, line and error                       |      2 |
| a file, a folder or memory that there is not | which                                      |      2 |
| anything else: a mistake in jaxplay          | `internal error`, and a request to report  |      1 |
| Ctrl-C; nobody who reads on                  | none                                       | 130; 1 |

`--verbose` prints the traceback above the line.
"""

import os
import sys
import traceback
from typing import NamedTuple

from jaxplay.errors import UserError, one_line, quoted

INTERNAL, USER_ERROR, INTERRUPTED = 1, 2, 130
LONGEST = 1000
"""Characters that the line has at most."""


class Done(SystemExit):
    """A command that has said all it has to say, such as its help."""


class Failure(NamedTuple):
    """What is said of an error.

    Attributes:
        line: What is printed; None where nothing is.
        status: Exit status of the process.
    """

    line: str | None
    status: int


def report(error: BaseException, *, verbose: bool) -> int:
    """Print what is to be said of `error`; returns the exit status."""
    line, status = _judge(error)
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: say no more
    if line is not None:
        if verbose:
            traceback.print_exception(error)
        print(shortened(line), file=sys.stderr)
    return status


def shortened(line: str) -> str:
    """`line` with what cannot be printed escaped, and its middle left out where it is too long."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"


def _judge(error: BaseException) -> Failure:
    if isinstance(error, Done):
        return Failure(None, int(error.code or 0))
    if isinstance(error, KeyboardInterrupt):
        return Failure(None, INTERRUPTED)
    if isinstance(error, BrokenPipeError):
        return Failure(None, INTERNAL)
    if isinstance(error, UserError):
        return Failure(f"jaxplay: error: {error}", USER_ERROR)
    told = f"{type(error).__name__}: {one_line(str(error))}".removesuffix(": ")
    place = _user_place(error)
    if place:
        return Failure(f"jaxplay: error: {place}: {told}; --verbose shows the traceback", USER_ERROR)
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in told:
        return Failure(f"jaxplay: error: not enough memory ({told}); smaller sizes need less", USER_ERROR)
    if isinstance(error, OSError) and error.strerror:
        where = f"{quoted(str(error.filename))}: " if error.filename else ""
        return Failure(f"jaxplay: error: {where}{error.strerror}", USER_ERROR)
    return Failure(f"jaxplay: internal error: {told}; please report it, with what --verbose shows", INTERNAL)


def _user_place(error: BaseException) -> str:
    """File and line of a user's module where `error` came from; empty where none took part."""
    if "jaxplay.game" not in sys.modules:  # nobody has loaded any
        return ""
    from jaxplay.game._user import place

    return place(error)
