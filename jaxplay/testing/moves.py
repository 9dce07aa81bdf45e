"""The laws of positions and moves, judged for all recorded moves at once."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE, Game, num_edges, strip
from jaxplay.struct import replace
from jaxplay.testing import play
from jaxplay.testing.law import GameLawError
from jaxplay.testing.play import Move, after, late, play_on, replay_call, require
from jaxplay.testing.secrets import check_perfect_information

TOLERANCE = 1e-4
"""Of sums of float32 rewards, relative to the bounds of the returns."""

Verdicts = dict[str, Array]
"""Law to `()` bool: whether it held."""


def check_ends(game: Game[Any], moves: Move, seed: int) -> int:
    """Hold games against law 7: how many were seen to end, where none had in `moves` by playing on."""
    ended = int(moves.after.terminated.sum())
    if ended:
        return ended
    lanes, actions = jax.device_get(play_on(game, play.LONGEST, seed))
    if lanes.state.terminated.any():
        return int(lanes.state.terminated.sum())
    lane = int(np.argmax(lanes.decisions - (lanes.state.current_player == CHANCE)))
    decided, age = int(lanes.decisions[lane]), int(lanes.age[lane])
    late = decided >= game.max_plies
    told = (
        f"goes on after max_plies={game.max_plies} decisions" if late else f"was seen to end in {age} moves"
    )
    call = replay_call(game, int(lanes.seed[lane]), actions[:age, lane].tolist())
    raise GameLawError(f"law 7: {'a' if late else 'no'} game {told}; see {call}")


def check_moves(game: Game[Any], moves: Move, may_be_cut: bool) -> None:
    """Hold every recorded move against the laws."""
    (before, during), sights = jax.device_get(_verdicts(game, moves))
    for message, held in before.items():
        require(game, moves, held, message, before=True)
    for message, held in during.items():
        require(game, moves, held, message)
    if not may_be_cut:
        decisions = moves.lane.decisions + (moves.lane.state.current_player != CHANCE)
        rolls = moves.after.current_player == CHANCE  # what follows the last decision may end the game
        ends = moves.after.terminated | rolls | (decisions < game.max_plies)
        require(game, moves, ends, f"law 7: a game goes on after max_plies={game.max_plies} decisions")
    if game.perfect_information:
        check_perfect_information(game, moves, sights)


@functools.partial(jax.jit, static_argnums=0)
def _verdicts(game: Game[Any], moves: Move) -> tuple[tuple[Verdicts, Verdicts], Array]:
    return jax.vmap(jax.vmap(functools.partial(_judge, game)))(moves)


def _judge(game: Game[Any], move: Move) -> tuple[tuple[Verdicts, Verdicts], Array]:
    """Verdicts about the position before a move, and about the move and the position after it.

    Also fingerprints, `(P, 2)` uint32, of what everybody observes before the move.
    """
    seen = _observations(game, strip(move.lane.state))
    before = {**_beginning(game, move), **_position(game, move.lane.state), **_observation(game, move, seen)}
    during = {**_position(game, move.after), **_blindness(game, move), **_returns(game, move)}
    if game.num_symmetries > 1:
        during.update(_symmetries(game, move))
    return (before, during), jax.vmap(_fingerprint)(seen)


def _fingerprint(values: Array) -> Array:
    """`(2,)` uint32: tells arrays of numbers apart, but for one pair in 2**64, as MurmurHash3 mixes them."""
    flat = values.reshape(-1).astype(jnp.float32) + 0.0  # there is one zero
    keys = np.random.RandomState(1970).randint(2**32, size=(2, flat.size), dtype=np.uint64).astype(np.uint32)
    words = jax.lax.bitcast_convert_type(flat, jnp.uint32)[None] + keys
    words = (words ^ (words >> 16)) * np.uint32(0x85EBCA6B)
    words = (words ^ (words >> 13)) * np.uint32(0xC2B2AE35)
    return (words ^ (words >> 16)).sum(axis=1, dtype=jnp.uint32)


def _beginning(game: Game[Any], move: Move) -> Verdicts:
    state, first = move.lane.state, move.lane.decisions == 0
    player = state.current_player
    return {
        "law 1: player 0 makes the first decision": ~first | (player == CHANCE) | (player == 0),
        "law 6: the first state has no rewards": (move.lane.age > 0) | (state.rewards == 0).all(),
        "law 3: the first state is not terminal": ~state.terminated,
    }


def _position(game: Game[Any], state: Any) -> Verdicts:
    mask, live, player = state.legal_action_mask, ~state.terminated, state.current_player
    chance = player == CHANCE
    numbers = np.arange(num_edges(game))
    exists = numbers < jnp.where(chance, game.num_chance_outcomes, game.num_actions)
    verdicts = {
        "law 1: current_player is CHANCE or below num_players": (player >= CHANCE)
        & (player < game.num_players),
        "law 4: the mask is all true at a terminal state": mask.all() | live,
        "law 4: a live state has a legal action": ~live | (mask & exists).any(),
        "law 4: what the mask allows exists": ~live | ~(mask & ~exists).any(),
        "law 6: rewards are finite": jnp.isfinite(state.rewards).all(),
    }
    if game.num_chance_outcomes == 0:
        return {**verdicts, "law 2: a game without chance outcomes has no chance node": ~chance}
    probs = game.chance_probs(state)
    known = mask[: game.num_chance_outcomes] == (probs > 0)
    roll = chance & live
    return {
        **verdicts,
        "law 2: chance_probs are a distribution": ~roll
        | ((probs >= 0).all() & (abs(probs.sum() - 1) < 1e-5)),
        "law 4: the mask at a chance node is where chance_probs are positive": ~roll | known.all(),
    }


def _observation(game: Game[Any], move: Move, all_players: Array) -> Verdicts:
    state = strip(move.lane.state)
    decision = state.current_player != CHANCE
    own = game.observe(state)
    poisoned = game.observe(_poisoned(move.lane.state))
    mover = all_players[jnp.maximum(state.current_player, 0)]
    return {
        "observe is finite": ~decision | jnp.isfinite(all_players).all(),
        "observe without a player is that of the player to move": ~decision | _same(own, mover),
        "law 5: observe reads neither legal_action_mask nor rewards": ~decision | _same(own, poisoned),
    }


def _blindness(game: Game[Any], move: Move) -> Verdicts:
    poisoned = game.step(_poisoned(move.lane.state), move.action)
    return {"law 5: step reads neither legal_action_mask nor rewards": _same(poisoned, move.after)}


def _returns(game: Game[Any], move: Move) -> Verdicts:
    """Of a game that has ended, by its rules or by self-play, which cuts it after `max_plies` decisions."""
    over = move.after.terminated | (late(game, after(move)) & (not game.zero_sum))  # else it is a draw
    slack = TOLERANCE * max(1.0, abs(game.min_return), abs(game.max_return))
    least, most = move.returns.min() >= game.min_return - slack, move.returns.max() <= game.max_return + slack
    verdicts = {f"law 6: returns lie in [{game.min_return:g}, {game.max_return:g}]": ~over | (least & most)}
    if game.zero_sum:
        balanced = jnp.abs(move.returns.sum()) <= slack
        verdicts["law 6: returns add up to zero, as zero_sum says"] = ~over | balanced
    if game.num_players == 2 and not getattr(game, "has_draws", True):
        decided = move.returns[0] != move.returns[1]
        verdicts["no game is drawn, as has_draws says"] = ~move.after.terminated | decided
    return verdicts


def _symmetries(game: Game[Any], move: Move) -> Verdicts:
    """To turn the board and play the turned action is to play and then turn the board."""
    state, table = move.lane.state, jnp.asarray(game.action_permutation, jnp.int32)
    decision = state.current_player != CHANCE

    def of(index: Array) -> tuple[Array, Array]:
        turned = game.symmetry(state, index)
        played = game.step(strip(turned), table[index, move.action])
        other = game.symmetry(move.after, index)
        mask = turned.legal_action_mask[table[index]] == state.legal_action_mask[: game.num_actions]
        return mask.all(), _same(_seen(game, played), _seen(game, other))

    masks, plays = jax.vmap(of)(jnp.arange(game.num_symmetries, dtype=jnp.int32))
    still = _same(_seen(game, game.symmetry(state, jnp.int32(0))), _seen(game, state))
    return {
        "law 8: symmetry 0 is the identity": ~decision | still,
        "law 8: a symmetry permutes the mask by action_permutation": ~decision | masks.all(),
        "law 8: symmetries commute with step": ~decision | plays.all(),
    }


def _seen(game: Game[Any], state: Any) -> Any:
    """What tells positions apart: the stored fields, and what every player observes."""
    common = state.current_player, state.terminated, state.legal_action_mask, state.rewards
    return (*common, _observations(game, strip(state)))


def _observations(game: Game[Any], state: Any) -> Array:
    players = jnp.arange(game.num_players, dtype=jnp.int32)
    return jax.vmap(lambda player: game.observe(state, player))(players)


def _poisoned(state: Any) -> Any:
    """`state` with the wrong mask and rewards."""
    rewards = jnp.full_like(state.rewards, jnp.nan)
    return replace(state, legal_action_mask=~state.legal_action_mask, rewards=rewards)


def _same(one: Any, other: Any) -> Array:
    equal = jax.tree.map(lambda x, y: ((x == y) | ((x != x) & (y != y))).all(), one, other)  # NaN is itself
    return jnp.stack(jax.tree.leaves(equal)).all()
