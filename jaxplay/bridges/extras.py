"""Modules that are not always installed."""

import importlib
from types import ModuleType

from jaxplay.errors import UserError


def require_module(name: str, extra: str) -> ModuleType:
    """The module, imported.

    Args:
        name: of the module.
        extra: of this package, which brings it.

    Raises:
        UserError: it is not installed; the message names the extra.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(f"{name} is not installed: pip install 'jaxplay[{extra}]'") from error
