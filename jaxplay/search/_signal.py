"""The Minimax Exploiter signal: a modelled opponent's own estimates guide the searcher.

Bairamian et al. 2024 (arXiv 2311.17190). In a game of zero sum, what the opponent expects is what the
searcher can hope to take. The evaluation that tells the opponent's reply tells this too, at no cost. An
*afterstate* is the position in which an edge leaves the opponent to move, before it replies.
"""

from typing import Any, Literal, NamedTuple, get_args

import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import Game, value_scale
from jaxplay.perspective import frame_of_view

Form = Literal["edge", "potential"]


class Signal(NamedTuple):
    """How a search uses its opponent's estimates. The signal's weight w is `SearchParams.signal_weight`.

    Attributes:
        form: with `edge`, an edge behind which the opponent has a move earns `-w v` besides its rewards, v
            being the opponent's value of the afterstate, for itself (equation 3, undiscounted). Values then
            hold these sums too, and the best move may change.

            With `potential`, the potential of a node is `Phi = -v` of the last afterstate before it, and
            the evaluator is to say `(z - w Phi) / (1 + w)` of a position in which it expects `z`: the search
            makes `z` of it again. So all that is good stays good (Ng et al. 1999, Policy invariance under
            reward transformations). Phi of a root is not known unless its tree was kept, and 0 otherwise;
            therefore the evaluator's value of a root counts nothing once there are simulations.
        shift: with `edge` only, each edge earns `w |R_min|` less, so that none earns more than nothing;
            R_min is the game's least return, scaled.
    """

    form: Form = "edge"
    shift: bool = False


def check_signal(signal: Signal | None) -> None:
    """Refuse a signal whose fields do not fit each other.

    Raises:
        UserError: there is no such form, or `shift` is set in a form that has none.
    """
    if signal is None:
        return
    forms = get_args(Form)
    if signal.form not in forms:
        raise UserError(f"signal.form is {signal.form!r}; allowed: {', '.join(forms)}")
    if signal.shift and signal.form != "edge":
        raise UserError(f"signal.shift is True with form {signal.form!r}; allowed: with 'edge' only")


class Shaping(NamedTuple):
    """What the signal adds to new nodes. K nodes, V numbers of the fixed frame.

    Attributes:
        weight: `()` float32, w.
        bonus: `(K, V)` float32, earned on the last edge besides rewards; None without the form `edge`.
        potential: `(K, V)` float32, Phi; None without the form `potential`.
    """

    weight: Array
    bonus: Array | None = None
    potential: Array | None = None


def edge_bonus(
    game: Game[Any], signal: Signal, weight: Array, value: Array, replied: Array, searcher: Array
) -> Array:
    """`(K, V)` float32: what edges earn by equation 3, fixed frame.

    Args:
        game: of two players and zero sum.
        signal: of the form `edge`.
        weight: `()` float32.
        value: `(K,)` float32, the opponent's value of the afterstates, for itself, scaled.
        replied: `(K,)` bool, whether it had a move.
        searcher: `(K,)` int32, the other player.
    """
    lowest = abs(game.min_return) / value_scale(game) if signal.shift else 0.0
    return frame_of_view(game, -weight * jnp.where(replied, value + lowest, 0.0), searcher)


def potential_after(game: Game[Any], before: Array, value: Array, replied: Array, searcher: Array) -> Array:
    """`(..., V)` float32: Phi behind a move, fixed frame; the last afterstate is a new one or still the same.

    Args:
        game: of two players and zero sum.
        before: `(..., V)` float32, Phi before the move.
        value: `(...)` float32, the opponent's value of the afterstate, for itself, scaled.
        replied: `(...)` bool, whether it had a move there.
        searcher: `(...)` int32, the other player.
    """
    return jnp.where(replied[..., None], frame_of_view(game, -value, searcher), before)


def remove_shaping(value: Array, shaping: Shaping | None) -> Array:
    """`(K, V)`: the return to go z, from an evaluator's values `(K, V)` that leave Phi out; fixed frame."""
    if shaping is None or shaping.potential is None:
        return value
    return (1.0 + shaping.weight) * value + shaping.weight * shaping.potential


def shaped_target(return_to_go: Array, shaping: Shaping) -> Array:
    """`(K, V)`: what an evaluator is to say where z is `return_to_go` `(K, V)`; inverts `remove_shaping`."""
    if shaping.potential is None:
        return return_to_go
    return (return_to_go - shaping.weight * shaping.potential) / (1.0 + shaping.weight)
