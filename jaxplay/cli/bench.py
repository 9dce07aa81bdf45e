"""Measure speed on this machine (medians of interleaved repeats, compilation apart), and strength."""

import argparse
import importlib
import sys
from functools import partial
from typing import Any

from jaxplay.benchmarks.catalog import KINDS, PLAYERS, QUICK, QUICK_OPTIONS, TRAINING, find, listed
from jaxplay.cli import bench_compare, bench_report, inputs
from jaxplay.cli.bench_rows import comparisons, machine_line, show_records, table
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_game, add_sims, find_players
from jaxplay.cli.failures import Done
from jaxplay.cli.fields import add_fields, read_fields
from jaxplay.cli.output import working
from jaxplay.cli.parser import Parser

EXAMPLE = "jaxplay bench env --games connect_four --peers"

ALL = "all of these in turn: " + ", ".join(QUICK)
TOOLS = {"compare": bench_compare, "report": bench_report}


def add_arguments(parser: Parser) -> None:
    """A subcommand for each benchmark, and for what is done with results."""
    commands = parser.add_subparsers(metavar="BENCHMARK", parser_class=Parser)
    for name, told in {name: told for kind in KINDS.values() for name, told in kind.items()}.items():
        command: Any = commands.add_parser(name, help=told.what.replace("%", "%%"))
        command.describe(f"Measures {told.what}.".replace("%", "%%"), f"jaxplay bench {name} {told.example}")
        command.later(partial(_add_benchmark, command, name))
    _add_all(commands.add_parser("all", help=ALL))
    for name, module in TOOLS.items():
        command = commands.add_parser(name, help=module.SUMMARY)
        command.describe(module.__doc__, module.EXAMPLE)
        command.set_defaults(run=module.run)
        module.add_arguments(command)
        command.add_verbose()


def run(args: argparse.Namespace) -> None:
    """Say what there is to measure: no benchmark was named."""
    lines = [*listed(), "All at once", f"  {'all':<15}  {ALL}", "", "Results"]
    lines += [f"  {name:<15}  {module.SUMMARY}" for name, module in TOOLS.items()]
    end = "`jaxplay bench NAME` measures, `jaxplay bench NAME --help` tells the options."
    print("\n".join([*lines, "", end]))


def _add_benchmark(command: Parser, name: str) -> None:
    from jaxplay.benchmarks.running import options_of

    run = measure_speed
    if name in PLAYERS:
        run = measure_players
        count = "*" if name == "strength" else "+"
        command.add_argument("names", nargs=count, type=inputs.player, metavar="PLAYER", help=PLAYER_HELP)
        add_game(command)
        add_sims(command, "64")
    elif name in TRAINING:
        run = measure_training
        settings = "Settings to train with; none: all."
        command.add_argument("names", nargs="*", type=inputs.word, metavar="SETTING", help=settings)
    command.set_defaults(run=run, benchmark=name)
    add_fields(command, options_of(name))
    _add_common(command)


def _add_all(command: Any) -> None:
    command.describe(f"Measures {ALL}.", "jaxplay bench all --quick --out mine.jsonl")
    command.set_defaults(run=measure_all)
    names = inputs.Several(inputs.OneOf(QUICK))
    command.add_argument("--only", type=names, default=QUICK, metavar="NAME,...", help="Only these of them.")
    told = "Take tiny sizes: five minutes in all, and figures to see that everything runs."
    command.add_argument("--quick", action="store_true", help=told)
    _add_common(command)


def _add_common(command: Any) -> None:
    told = "Append a JSON line for each case to a file."
    command.add_argument("--out", type=inputs.path, metavar="FILE", help=told)
    command.add_argument("--json", action="store_true", help="Print JSON lines instead of a table.")
    add_cache(command)
    command.add_verbose()


def measure_players(args: argparse.Namespace) -> None:
    """Measure players, and print a row for each; without players, what takes time until one is strong."""
    from jaxplay.benchmarks.machine import describe
    from jaxplay.benchmarks.records import append, stamped
    from jaxplay.benchmarks.running import options_of

    if not args.names:
        measure_speed(args)
        return
    use_cache(args)
    name = args.benchmark
    game = args.game or (None if name == "peers" else "connect_four")
    found, contenders = find_players(args.names, game, args.sims, default=64)
    options, machine = read_fields(args, options_of(name)), describe()
    module, records = importlib.import_module(f"jaxplay.benchmarks.{name}"), []
    with working(f"measuring {', '.join(args.names)}", quiet=args.json):
        records += [stamped(name, row, machine) for row in module.rows(found, contenders, options)]
    if args.out:
        append(args.out, records)
    show_records(records, as_json=args.json)


def measure_training(args: argparse.Namespace) -> None:
    """Train, and print a row for each training; each is written to a file as soon as it is there."""
    from jaxplay.benchmarks.machine import describe
    from jaxplay.benchmarks.records import append, stamped
    from jaxplay.benchmarks.running import options_of

    use_cache(args)
    name, records = args.benchmark, []
    plan = read_fields(args, options_of(name))
    module, machine = importlib.import_module(f"jaxplay.benchmarks.{name}"), describe()
    with working(f"training, for {name}") as tell:
        for row in module.rows(args.names, plan):
            records.append(stamped(name, row, machine))
            tell(f"trained {row['setting']}, {len(records)} so far")
            if args.out:
                append(args.out, records[-1:])
    show_records(records, as_json=args.json)


def measure_speed(args: argparse.Namespace) -> None:
    """Measure each suite, and print a row for each case; exit status 1 where suites failed."""
    from jaxplay.benchmarks.running import options_of

    use_cache(args)
    options = read_fields(args, options_of(args.benchmark))
    refuse_batches(getattr(options, "games", ()), getattr(options, "batch_sizes", ()))
    failed: list[str] = []
    _measure(args, args.benchmark, options, failed)
    _tell_failed(failed)


def measure_all(args: argparse.Namespace) -> None:
    """Measure what `QUICK` names, one after the other, with the settings of each."""
    from jaxplay.benchmarks.running import options_of

    use_cache(args)
    failed: list[str] = []
    for name in args.only:
        if not args.json:
            print(f"{name}: {find(name).what}")
        few = QUICK_OPTIONS.get(name, {}) if args.quick else {}
        _measure(args, name, options_of(name)(quick=args.quick, **few), failed)
    _tell_failed(failed)


def _measure(args: argparse.Namespace, name: str, options: Any, failed: list[str]) -> None:
    """One benchmark: a table, or lines of JSON; a file besides."""
    from jaxplay.benchmarks.machine import describe
    from jaxplay.benchmarks.records import append
    from jaxplay.benchmarks.running import run

    machine = describe()
    records: list[dict[str, Any]] = []
    with working(f"preparing {name}") as tell:
        for new in run(name, options, machine, failed, tell):
            records += new
            if args.out:
                append(args.out, new)
    show_records(records, as_json=args.json, shown=table(records))
    if not args.json:
        print(
            "\n".join([text for record in records for text in comparisons(record)] + [machine_line(machine)])
        )


def _tell_failed(failed: list[str]) -> None:
    for line in failed:
        print(f"failed {line}", file=sys.stderr)
    if failed:
        raise Done(1)


def refuse_batches(games: tuple[str, ...], batch_sizes: tuple[int, ...]) -> None:
    """Refuse batches that do not fit into memory.

    Raises:
        UserError: One does not.
    """
    from jaxplay.cli.memory import Need, refuse
    from jaxplay.game import make, names
    from jaxplay.presets import measure

    for name in set(games or names()) & set(names()) if batch_sizes else ():
        size = measure(make(name)).state_bytes
        refuse([Need(f"states of {name} (--batch-sizes {n:,})", 2.0 * n * size) for n in [max(batch_sizes)]])
