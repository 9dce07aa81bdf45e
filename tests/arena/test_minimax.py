"""Players that look ahead, beside a plain recursion in Python."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.arena import greedy_player, match, minimax_player, random_player
from jaxplay.arena.minimax import MOST_DEPTH, WIN, is_judged
from jaxplay.errors import UserError
from jaxplay.game import make

JUDGED = [("othello", {"size": 4}), ("othello", {"size": 8}), ("breakthrough", {"rows": 4, "columns": 3})]


def positions(game, count, seed=0):
    """Positions that are not over, one from each of `count` random games."""
    step, found = jax.jit(game.step), []
    rng = np.random.default_rng(seed)
    for _ in range(count):
        state = game.init(jax.random.key(0))
        for _ in range(rng.integers(game.max_plies // 2)):
            new = step(state, rng.choice(np.flatnonzero(state.legal_action_mask)))
            if new.terminated:
                break
            state = new
        found.append(state)
    return found


@cache
def judge(game):
    """The compiled heuristic."""
    return jax.jit(game.heuristic)


def worth(game, state, step, depth):
    """What best play for `depth` moves is worth to player 0, by plain recursion."""
    if state.terminated:
        return WIN * float(state.rewards[0])
    if depth == 0:
        return float(judge(game)(state)) if is_judged(game) else 0.0
    legal = np.flatnonzero(state.legal_action_mask)
    choose = max if state.current_player == 0 else min
    return choose(worth(game, step(state, int(action)), step, depth - 1) for action in legal)


@pytest.mark.parametrize(("name", "options", "depth"), [("othello", {"size": 4}, 3), ("tic_tac_toe", {}, 2)])
def test_chooses_what_a_plain_recursion_does(name, options, depth):
    game = make(name, **options)
    found, step = positions(game, 8), jax.jit(game.step)
    batch = jax.tree.map(lambda *leaves: jnp.stack(leaves), *found)
    actions = jax.jit(minimax_player(game, depth).act)(None, jax.random.key(1), batch)
    for state, action in zip(found, np.asarray(actions).tolist(), strict=True):
        wanted, chosen = worth(game, state, step, depth), worth(game, step(state, action), step, depth - 1)
        assert bool(state.legal_action_mask[action])
        assert chosen == pytest.approx(wanted, abs=1e-6)


def test_equal_moves_are_sampled():
    game = make("tic_tac_toe")
    states = jax.tree.map(lambda x: jnp.stack([x] * 64), game.init(jax.random.key(0)))
    assert len(set(jax.jit(minimax_player(game, 1).act)(None, jax.random.key(0), states).tolist())) > 5


def test_greedy_turns_most_discs():
    game: Any = make("othello", size=6)
    found, step, score = positions(game, 8), jax.jit(game.step), jax.jit(game.score)
    batch = jax.tree.map(lambda *leaves: jnp.stack(leaves), *found)
    for state, action in zip(
        found, jax.jit(greedy_player(game).act)(None, jax.random.key(0), batch).tolist(), strict=True
    ):
        sign = 1 if state.current_player == 0 else -1

        def lead(action, state=state, sign=sign):
            new = step(state, int(action))
            return sign * (1000 * float(new.rewards[0]) + float(score(new)))

        assert lead(action) == max(map(lead, np.flatnonzero(state.legal_action_mask)))


def test_deeper_is_stronger():
    game = make("breakthrough", rows=5, columns=4)
    deep, flat = minimax_player(game, 3), minimax_player(game, 1)
    assert match(game, [deep, flat], num_games=40, key=jax.random.key(0)).score > 0.7
    assert match(game, [flat, random_player()], num_games=40, key=jax.random.key(0)).score > 0.7


@pytest.mark.parametrize(("name", "options"), JUDGED)
def test_a_heuristic_is_within_bounds_and_knows_no_side(name, options):
    game = make(name, **options)
    assert is_judged(game)
    turn = jax.jit(game.symmetry)
    assert float(judge(game)(game.init(jax.random.key(0)))) == pytest.approx(0, abs=1e-6)
    for state in positions(game, 10):
        judged = float(judge(game)(state))
        assert -1 <= judged <= 1
        for index in range(game.num_symmetries):
            assert float(judge(game)(turn(state, jnp.int32(index)))) == pytest.approx(judged, abs=1e-6)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: minimax_player(make("backgammon"), 2), "minimax:2 needs a game without chance"),
        (lambda: minimax_player(make("kuhn_poker"), 2), "minimax:2 needs a game without chance and hidden"),
        (lambda: minimax_player(make("othello"), MOST_DEPTH + 1), "allowed: minimax:1 to minimax:6"),
        (lambda: greedy_player(make("hex")), "greedy plays games that count a score (go, othello), not Hex"),
    ],
)
def test_refusals(made, message):
    with pytest.raises(UserError) as error:
        made()
    assert message in str(error.value)
