"""Text to a value of an annotated type, and back: one option of a typed configuration."""

import dataclasses
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from jaxplay.config.data import alternatives, kind_of
from jaxplay.config.kinds import members
from jaxplay.errors import UserError, nearest, quoted
from jaxplay.text import parse_float, parse_int

TRUTH = {"true": True, "false": False}
NONE = "none"


def expected(hint: Any) -> str:
    """What may be written for `hint`, as help and errors show it."""
    return "|".join(_expected(member) for member in members(hint))


def _expected(member: Any) -> str:
    if member is type(None):
        return NONE
    if member is bool:
        return "|".join(TRUTH)
    if dataclasses.is_dataclass(member):
        return next(iter(alternatives(member)))
    if get_origin(member) is Literal:
        return "|".join(map(str, get_args(member)))
    if get_origin(member) is tuple:
        first, *rest = (expected(item) if item is not ... else "..." for item in get_args(member))
        return ",".join([first, *rest])
    return "TEXT" if member is str else member.__name__.upper()


def show(value: Any) -> str:
    """The text that `parse` reads as `value`."""
    if dataclasses.is_dataclass(value):
        return kind_of(value)
    if isinstance(value, tuple):
        return ",".join(map(show, value))
    if value is None:
        return NONE
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse(text: str, hint: Any, name: str) -> Any:
    """The value that `text` stands for.

    Args:
        text: As written on the command line.
        hint: One of int, float, str, bool, None, `Literal`, tuples of these, dataclasses, and unions of all.
        name: Name of the option, for the message.

    Raises:
        UserError: `text` is none of what `hint` allows.
    """
    for member in sorted(members(hint), key=lambda member: member is str):
        try:
            return _reader(member)(text)
        except (ValueError, KeyError):
            continue
    classes = alternatives(hint)
    if classes:
        raise UserError(f"{name} is {quoted(text)}{nearest(text, classes)}")
    raise UserError(f"{name} is {quoted(text)}; allowed: {expected(hint)}")


def _reader(member: Any) -> Callable[[str], Any]:
    if member is type(None):
        return {NONE: None}.__getitem__
    if member is bool:
        return TRUTH.__getitem__
    if dataclasses.is_dataclass(member):
        return lambda text: alternatives(member)[text]()
    if get_origin(member) is Literal:
        return {str(value): value for value in get_args(member)}.__getitem__
    if get_origin(member) is tuple:
        return lambda text: _parse_tuple(text, get_args(member))
    parser = {int: parse_int, float: parse_float}.get(member)
    return member if parser is None else _read(parser)


def _read(parser: Callable[[str], Any]) -> Callable[[str], Any]:
    def reader(text: str) -> Any:
        value = parser(text)
        if value is None:
            raise ValueError
        return value

    return reader


def _parse_tuple(text: str, items: tuple[Any, ...]) -> tuple[Any, ...]:
    parts = text.split(",") if text else []
    if items[-1] is ...:
        items = items[:1] * len(parts)
    return tuple(parse(part, item, part) for part, item in zip(parts, items, strict=True))
