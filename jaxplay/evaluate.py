"""The former name of `jaxplay.arena`; every name of it still works here, with a warning."""

import warnings
from typing import Any

import jaxplay.arena as _arena


def __getattr__(name: str) -> Any:
    """A name of `jaxplay.arena`."""
    if name.startswith("__"):
        raise AttributeError(name)
    value = getattr(_arena, name)
    warnings.warn("jaxplay.evaluate is jaxplay.arena now", DeprecationWarning, stacklevel=2)
    return value
