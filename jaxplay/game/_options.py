"""Options of games: which there are, of which types, and their values from text or from Python.

The options of a dataclass are its fields, those of a function its parameters; annotations give their types
(`jaxplay.typed`).
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from jaxplay.errors import UserError, nearest, quoted
from jaxplay.typed import convert, describe


class Option(NamedTuple):
    """One option of a game.

    Attributes:
        hint: its type.
        required: whether it must be given.
    """

    hint: Any
    required: bool


Options = Mapping[str, Option] | None
"""The options of a game by name; None where it takes any, by `**options`."""


def find_options(factory: Callable[..., Any], fixed: Iterable[str] = ()) -> Options:
    """The options of what makes a game.

    Args:
        factory: a dataclass, or another callable.
        fixed: parameters that are no options, since the name of the game gives their values.
    """
    if dataclasses.is_dataclass(factory):
        hints = field_hints(factory)
        return {
            field.name: Option(hints[field.name], _is_required(field))
            for field in dataclasses.fields(factory)
            if field.init and field.name not in fixed
        }
    found: dict[str, Option] = {}
    for name, parameter in inspect.signature(factory).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            return None
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY) and name not in fixed:
            found[name] = Option(_parameter_hint(factory, parameter), parameter.default is parameter.empty)
    return found


def read_options(owner: str, known: Options, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of options, of the types that their game says.

    Args:
        owner: name of the game, for messages.
        known: its options.
        given: the values by name, as text or as they are.

    Raises:
        UserError: no such option, one that is missing, or a value that is not allowed.
    """
    if known is None:
        return dict(given)
    for name in given:
        if name not in known:
            allowed = nearest(name, known) if known else "; it has none"
            raise UserError(f"{owner} has no option {quoted(name)}{allowed}")
    for name, option in known.items():
        if option.required and name not in given:
            raise UserError(f"{owner} needs the option {name}; allowed: {describe(option.hint)}")
    return {name: read_option(owner, name, value, known[name].hint) for name, value in given.items()}


def read_option(owner: str, name: str, value: Any, hint: Any) -> Any:
    """One option's value, of the type `hint`.

    Raises:
        UserError: it is not allowed; the message names `owner` and `name`.
    """
    try:
        return convert(value, hint)
    except ValueError:
        names = get_args(hint) if get_origin(hint) is Literal else ()
        near = nearest(value, map(str, names)) if names and isinstance(value, str) else ""
        raise UserError(f"{owner}: {name}={quoted(value)}{near or f'; allowed: {describe(hint)}'}") from None


def check_fields(game: Any) -> None:
    """Give the fields of a game, a frozen dataclass, the types that it says they have.

    Raises:
        UserError: a value is not allowed.
    """
    hints = field_hints(type(game))
    for field in dataclasses.fields(game):
        if field.init:
            given, hint = getattr(game, field.name), hints[field.name]
            value = read_option(game_name(type(game)), field.name, given, hint)
            object.__setattr__(game, field.name, value)


def game_name(kind: type) -> str:
    """What messages call the games of a class: the name of its file where it is one of this package."""
    package, _, module = kind.__module__.rpartition(".")
    return module if package == "jaxplay.games" else kind.__qualname__


@functools.cache
def field_hints(kind: Any) -> dict[str, Any]:
    """The type of each field of a dataclass; Any where its annotation cannot be resolved."""
    hints = _hints(kind)
    return {field.name: hints.get(field.name, Any) for field in dataclasses.fields(kind)}


def _hints(annotated: Any) -> dict[str, Any]:
    """The annotations of a class or function, none where they cannot be resolved."""
    try:
        return get_type_hints(annotated, include_extras=True)
    except Exception:  # noqa: BLE001 an annotation may be any text of a user's
        return {}


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _parameter_hint(factory: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The type of a parameter: as annotated, else that of its default."""
    function = factory.func if isinstance(factory, functools.partial) else factory
    function = getattr(function, "__init__") if inspect.isclass(function) else function
    simple = isinstance(parameter.default, bool | int | float | str)
    return _hints(function).get(parameter.name, type(parameter.default) if simple else Any)
