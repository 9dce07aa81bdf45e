"""`jaxplay bench solve`: its cases run, and its peers compute what is computed here."""

import jax
import jax.numpy as jnp
import pytest
from hidden_games import form

from jaxplay.benchmarks import cfr_peers, solve
from jaxplay.benchmarks.harness import measure
from jaxplay.cli.main import main
from jaxplay.errors import UserError
from jaxplay.solve import behaviour, cfr_plus


def test_cases_and_what_they_are_beside():
    suites = list(solve.suites(solve.Options(("kuhn_poker",), peers=True, quick=True)))
    solvers, policies = (measure(cases, repeats=1, seconds=0.0) for cases in suites)
    names = [result.name.rpartition("/")[2] for result in solvers]
    assert names[:5] == [*solve.OWN, "open_spiel_python", "open_spiel_cpp"]
    assert {result.unit for result in solvers} == {"iteration"}
    python = solvers[3]
    assert set(python.beside) == {f"kuhn_poker/{name}" for name in solve.OWN}
    assert all(compared.rate > 0 and compared.compile_seconds is None for compared in python.beside.values())
    assert set(solvers[2].times) == {"kuhn_poker/cfr+_float32"}
    kinds = ["exploitability_64", "open_spiel_python_exploitability", "open_spiel_cpp_exploitability"]
    assert [result.name for result in policies] == [f"kuhn_poker/{kind}" for kind in kinds]


@pytest.mark.parametrize("make_peer", [cfr_peers.python_solver, cfr_peers.cpp_solver])
def test_peers_iterate_as_we_do(make_peer):
    """Ten iterations, counting those that are made beforehand, give the same exploitability."""
    pyspiel = pytest.importorskip("pyspiel")
    peer, game = make_peer("kuhn_poker"), form("kuhn_poker")
    iterations = 10 if make_peer is cfr_peers.python_solver else 9
    for _ in range(iterations):
        peer.run()
    average = peer.run.__self__.average_policy()
    theirs = pyspiel.load_game("kuhn_poker")
    if make_peer is cfr_peers.python_solver:
        average = pyspiel.TabularPolicy(
            {key: list(enumerate(average.policy_for_key(key))) for key in average.state_lookup}
        )
    with jax.enable_x64(True):
        solver = cfr_plus(game)
        state = solver.run(solver.init(jnp.float64), 10)
        ours = float(behaviour.gaps(game, solver.average(state)).exploitability)
    assert pyspiel.exploitability(theirs, average) == pytest.approx(ours, rel=1e-6)


def test_what_is_refused(monkeypatch, capsys):
    with pytest.raises(UserError, match="no game 'leduc' in this benchmark"):
        next(solve.suites(solve.Options(("leduc",))))
    assert main(["bench", "solve", "--games", "chess"]) == 2
    assert "no game 'chess' in this benchmark" in capsys.readouterr().err
    monkeypatch.setenv(cfr_peers.OPEN_SPIEL, "/nowhere")
    with pytest.raises(UserError, match=r"JAXPLAY_OPEN_SPIEL is /nowhere, which has no .*jax_cfr\.py"):
        cfr_peers.jax_solver("kuhn_poker")
    monkeypatch.setenv(cfr_peers.LITEEFG, "/bin/false")
    with pytest.raises(UserError, match="JAXPLAY_LITEEFG is /bin/false, which cannot import LiteEFG"):
        cfr_peers.liteefg_solver("kuhn_poker")
