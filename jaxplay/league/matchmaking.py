"""Who plays whom: rules that give each learner a distribution over opponents.

A rule is a `Meta`. Every rule of the literature that is a function of the payoff table is one: latest,
uniform and delta-uniform self-play, prioritized fictitious self-play here; the roles of AlphaStar in
`alphastar`, rules with a memory in `curricula` and `psro`. Where a rule finds nobody to play, the
learner plays itself.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league.payoff import Payoff
from jaxplay.league.standings import Standings
from jaxplay.matrix_games import normalised
from jaxplay.matrix_games import uniform as evenly

GOLDEN = 2654435769
"""The fraction of the golden ratio, times 2^32."""

Opponents = Callable[[Standings, Array], Array]
"""`standings, learner () -> (N,)` probabilities."""
Weight = Callable[[Array], Array]
"""Shares of points of the learner -> weights of opponents, elementwise."""


def _remember(memory: Any, anew: Array) -> Any:
    return memory


class Meta(NamedTuple):
    """A rule of matchmaking. Learners of a league that are given the same one share its memory.

    Attributes:
        init: `num_learners, num_players -> memory`, a pytree.
        update: `memory, standings, fresh -> memory`, after each step of the league; `fresh` are the
            step's games alone, undecayed.
        opponents: `memory, standings, learner () int32 -> (N,)` probabilities of opponents; the learner's
            own index is self-play.
        forget: `memory, anew (L,) bool -> memory`, after learners started anew: what was known of these goes,
            by default nothing.
    """

    init: Callable[[int, int], Any]
    update: Callable[[Any, Standings, Payoff], Any]
    opponents: Callable[[Any, Standings, Array], Array]
    forget: Callable[[Any, Array], Any] = _remember


def plain(opponents: Opponents) -> Meta:
    """A rule without a memory."""
    return Meta(
        init=lambda num_learners, num_players: (),
        update=lambda memory, standings, fresh: memory,
        opponents=lambda memory, standings, learner: opponents(standings, learner),
    )


def only(player: Array, num_players: int) -> Array:
    """`(N,)`: certainly `player`."""
    return (jnp.arange(num_players) == player).astype(jnp.float32)


def or_self(probs: Array, learner: Array) -> Array:
    """`probs`, `(N,)`, or the learner itself where there are none."""
    return jnp.where(probs.sum() > 0.5, probs, only(learner, probs.shape[0]))


def pfsp(score: Array, candidates: Array, weight: Weight) -> Array:
    """`(N,)`: prioritized fictitious self-play (Vinyals et al. 2019); all zero without candidates.

    Args:
        score: `(N,)`, of the learner against each.
        candidates: `(N,)` bool.
        weight: of an opponent by that score; if all are (almost) zero, all are as likely.
    """
    return normalised(jnp.where(candidates, weight(score), 0.0), evenly(candidates))


def hard(power: float = 2.0) -> Weight:
    """`(1 - x)^power`: those that beat the learner."""
    return lambda x: (1.0 - x) ** power


def variance(x: Array) -> Array:
    """`x (1 - x)`: those of its own strength."""
    return x * (1.0 - x)


def linear(x: Array) -> Array:
    """`1 - x`: those that beat the learner, less sharply than `hard`."""
    return 1.0 - x


def capped(x: Array) -> Array:
    """`min(1/2, 1 - x)`: all that are not beaten yet alike."""
    return jnp.minimum(0.5, 1.0 - x)


def self_play() -> Meta:
    """The learner as it is now."""
    return plain(lambda standings, learner: only(learner, standings.present.shape[0]))


def latest() -> Meta:
    """The newest frozen player; of several, the one in the first slot."""
    return plain(lambda standings, learner: or_self(newest(standings), learner))


def newest(standings: Standings) -> Array:
    """`(N,)`: the newest frozen player; all zero if there is none."""
    last = jnp.argmax(jnp.where(standings.frozen, standings.born, -1))
    return jnp.where(standings.frozen.any(), only(last, standings.present.shape[0]), 0.0)


def uniform() -> Meta:
    """All frozen players alike: fictitious self-play (Heinrich et al. 2015)."""
    return plain(lambda standings, learner: or_self(evenly(standings.frozen), learner))


def delta_uniform(delta: float = 0.5) -> Meta:
    """Uniform over the newest `1 - delta` of the frozen players, one at least (Bansal et al. 2018).

    Args:
        delta: 0: all; 1: the newest only.
    """

    def opponents(standings: Standings, learner: Array) -> Array:
        age = jnp.where(standings.frozen, standings.born, -1)
        rank = jnp.argsort(jnp.argsort(age, stable=True, descending=True))
        kept = jnp.maximum(jnp.ceil((1.0 - delta) * standings.frozen.sum() - 1e-4), 1.0)
        return or_self(evenly(standings.frozen & (rank < kept)), learner)

    return plain(opponents)


def prioritized(weight: Weight) -> Meta:
    """Prioritized fictitious self-play over all frozen players.

    Args:
        weight: `hard()`, `variance`, `linear` or `capped`, or one of your own.
    """

    def opponents(standings: Standings, learner: Array) -> Array:
        return or_self(pfsp(standings.score[learner], standings.frozen, weight), learner)

    return plain(opponents)


def mixture(*parts: tuple[float, Meta]) -> Meta:
    """A part of the matches by each of several rules; a small share of `uniform` keeps every pair measured.

    Args:
        *parts: shares, which sum to one, and rules.

    Raises:
        ValueError: the shares do not sum to one.
    """
    shares, metas = zip(*parts, strict=True)
    if abs(sum(shares) - 1.0) > 1e-6:
        raise ValueError(f"shares {shares} do not sum to one")

    def init(num_learners: int, num_players: int) -> Any:
        return tuple(meta.init(num_learners, num_players) for meta in metas)

    def update(memory: Any, standings: Standings, fresh: Payoff) -> Any:
        return tuple(meta.update(m, standings, fresh) for meta, m in zip(metas, memory, strict=True))

    def opponents(memory: Any, standings: Standings, learner: Array) -> Array:
        probs = [meta.opponents(m, standings, learner) for meta, m in zip(metas, memory, strict=True)]
        return jnp.array(shares) @ jnp.stack(probs)

    def forget(memory: Any, anew: Array) -> Any:
        return tuple(meta.forget(m, anew) for meta, m in zip(metas, memory, strict=True))

    return Meta(init, update, opponents, forget)


def draw(key: Array, probs: Array, num: int) -> Array:
    """`(num,)` int32: players drawn with one random number, so that none is drawn too often or too rarely.

    Each is drawn `num` times its probability, rounded up or down (systematic sampling, Madow 1944).

    Args:
        key: consumed.
        probs: `(N,)`, not all zero.
        num: draws, in the order of the players.
    """
    return _at(probs, (jnp.arange(num) + jax.random.uniform(key)) / num)


def _at(probs: Array, points: Array) -> Array:
    """The players at `points` of [0, 1), which they share by `probs`."""
    reach = jnp.cumsum(probs)
    found = jnp.searchsorted(reach / reach[-1], points, side="right")
    last = jnp.max(jnp.where(probs > 0.0, jnp.arange(probs.shape[0]), 0))
    return jnp.minimum(found, last).astype(jnp.int32)


def draw_in_turn(probs: Array, start: Array, number: Array) -> Array:
    """Players drawn one at a time, so that soon each has come as often as its probability says.

    The n-th draw takes the point `start + n * golden ratio` of the interval, modulo its length: such points
    fill it evenly however many there are (Knuth, The Art of Computer Programming, volume 3, section 6.4).

    Args:
        probs: `(N,)`, not all zero; they may change from draw to draw.
        start: `()` uint32, at random.
        number: int32 of any shape, n.

    Returns:
        int32 of the shape of `number`.
    """
    point = (start + number.astype(jnp.uint32) * jnp.uint32(GOLDEN)) >> 8
    return _at(probs, point.astype(jnp.float32) * 2.0**-24)


def least_measured(key: Array, standings: Standings, num: int) -> tuple[Array, Array]:
    """Pairs of frozen players that have met least, for matches of referees.

    Args:
        key: consumed; orders pairs that have met as often.
        standings: of N players.
        num: pairs, at most `N (N - 1) / 2`.

    Returns:
        `(num, 2)` int32 players, and `(num,)` bool: whether there is such a pair.
    """
    size = standings.present.shape[0]
    row, column = jnp.triu_indices(size, 1)
    exists = standings.frozen[row] & standings.frozen[column]
    met = standings.games[row, column] + 1e-3 * jax.random.uniform(key, row.shape)
    _, pair = jax.lax.top_k(jnp.where(exists, -met, -jnp.inf), num)
    return jnp.stack([row[pair], column[pair]], axis=1).astype(jnp.int32), exists[pair]


def pairs_for_referees(key: Array, standings: Standings, num: int) -> Array:
    """`(num, 2)` int32: the pairs that have met least, over again where there are fewer than `num`.

    As long as only one player is frozen, it is to meet itself, which is not counted.

    Args:
        key: consumed; see `least_measured`.
        standings: of N players.
        num: pairs.
    """
    size = standings.present.shape[0]
    pairs, exists = least_measured(key, standings, min(num, size * (size - 1) // 2))
    found = pairs[jnp.arange(num) % jnp.maximum(exists.sum(), 1)]
    return jnp.where(exists.any(), found, standings.num_learners).astype(jnp.int32)
