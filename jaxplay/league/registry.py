"""Matchmakers by name: those of the literature, and one's own."""

import importlib
from collections.abc import Callable, Sequence

from jaxplay.errors import UserError, nearest
from jaxplay.league._psro import (
    by_alpha_rank,
    by_gini,
    by_mirror_descent,
    by_nash,
    by_replicator,
    psro,
    rectified,
)
from jaxplay.league.alphastar import league_exploiter, main_agent, main_exploiter
from jaxplay.league.curricula import phases, quality_scores
from jaxplay.league.matchmaking import (
    Matchmaker,
    capped,
    check_matchmaker,
    delta_uniform,
    hard,
    latest,
    linear,
    mixture,
    prioritized,
    self_play,
    uniform,
    variance,
    without_self,
)
from jaxplay.league.population import LEAGUE_EXPLOITER, MAIN_AGENT, MAIN_EXPLOITER

ALPHASTAR = {MAIN_AGENT: main_agent, MAIN_EXPLOITER: main_exploiter, LEAGUE_EXPLOITER: league_exploiter}
"""The matchmaker that AlphaStar gives to each kind of learner."""

Factory = Callable[[int, int], Matchmaker]
"""`kind, solve_every -> Matchmaker`: the learner's kind, and steps from one solution to the next."""

_BUILT_IN: dict[str, Factory] = {
    "alphastar": lambda kind, every: ALPHASTAR[kind](),
    "alphastar_others": lambda kind, every: without_self(ALPHASTAR[kind]()),
    "self_play": lambda kind, every: self_play(),
    "latest": lambda kind, every: latest(),
    "uniform": lambda kind, every: uniform(),
    "delta_uniform": lambda kind, every: delta_uniform(),
    "pfsp_hard": lambda kind, every: prioritized(hard()),
    "pfsp_variance": lambda kind, every: prioritized(variance),
    "pfsp_linear": lambda kind, every: prioritized(linear),
    "pfsp_capped": lambda kind, every: prioritized(capped),
    "quality": lambda kind, every: quality_scores(),
    "phases": lambda kind, every: phases(),
    "nash": lambda kind, every: psro(by_nash(), every=every),
    "rectified": lambda kind, every: rectified(by_nash(), every=every),
    "replicator": lambda kind, every: psro(by_replicator(), every=every),
    "mirror_descent": lambda kind, every: psro(by_mirror_descent(), every=every),
    "alpha_rank": lambda kind, every: psro(by_alpha_rank(), every=every),
    "gini_cce": lambda kind, every: psro(by_gini(), every=every),
    "gini_ce": lambda kind, every: psro(by_gini(kind="ce"), every=every),
}

MATCHMAKERS = tuple(_BUILT_IN)
"""The names of the literature's matchmakers."""

_registered: dict[str, Matchmaker] = {}


def register(name: str, matchmaker: Matchmaker) -> None:
    """Make a matchmaker of one's own known as `name` to configurations of leagues.

    Args:
        name: a name that no other matchmaker has.
        matchmaker: the matchmaker. Learners that name the same one share its state.

    Raises:
        UserError: another matchmaker has the name, or this is none.
    """
    check_matchmaker(matchmaker, f"matchmaker {name!r} is a {type(matchmaker).__name__}")
    if name in MATCHMAKERS or _registered.get(name, matchmaker) is not matchmaker:
        raise UserError(f"a matchmaker {name!r} is registered already")
    _registered[name] = matchmaker


def find_matchmaker(name: str, kind: int, *, solve_every: int) -> Matchmaker:
    """The matchmaker called `name`.

    Args:
        name: one of `MATCHMAKERS`, a registered name, or `module:attribute`, which is a `Matchmaker`.
        kind: the kind of the learner (`jaxplay.league.KINDS`); it matters for AlphaStar's only.
        solve_every: steps from one solution of the frozen players' game to the next.

    Raises:
        UserError: there is no such matchmaker.
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name](kind, solve_every)
    if name in _registered:
        return _registered[name]
    if ":" in name:
        return _attribute(*name.split(":", 1))
    raise UserError(f"MemberConfig.matchmaking is {name!r}{nearest(name, (*MATCHMAKERS, *_registered))}")


def make_matchmakers(
    names: Sequence[str], kinds: Sequence[int], *, solve_every: int, uniform_share: float = 0.0
) -> list[Matchmaker]:
    """The matchmakers of L learners; learners of the same name get the very same one, and share its state.

    Args:
        names: a name for each learner, see `find_matchmaker`.
        kinds: the kind of each learner.
        solve_every: see `find_matchmaker`.
        uniform_share: the share of matches of every learner against any frozen player, so that all pairs
            stay measured.

    Raises:
        UserError: there is no such matchmaker.
    """
    made: dict[tuple[str, int | None], Matchmaker] = {}
    keys = [
        (name, kind if name.startswith("alphastar") else None)
        for name, kind in zip(names, kinds, strict=True)
    ]
    for key, kind in zip(keys, kinds, strict=True):
        if key not in made:
            one = find_matchmaker(key[0], kind, solve_every=solve_every)
            measured = mixture((1.0 - uniform_share, one), (uniform_share, uniform()))
            made[key] = measured if uniform_share > 0.0 else one
    return [made[key] for key in keys]


def _attribute(module: str, attribute: str) -> Matchmaker:
    where = f"MemberConfig.matchmaking is '{module}:{attribute}'"
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"{where}: {error}") from error
    check_matchmaker(found, where)
    return found
