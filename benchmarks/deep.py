"""Deep trees of few positions, as play and analysis search: simulations a second, beside others.

`linear` and `mlp` are the networks of `search`; mctx searches the same positions with the same network.
`playouts` are searches from the first position whose leaves are valued by one random game each, as those of
OpenSpiel's tree search in C++ are.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jax

from jaxplay import search
from jaxplay.arena.anchors import mcts
from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.open_spiel_peer import searched_alone
from jaxplay.benchmarks.search import Networks, Options, linear, perceptron, positions, search_case, shown
from jaxplay.game import Game, fresh, make

SIZES = ((1, 800), (8, 800), (1, 10_000))
"""Positions, and simulations of each."""
QUICK_SIZES = ((1, 4),)
OPEN_SPIEL_NAMES = {"connect_four": "connect_four", "othello": "othello", "tic_tac_toe": "tic_tac_toe"}


def suites(options: Options) -> Iterator[list[Case]]:
    """For each game and size, with each network: both searches and mctx's; then searches by playouts."""
    for name in options.games:
        game = make(name)
        networks = {"linear": linear(game), "mlp": perceptron(game)}
        for batch, simulations in QUICK_SIZES if options.quick else SIZES:
            states = positions(game, batch)
            for which, network in networks.items():
                prefix = f"{name}/{which}/{batch}x{simulations}"
                yield _network_cases(prefix, game, network, states, simulations, options)
            if batch == 1:
                yield _playout_cases(name, game, simulations, options)


def _network_cases(
    prefix: str,
    game: Game[Any],
    network: Networks,
    states: Any,
    simulations: int,
    options: Options,
) -> list[Case]:
    params, evaluate = network
    own = {
        "puct": shown(search.puct(game, evaluate, simulations)),
        "gumbel": shown(search.gumbel(game, evaluate, simulations)),
    }
    cases = [search_case(f"{prefix}/{which}", run, params, states, simulations) for which, run in own.items()]
    if not options.peers:
        return cases
    from jaxplay.benchmarks.mctx_peer import mctx_runs

    theirs = mctx_runs(game, evaluate, simulations)
    for which, peer in zip(own, ("mctx_muzero", "mctx_gumbel"), strict=True):
        case = search_case(f"{prefix}/{peer}", theirs[peer], params, states, simulations)
        cases.append(replace(case, peer_of=(f"{prefix}/{which}",)))
    return cases


def _playout_cases(name: str, game: Game[Any], simulations: int, options: Options) -> list[Case]:
    state = jax.tree.map(lambda leaf: leaf[None], fresh(game, jax.random.key(0)))
    own = f"{name}/playouts/1x{simulations}/mcts"
    cases = [search_case(own, shown(mcts(game, simulations)), None, state, simulations)]
    if options.peers and name in OPEN_SPIEL_NAMES:
        peer = f"{name}/playouts/1x{simulations}/open_spiel"
        run = searched_alone(OPEN_SPIEL_NAMES[name], simulations)
        cases.append(replace(cases[0], name=peer, run=run, arguments=(), on_host=True, peer_of=(own,)))
    return cases
