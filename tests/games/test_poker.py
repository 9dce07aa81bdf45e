"""Kuhn and Leduc poker: against OpenSpiel, known sizes, showdowns, and what is shown to whom."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from open_spiel_games import compare, compare_all

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.game.pgx import environment
from jaxplay.testing import replay
from jaxplay.testing.tree import Tree, histories

SIZES = {"kuhn_poker": (58, 24, 12), "leduc_poker": (9457, 3780, 936)}
"""Histories, decisions and information states, as published with OpenSpiel."""


@pytest.mark.parametrize("name", SIZES)
def test_every_history_is_openspiels(name: str):
    pyspiel = pytest.importorskip("pyspiel")
    assert compare_all(make(name), pyspiel.load_game(name)) == SIZES[name]


@pytest.mark.strict_dtypes
@pytest.mark.parametrize(("name", "players", "num_plies"), [
    ("kuhn_poker", 2, 10_000),
    ("kuhn_poker", 4, 2_000),
    ("leduc_poker", 2, 10_000),
    ("leduc_poker", 3, 4_000),
])  # fmt: skip
def test_openspiel_agrees(name: str, players: int, num_plies: int):
    pyspiel = pytest.importorskip("pyspiel")
    theirs = pyspiel.load_game(name, {"players": players})
    game = make(name, players=players)
    compare(game, theirs, num_plies=num_plies)
    assert (game.min_return, game.max_return) == (theirs.min_utility(), theirs.max_utility())
    assert game.max_plies == theirs.max_game_length()


PGX = {"kuhn_poker": ("kuhn_poker", [1, 0]), "leduc_poker": ("leduc_holdem", [2, 0, 1])}
"""Pgx's name of each game, and its numbers of our actions."""


def lines(tree: Tree, decides: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`(N, L)`: the decisions of every finished game, and the history after each and its chance; or -1."""
    played = []
    for end in np.flatnonzero(tree.states.terminated).tolist():
        line, after, number = [], end, end
        while tree.parent[number] >= 0:
            parent = int(tree.parent[number])
            if decides[parent]:
                line.insert(0, (int(tree.action[number]), after))
                after = parent
            number = parent
        played.append(line)
    table = np.full((2, len(played), max(map(len, played))), -1)
    for row, line in enumerate(played):
        table[:, row, : len(line)] = np.transpose(line)
    return table[0], table[1]


@pytest.mark.parametrize("name", PGX)
def test_every_line_is_pgxs(name: str):
    """Every deal and every line: legal moves, rewards and ends, in Pgx's numbers."""
    game, (pgx_name, numbers) = make(name), PGX[name]
    env, tree = environment(pgx_name), histories(game)
    assert tree is not None
    states = tree.states
    actions, after = lines(tree, (states.current_player >= 0) & ~states.terminated)
    cards = states.cards[after.max(axis=1)]
    cards = np.maximum(
        cards // 2 if name == "leduc_poker" else cards, 0
    )  # a card that nobody sees may be any
    first = env.init(jax.random.key(0)).replace(current_player=jnp.int32(0))
    first = first.replace(_first_player=jnp.int32(0)) if name == "leduc_poker" else first

    def step(state: Any, action: jax.Array) -> tuple[Any, Any]:
        state = env.step(state, jnp.asarray(numbers, jnp.int32)[action])
        mask = state.legal_action_mask[jnp.array(numbers)]
        return state, (state.current_player, mask, state.rewards, state.terminated)

    def play(cards: jax.Array, actions: jax.Array) -> Any:
        return jax.lax.scan(step, first.replace(_cards=cards.astype(jnp.int32)), actions)[1]

    with jax.numpy_rank_promotion("allow"):
        player, mask, rewards, ended = jax.device_get(jax.jit(jax.vmap(play))(cards, np.maximum(actions, 0)))
    made, ours = after >= 0, jax.tree.map(lambda x: x[after[after >= 0]], states)
    live = ~ours.terminated
    np.testing.assert_array_equal(ended[made], ours.terminated)
    np.testing.assert_array_equal(player[made][live], ours.current_player[live])
    np.testing.assert_array_equal(mask[made], ours.legal_action_mask[:, : game.num_actions])
    np.testing.assert_array_equal(rewards[made], ours.rewards)
    assert made.sum() > len(actions) and (rewards[made] != 0).any()


def test_kuhn_is_observed_as_in_openspiel():
    pyspiel = pytest.importorskip("pyspiel")
    game, state = make("kuhn_poker"), pyspiel.load_game("kuhn_poker").new_initial_state()
    for action in (2, 0, 0, 1, 1):
        state.apply_action(action)
        if not state.is_chance_node():
            ours = replay(game, 0, state.history())
            for player in range(2):
                seen = np.asarray(game.observe(ours, jnp.int32(player)))
                np.testing.assert_array_equal(seen, state.information_state_tensor(player))


def play(name: str, moves: str, **options: Any) -> Any:
    """The state after cards (numbers) and decisions (words)."""
    game = make(name, **options)
    step = jax.jit(game.step)
    state = game.init(jax.random.key(0))
    for move in moves.split():
        state = step(state, jnp.int32(int(move) if move.isdigit() else game.parse_action(move)))
    return state


@pytest.mark.parametrize(("moves", "rewards"), [
    ("2 0 pass pass", [1, -1]),
    ("0 2 bet bet", [-2, 2]),
    ("0 2 bet pass", [1, -1]),
    ("2 1 pass bet pass", [-1, 1]),
    ("2 1 pass bet bet", [2, -2]),
])  # fmt: skip
def test_kuhn_pays(moves: str, rewards: list[int]):
    state = play("kuhn_poker", moves)
    assert state.terminated and state.rewards.tolist() == rewards


@pytest.mark.parametrize(("moves", "rewards"), [
    ("0 4 raise fold", [1, -1]),
    ("4 0 call call 1 call call", [-1, 1]),  # the jack pairs
    ("4 5 raise raise call 0 raise raise call", [0, 0]),  # equal kings share
    ("4 2 raise raise call 5 raise raise call", [13, -13]),
])  # fmt: skip
def test_leduc_pays(moves: str, rewards: list[int]):
    state = play("leduc_poker", moves)
    assert state.terminated and state.rewards.tolist() == rewards


def test_cards_are_shown_to_their_owner():
    state = play("leduc_poker", "4 0 call raise call 1 raise")
    game = make("leduc_poker")
    assert "K♠" in game.render(state, 0) and "J♠" not in game.render(state, 0)
    assert "J♠" in game.render_svg(state, 1) and "K♠" not in game.render_svg(state, 1)
    assert "K♠" in game.render(state) and "J♠" in game.render(state) and "J♥" in game.render(state, 0)


def test_cards_are_turned_up_at_a_showdown_and_not_when_somebody_folds():
    kuhn = make("kuhn_poker")
    assert kuhn.render(play("kuhn_poker", "0 2 bet bet"), 1) == (
        "A  J  2 chips, bet\nB  K  2 chips, bet\nA -2, B +2"
    )
    assert "K" not in kuhn.render(play("kuhn_poker", "0 2 pass bet pass"), 0)


def test_notation():
    assert [make("leduc_poker").parse_action(text) for text in ("fold", " Call", "RAISE")] == [0, 1, 2]
    with pytest.raises(UserError, match="'check' is not an action; allowed: pass, bet"):
        make("kuhn_poker").parse_action("check")


@pytest.mark.parametrize("name", SIZES)
def test_options(name: str):
    assert make(name) == make(name, players=2) != make(name, players=3)
    for players in (1, 13, 2.5, True):
        with pytest.raises(UserError, match=f"{name}: players={players}; allowed: 2 to 12"):
            make(name, players=players)
