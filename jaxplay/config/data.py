"""Configurations as plain data: JSON there and back, and the alternatives of their fields."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_origin, get_type_hints

from jaxplay.config.checks import FieldError
from jaxplay.config.kinds import members
from jaxplay.errors import UserError, nearest, quoted

C = TypeVar("C")


def field_types(kind: type) -> dict[str, Any]:
    """The type of each field of a configuration's class, in their order."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def kind_of(config: Any) -> str:
    """The name of a configuration's class among its alternatives: its `kind`, or its own in lower case."""
    kind = config if isinstance(config, type) else type(config)
    return getattr(kind, "kind", kind.__name__.lower())


def alternatives(hint: Any) -> dict[str, Any]:
    """The dataclasses among the alternatives of a type, by their kind."""
    return {kind_of(member): member for member in members(hint) if dataclasses.is_dataclass(member)}


def to_json(config: Any) -> Any:
    """Plain JSON data of a configuration; alternatives carry their `kind`."""
    if not dataclasses.is_dataclass(config):
        return [to_json(item) for item in config] if isinstance(config, tuple) else config
    kind = {"kind": getattr(config, "kind")} if hasattr(config, "kind") else {}
    return kind | {f.name: to_json(getattr(config, f.name)) for f in dataclasses.fields(config)}


def from_json(kind: type[C], data: Any, where: str = "config", base: C | None = None) -> C:
    """The configuration that `to_json` wrote.

    Args:
        kind: Class of the configuration.
        data: What `to_json` gives, or a part of it.
        where: What stands before the names of fields in messages.
        base: Configuration that gives the fields which `data` lacks; none: they take their defaults.

    Raises:
        UserError: an unknown field, a value of the wrong type, or one that is not allowed.
    """
    if not isinstance(data, dict):
        raise UserError(f"{where} is {quoted(data)}; allowed: an object")
    hints = field_types(kind)
    unknown = sorted(set(data) - set(hints) - {"kind"})
    if unknown:
        told = f"{where or 'the file'} has no field {quoted(unknown[0])}"
        raise UserError(told + nearest(unknown[0], hints))
    given = {}
    for name in hints:
        if name in data:
            before = None if base is None else getattr(base, name)
            given[name] = _value(hints[name], data[name], below(where, name), before)
    return build(kind, given, where, base)


def build(kind: type[C], fields: Mapping[str, Any], where: str, base: C | None = None) -> C:
    """A configuration of these fields, the others those of `base` or else their defaults.

    Raises:
        UserError: A value is not allowed; the message says where it stands, from `where` on.
    """
    try:
        if base is None:
            return kind(**fields)
        return dataclasses.replace(base, **fields)  # pyright: ignore[reportArgumentType]
    except FieldError as error:
        parts = dict(fields) if base is None else _parts(base) | dict(fields)
        raise UserError(below(_place(error.config, parts, where), error.told)) from None


def below(where: str, name: str) -> str:
    """The name of a field with what stands before it, if anything does."""
    return f"{where}.{name}" if where else name


def _parts(config: Any) -> dict[str, Any]:
    return {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}


def _place(config: Any, parts: Mapping[str, Any], where: str) -> str:
    """Where `config` stands among `parts` or within them; one that is none of them is the whole: `where`."""
    for name, part in parts.items():
        if part is config:
            return below(where, name)
        if dataclasses.is_dataclass(part):
            inner = _place(config, _parts(part), below(where, name))
            if inner != below(where, name):
                return inner
    return where


def _value(hint: Any, data: Any, where: str, base: Any) -> Any:
    options, classes = members(hint), alternatives(hint)
    if data is None and type(None) in options:
        return None
    if classes:
        first = kind_of(base) if type(base) in classes.values() else next(iter(classes))
        name = data.get("kind", first) if isinstance(data, dict) else first
        if name not in [*classes]:
            raise UserError(f"{where}.kind is {quoted(name)}{nearest(str(name), classes)}")
        return from_json(classes[name], data, where, base if type(base) is classes[name] else None)
    if get_origin(hint) is tuple:
        return _pairs(data, where)
    if get_origin(hint) is Literal:
        return data
    return _plain(options, data, where)


def _pairs(data: Any, where: str) -> tuple[tuple[str, Any], ...]:
    plain = (bool, int, float, str)
    for pair in data if isinstance(data, list) else [data]:
        if not (isinstance(pair, list) and len(pair) == 2 and all(type(item) in plain for item in pair)):
            allowed = "allowed: pairs of a name and a number, text or bool"
            raise UserError(f"{where} has {quoted(pair)}; {allowed}")
    return tuple((str(name), value) for name, value in data)


def _plain(options: tuple[Any, ...], data: Any, where: str) -> Any:
    if float in options and type(data) is int and int not in options:
        return float(data)
    if type(data) not in options:
        allowed = " or ".join(o.__name__ for o in options)
        raise UserError(f"{where} is {quoted(data)}; allowed: {allowed}")
    return data
