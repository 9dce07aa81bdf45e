"""Configurations as JSON data."""

import dataclasses
import types
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from jaxplay.errors import UserError, nearest

C = TypeVar("C")


def to_json(config: Any) -> Any:
    """Plain JSON data of a configuration; alternatives carry their `kind`."""
    if not dataclasses.is_dataclass(config):
        return [to_json(item) for item in config] if isinstance(config, tuple) else config
    kind = {"kind": getattr(config, "kind")} if hasattr(config, "kind") else {}
    return kind | {f.name: to_json(getattr(config, f.name)) for f in dataclasses.fields(config)}


def from_json(kind: type[C], data: Any, where: str = "config") -> C:
    """The configuration that `to_json` wrote. Fields that `data` lacks take their defaults.

    Raises:
        UserError: an unknown field, a value of the wrong type, or one that is not allowed.
    """
    if not isinstance(data, dict):
        raise UserError(f"{where} is {data!r}; allowed: an object")
    hints = get_type_hints(kind)
    known = {f.name for f in dataclasses.fields(kind)}  # pyright: ignore[reportArgumentType]
    unknown = sorted(set(data) - known - {"kind"})
    if unknown:
        raise UserError(f"{where} has no field {unknown[0]!r}{nearest(unknown[0], known)}")
    return kind(**{name: _value(hints[name], data[name], f"{where}.{name}") for name in known & set(data)})


def _value(hint: Any, data: Any, where: str) -> Any:
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    parts: dict[str, Any] = {_kind(o): o for o in options if dataclasses.is_dataclass(o)}
    if data is None and type(None) in options:
        return None
    if parts:
        first = next(iter(parts))
        name = data.get("kind", first) if isinstance(data, dict) else first
        if name not in [*parts]:
            raise UserError(f"{where}.kind is {name!r}{nearest(str(name), parts)}")
        return from_json(parts[name], data, where)
    if get_origin(hint) is tuple:
        return _pairs(data, where)
    if get_origin(hint) is Literal:
        return data
    return _plain(options, data, where)


def _kind(config: Any) -> str:
    return getattr(config, "kind", config.__name__)


def _pairs(data: Any, where: str) -> tuple[tuple[str, Any], ...]:
    plain = (bool, int, float, str)
    for pair in data if isinstance(data, list) else [data]:
        if not (isinstance(pair, list) and len(pair) == 2 and all(type(item) in plain for item in pair)):
            raise UserError(f"{where} has {pair!r}; allowed: pairs of a name and a number, text or bool")
    return tuple((str(name), value) for name, value in data)


def _plain(options: tuple[Any, ...], data: Any, where: str) -> Any:
    if float in options and type(data) is int and int not in options:
        return float(data)
    if type(data) not in options:
        allowed = " or ".join(o.__name__ for o in options)
        raise UserError(f"{where} is {data!r}; allowed: {allowed}")
    return data
