"""The card of a solution: what a reader must know before trusting it. It is for people; nothing reads it."""

from collections.abc import Iterator, Mapping
from typing import Any

from jaxplay.checkpoint import versions
from jaxplay.run.card import game_lines, in_sections, return_lines, table_lines
from jaxplay.run.card_keeper import game_facts, game_in_a_line, hardware, now
from jaxplay.solve import SequenceForm
from jaxplay.solving.algorithms import find_algorithm


def solution_card(
    game: str,
    options: tuple[tuple[str, Any], ...],
    algorithm: str,
    form: SequenceForm,
    point: Mapping[str, Any],
    standing: str,
) -> str:
    """The card, in Markdown.

    Args:
        game: as `jaxplay.make` takes it.
        options: of the game.
        algorithm: one of `jaxplay.solving.ALGORITHMS`.
        form: the game's arrays.
        point: the newest of the curve.
        standing: what solving did, such as `was going on`.
    """
    facts = game_facts(form.game)
    sections = {
        "Game": _game(game, options, form, facts),
        "Rewards": return_lines(facts),
        "Players and learners": _players(algorithm),
        "Measured": _measured(point),
        "Before you trust it": _doubts(facts),
        "On what": _means(),
    }
    told = (
        f"On {now()} solving {standing}. This card is for people, and written anew when solving starts,"
        " measures, and stops."
    )
    return in_sections(f"A solution: {game}", told, sections)


def _game(
    name: str, options: tuple[tuple[str, Any], ...], form: SequenceForm, facts: Mapping[str, Any]
) -> Iterator[str]:
    yield from game_lines(name, options, game_in_a_line(name, form.game), facts)
    tree = form.tree
    yield f"- As arrays: {tree.num_histories:,} histories, {tree.num_infosets:,} information sets."


def _players(name: str) -> Iterator[str]:
    algorithm = find_algorithm(name)
    which = "average over all iterations" if algorithm.averages else "last iterate"
    yield f"- `{name}`: {algorithm.about}. The strategy is its {which}."
    yield "- All seats play each other, over the whole tree: nothing is sampled, and no seed matters."


def _measured(point: Mapping[str, Any]) -> Iterator[str]:
    values = ", ".join(f"{value:+.6g}" for value in point["values"])
    told = {
        "exact exploitability": f"{point['exploitability']:.6g}",
        "value of each seat, when all play it": values,
        "iterations": f"{point['iteration']:,}",
        "minutes of the session": f"{point['seconds'] / 60:.1f}",
    }
    yield from table_lines(("measure", "value"), told.items())


def _doubts(facts: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "- Exploitability is exact, in double precision: what best responses gain, in the mean over seats, on"
        " the strategy as it is, sampled. Whoever takes its likeliest moves plays another one."
    )
    if facts["num_players"] > 2 or not facts["zero_sum"]:
        yield (
            "- The algorithm promises an equilibrium in games of two players and zero sum, which this is not:"
            " only the figure above says how near one this strategy is."
        )
    yield "- It is as safe as that figure says, and not greedy: it makes no use of an opponent's habits."


def _means() -> Iterator[str]:
    yield f"- Hardware of the newest session: {hardware()}."
    told = ", ".join(f"{name} {version}" for name, version in versions().items())
    yield f"- Versions of the newest session: {told}."
