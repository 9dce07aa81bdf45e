"""An argument parser whose errors are one line, with the nearest match."""

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from jaxplay.errors import UserError, nearest


class Parser(argparse.ArgumentParser):
    """Raises `UserError` instead of leaving; takes `--num_games` for `--num-games`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=Help, **options)

    def shorten_usage(self) -> None:
        """Name no options in the usage line, only the arguments added so far."""
        arguments = [str(action.metavar or action.dest) for action in self._get_positional_actions()]
        self.usage = " ".join(["%(prog)s", *arguments, "[options]"])

    def error(self, message: str) -> NoReturn:
        """Leave it to `main` to print the message."""
        raise UserError(message)

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse; what is not known is an error here, where the parser's own options are at hand."""
        namespace, unknown = super().parse_known_args(args and [_dashed(text) for text in args], namespace)
        if unknown and not unknown[0].startswith("--"):
            raise UserError(f"unexpected argument {unknown[0]!r}")
        if unknown:
            known = [flag for flag in self._option_string_actions if flag.startswith("--")]
            raise UserError(f"no option {unknown[0]!r}{nearest(unknown[0], known)}")
        return namespace, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            name = "/".join(action.option_strings) or str(action.metavar or action.dest).lower()
            raise UserError(f"no {name} {value!r}{nearest(str(value), map(str, action.choices))}")


class Help(argparse.RawDescriptionHelpFormatter):
    """Shows the default of every option that has one, beside long names."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, **{"max_help_position": 44, "width": 110} | options)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        without = action.default in (None, False, argparse.SUPPRESS) or not action.option_strings
        return action.help if without else f"{action.help} (default: %(default)s)"


def _dashed(argument: str) -> str:
    name, equals, value = argument.partition("=")
    return name.replace("_", "-") + equals + value if name.startswith("--") else argument
