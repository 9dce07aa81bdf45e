"""Who plays whom: matchmakers, which give each learner a distribution over opponents.

The matchmakers of this file are functions of the standings alone: self-play, latest, uniform and
delta-uniform self-play, and prioritized fictitious self-play. The roles of AlphaStar are in `alphastar`,
matchmakers with a state in `curricula` and `_psro`. Where a matchmaker finds nobody to play, the learner
plays itself.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.league._standings import Standings
from jaxplay.league.payoff import Payoff
from jaxplay.matrix_games import normalised
from jaxplay.matrix_games import uniform as evenly

Opponents = Callable[[Standings, Array], Array]
"""`standings, learner () -> (N,)` probabilities."""
Weight = Callable[[Array], Array]
"""The learner's shares of the points -> weights of the opponents, elementwise."""


def _forget_nothing(state: Any, restarted: Array) -> Any:
    return state


class Matchmaker(NamedTuple):
    """Pure functions that choose opponents. Learners that are given the same matchmaker share its state.

    Attributes:
        init: `num_learners, num_players -> state`, a pytree; `()` where there is nothing to keep.
        update: `state, standings, fresh -> state`, called after each step of the league; `fresh` is the
            payoff table of this step's games alone, without decay.
        opponents: `state, standings, learner () int32 -> (N,)` probabilities of opponents; the learner's
            own index is self-play.
        forget: `state, restarted (L,) bool -> state`, called after learners started anew: removes what
            the state says about them. The default removes nothing.
    """

    init: Callable[[int, int], Any]
    update: Callable[[Any, Standings, Payoff], Any]
    opponents: Callable[[Any, Standings, Array], Array]
    forget: Callable[[Any, Array], Any] = _forget_nothing


def check_matchmaker(given: Any, where: str) -> None:
    """Refuse what is no matchmaker; `where` says where it stands. Raises `UserError`."""
    if not isinstance(given, Matchmaker):
        hint = "; jaxplay.league.stateless makes one of a function" if callable(given) else ""
        raise UserError(f"{where}, which is no jaxplay.league.Matchmaker{hint}")


def stateless(opponents: Opponents) -> Matchmaker:
    """A matchmaker that looks at the standings and keeps nothing.

    Args:
        opponents: `standings, learner () int32 -> (N,)` probabilities of opponents.
    """
    return Matchmaker(
        init=lambda num_learners, num_players: (),
        update=lambda state, standings, fresh: state,
        opponents=lambda state, standings, learner: opponents(standings, learner),
    )


def one_hot(player: Array, num_players: int) -> Array:
    """`(N,)` float32: probability one for `player`."""
    return (jnp.arange(num_players) == player).astype(jnp.float32)


def or_self(probs: Array, learner: Array) -> Array:
    """`(N,)`: `probs`, or the learner itself where all of them are zero."""
    return jnp.where(probs.sum() > 0.5, probs, one_hot(learner, probs.shape[0]))


def pfsp(score: Array, candidates: Array, weight: Weight) -> Array:
    """`(N,)`: prioritized fictitious self-play (Vinyals et al. 2019); all zero without candidates.

    Args:
        score: `(N,)` shares of the points of the learner against each player.
        candidates: `(N,)` bool, who may be played.
        weight: the weight of an opponent by that score. If all weights are (almost) zero, all candidates
            are equally likely.
    """
    return normalised(jnp.where(candidates, weight(score), 0.0), evenly(candidates))


def hard(power: float = 2.0) -> Weight:
    """The weight `(1 - x)^power`, which prefers opponents that beat the learner."""
    return lambda x: (1.0 - x) ** power


def variance(x: Array) -> Array:
    """The weight `x (1 - x)`, which prefers opponents of the learner's own strength."""
    return x * (1.0 - x)


def linear(x: Array) -> Array:
    """The weight `1 - x`, which prefers opponents that beat the learner, less sharply than `hard`."""
    return 1.0 - x


def capped(x: Array) -> Array:
    """The weight `min(1/2, 1 - x)`, the same for all opponents that the learner does not beat yet."""
    return jnp.minimum(0.5, 1.0 - x)


def self_play() -> Matchmaker:
    """Every learner plays itself, with its present parameters."""
    return stateless(lambda standings, learner: one_hot(learner, standings.present.shape[0]))


def latest() -> Matchmaker:
    """Every learner plays the newest frozen player; of several, the one in the first slot."""
    return stateless(lambda standings, learner: or_self(newest(standings), learner))


def newest(standings: Standings) -> Array:
    """`(N,)`: probability one for the newest frozen player; all zero if there is none."""
    last = jnp.argmax(jnp.where(standings.frozen, standings.born, -1))
    return jnp.where(standings.frozen.any(), one_hot(last, standings.present.shape[0]), 0.0)


def uniform() -> Matchmaker:
    """All frozen players are equally likely: fictitious self-play (Heinrich et al. 2015)."""
    return stateless(lambda standings, learner: or_self(evenly(standings.frozen), learner))


def delta_uniform(delta: float = 0.5) -> Matchmaker:
    """Uniform over the newest `1 - delta` of the frozen players, at least one (Bansal et al. 2018).

    Args:
        delta: the share of frozen players that is left out, oldest first. With 0 all may be played, with
            1 only the newest.
    """

    def opponents(standings: Standings, learner: Array) -> Array:
        age = jnp.where(standings.frozen, standings.born, -1)
        rank = jnp.argsort(jnp.argsort(age, stable=True, descending=True))
        kept = jnp.maximum(jnp.ceil((1.0 - delta) * standings.frozen.sum() - 1e-4), 1.0)
        return or_self(evenly(standings.frozen & (rank < kept)), learner)

    return stateless(opponents)


def prioritized(weight: Weight) -> Matchmaker:
    """Prioritized fictitious self-play over all frozen players.

    Args:
        weight: `hard()`, `variance`, `linear`, `capped`, or one of your own.
    """

    def opponents(standings: Standings, learner: Array) -> Array:
        return or_self(pfsp(standings.score[learner], standings.frozen, weight), learner)

    return stateless(opponents)


def without_self(matchmaker: Matchmaker) -> Matchmaker:
    """The same without the learner itself, where there is anybody else, who get what it had.

    For learners that play with themselves outside lanes (`MemberConfig.selfplay_share`).
    """

    def opponents(state: Any, standings: Standings, learner: Array) -> Array:
        probs = matchmaker.opponents(state, standings, learner)
        rest = probs * (1.0 - one_hot(learner, probs.shape[0]))
        return or_self(normalised(rest, jnp.zeros_like(rest)), learner)

    return matchmaker._replace(opponents=opponents)


def mixture(*parts: tuple[float, Matchmaker]) -> Matchmaker:
    """Several matchmakers, each of which decides a share of the matches.

    A small share of `uniform` keeps every pair measured.

    Args:
        *parts: shares, which sum to one, and matchmakers.

    Raises:
        ValueError: the shares do not sum to one.
        UserError: one is no matchmaker.
    """
    shares, matchmakers = zip(*parts, strict=True)
    for one in matchmakers:
        check_matchmaker(one, f"a part of the mixture is a {type(one).__name__}")
    if abs(sum(shares) - 1.0) > 1e-6:
        raise ValueError(f"shares {shares} do not sum to one")

    def init(num_learners: int, num_players: int) -> Any:
        return tuple(one.init(num_learners, num_players) for one in matchmakers)

    def update(state: Any, standings: Standings, fresh: Payoff) -> Any:
        return tuple(one.update(s, standings, fresh) for one, s in zip(matchmakers, state, strict=True))

    def opponents(state: Any, standings: Standings, learner: Array) -> Array:
        probs = [one.opponents(s, standings, learner) for one, s in zip(matchmakers, state, strict=True)]
        return jnp.array(shares) @ jnp.stack(probs)

    def forget(state: Any, restarted: Array) -> Any:
        return tuple(one.forget(s, restarted) for one, s in zip(matchmakers, state, strict=True))

    return Matchmaker(init, update, opponents, forget)
