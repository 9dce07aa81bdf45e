"""What self-play records and learners read."""

from typing import Any

from jax import Array

from jaxplay.struct import pytree


@pytree
class Trajectory:
    """Trajectory of B matches over T plies; every leaf has leading axes `(T, B)`.

    Attributes:
        state: the position in which the move was made, stripped of mask and rewards.
        player: int32, who moved.
        action: int32.
        policy_target: `(..., A)` float32 probabilities; negative where an action was illegal.
        log_prob: float32, log-probability with which `action` was drawn.
        value: `(..., V)` float32, what the search found, fixed frame (`jaxplay.perspective`).
        rewards: `(..., V)` float32, earned by the move and the chance behind it, fixed frame, scaled.
        terminated: bool, the move ended the game.
        truncated: bool, the game was cut after this move.
        policy_weight: float32, weight of the policy target in the loss.
        value_weight: float32, weight of the value target in the loss.
        final: the state after the move, stripped, as it stands at the end where the game ended by its
            rules; None where nobody learns from endings.
        potential: `(..., V)` float32, Phi of the position (`jaxplay.search.Signal`), fixed frame; None where
            nobody learns differences to it.
    """

    state: Any
    player: Array
    action: Array
    policy_target: Array
    log_prob: Array
    value: Array
    rewards: Array
    terminated: Array
    truncated: Array
    policy_weight: Array
    value_weight: Array
    final: Any = None
    potential: Array | None = None
