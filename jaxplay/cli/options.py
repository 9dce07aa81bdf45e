"""Command-line options from a typed configuration.

Every field of a frozen dataclass is an option, those of nested ones with dotted names:
`--search.num-simulations 32`. A union of dataclasses is chosen by kind, in any order with the options of
the alternative: `--network mlp --network.width 256`.
"""

import argparse
import dataclasses
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from jaxplay.cli.parser import Parser
from jaxplay.cli.values import expected, parse, show
from jaxplay.config.data import alternatives, build, field_types
from jaxplay.config.kinds import members
from jaxplay.errors import UserError, nearest

C = TypeVar("C")


class Option(NamedTuple):
    """One option of the command line.

    Attributes:
        name: Dotted name of the field, such as `search.num_simulations`.
        group: Title under which help shows it.
        hint: Type of the field.
        default: Its value where the option is not given.
        doc: What the field is, from its class's docstring.
    """

    name: str
    group: str
    hint: Any
    default: Any
    doc: str


def add_options(
    parser: Parser,
    base: Any,
    *,
    inline: tuple[str, ...] = (),
    leave_out: tuple[str, ...] = (),
    shown: tuple[str, ...] | None = None,
) -> None:
    """Add an option for each field of `base`. The text of those given is kept in `overrides`, by name.

    Args:
        parser: Parser that gets the options, a group for each nested object; it has its positional arguments.
        base: Frozen dataclass whose values are shown as defaults.
        inline: Fields with a dataclass, whose options go without the field's name in front.
        leave_out: Names that are no options; one with a dot at its end stands for all that begin so.
        shown: Names that help shows, in this order; `--help-all` shows the others. None: it shows all.
    """
    parser.set_defaults(overrides={})
    parser.shorten_usage()
    found: dict[str, list[Option]] = {}
    for option in options(base, inline=inline):
        if not _left_out(option.name, leave_out):
            found.setdefault(option.name, []).append(option)
    first = [name for name in shown or () if name in found]
    groups: dict[str, Any] = {}
    for name in [*first, *(name for name in found if name not in first)]:
        title = "settings" if name in first else found[name][0].group
        if title not in groups:
            groups[title] = parser.add_argument_group(title)
        action = _add(groups[title], found[name])
        if shown is not None and name not in first:
            parser.hide(action)


def _left_out(name: str, leave_out: tuple[str, ...]) -> bool:
    return name in leave_out or any(name.startswith(start) for start in leave_out if start.endswith("."))


def _add(group: Any, found: list[Option]) -> argparse.Action:
    """One option, which may belong to several alternatives, each with a default of its own."""
    defaults = [f"{option.group} {show(option.default)}" for option in found]
    told = show(found[0].default) if len(found) == 1 else ", ".join(defaults)
    return group.add_argument(
        "--" + found[0].name.replace("_", "-"),
        action=_Keep,
        dest=found[0].name,
        default=argparse.SUPPRESS,
        metavar=expected(found[0].hint),
        help=f"{found[0].doc} (default: {told})".strip().replace("%", "%%"),
    )


def options(
    base: Any, *, inline: tuple[str, ...] = (), prefix: str = "", group: str = "settings"
) -> Iterator[Option]:
    """The options of a configuration, in the order of its fields, their names after `prefix`."""
    docs = field_docs(type(base))
    for field, hint in field_types(type(base)).items():
        name, value, classes = prefix + field, getattr(base, field), alternatives(hint)
        if len(members(hint)) > 1 or not classes:
            yield Option(name, group, hint, value, docs.get(field, ""))
        for kind, alternative in classes.items():
            part = value if type(value) is alternative else alternative()
            title = name if len(classes) == 1 else f"{name} {kind}"
            below = (prefix, group) if field in inline else (name + ".", title)
            yield from options(part, prefix=below[0], group=below[1])


class _Keep(argparse.Action):
    """Keeps the text of an option in `overrides`."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        namespace.overrides = namespace.overrides | {self.dest: values}


def override(base: C, texts: Mapping[str, str], *, inline: tuple[str, ...] = (), prefix: str = "") -> C:
    """`base` with some fields replaced.

    Args:
        base: Frozen dataclass.
        texts: New values as text, by dotted name.
        inline: See `add_options`.
        prefix: What stands before a name in messages.

    Raises:
        UserError: no such field, or a value that it does not allow.
    """
    hints = field_types(type(base))
    homes = {name: field for field in inline for name in field_types(type(getattr(base, field)))}
    parts: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        head, _, rest = name.partition(".")
        if head not in hints and head not in homes:
            raise UserError(f"{show(base)} has no {prefix}{head}{nearest(head, hints)}")
        field, key = (head, rest) if head in hints else (homes[head], name)
        parts.setdefault(field, {})[key] = text
    changes = {}
    for field, part in parts.items():
        name = prefix if field in inline else f"{prefix}{field}."
        changes[field] = _changed(getattr(base, field), hints[field], part, name)
    return build(type(base), changes, prefix.rstrip("."), base)


def _changed(value: Any, hint: Any, texts: Mapping[str, str], prefix: str) -> Any:
    """A field's new value; the text under the empty name is its own, the others are those of its fields."""
    name, below = prefix.rstrip("."), {key: text for key, text in texts.items() if key}
    if "" in texts:
        chosen = parse(texts[""], hint, name)
        value = chosen if type(chosen) is not type(value) or not dataclasses.is_dataclass(chosen) else value
    if below and not dataclasses.is_dataclass(value):
        raise UserError(f"{prefix}{next(iter(below))} has no meaning where {name} is {show(value)}")
    return override(value, below, prefix=prefix) if below else value


def field_docs(kind: type) -> dict[str, str]:
    """What the `Attributes:` of the docstrings of a class and its bases say of each field."""
    found: dict[str, str] = {}
    for part in reversed(kind.__mro__):
        _, _, section = inspect.cleandoc(vars(part).get("__doc__") or "").partition("Attributes:\n")
        entries = re.findall(r"^ {4}(\w+): (.+(?:\n {8,}\S.*)*)", section, re.MULTILINE)
        found |= {name: " ".join(text.split()) for name, text in entries}
    return found
