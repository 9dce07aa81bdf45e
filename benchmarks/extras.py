"""Other libraries, which benchmarks are measured beside."""

from importlib import import_module
from typing import Any

from jaxplay.errors import UserError


def peer(module: str) -> Any:
    """A module of the extra `peers`.

    Raises:
        UserError: it is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        library = module.partition(".")[0]
        raise UserError(f"{library} is not installed: pip install 'jaxplay[peers]'") from error
