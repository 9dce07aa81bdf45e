"""What a game is: the `Game` and `State` protocols, their laws, and the registry.

A game is a frozen, hashable value with pure functions of **one** state; a batch of games is a
`jax.vmap`. The laws, which `jaxplay.testing.check_game` holds any game against:

1. Player 0 makes the first decision. Player ids are 0 to `num_players - 1`.
2. `step` is deterministic. Chance is explicit: at a chance node `current_player` is `CHANCE` and the
   action is an outcome below `num_chance_outcomes`, with probabilities `chance_probs(state)`.
3. `step` is called with legal actions of states that are not terminal. The engine, not the game,
   absorbs terminal states and guards against illegal input.
4. `legal_action_mask` is all true at a terminal state. At a chance node it tells which outcomes exist.
5. `step`, `observe`, `symmetry`, `chance_probs` and rendering never read `legal_action_mask` or `rewards`
   of their argument: trees and replay drop both (see `strip`).
6. `rewards` are what the last action earned, by player id. The returns of a game (sums of rewards)
   lie in `[min_return, max_return]`, add up to zero if `zero_sum`, and differ between two players unless
   `has_draws`.
7. Every game ends within `max_plies` decisions, or is cut there by self-play (never by the game).
8. Symmetries commute with `step`.
9. Where information is hidden, `observe` gives an information state, also to players who are not to move: it
   tells which player observes and all that this player has seen and done, and legal actions follow from it.
   What looks the same to a player is rendered the same for it, while the game goes on and the same player
   moves; and who was shown the same by `render` all along, and did the same, observes the same. Where
   `perfect_information` is true, what looks the same to one player looks the same to all.
10. The legal moves of a position have names that differ (`move_to_string`), and so have the outcomes of a
    chance node (`outcome_to_string`).
"""

from jaxplay.game._chance import auto_reset, fresh, random_action, resolve_chance, sample_outcome
from jaxplay.game._defaults import GameDefaults
from jaxplay.game._derived import num_edges, scalar_value, strip, value_scale
from jaxplay.game._protocol import CHANCE, Game, Judged, S, Scored, State
from jaxplay.game._registry import Summary, make, names, parse_game, register, summary

__all__ = [
    "CHANCE",
    "Game",
    "GameDefaults",
    "Judged",
    "S",
    "Scored",
    "State",
    "Summary",
    "auto_reset",
    "fresh",
    "make",
    "names",
    "num_edges",
    "parse_game",
    "random_action",
    "register",
    "resolve_chance",
    "sample_outcome",
    "scalar_value",
    "strip",
    "summary",
    "value_scale",
]
