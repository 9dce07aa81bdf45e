"""Every game at both ends of its options: what it is made of fits its types, and nothing warns."""

import warnings
from typing import Annotated, Any, get_args, get_origin

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.game import make, names, num_edges, strip
from jaxplay.game._options import field_hints
from jaxplay.testing import check_game
from jaxplay.typed import Range

ENDS: dict[str, list[dict[str, Any]]] = {
    "backgammon": [{"gammons": False, "both_dice": False}],
    "breakthrough": [{"rows": 4, "columns": 2}, {"rows": 32, "columns": 2}, {"rows": 4, "columns": 16}],
    "coin_game": [
        {"rows": 1, "columns": 4, "players": 2, "extra": 0, "coins": 1, "moves": 1},
        {"rows": 127, "columns": 1, "players": 5, "extra": 5, "coins": 12, "moves": 1000},
    ],
    "dark_hex": [
        {"rows": 1, "columns": 1},
        {"rows": 124, "columns": 1},
        {"rows": 4, "columns": 26, "abrupt": True},
    ],
    "domineering": [{"rows": 2, "columns": 2}, {"rows": 2, "columns": 26}, {"rows": 32, "columns": 2}],
    "goofspiel": [
        {"cards": 2, "players": 2, "order": "ascending", "hidden": True},
        {"cards": 100, "players": 10},
    ],
    "matrix_game": [{"table": "team_matching_pennies", "rounds": 1000}, {"rounds": 1000, "memory": 1}],
    "nim": [{"piles": "1"}, {"piles": "127"}, {"piles": "-".join(["127"] * 26), "misere": True}],
    "tiny_hanabi": [
        {"players": 2, "cards": 1, "actions": 1, "payoff": "-1e6"},
        {"players": 5, "cards": 2, "actions": 2, "payoff": ";".join(["1e6"] * 1024)},
        {"players": 2, "cards": 10, "actions": 10, "payoff": ";".join(map(str, range(10_000)))},
    ],
}
"""Options of the games that do not allow all of the least, or all of the greatest, together."""


def ends(name: str) -> list[dict[str, Any]]:
    """The least and the greatest values of all numbers that are options of a game, or its `ENDS`."""
    if name in ENDS:
        return ENDS[name]
    hints = field_hints(type(make(name)))
    least, most = ({field: r[i] for field, hint in hints.items() if (r := bounds(hint))} for i in (0, 1))
    return [least, most] if least else []


def bounds(hint: Any) -> Any:
    """The least and the greatest value of an option; None where it is no number."""
    arguments = get_args(hint)
    if get_origin(hint) is Annotated:
        return next((extra for extra in arguments if isinstance(extra, Range)), None)
    return (arguments[0], arguments[-1]) if isinstance(next(iter(arguments), None), int) else None


CASES = [
    pytest.param(name, options, id=f"{name}-{i}") for name in names() for i, options in enumerate(ends(name))
]


def test_every_option_is_looked_at():
    without = {name for name in names() if not ends(name)}
    assert without == {"chess", "phantom_tic_tac_toe", "tic_tac_toe", "twenty_forty_eight"}


@pytest.mark.parametrize(("name", "options"), CASES)
def test_shapes_at_both_ends(name: str, options: dict[str, Any]):
    """All that needs no program: constants fit their types, the first and the last action have names."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        game = make(name, **options)
        state = game.init(jax.random.key(0))
        number = jnp.int32(0)
        for function, arguments in (
            (game.step, (strip(state), number)),
            (game.observe, (strip(state), number)),
            (game.symmetry, (strip(state), number)),
            (game.chance_probs, (strip(state),)),
        ):
            jax.eval_shape(function, *arguments)
        for action in (0, game.num_actions - 1):
            assert game.parse_action(game.action_to_string(action)) == action
        assert state.legal_action_mask.shape == (num_edges(game),) and state.legal_action_mask.any()
        assert game.render(strip(state)) and game.render_svg(strip(state)).startswith("<svg")
        assert np.isfinite([game.min_return, game.max_return]).all() and game.max_plies > 0


@pytest.mark.full
@pytest.mark.parametrize(("name", "options"), CASES)
def test_laws_at_both_ends(name: str, options: dict[str, Any]):
    game = make(name, **options)
    assert check_game(game, num_plies=2048, may_be_cut=True).plies == 2048
