"""Options of self-play: cheap moves, weights by surprise, resignation, endings; each against the record."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from quick import quick_jit
from rolling import self_play
from small_games import Race

from jaxplay.config import SelfPlayConfig
from jaxplay.errors import UserError
from jaxplay.game import random_action
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.rollout import Roster, summary
from jaxplay.rollout.record import weigh_by_surprise
from jaxplay.rollout.resignation import Watch, consider, new_watch, rewards_of_resigning, was_wrong
from jaxplay.search import Search, SearchOutput
from jaxplay.struct import replace

MATCHES, PLIES = 32, 40
FULL, CHEAP = 0.5, -0.25
"""What the full search and the cheap one expect."""


def scripted(value: Callable[[Any], Any], *, first: bool = False, num_actions: int = 9) -> Search:
    """A search of a known value that plays one legal action for certain: the first, or a random one."""

    def search(params: None, key: Array, states: Any, **options: Any) -> SearchOutput:
        legal = states.legal_action_mask[:, :num_actions]
        keys = jax.random.split(key, len(legal))
        action = jnp.argmax(legal, -1) if first else jax.vmap(random_action)(legal, keys)
        sure = jax.nn.one_hot(action, legal.shape[1])
        even = legal / legal.sum(-1, keepdims=True)
        facts = dict.fromkeys(SearchOutput._fields) | {
            "action": action.astype(jnp.int32),
            "action_weights": 0.75 * sure + 0.25 * even,
            "value": jnp.broadcast_to(jnp.asarray(value(states), jnp.float32), len(legal)),
            "prior": even,
            "depth": jnp.ones(len(legal)),
        }
        return SearchOutput(**cast(Any, facts))

    return cast(Search, search)


def play(game: Any, search: Search, calls: int = 1, **options: Any) -> Any:
    """`(moves, metrics)` of the last of several calls, as NumPy arrays; the most visited action is played."""
    greedy = {"temperature_early": 0.0, "temperature_late": 0.0}
    actor = self_play(game, search, num_matches=MATCHES, num_plies=PLIES, **greedy, **options)
    matches, step = quick_jit(actor.init)(jax.random.key(1)), quick_jit(actor.play)
    moves, totals = None, {}
    for call in range(calls):
        matches, moves, totals, _ = step(Roster(None), matches, jax.random.key(2 + call))
    return jax.device_get((moves, summary(totals)))


@cache
def with_cheap_moves(surprise_share: float = 0.0) -> Any:
    cheap = scripted(lambda states: CHEAP)
    options = {"cheap": cheap, "full_share": 0.3, "surprise_share": surprise_share}
    return play(TicTacToe(), scripted(lambda states: FULL), **options)


def test_cheap_moves_are_played_and_their_policy_is_not_learned():
    """One choice a ply for all matches; the value is learned from all moves."""
    moves, metrics = with_cheap_moves()
    seen = np.where(moves.player == 0, 1, -1) * moves.value[..., 0]
    full = seen == FULL
    assert (full | (seen == CHEAP)).all() and (full == full[:, :1]).all()
    np.testing.assert_array_equal(moves.policy_weight, full)
    assert (moves.value_weight == 1).all()
    share = full[:, 0].mean()
    assert abs(share - 0.3) < 4 * np.sqrt(0.3 * 0.7 / PLIES) and 0 < share < 1
    np.testing.assert_allclose(metrics["learned_share"], share, rtol=1e-6)


def test_only_one_of_the_two_searches_runs():
    """A branch in the program, not a choice between two results."""
    sides = [scripted(lambda states: FULL), scripted(lambda states: CHEAP)]
    options: Any = {"num_matches": 2, "num_plies": 1, "cheap": sides[1], "full_share": 0.5}
    actor = self_play(TicTacToe(), sides[0], **options)
    match = jax.eval_shape(actor.init, jax.random.key(0))
    text = jax.jit(actor.play).lower(Roster(None), match, jax.random.key(0)).as_text()
    assert "stablehlo.case" in text or "stablehlo.if" in text


def surprise(moves: Any) -> np.ndarray:
    """Of what was searched, whose prior is even, by the formula."""
    legal, target = moves.legal_action_mask.sum(-1), moves.policy_target
    return (target * np.log(np.maximum(target, 1e-9) * legal[..., None])).sum(-1)


def test_weights_follow_surprise():
    """A quarter of the weight in proportion to it, the mean as it was."""
    moves, _ = play(TicTacToe(), scripted(lambda states: FULL), surprise_share=0.25)
    found = surprise(moves)
    expected = 0.75 + 0.25 * found / found.mean()
    assert expected.min() < 0.8 and expected.max() > 1.1
    np.testing.assert_allclose(moves.policy_weight, expected, rtol=1e-4)
    np.testing.assert_allclose(moves.value_weight, expected, rtol=1e-4)
    np.testing.assert_allclose(moves.policy_weight.mean(), 1.0, rtol=1e-5)


def test_surprise_is_shared_among_moves_that_are_learned():
    (plain, _), (moves, _) = with_cheap_moves(), with_cheap_moves(0.5)
    full = plain.policy_weight > 0
    found = surprise(moves)
    expected = 0.5 + 0.5 * found / found[full].mean()
    np.testing.assert_allclose(moves.policy_weight, np.where(full, expected, 0.0), rtol=1e-4)
    np.testing.assert_allclose(moves.value_weight, np.where(full, expected, 1.0), rtol=1e-4)


def test_no_surprise_leaves_the_weights():
    moves, _ = with_cheap_moves()
    weighed = weigh_by_surprise(moves, jnp.zeros(moves.player.shape), 0.5)
    np.testing.assert_array_equal(weighed.policy_weight, moves.policy_weight)


def pessimist(player: int) -> Callable[[Any], Array]:
    """`player` expects to lose, the other to win."""
    return lambda states: jnp.where(states.current_player == player, -0.9, 0.9)


@cache
def resigning(player: int, control: float = 0.5) -> Any:
    """Always the first legal cell: player 0 wins with stone 7. `player` resigns at its third move."""
    resignation = {"resign_value": -0.8, "resign_moves": 3, "resign_control": control}
    return play(TicTacToe(), scripted(pessimist(player), first=True), 2, **resignation)


def games(moves: Any) -> list[tuple[int, float]]:
    """Length and player 0's return of each game that began and ended in the record."""
    found, ended = [], moves.terminated | moves.truncated
    for match in range(ended.shape[1]):
        ends = np.flatnonzero(ended[:, match])
        for before, end in pairwise(ends):
            rewards = moves.rewards[before + 1 : end + 1, match, 0]
            found.append((int(end - before), float(rewards.sum())))
    return found


@pytest.mark.parametrize(("player", "length", "result"), [(0, 5, -1.0), (1, 6, 1.0)])
def test_a_resigned_game_is_over_and_lost(player, length, result):
    """In the position of the third own move; games under control go on to the seventh stone."""
    moves, metrics = resigning(player)
    found = games(moves)
    assert set(found) == {(length, result), (7, 1.0)}
    share = np.mean([game == (7, 1.0) for game in found])
    assert abs(share - 0.5) < 5 * np.sqrt(0.25 / len(found))
    ended = moves.terminated
    assert not moves.truncated.any() and metrics["games"] == ended.sum()
    stones = np.bitwise_count(moves.state.stones).sum((-1, -2))
    assert set(stones[ended]) == {length - 1, 6}
    assert (stones[1:][ended[:-1]] == 0).all()
    np.testing.assert_allclose(metrics["resigned"], (stones[ended] == length - 1).mean(), rtol=1e-6)
    assert metrics["resign_tests"] == (stones[ended] == 6).sum()


def test_control_games_tell_how_often_resigning_is_wrong():
    """Player 0 wins every game, so that its resignation is always wrong and that of player 1 never."""
    assert resigning(0)[1]["resign_errors"] == 1.0
    assert resigning(1)[1]["resign_errors"] == 0.0
    _, metrics = resigning(1, 0.0)
    assert metrics["resign_tests"] == 0 and np.isnan(metrics["resign_errors"]) and metrics["resigned"] == 1


def test_resigning_takes_back_what_was_earned():
    """In a game with rewards on the way its sum is a loss of all there is to lose for the one who resigns."""
    game = Race(length=8)
    resignation = {"resign_value": -0.8, "resign_moves": 2, "resign_control": 0.0}
    search = scripted(pessimist(1), first=True, num_actions=2)
    moves, metrics = play(game, search, 2, **resignation)
    np.testing.assert_allclose([result for _, result in games(moves)], 1.0, atol=1e-6)
    assert metrics["resigned"] == 1.0 and (moves.player[moves.terminated] == 1).all()
    earned = moves.rewards[~moves.terminated]
    assert (earned != 0).any()


def test_nobody_resigns_where_the_move_ends_the_game():
    """Player 0 wins with the seventh stone, its fourth, and would resign there."""
    resignation = {"resign_value": -0.8, "resign_moves": 4, "resign_control": 0.0}
    moves, metrics = play(TicTacToe(), scripted(pessimist(0), first=True), endings=True, **resignation)
    assert set(games(moves)) == {(7, 1.0)} and metrics["resigned"] == 0.0
    np.testing.assert_array_equal(moves.final.terminated, moves.terminated)


def a_watch(**fields: Any) -> Watch:
    return replace(new_watch(SelfPlayConfig(), 3, jax.random.key(0)), **fields)


def test_only_own_moves_in_a_row_count():
    """Player 0 is low, low, high, low, low; player 1 always low, in between: who may resign, ply by ply."""
    resignation = SelfPlayConfig(resign_value=-0.5, resign_moves=2)
    watch, moved = a_watch(control=jnp.array([False, True, True])), jnp.ones(3, bool)
    script = [(0, -0.6), (1, -0.9), (0, -0.6), (1, -0.9), (0, -0.5), (1, 0.0), (0, -1.0), (0, -1.0)]
    tired, losers = [], []
    for player, value in script:
        mover = jnp.full(3, player, jnp.int32)
        watch, now = consider(resignation, watch, jnp.full(3, value), mover, moved)
        tired.append(now.tolist())
        losers.append(jnp.where(watch.would_resign, watch.loser, -1).tolist())
    assert [row[0] for row in tired] == [False, False, True, True, False, False, False, True]
    assert not any(row[1] or row[2] for row in tired)
    assert losers[1] == [-1] * 3 and losers[-1] == [-1, 0, 0]
    assert watch.low[0].tolist() == [2, 0]


def test_was_wrong_by_hand():
    """The loser of a control game lost, drew or won; games that go on tell nothing."""
    watch = a_watch(loser=jnp.array([0, 1, 1], jnp.int32), would_resign=jnp.ones(3, bool))
    so_far = jnp.array([[0.25], [0.0], [0.0]])
    returns = so_far + jnp.array([[-1.25], [0.0], [-1.0]])
    tested, wrong = was_wrong(TicTacToe(), watch, returns, jnp.array([True, True, True]))
    assert tested.tolist() == [True] * 3 and wrong.tolist() == [False, True, True]
    tested, wrong = was_wrong(TicTacToe(), watch, returns, jnp.array([True, False, False]))
    assert tested.tolist() == [True, False, False] and not wrong.any()
    lost = rewards_of_resigning(TicTacToe(), so_far, jnp.array([0, 0, 1]))
    assert lost.tolist() == [[-1.25], [-1.0], [1.0]]


def test_games_for_one_cannot_be_resigned():
    with pytest.raises(UserError, match="not a zero-sum game for two; nobody can resign"):
        play(Race(players=1), scripted(lambda states: 0.0), resign_value=-0.9)


def test_endings_are_the_states_behind_the_moves():
    """Where a game goes on, that of the next move; where it ended by the rules, one that is over."""
    moves, _ = play(TicTacToe(), scripted(lambda states: FULL), endings=True)
    assert moves.final.legal_action_mask is None and moves.final.rewards is None
    np.testing.assert_array_equal(moves.final.terminated, moves.terminated)
    goes_on = ~moves.terminated[:-1]
    np.testing.assert_array_equal(moves.final.stones[:-1][goes_on], moves.state.stones[1:][goes_on])
