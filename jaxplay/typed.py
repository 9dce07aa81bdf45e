"""A value of an annotated type, made from text or from Python: one reading for whatever a user sets.

`int`, `float`, `bool`, `str`, `None`, `Literal`, tuples and unions of these are understood;
`Annotated[int, Range(2, 26)]` bounds a number, and text in `Annotated` tells in words what is allowed. Values
of other types are left as they are.
"""

import operator
import types
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import numpy as np

from jaxplay.text import parse_bool, parse_float, parse_int

UNIONS = (Union, types.UnionType)


class Range(NamedTuple):
    """The numbers that `Annotated[int, Range(2, 26)]` takes.

    Attributes:
        least: the smallest number allowed.
        most: the greatest number allowed.
    """

    least: float
    most: float


def convert(value: Any, hint: Any) -> Any:
    """`value` as one of type `hint`.

    Args:
        value: text, or what the type calls for. Whole numbers are taken for `float`, but neither `9.0` nor
            `True` for `int`, nor 1 for `bool`; lists and NumPy arrays for tuples.
        hint: an annotation, with its extras.

    Raises:
        ValueError: it is none; `describe` tells what is.
    """
    for member in sorted(_members(hint), key=lambda member: member is str):  # text takes everything typed
        try:
            return _convert(value, member)
        except (ValueError, TypeError, OverflowError):
            continue
    raise ValueError(f"not {describe(hint)}")


def describe(hint: Any) -> str:
    """What is taken for `hint`, in words."""
    return " or ".join(map(_describe, _members(hint)))


def _members(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a union, or the one type."""
    return get_args(hint) if get_origin(hint) in UNIONS else (hint,)


def _convert(value: Any, hint: Any) -> Any:
    """`convert` for what is no union."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _within(convert(value, inner[0]), inner[1:])
    if origin is Literal:
        return _one_of(value, inner)
    if tuple in (hint, origin):
        return _to_tuple(value, inner)
    return _CONVERTERS.get(hint, lambda value: value)(value)


def _require(held: bool) -> None:
    if not held:
        raise ValueError


def _within(value: Any, extras: tuple[Any, ...]) -> Any:
    """`value`, if it is in each `Range` of `extras`."""
    for bounds in extras:
        if isinstance(bounds, Range):
            _require(bounds.least <= value <= bounds.most)
    return value


def _one_of(value: Any, allowed: tuple[Any, ...]) -> Any:
    for one in allowed:
        same = type(one) is type(value) and one == value
        if same or (isinstance(value, str) and str(one) == value.strip()):
            return one
    raise ValueError


def _read(value: Any, parser: Callable[[str], Any]) -> Any:
    """What `parser` makes of text, unless it takes none of it."""
    found = parser(value)
    _require(found is not None)
    return found


def _to_int(value: Any) -> int:
    if isinstance(value, str):
        return _read(value, parse_int)
    _require(not isinstance(value, bool | np.bool_))
    return operator.index(value)  # refuses 9.0


def _to_float(value: Any) -> float:
    if isinstance(value, str):
        return _read(value, parse_float)
    _require(isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool))
    number = float(value)
    _require(bool(np.isfinite(number)))
    return number


def _to_bool(value: Any) -> bool:
    if isinstance(value, str):
        return _read(value, parse_bool)
    _require(isinstance(value, bool | np.bool_))
    return bool(value)


def _to_text(value: Any) -> str:
    _require(isinstance(value, str))
    return str(value)


def _to_none(value: Any) -> None:
    _require(value is None or (isinstance(value, str) and value.strip().lower() == "none"))


def _to_tuple(value: Any, inner: tuple[Any, ...]) -> tuple[Any, ...]:
    """A tuple from a list, an array or a tuple, or from text such as `3-4-5` and `0.5;-1`."""
    if isinstance(value, str):
        _require(bool(inner) and inner[0] is not Any)
        parts = tuple(value.split(_separator(value, inner[0])))
    else:
        parts = _nested(value)
    if len(inner) == 2 and inner[1] is ...:
        inner = inner[:1] * len(parts)
    if not inner:
        return parts
    return tuple(convert(part, item) for part, item in zip(parts, inner, strict=True))


def _nested(value: Any) -> tuple[Any, ...]:
    """Nested lists and arrays as nested tuples, which can be hashed; a lone number as a tuple of one."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, int | float):
        return (value,)
    _require(isinstance(value, tuple | list))
    return tuple(_nested(part) if isinstance(part, tuple | list | np.ndarray) else part for part in value)


def _separator(text: str, item: Any) -> str:
    """What stands between the items of a tuple: `;`, or `-` between whole numbers that have no sign."""
    return "-" if _bare(item) is int and ";" not in text else ";"


def _bare(hint: Any) -> Any:
    """The type that `Annotated` bounds."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _describe(hint: Any) -> str:
    """`describe` for what is no union."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        words = [extra for extra in inner[1:] if isinstance(extra, str)]
        kind = ", whole numbers" if inner[0] is int else ""
        ranges = [f"{_number(r.least)} to {_number(r.most)}{kind}" for r in inner[1:] if isinstance(r, Range)]
        return " and ".join(words or ranges) or describe(inner[0])
    if origin is Literal:
        return ", ".join(map(str, inner))
    if tuple not in (hint, origin):
        return _WORDS.get(hint, getattr(hint, "__name__", str(hint)))
    if not inner or inner[0] is Any:
        return "nested tuples, from Python"
    return f"{describe(inner[0])}, with {_separator('', inner[0])} between them"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


_CONVERTERS: dict[Any, Callable[[Any], Any]] = {
    int: _to_int,
    float: _to_float,
    bool: _to_bool,
    str: _to_text,
    types.NoneType: _to_none,
    None: _to_none,
}
_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    types.NoneType: "none",
    None: "none",
    Any: "anything",
}
