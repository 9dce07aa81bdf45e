"""Exploitability of random policies against OpenSpiel's, in every small game that both have."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from hidden_games import form, random_table

from jaxplay.solve import GameTree, exploitability

HIDDEN = {"order": "descending", "hidden": True}


class Case(NamedTuple):
    """A game of ours, and OpenSpiel's name of it."""

    name: str
    options: dict[str, Any]
    theirs: str


CASES = {
    "kuhn": Case("kuhn_poker", {}, "kuhn_poker"),
    "kuhn for three": Case("kuhn_poker", {"players": 3}, "kuhn_poker(players=3)"),
    "leduc": Case("leduc_poker", {}, "leduc_poker"),
    "dice": Case("liars_dice", {"sides": 3}, "liars_dice(dice_sides=3)"),
    "goofspiel": Case("goofspiel", {"cards": 3}, "goofspiel(num_cards=3)"),
    "goofspiel, hidden": Case(
        "goofspiel", HIDDEN | {"cards": 4}, "goofspiel(num_cards=4,points_order=descending,imp_info=true)"
    ),
    "goofspiel for three": Case(
        "goofspiel",
        HIDDEN | {"cards": 3, "players": 3},
        "goofspiel(num_cards=3,points_order=descending,imp_info=true,players=3)",
    ),
    "hanabi": Case("tiny_hanabi", {}, "tiny_hanabi"),
    "signaling": Case("lewis_signaling", {}, "lewis_signaling"),
}


def load(pyspiel: Any, name: str) -> Any:
    """OpenSpiel's game, turn by turn."""
    game = pyspiel.load_game(name)
    return pyspiel.convert_to_turn_based(game) if game.get_type().dynamics.name == "SIMULTANEOUS" else game


def information_sets(tree: GameTree, theirs: Any) -> list[str]:
    """OpenSpiel's key of each information set of ours, by a walk through both trees side by side."""
    child = {(int(p), int(e)): n for n, (p, e) in enumerate(zip(tree.parent, tree.edge, strict=True)) if n}
    keys: dict[int, str] = {}

    def walk(state: Any, number: int) -> None:
        if state.is_terminal():
            np.testing.assert_allclose(state.returns(), returns(tree, number), atol=1e-6)
            return
        if not state.is_chance_node():
            key = state.information_state_string()
            assert keys.setdefault(int(tree.infoset[number]), key) == key
        for action in state.legal_actions():
            walk(state.child(action), child[number, action])

    walk(theirs.new_initial_state(), 0)
    assert len(set(keys.values())) == len(keys) == tree.num_infosets
    return [keys[number] for number in range(tree.num_infosets)]


def returns(tree: GameTree, number: int) -> np.ndarray:
    """What everybody earned on the way to a history."""
    total = tree.rewards[number].copy()
    while number:
        number = int(tree.parent[number])
        total += tree.rewards[number]
    return total


@pytest.mark.parametrize("name", CASES)
def test_exploitability_is_openspiels(name: str):
    pyspiel = pytest.importorskip("pyspiel")
    case = CASES[name]
    theirs, ours = load(pyspiel, case.theirs), form(case.name, **case.options)
    keys = information_sets(ours.tree, theirs)
    for seed in range(3):
        table = random_table(ours, seed)
        policy = {
            key: [(int(a), float(row[a])) for a in np.flatnonzero(legal)]
            for key, row, legal in zip(keys, table, ours.tree.legal, strict=True)
        }
        found = exploitability(ours, table)
        assert found.nash_conv == pytest.approx(pyspiel.nash_conv(theirs, policy), abs=1e-6)
        expected = pyspiel.expected_returns(
            theirs.new_initial_state(), pyspiel.TabularPolicy(policy), -1, True
        )
        np.testing.assert_allclose(found.values, expected, atol=1e-6)
