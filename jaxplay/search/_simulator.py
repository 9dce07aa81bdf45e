"""What a search of one game is made of, and the options that all searches share."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict, Unpack

import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game, num_edges
from jaxplay.search._opponent import Opponent
from jaxplay.search._proofs import provable
from jaxplay.search._signal import check_signal
from jaxplay.search.rules import Rule

MAX_LEAVES = 127
"""The most simulations of one element at a time: trees count them in 8 bits."""

SampleHidden = Callable[[Any, Array], Any]
"""`state, key -> state`, both of one game: redraws what the player to move cannot see."""


class Simulator(NamedTuple):
    """What a search of one game is made of.

    Attributes:
        game: whose positions are searched.
        evaluate: priors and values of new nodes.
        rule: chooses edges below the root.
        prior_first: the rule takes the likeliest edge of a node that was never left; it need not be asked.
        prove: whether wins and losses are backed up exactly.
        num_edges: E; if the game has more, the likeliest are kept.
        capacity: C, nodes of a tree.
        prior_dtype: type of the priors in a tree.
        opponent: plays all moves that are not the searcher's; None: they are searched like its own.
        sample_hidden: redraws what is hidden at the root; None: nothing is.
        least_block: edges that a backup works off together, at least. One alone is reached by plain slices,
            so that more pay where the rule takes long.
    """

    game: Game[Any]
    evaluate: Evaluate
    rule: Rule
    prior_first: bool
    prove: bool
    num_edges: int
    capacity: int
    prior_dtype: Any
    opponent: Opponent | None
    sample_hidden: SampleHidden | None
    least_block: int


class TreeOptions(TypedDict, total=False):
    """Options that all searches share; each may be left out.

    Attributes:
        prove: back up wins and losses exactly, in games of two players, zero sum, perfect information and no
            chance; elsewhere it does nothing.
        max_edges: keep only so many edges of each node, the likeliest; for games of thousands of actions.
        bfloat16_priors: keep priors in half the memory.
        capacity: nodes that a tree holds; default: one more than simulations. More makes room for what is
            kept from one move to the next (`jaxplay.search.reuse`), or for going on with a tree.
        opponent: plays the moves of the other player, so that the tree holds those of the searcher only.
        sees_everything: search a game of hidden information all the same, as if every player saw the whole
            state. A search looks at the states that it is given, and so at what is hidden in them.
        sample_hidden: `state, key -> state` of one game, applied to every root of a game of hidden
            information: it redraws what the player to move cannot see, so that the search looks at a guess.
    """

    prove: bool
    max_edges: int
    bfloat16_priors: bool
    capacity: int
    opponent: Opponent
    sees_everything: bool
    sample_hidden: SampleHidden


def make_simulator(
    game: Game[Any],
    evaluate: Evaluate,
    rule: Rule,
    num_simulations: int,
    *,
    leaves: int = 1,
    prior_first: bool = False,
    least_block: int = 1,
    **options: Unpack[TreeOptions],
) -> Simulator:
    """A simulator whose parts fit the game, with room for `num_simulations`, made `leaves` at a time.

    Raises:
        UserError: no simulations, no room for them, leaves that are not 1 to `MAX_LEAVES`, too few edges
            for the outcomes of chance, hidden information that the search would see, an opponent in a game
            that is not of two players and zero sum, or a signal whose fields do not fit.
    """
    if not 1 <= leaves <= MAX_LEAVES:
        raise UserError(f"leaves is {leaves}; allowed: 1 to {MAX_LEAVES}")
    num_simulations = -(-num_simulations // leaves) * leaves
    most, least = num_edges(game), max(game.num_chance_outcomes, 1)
    edges = min(options.get("max_edges", most), most)
    capacity = options.get("capacity", num_simulations + 1)
    opponent = options.get("opponent")
    if num_simulations < 1:
        raise UserError(f"num_simulations is {num_simulations}; allowed: 1 or more")
    if edges < least:
        raise UserError(f"max_edges is {edges}; allowed: {least} or more")
    if capacity <= num_simulations:
        raise UserError(f"capacity is {capacity}; allowed: more than num_simulations ({num_simulations})")
    if opponent is not None and not (game.num_players == 2 and game.zero_sum):
        raise UserError("an opponent can be modelled in games of two players and zero sum only")
    check_signal(None if opponent is None else opponent.signal)
    check_hidden(game, options)
    certain = opponent is None or not opponent.sample
    return Simulator(
        game=game,
        evaluate=evaluate,
        rule=rule,
        prior_first=prior_first,
        prove=options.get("prove", False) and provable(game) and certain,
        num_edges=edges,
        capacity=capacity,
        prior_dtype=jnp.bfloat16 if options.get("bfloat16_priors", False) else jnp.float32,
        opponent=opponent,
        sample_hidden=options.get("sample_hidden"),
        least_block=least_block,
    )


def check_hidden(game: Game[Any], options: TreeOptions) -> None:
    """Refuse to search a game of hidden information, unless the options say how.

    Raises:
        UserError: the search would see what the player to move cannot.
    """
    allowed = options.get("sees_everything", False) or "sample_hidden" in options
    if not game.perfect_information and not allowed:
        raise UserError(
            f"{game} has hidden information, which a search would see; allowed: sees_everything=True, or"
            " sample_hidden, a function that redraws what is hidden"
        )


def own_params(sim: Simulator, params: Params) -> Params:
    """The parameters of the searcher's evaluator."""
    return params if sim.opponent is None else params.own
