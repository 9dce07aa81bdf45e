"""What a run does not show: the reservations that belong on its card."""

from collections.abc import Iterator, Mapping
from typing import Any

from jaxplay.config import RunConfig
from jaxplay.run.card_measured import Measured


def doubts(config: RunConfig, facts: Mapping[str, Any], measured: Measured) -> Iterator[str]:
    """A line for each.

    Args:
        config: of the run.
        facts: about the game: the names of its properties and their values.
        measured: what is known of the player.
    """
    if config.training.exploiter is not None:
        yield from _of_an_exploiter()
    else:
        yield from _of_strength(config, measured)
        if facts["num_players"] > 1:
            yield from _of_others(config, facts, measured)
    yield "- This is one run of one seed, which does not show how far others would end from it."


def _of_strength(config: RunConfig, measured: Measured) -> Iterator[str]:
    if not measured.values:
        yield "- It was never evaluated: nothing is known of its strength."
        return
    yield (
        "- The averages of its parameters were evaluated, which `jaxplay.load` gives; the newest ones play in"
        " training."
    )
    if config.training.learner.searches:
        yield (
            f"- It searched with {config.evaluate_simulations:,} simulations a move there; with another"
            " number it is another player."
        )
    if any(name.startswith("scores.") or name == "rating" for name in measured.values):
        yield (
            "- Scores and ratings are from a few games with the reference players named here. They compare"
            " runs of this game with the same settings of evaluation, and no others."
        )


def _of_others(config: RunConfig, facts: Mapping[str, Any], measured: Measured) -> Iterator[str]:
    if "exploitability" in measured.values:
        yield (
            "- Exploitability is exact: what best responses gain, in the mean over seats, on the network's"
            " own policy, sampled. Whoever takes its likeliest moves, or searches, plays another policy."
        )
    else:
        bound = " `jaxplay exploit RUN` gives a lower bound." if facts["num_players"] == 2 else ""
        yield f"- What a best response would win against it is not known.{bound}"
    if config.training.league is not None:
        yield (
            "- Ratings of the league count its own games, with the exploration of training. Who was frozen"
            " lately shares the games of its learner, and errors leave out what was forgotten."
        )
    else:
        yield "- It has met its own kind only: nobody tried positions that its own games do not reach."


def _of_an_exploiter() -> Iterator[str]:
    yield (
        "- Its score tells of its opponent, not of its own strength: it has met nobody else. Games of"
        " training have exploration and random openings."
    )
    yield (
        "- `exploit.json`, which `jaxplay exploit` writes at its end, is of fresh games and gives a lower"
        " bound of what a best response earns. That one exploiter wins little does not show that none can."
    )
