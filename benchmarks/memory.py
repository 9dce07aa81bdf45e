"""What a training step takes of memory: as `jaxplay plan` says beforehand, and as the compiler reports."""

from collections.abc import Iterator
from dataclasses import dataclass

from jaxplay.benchmarks.records import Amount
from jaxplay.benchmarks.settings import Settings
from jaxplay.planning import available, compiled_bytes, make_plan
from jaxplay.planning.plan import compile_in_haste
from jaxplay.presets import preset

GAMES = ("tic_tac_toe", "connect_four", "kuhn_poker", "pig", "othello", "hex")


@dataclass(frozen=True, kw_only=True)
class Options(Settings):
    """What is measured.

    Attributes:
        games: Games whose steps are planned and compiled, each with its preset.
    """

    games: tuple[str, ...] = GAMES


def amounts(options: Options) -> Iterator[Amount]:
    """Bytes of each game's step, as a share of this machine's memory, with the parts of the plan."""
    there = available()
    for name in options.games[:1] if options.quick else options.games:
        config = preset(name, "quick" if options.quick else "cpu").training
        plan, reported = make_plan(config), compiled_bytes(compile_in_haste(config))
        if reported is None:
            continue
        sizes = {part.what: part.size for part in (*plan.state, *plan.besides)}
        share = None if there is None else reported / there
        sizes = {"planned": plan.total, "planned_by_compiled": plan.total / reported, "parts": sizes}
        yield Amount(f"{name}/step", "byte", float(reported), [float(reported)], of_limit=share, sizes=sizes)
