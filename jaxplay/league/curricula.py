"""Matchmakers with a state: OpenAI Five's quality scores, TiZero's two phases."""

import jax.numpy as jnp
from jax import Array

from jaxplay.league._standings import Standings
from jaxplay.league.matchmaking import Matchmaker, linear, newest, one_hot, or_self, pfsp
from jaxplay.league.payoff import Payoff
from jaxplay.matrix_games import softmax
from jaxplay.matrix_games import uniform as evenly
from jaxplay.struct import pytree, replace


@pytree
class QualityState:
    """The state of `quality_scores`.

    Attributes:
        quality: `(L, N)` float32, the log weight of each opponent for each learner.
        born: `(N,)` int32, when the players were frozen who were in the slots at the last update; -1 for
            an empty slot.
    """

    quality: Array
    born: Array


def quality_scores(*, past: float = 0.2, rate: float = 0.01) -> Matchmaker:
    """The learner itself, and a share of frozen players by quality scores (OpenAI Five, Berner et al. 2019).

    An opponent is sampled with a probability in proportion to `exp(quality)`. A win over it with
    probability p among n lowers its quality by `rate / (n p)`; losing to it changes nothing. New players
    begin with the greatest quality of all; for a learner that starts anew all qualities are equal.

    Args:
        past: the share of matches against frozen players.
        rate: the step size.
    """

    def init(num_learners: int, num_players: int) -> QualityState:
        return QualityState(jnp.zeros((num_learners, num_players)), jnp.full((num_players,), -1, jnp.int32))

    def update(state: QualityState, standings: Standings, fresh: Payoff) -> QualityState:
        known = standings.frozen & (state.born == standings.born)
        wins = fresh.wins.sum(-1)[: standings.num_learners]
        chance = _by_quality(state, known)
        step = rate * wins / jnp.maximum(known.sum() * chance, 1e-6)
        quality = jnp.where(known[None], state.quality - step, -jnp.inf)
        best = jnp.where(known.any(), quality.max(1, keepdims=True), 0.0)
        quality = jnp.where(known[None], quality, jnp.where(standings.frozen[None], best, 0.0))
        return QualityState(quality, jnp.where(standings.frozen, standings.born, -1))

    def opponents(state: QualityState, standings: Standings, learner: Array) -> Array:
        known = standings.frozen & (state.born == standings.born)
        chance = or_self(_by_quality(state, known)[learner], learner)
        return (1.0 - past) * one_hot(learner, chance.shape[0]) + past * chance

    def forget(state: QualityState, restarted: Array) -> QualityState:
        return replace(state, quality=jnp.where(restarted[:, None], 0.0, state.quality))

    return Matchmaker(init, update, opponents, forget)


def _by_quality(state: QualityState, known: Array) -> Array:
    """`(L, N)`: probabilities of the opponents in `known`, `(N,)`."""
    weights = [softmax(quality, known) for quality in state.quality]
    return jnp.stack(weights)


def phases(
    *, newest_share: float = 0.8, challenged: float = 0.6, generalised: float = 0.6, min_games: float = 20.0
) -> Matchmaker:
    """TiZero's two phases in turn (Lin et al. 2023): challenge the newest, then generalise to all.

    Challenge: most matches are against the newest frozen player, the rest against the others alike. Once
    the learner beats the newest, generalise: all frozen players are played, by `linear` priority, until the
    learner beats them in the mean. A learner that starts anew begins with the first phase. The paper gives
    the shares of the first phase; the weights of the second and the thresholds are ours.

    Args:
        newest_share: the share of matches against the newest player in the first phase.
        challenged: the score against the newest player that ends the first phase.
        generalised: the mean score against all frozen players that ends the second phase.
        min_games: games with the newest player, by their weight in the payoff table, before the first
            phase may end.
    """

    def init(num_learners: int, num_players: int) -> Array:
        return jnp.zeros((num_learners,), bool)

    def update(state: Array, standings: Standings, fresh: Payoff) -> Array:
        learners = slice(standings.num_learners)
        last, everyone = newest(standings), evenly(standings.frozen)
        score, games = standings.score[learners], standings.games[learners]
        beaten = (score @ last >= challenged) & (games @ last >= min_games)
        return jnp.where(state, score @ everyone < generalised, beaten)

    def opponents(state: Array, standings: Standings, learner: Array) -> Array:
        last = newest(standings)
        others = evenly(standings.frozen & (last == 0.0))
        challenge = newest_share * last + (1.0 - newest_share) * jnp.where(others.any(), others, last)
        generalise = pfsp(standings.score[learner], standings.frozen, linear)
        return or_self(jnp.where(state[learner], generalise, challenge), learner)

    return Matchmaker(init, update, opponents, lambda state, restarted: state & ~restarted)
