"""Rules of matchmaking that remember: OpenAI Five's quality scores, TiZero's two phases."""

import jax.numpy as jnp
from jax import Array

from jaxplay.league.matchmaking import Meta, linear, newest, only, or_self, pfsp
from jaxplay.league.payoff import Payoff
from jaxplay.league.standings import Standings
from jaxplay.matrix_games import softmax
from jaxplay.matrix_games import uniform as evenly
from jaxplay.struct import pytree, replace


@pytree
class Quality:
    """What OpenAI Five remembers.

    Attributes:
        quality: `(L, N)` float32, the log weight of each opponent for each learner.
        born: `(N,)` int32, who was in the slots when these were updated; -1: nobody.
    """

    quality: Array
    born: Array


def quality_scores(*, past: float = 0.2, rate: float = 0.01) -> Meta:
    """The learner itself, and a share of frozen players by quality scores (OpenAI Five, Berner et al. 2019).

    An opponent is drawn with a probability in proportion to `exp(quality)`. A win over it with
    probability p among n lowers its quality by `rate / (n p)`; losing to it changes nothing. New players
    begin with the greatest quality of all; a learner that starts anew finds all alike.

    Args:
        past: share of matches against frozen players.
        rate: of learning.
    """

    def init(num_learners: int, num_players: int) -> Quality:
        return Quality(jnp.zeros((num_learners, num_players)), jnp.full((num_players,), -1, jnp.int32))

    def update(memory: Quality, standings: Standings, fresh: Payoff) -> Quality:
        known = standings.frozen & (memory.born == standings.born)
        wins = fresh.wins.sum(-1)[: standings.num_learners]
        chance = _by_quality(memory, known)
        step = rate * wins / jnp.maximum(known.sum() * chance, 1e-6)
        quality = jnp.where(known[None], memory.quality - step, -jnp.inf)
        best = jnp.where(known.any(), quality.max(1, keepdims=True), 0.0)
        quality = jnp.where(known[None], quality, jnp.where(standings.frozen[None], best, 0.0))
        return Quality(quality, jnp.where(standings.frozen, standings.born, -1))

    def opponents(memory: Quality, standings: Standings, learner: Array) -> Array:
        known = standings.frozen & (memory.born == standings.born)
        chance = or_self(_by_quality(memory, known)[learner], learner)
        return (1.0 - past) * only(learner, chance.shape[0]) + past * chance

    def forget(memory: Quality, anew: Array) -> Quality:
        return replace(memory, quality=jnp.where(anew[:, None], 0.0, memory.quality))

    return Meta(init, update, opponents, forget)


def _by_quality(memory: Quality, known: Array) -> Array:
    """`(L, N)`: chances of opponents that are `known`, `(N,)`."""
    weights = [softmax(quality, known) for quality in memory.quality]
    return jnp.stack(weights)


def phases(
    *, newest_share: float = 0.8, challenged: float = 0.6, generalised: float = 0.6, min_games: float = 20.0
) -> Meta:
    """TiZero's two phases in turn (Lin et al. 2023): challenge the newest, then generalise to all.

    Challenge: most matches against the newest frozen player, the rest against the others alike. Once
    the learner beats the newest, generalise: all frozen players, by `linear` priority, until it beats them
    in the mean. A learner that starts anew begins with the first. The paper gives the shares of the first
    phase; the weights of the second and the thresholds are ours.

    Args:
        newest_share: of the matches in the first phase.
        challenged: score against the newest player that ends the first phase.
        generalised: mean score against all that ends the second.
        min_games: as weighed in the payoff table, with the newest player, before the first phase ends.
    """

    def init(num_learners: int, num_players: int) -> Array:
        return jnp.zeros((num_learners,), bool)

    def update(memory: Array, standings: Standings, fresh: Payoff) -> Array:
        learners = slice(standings.num_learners)
        last, everyone = newest(standings), evenly(standings.frozen)
        score, games = standings.score[learners], standings.games[learners]
        beaten = (score @ last >= challenged) & (games @ last >= min_games)
        return jnp.where(memory, score @ everyone < generalised, beaten)

    def opponents(memory: Array, standings: Standings, learner: Array) -> Array:
        last = newest(standings)
        others = evenly(standings.frozen & (last == 0.0))
        challenge = newest_share * last + (1.0 - newest_share) * jnp.where(others.any(), others, last)
        generalise = pfsp(standings.score[learner], standings.frozen, linear)
        return or_self(jnp.where(memory[learner], generalise, challenge), learner)

    return Meta(init, update, opponents, lambda memory, anew: memory & ~anew)
