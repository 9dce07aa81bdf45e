"""What a rollout records and learners read."""

from typing import Any

from jax import Array

from jaxplay.struct import pytree


@pytree
class Trajectory:
    """Moves of M matches over T plies; every leaf has leading axes `(T, M)`.

    A match whose player waited for a place has a row too: its position again, rewards of 0, and no weight.

    Attributes:
        state: the position in which the move was made, stripped of mask and rewards.
        player: int32, who moved.
        action: int32.
        legal_action_mask: `(..., A)` bool, what might have been played.
        policy_target: `(..., A)` float32 probabilities, 0 where an action is illegal.
        log_prob: float32, log-probability with which `action` was sampled.
        value: `(..., V)` float32, what the policy thought of the position, fixed frame
            (`jaxplay.perspective`).
        rewards: `(..., V)` float32, earned by the move and the chance behind it, fixed frame, scaled.
        terminated: bool, the move ended the game.
        truncated: bool, the game was cut after this move.
        policy_weight: float32, weight of the policy target in the loss.
        value_weight: float32, weight of the value target in the loss.
        final: the state after the move, stripped, as it stands at the end where the game ended by its
            rules; None where nobody learns from endings.
        potential: `(..., V)` float32, Phi of the position (`jaxplay.search.Signal`), fixed frame; None where
            nobody learns differences to it.
        opponent_value: float32, what a modelled opponent thought of the position that the move left it, for
            itself, scaled; None where nobody is modelled.
        opponent_known: bool, where `opponent_value` says anything; None as before.
    """

    state: Any
    player: Array
    action: Array
    legal_action_mask: Array
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
    opponent_value: Array | None = None
    opponent_known: Array | None = None

    @property
    def ended(self) -> Array:
        """`(T, M)` bool: the game is over after the move, by its rules or cut."""
        return self.terminated | self.truncated
