"""An argument parser whose errors are one line, with the nearest match; help comes in two lengths."""

import argparse
import shutil
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from jaxplay.cli.failures import Done
from jaxplay.cli.inputs import Unfit
from jaxplay.errors import UserError, nearest, quoted

WIDTH = 110
"""Columns of help, where the terminal has them."""


class Parser(argparse.ArgumentParser):
    """Raises `UserError` instead of leaving; takes `--num_games` for `--num-games`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, add_help=False, formatter_class=Help, **options)
        self.add_argument("-h", "--help", action="help", help="Show this help and leave.")
        self._all_help: dict[argparse.Action, str] = {}
        self._example = ""
        self._later: list[Callable[[], None]] = []

    def later(self, add: Callable[[], None]) -> None:
        """Call `add`, which adds arguments, when somebody wants to parse: what it imports takes time."""
        self._later.append(add)

    def complete(self) -> None:
        """Add what is to be added later."""
        while self._later:
            self._later.pop()()

    def shorten_usage(self) -> None:
        """Name no options in the usage line, only the arguments added so far."""
        arguments = [
            f"[{name}]" if action.nargs == "?" else name
            for action in self._get_positional_actions()
            for name in [str(action.metavar or action.dest)]
        ]
        self.usage = " ".join(["%(prog)s", *arguments, "[options]"])

    def hide(self, action: argparse.Action) -> None:
        """Leave an option to `--help-all`, which appears with the first that is hidden."""
        if not self._all_help:
            self.add_argument("--help-all", action=_HelpAll, nargs=0, help="Show all options and leave.")
        self._all_help[action] = action.help or ""
        action.help = argparse.SUPPRESS

    def unhide(self) -> None:
        """Let help show every option."""
        for action, text in self._all_help.items():
            action.help = text

    def describe(self, text: str | None, example: str) -> None:
        """Say in help what a command does, and show an example."""
        self.description, self.epilog, self._example = text, f"example:\n  {example}", example

    def add_verbose(self) -> None:
        """Add `--verbose`, which `main` obeys, here and in subcommands."""
        self.add_argument("--verbose", action="store_true", help="Show the traceback of an error too.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Leave: there is nothing more to do, such as after help."""
        if message:
            print(message, end="")
        raise Done(status)

    def error(self, message: str) -> NoReturn:
        """Leave it to `main` to print the message; where something is missing, show an example too."""
        missing = self._example and message.startswith("the following arguments are required")
        raise UserError(f"{message}, such as: {self._example}" if missing else message)

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse; what is not known is an error here, where the parser's own options are at hand."""
        self.complete()
        namespace, unknown = super().parse_known_args(args and [_dashed(text) for text in args], namespace)
        if unknown and not unknown[0].startswith("--"):
            raise UserError(f"unexpected argument {quoted(unknown[0])}")
        if unknown:
            name = unknown[0].partition("=")[0]
            known = [flag for flag in self._option_string_actions if flag.startswith("--")]
            raise UserError(f"no option {quoted(name)}{nearest(name, known)}")
        return namespace, unknown

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        if action.option_strings and action.nargs is None and arg_strings == ["--"]:
            return self._get_value(action, "--")  # which argparse takes for the end of options
        return super()._get_values(action, arg_strings)

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        convert = self._registry_get("type", action.type, action.type)
        try:
            return convert(arg_string)
        except Unfit as error:
            raise UserError(f"{_called(action)} is {quoted(arg_string)}; {error}") from None

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            name = _called(action) if action.option_strings else _called(action).lower()
            raise UserError(f"no {name} {quoted(value)}{nearest(str(value), map(str, action.choices))}")


class Help(argparse.RawDescriptionHelpFormatter):
    """Shows the default of every option that has one, beside long names."""

    def __init__(self, prog: str, **options: Any) -> None:
        width = min(shutil.get_terminal_size().columns - 2, WIDTH)
        super().__init__(prog, **{"max_help_position": 44 if width > 100 else 26, "width": width} | options)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        default = action.default
        without = default in (None, False, "", argparse.SUPPRESS) or isinstance(default, tuple)
        return (
            action.help if without or not action.option_strings else f"{action.help} (default: %(default)s)"
        )


class _HelpAll(argparse.Action):
    """Prints help with the hidden options."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        assert isinstance(parser, Parser)
        parser.unhide()
        parser.print_help()
        parser.exit()


def _called(action: argparse.Action) -> str:
    """What an option or argument is called in messages."""
    return action.option_strings[-1] if action.option_strings else str(action.metavar or action.dest)


def _dashed(argument: str) -> str:
    name, equals, value = argument.partition("=")
    return name.replace("_", "-") + equals + value if name.startswith("--") else argument
