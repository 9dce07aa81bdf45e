"""Self-play: matches advanced by plies, a scan over moves.

A match is an endless series of games. While one game is played, the opening of the next is prepared
beside it, a random ply at a time: so openings cost one `step` a ply, and no search is spent on them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.game import Game, fresh, random_action, resolve_chance, strip
from jaxplay.samples import Moves
from jaxplay.search import Search, SearchOutput
from jaxplay.struct import pytree, replace
from jaxplay.values import frame_of_rewards, frame_of_view


@pytree
class Match:
    """B matches between two moves; leaves `(B, ...)`.

    Attributes:
        state: the position; never terminal, never a chance node.
        ply: int32, decisions so far in this game.
        prepared: the next game's opening, as far as it has come.
        wanted: int32, random plies still to be played in `prepared`.
        opened: int32, random plies played in `prepared`.
    """

    state: Any
    ply: Array
    prepared: Any
    wanted: Array
    opened: Array


class SelfPlay(NamedTuple):
    """`init: key -> Match`, `play: params, Match, key -> (Match, Moves, totals)`; see `summary`."""

    init: Callable[[Array], Match]
    play: Callable[[Params, Match, Array], tuple[Match, Moves, dict[str, Array]]]


class Temperature(NamedTuple):
    """Moves are drawn from visits to the power of `1 / temperature`; 0 takes the most visited.

    `early` holds for the first `plies` plies of a game, `late` after them.
    """

    early: float = 1.0
    late: float = 0.0
    plies: int = 16


ALPHAZERO_TEMPERATURE = Temperature()


def selfplay(
    game: Game[Any],
    search: Search,
    *,
    num_matches: int,
    num_plies: int,
    temperature: Temperature = ALPHAZERO_TEMPERATURE,
    max_opening_plies: int = 0,
) -> SelfPlay:
    """Self-play of `num_matches` games at a time, `num_plies` moves at a call.

    Args:
        game: what is played.
        search: chooses the moves, for whichever player is to move.
        num_matches: B.
        num_plies: T.
        temperature: how moves are drawn from visits.
        max_opening_plies: a game begins with 0 to this many random plies, equally likely, but with no more
            than the moves of the game before it; openings that would end the game stop before.
    """

    def begin(key: Array) -> tuple[Any, Array]:
        key_state, key_wanted = jax.random.split(key)
        wanted = jax.random.randint(key_wanted, (), 0, max_opening_plies + 1, jnp.int32)
        return fresh(game, key_state), wanted

    def init(key: Array) -> Match:
        state, _ = jax.vmap(begin)(jax.random.split(jax.random.fold_in(key, 0), num_matches))
        prepared, wanted = jax.vmap(begin)(jax.random.split(jax.random.fold_in(key, 1), num_matches))
        zero = jnp.zeros((num_matches,), jnp.int32)
        match = Match(state, zero, prepared, wanted, zero)
        if max_opening_plies == 0:
            return match
        keys = jax.random.split(jax.random.fold_in(key, 2), max_opening_plies)
        match = jax.lax.scan(lambda m, k: (_prepare(game, m, k), None), match, keys)[0]
        ended = jnp.ones((num_matches,), bool)
        return _restart(match, ended, begin, jax.random.fold_in(key, 3))

    def ply(params: Params, match: Match, key: Array) -> tuple[Match, tuple[Moves, Array]]:
        key_search, key_draw, key_chance, key_open, key_begin = jax.random.split(key, 5)
        found = search(params, key_search, match.state)
        action, log_prob = _draw_actions(temperature, found, match, key_draw)
        after = _advance(game, match.state, action, key_chance)
        ended = after.terminated | (match.ply + 1 >= game.max_plies)
        moves = _record(game, match, found, action, log_prob, after)
        match = replace(match, state=after, ply=match.ply + 1)
        if max_opening_plies > 0:
            match = _prepare(game, match, key_open)
        return _restart(match, ended, begin, key_begin), (moves, found.depth.mean())

    def play(params: Params, match: Match, key: Array) -> tuple[Match, Moves, dict[str, Array]]:
        keys = jax.random.split(key, num_plies)
        match, (moves, depth) = jax.lax.scan(lambda m, k: ply(params, m, k), match, keys)
        return match, moves, _totals(moves, depth)

    return SelfPlay(init, play)


def _draw_actions(
    temperature: Temperature, found: SearchOutput, match: Match, key: Array
) -> tuple[Array, Array]:
    """Actions `(B,)` drawn from visits, and the logarithms of their probabilities."""
    early = match.ply < temperature.plies
    power = jnp.where(early, _inverse(temperature.early), _inverse(temperature.late))
    logits = jnp.log(found.action_weights) * power[:, None]
    logits = jnp.where(found.action_weights > 0, logits, -jnp.inf)
    greedy = jax.nn.one_hot(found.action, logits.shape[-1]) > 0
    logits = jnp.where((power > 0)[:, None], logits, jnp.where(greedy, 0.0, -jnp.inf))
    action = jax.random.categorical(key, logits).astype(jnp.int32)
    log_prob = jnp.take_along_axis(jax.nn.log_softmax(logits), action[:, None], axis=-1)[:, 0]
    return action, log_prob


def _inverse(temperature: float) -> float:
    return 1.0 / temperature if temperature > 0 else 0.0


def _advance(game: Game[Any], states: Any, actions: Array, key: Array) -> Any:
    states = jax.vmap(game.step)(states, actions)
    if game.num_chance_outcomes == 0:
        return states
    keys = jax.random.split(key, actions.shape[0])
    return jax.vmap(lambda s, k: resolve_chance(game, s, k))(states, keys)


def _record(
    game: Game[Any], match: Match, found: SearchOutput, action: Array, log_prob: Array, after: Any
) -> Moves:
    legal = match.state.legal_action_mask[:, : game.num_actions]
    player = match.state.current_player
    weight = jnp.ones_like(found.depth)
    return Moves(
        state=strip(match.state),
        player=player,
        action=action,
        policy_target=jnp.where(legal, found.action_weights, -1.0),
        log_prob=log_prob,
        value=frame_of_view(game, found.value, player),
        rewards=frame_of_rewards(game, after.rewards),
        terminated=after.terminated,
        truncated=~after.terminated & (match.ply + 1 >= game.max_plies),
        policy_weight=weight,
        value_weight=weight,
    )


def _prepare(game: Game[Any], match: Match, key: Array) -> Match:
    """One more random ply in the openings that want it; a ply that ends the game is not played."""
    key_action, key_chance = jax.random.split(key)
    batch = match.ply.shape[0]
    keys = jax.random.split(key_action, batch)
    action = jax.vmap(random_action)(match.prepared.legal_action_mask[:, : game.num_actions], keys)
    after = _advance(game, match.prepared, action, key_chance)
    wants = match.wanted > 0
    plays = wants & ~after.terminated
    return replace(
        match,
        prepared=_where(plays, after, match.prepared),
        wanted=match.wanted - wants,
        opened=match.opened + plays,
    )


def _restart(match: Match, ended: Array, begin: Callable[[Array], tuple[Any, Array]], key: Array) -> Match:
    """Where a game ended, the prepared one takes its place and a new opening is begun."""
    prepared, wanted = jax.vmap(begin)(jax.random.split(key, ended.shape[0]))
    return Match(
        state=_where(ended, match.prepared, match.state),
        ply=jnp.where(ended, match.opened, match.ply),
        prepared=_where(ended, prepared, match.prepared),
        wanted=jnp.where(ended, wanted, match.wanted),
        opened=jnp.where(ended, 0, match.opened),
    )


def _where(condition: Array, yes: Any, no: Any) -> Any:
    """Element by element of a batch, from trees of small states."""

    def pick(a: Array, b: Array) -> Array:
        return jnp.where(condition.reshape(-1, *[1] * (a.ndim - 1)), a, b)

    return jax.tree.map(pick, yes, no)


def _totals(moves: Moves, depth: Array) -> dict[str, Array]:
    """Sums over one call, float32 scalars, for `summary`. `depth` `(T,)`: means over matches."""
    return {
        "games": (moves.terminated | moves.truncated).sum().astype(jnp.float32),
        "positions": jnp.float32(moves.player.size),
        "truncated": moves.truncated.sum().astype(jnp.float32),
        "first_player_rewards": moves.rewards[..., 0].sum(),
        "search_depth": depth.mean() * moves.player.size,
    }


def summary(totals: dict[str, Array]) -> dict[str, Array]:
    """Metrics of self-play from the sums that `SelfPlay.play` returns, added up over shards."""
    games = jnp.maximum(totals["games"], 1.0)
    return {
        "games": totals["games"],
        "positions": totals["positions"],
        "truncated": totals["truncated"],
        "plies_per_game": totals["positions"] / games,
        "first_player_score": totals["first_player_rewards"] / games,
        "search_depth": totals["search_depth"] / totals["positions"],
    }
