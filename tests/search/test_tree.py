"""The tree itself: golden trees to read, the compiled program, and its size in memory."""

import re
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest
from small_games import SidedNim

from jaxplay import search
from jaxplay.evaluator import uniform
from jaxplay.game import fresh, make

GOLDEN = Path(__file__).parent.parent / "golden"
GAME = make("tic_tac_toe")
SEARCHES = {
    "puct": search.puct(GAME, uniform(GAME), 24),
    "gumbel": search.gumbel(GAME, uniform(GAME), 24, noise=0.0),
}


def after(game, moves: str):
    state = fresh(game, jax.random.key(0))
    for move in moves.split():
        state = game.step(state, jnp.int32(game.parse_action(move)))
    return jax.tree.map(lambda x: x[None], state)


@pytest.mark.parametrize("kind", SEARCHES)
def test_golden_tree(kind, request):
    """`pytest tests/search --regenerate` writes the files anew; the diff is the review."""
    found = jax.jit(SEARCHES[kind])(None, jax.random.key(0), after(GAME, "b2 a1 c3"))
    best = " ".join(search.principal_variation(GAME, found.tree))
    text = f"{GAME.render(after_one(found))}\n\n{search.render_tree(GAME, found.tree)}\n\nbest line: {best}\n"
    path = GOLDEN / f"tree_{kind}.txt"
    if request.config.getoption("--regenerate"):
        path.write_text(text)
    assert text == path.read_text()


def test_edges_are_named_as_their_player_calls_them():
    game = SidedNim((2, 2))
    found = jax.jit(search.puct(game, uniform(game), 12))(None, jax.random.key(0), after(game, "0"))
    nodes = list(search.walk(game, found.tree))
    assert {(node.depth, node.action[0]) for node in nodes[1:3]} == {(1, "b"), (2, "a")}
    assert all(node.action[0] == "ab"[node.depth % 2] for node in nodes[1:])


def after_one(found):
    return jax.tree.map(lambda x: x[0], search.one_tree(found.tree, 0).state)


def test_every_node_is_reached_once_and_counts_add_up():
    found = jax.jit(SEARCHES["puct"])(None, jax.random.key(0), after(GAME, "b2"))
    nodes = list(search.walk(GAME, found.tree))
    assert len({node.number for node in nodes}) == len(nodes)
    tree = search.one_tree(found.tree, 0)
    for node in nodes[1:]:
        through = int(tree.visits[node.number].sum())
        assert node.terminated or node.visits == through + 1
    assert tree.visits[0].sum() == 24


COMPILED = SEARCHES | {
    "leaves": search.puct(GAME, uniform(GAME), 24, leaves=4),
    "parallel": search.gumbel(GAME, uniform(GAME), 24, parallel=True),
    "proving": search.puct(GAME, uniform(GAME), 24, prove=True),
}


@pytest.mark.parametrize("kind", COMPILED)
def test_the_compiled_program_selects_no_tree_arrays(kind):
    """A select over `(nodes, batch, ...)` would copy the tree in every step of a loop."""
    batch, capacity = 19, 25
    states = jax.vmap(lambda k: fresh(GAME, k))(jax.random.split(jax.random.key(0), batch))
    text = jax.jit(COMPILED[kind]).lower(None, jax.random.key(0), states).compile().as_text() or ""
    trees = re.compile(rf"\[{capacity},{batch}[,\]]")
    made = [line.split(" = ", 1)[1] for line in text.splitlines() if " = " in line]
    written = [line for line in made if trees.search(line.split("(")[0])]
    assert any("dynamic-update-slice" in line or "scatter" in line for line in written)
    assert not [line for line in written if re.search(r"\bselect\(", line)]
