"""The Minimax Exploiter signal: what a modelled opponent thinks of its positions guides the searcher.

Bairamian et al. 2024 (arXiv 2311.17190). In a game of zero sum, what the opponent expects is what the
searcher can hope to take. The evaluation that tells the opponent's reply tells this too, at no cost. An
*afterstate* is the position in which an edge leaves the opponent to move, before it replies.
"""

from typing import Any, Literal, NamedTuple, get_args

import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game, value_scale
from jaxplay.perspective import frame_of_view

Form = Literal["edge", "potential"]


class Signal(NamedTuple):
    """How a search uses what its opponent thinks. Its weight w is a parameter of the search.

    Attributes:
        form: with `edge`, an edge behind which the opponent has a move earns `-w v` besides its rewards, v
            what the opponent thinks of the afterstate, for itself (equation 3, undiscounted). Values then
            hold these sums too, and what is best may change.

            With `potential`, the potential of a node is `Phi = -v` of the last afterstate before it, and
            the evaluator is to say `(z - w Phi) / (1 + w)` of a position in which it expects `z`: the search
            makes `z` of it again. So all that is good stays good (Ng et al. 1999, Policy invariance under
            reward transformations). Phi of a root is not known unless its tree was kept, and 0 otherwise;
            therefore the evaluator's value of a root counts nothing once there are simulations.
        shift: with `edge` only, what an edge earns is lowered by `w |R_min|`, so that none earns more than
            nothing; R_min is the game's least return, scaled.
    """

    form: Form = "edge"
    shift: bool = False


def check_signal(signal: Signal | None) -> None:
    """Raise a ValueError if there is no such signal."""
    if signal is None:
        return
    forms = get_args(Form)
    if signal.form not in forms:
        raise ValueError(f"signal.form is {signal.form!r}; allowed: {', '.join(forms)}")
    if signal.shift and signal.form != "edge":
        raise ValueError(f"signal.shift is True with form {signal.form!r}; allowed: with 'edge' only")


class Shaping(NamedTuple):
    """What the signal makes of new nodes. K nodes, V numbers of the fixed frame.

    Attributes:
        weight: `()` float32, w.
        bonus: `(K, V)` float32, earned on the way besides rewards; None without the form `edge`.
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
        value: `(K,)` float32, what the opponent thinks of the afterstates, for itself, scaled.
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
        value: `(...)` float32, what the opponent thought of the afterstate, for itself, scaled.
        replied: `(...)` bool, whether it had a move there.
        searcher: `(...)` int32, the other player.
    """
    return jnp.where(replied[..., None], frame_of_view(game, -value, searcher), before)


def unshaped(value: Array, shaping: Shaping | None) -> Array:
    """`(K, V)`: what is to come, from what an evaluator said `(K, V)`, fixed frame."""
    if shaping is None or shaping.potential is None:
        return value
    return (1.0 + shaping.weight) * value + shaping.weight * shaping.potential


def residual(to_come: Array, shaping: Shaping) -> Array:
    """`(K, V)`: what an evaluator is to say where `to_come` `(K, V)` is; the inverse of `unshaped`."""
    if shaping.potential is None:
        return to_come
    return (to_come - shaping.weight * shaping.potential) / (1.0 + shaping.weight)
