"""Runs benchmarks of speed and of amounts: suite after suite, each as records when it is there."""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

from jaxplay.benchmarks.catalog import SPEED
from jaxplay.benchmarks.harness import Case, Result, measure
from jaxplay.benchmarks.limits import machine_limits
from jaxplay.benchmarks.records import stamped
from jaxplay.benchmarks.settings import Settings, Timing
from jaxplay.errors import UserError

Record = dict[str, Any]
Tell = Callable[[str], None]
"""Is told what goes on now."""


def options_of(name: str) -> type[Any]:
    """The class of the settings of a benchmark: `Options`, or `Plan` of those that train."""
    module = importlib.import_module(f"jaxplay.benchmarks.{name}")
    return getattr(module, "Plan", None) or module.Options


def run(
    name: str, options: Settings, machine: dict[str, Any], failed: list[str], tell: Tell
) -> Iterator[list[Record]]:
    """The records of a benchmark of speed or of amounts, as they are there.

    Args:
        name: of the benchmark.
        options: its own.
        machine: what it runs on (`jaxplay.benchmarks.machine.describe`).
        failed: gets a line for each suite that fails; the others are measured.
        tell: is told what goes on.

    Raises:
        UserError: options that are not allowed.
    """
    module = importlib.import_module(f"jaxplay.benchmarks.{name}")
    if name not in SPEED:
        for amount in module.amounts(options):
            tell(f"measured {amount.name}")
            yield [stamped(name, amount, machine)]
        return
    assert isinstance(options, Timing)
    limits = machine_limits(quick=options.quick)
    machine = machine | {"limits": limits._asdict()}
    for results in _measured(module.suites(options), options, failed, tell):
        yield [stamped(name, result, machine) for result in results]


def _measured(
    suites: Iterator[list[Case]], options: Timing, failed: list[str], tell: Tell
) -> Iterator[list[Result]]:
    """The results of each suite. One that fails is appended to `failed`, in a line, and left out."""
    seconds, limits = 0.0 if options.quick else options.seconds, machine_limits(quick=options.quick)
    while True:
        names = ""
        try:
            cases = next(suites)
            names = ", ".join(case.name for case in cases)
            tell(f"measuring {names}")
            results = measure(cases, repeats=options.repeats, seconds=seconds, limits=limits)
        except StopIteration:
            return
        except UserError:
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, the other suites are measured
            names = names or ", ".join(getattr(error, "__notes__", ["a suite"]))
            first = next(iter(str(error).splitlines()), "")
            failed.append(f"{names}: {type(error).__name__}: {first}")
            continue
        yield results
