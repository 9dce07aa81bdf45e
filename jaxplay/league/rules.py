"""Rules of matchmaking by name: those of the literature, and one's own."""

import importlib
from collections.abc import Callable

from jaxplay.errors import UserError, nearest
from jaxplay.league.alphastar import league_exploiter, main_agent, main_exploiter
from jaxplay.league.curricula import phases, quality_scores
from jaxplay.league.matchmaking import (
    Meta,
    capped,
    delta_uniform,
    hard,
    latest,
    linear,
    prioritized,
    self_play,
    uniform,
    variance,
)
from jaxplay.league.population import LEAGUE_EXPLOITER, MAIN_AGENT, MAIN_EXPLOITER
from jaxplay.league.psro import by_alpha_rank, by_mirror_descent, by_nash, by_replicator, psro, rectified

ALPHASTAR = {MAIN_AGENT: main_agent, MAIN_EXPLOITER: main_exploiter, LEAGUE_EXPLOITER: league_exploiter}

PLAIN: dict[str, Callable[[], Meta]] = {
    "self_play": self_play,
    "latest": latest,
    "uniform": uniform,
    "delta_uniform": delta_uniform,
    "pfsp_hard": lambda: prioritized(hard()),
    "pfsp_variance": lambda: prioritized(variance),
    "pfsp_linear": lambda: prioritized(linear),
    "pfsp_capped": lambda: prioritized(capped),
    "quality": quality_scores,
    "phases": phases,
}

SOLVED: dict[str, Callable[[int], Meta]] = {
    "nash": lambda every: psro(by_nash(), every=every),
    "rectified": lambda every: rectified(by_nash(), every=every),
    "replicator": lambda every: psro(by_replicator(), every=every),
    "mirror_descent": lambda every: psro(by_mirror_descent(), every=every),
    "alpha_rank": lambda every: psro(by_alpha_rank(), every=every),
}
"""Those that solve the frozen players' game, by the steps from one solution to the next."""

RULES = ("alphastar", *PLAIN, *SOLVED)
"""The names of the literature's rules."""

_registered: dict[str, Meta] = {}


def register(name: str, meta: Meta) -> None:
    """Make a rule of one's own known as `name` to configurations of leagues.

    Args:
        name: that no other rule has.
        meta: the rule. Learners of the same rule share its memory.

    Raises:
        UserError: the name is taken by another rule.
    """
    if name in RULES or _registered.get(name, meta) is not meta:
        raise UserError(f"rule of matchmaking {name!r} is registered already")
    _registered[name] = meta


def find_rule(name: str, kind: int, *, solve_every: int) -> Meta:
    """The rule called `name`.

    Args:
        name: one of `RULES`, a registered one, or `module:attribute`, a `Meta`.
        kind: of the learner that plays by it, see `jaxplay.league.population`.
        solve_every: steps from one solution to the next, for rules that solve the frozen players' game.

    Raises:
        UserError: there is no such rule.
    """
    if name == "alphastar":
        return ALPHASTAR[kind]()
    if name in PLAIN:
        return PLAIN[name]()
    if name in SOLVED:
        return SOLVED[name](solve_every)
    if name in _registered:
        return _registered[name]
    if ":" in name:
        return _attribute(*name.split(":", 1))
    raise UserError(f"MemberConfig.matchmaking is {name!r}{nearest(name, (*RULES, *_registered))}")


def _attribute(module: str, attribute: str) -> Meta:
    where = f"MemberConfig.matchmaking is '{module}:{attribute}'"
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"{where}: {error}") from error
    if not isinstance(found, Meta):
        raise UserError(f"{where}, which is no jaxplay.league.Meta")
    return found
