"""The tree itself: golden trees to read, the compiled program, and its size in memory."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from quick import quick_jit
from small_games import Race, SidedNim

from jaxplay import search
from jaxplay.evaluator import uniform
from jaxplay.game import fresh, make

GOLDEN = Path(__file__).parent.parent / "golden"
GAME = make("tic_tac_toe")
DICE = Race(players=2, length=3)
SEARCHES = {
    "puct": search.puct(GAME, uniform(GAME), 24),
    "gumbel": search.gumbel(GAME, uniform(GAME), 24, noise=0.0),
    "dice": search.puct(DICE, uniform(DICE), 24),
}
GOLDENS = {
    "puct": (GAME, "b2 a1 c3"),
    "puct_block": (GAME, "a1 b1 a2"),
    "gumbel": (GAME, "b2 a1 c3"),
    "gumbel_win": (GAME, "a1 b1 a2 b2"),
    "dice": (DICE, ""),
}
"""Positions of golden trees; moves win and lose at once, and with dice there are double moves."""


@cache
def program(kind):
    return quick_jit(SEARCHES[kind])


def after(game, moves: str):
    state = fresh(game, jax.random.key(0))
    for move in moves.split():
        state = game.step(state, jnp.int32(game.parse_action(move)))
    return jax.tree.map(lambda x: x[None], state)


@pytest.mark.parametrize("name", GOLDENS)
def test_golden_tree(name, request):
    """`pytest tests/search --regenerate` writes the files anew; the diff is the review."""
    game, moves = GOLDENS[name]
    found = program(name.split("_")[0])(None, jax.random.key(0), after(game, moves))
    best = " ".join(search.principal_variation(game, found.tree))
    text = f"{game.render(after_one(found))}\n\n{search.render_tree(game, found.tree)}\n\nbest line: {best}\n"
    path = GOLDEN / f"tree_{name}.txt"
    if request.config.getoption("--regenerate"):
        path.write_text(text)
    assert text == path.read_text()


def test_edges_are_named_as_their_player_calls_them():
    game = SidedNim((2, 2))
    found = quick_jit(search.puct(game, uniform(game), 12))(None, jax.random.key(0), after(game, "0"))
    nodes = list(search.walk(game, found.tree))
    assert {(node.depth, node.action[0]) for node in nodes[1:3]} == {(1, "b"), (2, "a")}
    assert all(node.action[0] == "ab"[node.depth % 2] for node in nodes[1:])


def after_one(found):
    return jax.tree.map(lambda x: x[0], search.one_tree(found.tree, 0).state)


def test_every_node_is_reached_once_and_counts_add_up():
    found = program("puct")(None, jax.random.key(0), after(GAME, "b2"))
    nodes = list(search.walk(GAME, found.tree))
    assert len({node.number for node in nodes}) == len(nodes)
    tree = search.one_tree(found.tree, 0)
    for node in nodes[1:]:
        through = int(tree.visits[node.number].sum())
        assert node.terminated or node.visits == through + 1
    assert tree.visits[0].sum() == 24


WITH_A_BUDGET = search.puct(GAME, uniform(GAME), 24, stop_early=True, max_edges=5)
COMPILED = SEARCHES | {
    "leaves": search.puct(GAME, uniform(GAME), 24, leaves=4),
    "parallel": search.gumbel(GAME, uniform(GAME), 24, parallel=True),
    "proving": search.puct(GAME, uniform(GAME), 24, prove=True),
    "uct": search.uct(GAME, 24, evaluate=uniform(GAME)),
    "opponent": search.puct(DICE, uniform(DICE), 24, opponent=search.Opponent(uniform(DICE))),
    "budget": lambda *args: WITH_A_BUDGET(*args, num_simulations=jnp.arange(19)),
}
BATCH, CAPACITY = 19, 25


def arguments(kind) -> Any:
    game = DICE if kind in ("dice", "opponent") else GAME
    states = jax.vmap(lambda key: fresh(game, key))(jax.random.split(jax.random.key(0), BATCH))
    return search.SearchParams() if kind == "opponent" else None, jax.random.key(0), states


def written_and_selected(function, *args) -> tuple[list[str], list[str]]:
    """Operations of the compiled program that make arrays `(nodes, batch, ...)`, and the selects of them."""
    text = quick_jit(function).lower(*args).compile().as_text() or ""
    trees = re.compile(rf"\[{CAPACITY},{BATCH}[,\]]")
    made = [line.split(" = ", 1)[1] for line in text.splitlines() if " = " in line]
    written = [line for line in made if trees.search(line.split("(")[0])]
    return written, [line for line in written if re.search(r"\bselect\(", line)]


@pytest.mark.parametrize("kind", COMPILED)
def test_the_compiled_program_selects_no_tree_arrays(kind):
    """A select over `(nodes, batch, ...)` would copy the tree in every step of a loop."""
    written, selected = written_and_selected(COMPILED[kind], *arguments(kind))
    assert any("dynamic-update-slice" in line or "scatter" in line for line in written)
    assert not selected


def test_a_select_would_be_seen():
    def loop(tree, active):
        node, owner = active.astype(jnp.int32), jnp.arange(BATCH)

        def body(i, tree):
            return jnp.where(active[None, :, None], tree.at[node, owner, i].add(1.0), tree)

        return jax.lax.fori_loop(0, 9, body, tree)

    written, selected = written_and_selected(loop, jnp.zeros((CAPACITY, BATCH, 9)), jnp.ones(BATCH, bool))
    assert written and selected


@pytest.mark.parametrize("kind", ["parallel", "budget", "uct", "opponent"])
def test_searches_are_exported(kind):
    """The training's export test has the plain ones."""
    platforms = ("cpu", "cuda", "tpu")
    exported: Any = jax.export.export(jax.jit(COMPILED[kind]), platforms=platforms)(*arguments(kind))
    assert exported.platforms == platforms and "callback" not in exported.mlir_module()
