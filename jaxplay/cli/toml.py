"""A configuration as a TOML file with comments, and such a file as data of a configuration.

The keys are the names of the options: `num_simulations` in the table `[search]` is
`--search.num-simulations`. An alternative has its `kind`; `"none"` stands for nothing.
"""

import dataclasses
import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

from jaxplay.cli.options import field_docs
from jaxplay.cli.values import NONE
from jaxplay.config.data import alternatives, field_types, kind_of
from jaxplay.config.kinds import members
from jaxplay.errors import UserError

WIDTH = 100
"""Columns of a comment."""
WORDS = {int: "a whole number", float: "a number", bool: "true, false", str: "text", type(None): '"none"'}
TOO_LITTLE = -(2.0**40)
"""A number that no field allows, so that its error tells which are."""


def write(config: Any, *, inline: str, head: str) -> str:
    """The file of a configuration; `read` makes the same of it, given one whose parts are of the same kinds.

    Args:
        config: Frozen dataclass.
        inline: Field whose fields stand at the top, before those of `config` itself.
        head: First lines of the file, a comment.
    """
    part = getattr(config, inline)
    idle = [name for name, hint in field_types(type(part)).items() if _is_idle(hint, getattr(part, name))]
    lines = [*_comment(head), *_values(part, idle), *_values(config)]
    lines += [*_tables(part, "", idle), *_tables(config, "", [inline])]
    return "\n".join(lines) + "\n"


def _is_idle(hint: Any, value: Any) -> bool:
    """Whether a part of the whole is left out: no league, no exploiter, no options of the game."""
    return value == () if get_origin(hint) is tuple else value is None


def _values(config: Any, leave_out: Sequence[str] = ()) -> Iterator[str]:
    """The fields of a part that are no tables, each below its comment."""
    docs = field_docs(type(config))
    for name, hint in field_types(type(config)).items():
        value = getattr(config, name)
        if name not in leave_out and not _is_table(hint, value):
            about = f"{docs.get(name, '')}\nAllowed: {allowed(config, name, hint)}."
            yield from ["", *_comment(about), f"{name} = {text_of(value)}"]


def _tables(config: Any, prefix: str, leave_out: Sequence[str] = ()) -> Iterator[str]:
    """The nested parts of a part, a table each."""
    docs = field_docs(type(config))
    for name, hint in field_types(type(config)).items():
        value = getattr(config, name)
        if name in leave_out or not _is_table(hint, value):
            continue
        yield from ["", "", *_comment(docs.get(name, "")), f"[{prefix}{name}]"]
        if dataclasses.is_dataclass(value):
            if len(alternatives(hint)) > 1:
                yield from [f"# Allowed: {_kinds(hint)}.", f"kind = {text_of(kind_of(value))}"]
            yield from _values(value)
            yield from _tables(value, f"{prefix}{name}.")
        else:
            yield from (f"{_key(key)} = {text_of(item)}" for key, item in value)


def _is_table(hint: Any, value: Any) -> bool:
    return dataclasses.is_dataclass(value) or get_origin(hint) is tuple


def _kinds(hint: Any) -> str:
    return ", ".join(map(text_of, alternatives(hint)))


def allowed(config: Any, name: str, hint: Any) -> str:
    """What a field may be, in words; of numbers, what the error of one that is too small says."""
    options = members(hint)
    if len(alternatives(hint)) > 0:
        none = [text_of(NONE)] if type(None) in options else []
        return ", ".join([*none, *(f"a table of kind {text_of(kind)}" for kind in alternatives(hint))])
    if get_origin(hint) is Literal:
        return ", ".join(map(text_of, get_args(hint)))
    words = " or ".join(WORDS.get(option, str(option)) for option in options)
    if options[0] not in (int, float):
        return words
    try:
        dataclasses.replace(config, **{name: options[0](TOO_LITTLE)})
    except UserError as error:
        _, found, bounds = str(error).partition(f".{name} is {options[0](TOO_LITTLE)!r}; allowed: ")
        return f"{words}, {bounds}" if found else words
    return words


def text_of(value: Any) -> str:
    """A value as TOML writes it."""
    if value is None:
        return text_of(NONE)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(text_of, value))}]"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("-", "_").isidentifier() else text_of(name)


def _comment(text: str) -> list[str]:
    paragraphs = text.split("\n")
    return [
        line
        for p in paragraphs
        for line in textwrap.wrap(p, WIDTH, initial_indent="# ", subsequent_indent="# ")
    ]


def read(kind: type, data: Any) -> Any:
    """Data of a TOML file as `jaxplay.config.from_json` takes them, which refuses what does not fit."""
    if not isinstance(data, dict):
        return data
    hints = field_types(kind)
    return {name: _read(hints[name], value) if name in hints else value for name, value in data.items()}


def _read(hint: Any, value: Any) -> Any:
    classes = alternatives(hint)
    if value == NONE and type(None) in members(hint) and str not in members(hint):
        return None
    if classes:
        if isinstance(value, str) and value in classes:
            return {"kind": value}
        for member in classes.values():  # names of fields mean the same in all of them
            value = read(member, value)
        return value
    if get_origin(hint) is tuple and isinstance(value, dict):
        return [[name, item] for name, item in value.items()]
    return value
