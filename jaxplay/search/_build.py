"""The search that a configuration describes. A new kind of search registers how it is built."""

from functools import singledispatch
from typing import Any, NamedTuple

from jaxplay.config import GumbelConfig, PUCTConfig, SearchConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate
from jaxplay.game import Game
from jaxplay.search._gumbel import gumbel
from jaxplay.search._opponent import Opponent
from jaxplay.search._output import Search
from jaxplay.search._puct import puct
from jaxplay.search._simulator import TreeOptions


class Purpose(NamedTuple):
    """What a search is for.

    Attributes:
        num_simulations: of a full search.
        noise: whether to explore; without noise, play is greedy.
        tree: options of its tree.
    """

    num_simulations: int
    noise: bool
    tree: TreeOptions


def build_search(
    config: SearchConfig,
    game: Game[Any],
    evaluate: Evaluate,
    *,
    num_simulations: int | None = None,
    noise: bool = True,
    capacity: int = 0,
    opponent: Opponent | None = None,
) -> Search:
    """The search that a configuration describes.

    Args:
        config: of the search.
        game: that is searched.
        evaluate: values positions.
        num_simulations: None: as configured.
        noise: without it, nothing is explored, and play is greedy.
        capacity: of its trees, in nodes; 0: for this one search.
        opponent: whose moves it does not search, see `jaxplay.search.Opponent`.

    Raises:
        UserError: nobody registered this kind of search.
    """
    tree = TreeOptions()
    if capacity > 0:
        tree["capacity"] = capacity
    if opponent is not None:
        tree["opponent"] = opponent
    purpose = Purpose(num_simulations or config.num_simulations, noise, tree)
    return by_kind(config, game, evaluate, purpose)


@singledispatch
def by_kind(config: SearchConfig, game: Game[Any], evaluate: Evaluate, purpose: Purpose) -> Search:
    """The search of one kind of configuration; `by_kind.register` adds a kind.

    Raises:
        UserError: nobody registered this kind.
    """
    raise UserError(f"no search is registered for {type(config).__name__}")


@singledispatch
def nodes_of(config: SearchConfig, num_simulations: int) -> int:
    """How many nodes so many simulations may add to a tree."""
    return num_simulations


@nodes_of.register
def _(config: PUCTConfig, num_simulations: int) -> int:
    return -(-num_simulations // config.leaves) * config.leaves


@by_kind.register
def _(config: PUCTConfig, game: Game[Any], evaluate: Evaluate, purpose: Purpose) -> Search:
    noise = purpose.noise
    return puct(
        game,
        evaluate,
        purpose.num_simulations,
        c_init=config.c_init,
        c_base=config.c_base,
        fpu_reduction=config.fpu_reduction,
        dirichlet_fraction=config.dirichlet_fraction if noise else 0.0,
        dirichlet_concentration=config.dirichlet_concentration,
        root_temperature=config.root_temperature if noise else 1.0,
        forced_playouts=config.forced_playouts if noise else 0.0,
        leaves=config.leaves,
        **_tree(config, game, purpose),
    )


@by_kind.register
def _(config: GumbelConfig, game: Game[Any], evaluate: Evaluate, purpose: Purpose) -> Search:
    return gumbel(
        game,
        evaluate,
        purpose.num_simulations,
        max_considered=config.max_considered,
        noise=1.0 if purpose.noise else 0.0,
        c_visit=config.c_visit,
        c_scale=config.c_scale,
        rescale=config.rescale,
        parallel=config.parallel,
        **_tree(config, game, purpose),
    )


def _tree(config: PUCTConfig | GumbelConfig, game: Game[Any], purpose: Purpose) -> TreeOptions:
    tree = TreeOptions(prove=config.prove, bfloat16_priors=config.bfloat16_priors)
    tree.update(purpose.tree)
    if config.max_edges > 0:
        tree["max_edges"] = max(config.max_edges, game.num_chance_outcomes)
    return tree
