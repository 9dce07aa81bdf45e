"""Options from a flat frozen dataclass: a flag for each truth value, `--name VALUE` for each other field.

What a field is stands in `Attributes:` of its class; the range of a number stands beside its default
(`jaxplay.benchmarks.settings`).
"""

import argparse
import dataclasses
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from jaxplay.cli import inputs
from jaxplay.cli.options import field_docs
from jaxplay.cli.parser import Parser

C = TypeVar("C")


def add_fields(parser: Parser, kind: type[Any]) -> None:
    """Add an option for each field of `kind`."""
    docs, hints = field_docs(kind), get_type_hints(kind)
    for field in dataclasses.fields(kind):
        name, text = "--" + field.name.replace("_", "-"), docs[field.name].replace("%", "%%")
        if hints[field.name] is bool:
            parser.add_argument(name, action="store_true", help=text)
        else:
            reader, shown = _reader(hints[field.name], field.metadata)
            parser.add_argument(
                name, type=reader, metavar=shown, default=field.default, help=_told(field, text)
            )


def read_fields(args: argparse.Namespace, kind: type[C]) -> C:
    """The object that options say."""
    names = [field.name for field in dataclasses.fields(kind)]  # pyright: ignore[reportArgumentType]
    return kind(**{name: getattr(args, name) for name in names})


def _reader(hint: Any, bounds: Any) -> tuple[Any, str]:
    """What reads the text of an option, and how help shows what may stand there."""
    if get_origin(hint) is tuple:
        reader, shown = _reader(get_args(hint)[0], bounds)
        return inputs.Several(reader), f"{shown},..."
    least, most = bounds.get("least", 0), bounds.get("most", 2**31 - 1)
    if hint is int:
        return inputs.Whole(least, most), "INT"
    if hint is float:
        return inputs.Number(least, most, bounds.get("unit", "")), "FLOAT"
    return inputs.word, "NAME"


def _told(field: Any, text: str) -> str:
    """Help; several values are shown as they are typed, since Python's form of them is of no use."""
    if not isinstance(field.default, tuple) or not field.default:
        return text
    return f"{text} (default: {','.join(map(str, field.default))})"
