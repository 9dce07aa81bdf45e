"""Frozen players on disk: what is written is read, and damage is told."""

import shutil
import signal
from pathlib import Path

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from faults import file_limit
from safetensors import safe_open
from safetensors.numpy import save_file
from saved_leagues import made_up
from source import python

from jaxplay.checkpoint import (
    FrozenPlayer,
    cut_players,
    export_weights,
    import_weights,
    list_players,
    load_player,
    player_name,
    read_payoff,
    save_payoff,
    save_player,
)
from jaxplay.errors import UserError

MAIN_12 = FrozenPlayer("main-12", "main agent", "main", 12, 340)


def tree(seed: int) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    return {
        "file": {"kernel": rng.normal(size=(3, 4)).astype(np.float32)},
        "half": jnp.asarray(rng.normal(size=5), jnp.bfloat16),
        "counts": [np.arange(seed, seed + 2, dtype=np.int32), np.float32(seed)],
    }


ABSTRACT = jax.eval_shape(lambda: jax.tree.map(jnp.asarray, tree(0)))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with four frozen players, born at 0, 10, 20 and 30."""
    save_player(tmp_path, FrozenPlayer("initial", "initial", None, 0, 0), tree(0))
    for number, born in ((1, 10), (2, 20), (3, 30)):
        facts = FrozenPlayer(player_name("main", number), "main agent", "main", number, born)
        save_player(tmp_path, facts, tree(number))
    return tmp_path


def names(folder: Path) -> list[str]:
    return [facts.name for facts in list_players(folder)]


def test_what_is_written_is_read_bit_for_bit(tmp_path):
    path = save_player(tmp_path, MAIN_12, tree(7))
    assert path == tmp_path / "players" / "main-12.safetensors"
    facts, params = load_player(tmp_path, "main-12", ABSTRACT)
    assert facts == MAIN_12 and list_players(tmp_path) == [MAIN_12]

    chex.assert_trees_all_equal(params, tree(7), strict=True)


def test_other_programs_read_the_file(tmp_path):
    with safe_open(str(save_player(tmp_path, MAIN_12, tree(7))), "numpy") as file:
        assert sorted(file.keys()) == ["counts.0", "counts.1", "file.kernel", "half"]
        np.testing.assert_array_equal(file.get_tensor("file.kernel"), tree(7)["file"]["kernel"])  # pyright: ignore


def test_equal_players_have_equal_files(tmp_path):
    first = save_player(tmp_path, MAIN_12, tree(7)).read_bytes()
    assert save_player(tmp_path, MAIN_12, tree(7)).read_bytes() == first


def test_listed_in_the_order_in_which_they_were_frozen(run):
    save_player(
        run, FrozenPlayer("league_exploiter-1", "league exploiter", "league_exploiter", 1, 10), tree(9)
    )
    assert names(run) == ["initial", "league_exploiter-1", "main-1", "main-2", "main-3"]
    assert names(run / "nowhere") == []


def test_a_player_is_replaced_as_a_whole(run):
    save_player(run, FrozenPlayer("main-2", "main agent", "main", 2, 21), tree(8))
    facts, params = load_player(run, "main-2", ABSTRACT)
    assert facts.born == 21 and params["counts"][1] == 8
    assert len(names(run)) == 4


def test_later_players_are_forgotten_and_drafts_too(run):
    (run / "players" / "main-4.safetensors.draft").write_bytes(b"half of a player")
    for step in (25, 20):
        one = np.zeros((1, 1))
        save_payoff(run, made_up(step, ("main-1",), one, one))
        cut_players(run, 20)
        assert names(run) == ["initial", "main-1", "main-2"]
        assert not list((run / "players").glob("*.draft"))
        assert (run / "players" / "payoff.json").exists() == (step == 20)
    assert read_payoff(run).step == 20
    cut_players(run / "nowhere", 3)  # a run without a league


def test_every_byte_counts_or_does_not_matter(tmp_path):
    """A byte changed anywhere is told in one line, or the player is what it was."""
    path = save_player(tmp_path, MAIN_12, tree(7))
    data = path.read_bytes()
    lines: list[str] = []
    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
        try:
            facts, params = load_player(tmp_path, "main-12", ABSTRACT)
        except UserError as error:
            lines.append(str(error))
        else:
            assert facts == MAIN_12
            chex.assert_trees_all_equal(params, tree(7))
    assert len(lines) > 0.9 * len(data) / 7
    assert all("main-12.safetensors" in line and "\n" not in line for line in lines)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_cut_file_is_left_out_of_the_list(run, share):
    path = run / "players" / "main-2.safetensors"
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    warnings: list[str] = []
    assert [facts.name for facts in list_players(run, warnings.append)] == ["initial", "main-1", "main-3"]
    assert len(warnings) == 1 and "main-2.safetensors is damaged and left out" in warnings[0]
    with pytest.raises(UserError, match=r"main-2\.safetensors is damaged: ") as error:
        load_player(run, "main-2", ABSTRACT)
    assert "\n" not in str(error.value)


def test_foreign_files(run, tmp_path):
    folder = run / "players"
    save_file({"kernel": np.zeros(3)}, folder / "arrays.safetensors")
    export_weights(folder / "weights.safetensors", tree(1), {"name": "weights"})
    np.savez(folder / "old.npz", kernel=np.zeros(3))
    np.savez(folder / "pickled.npz", about=np.array([{"an": "object"}]))
    (folder / "text.safetensors").write_text("not a file of arrays")
    (folder / "folder.safetensors").mkdir()
    (folder / "link.safetensors").symlink_to(folder / "nothing")
    shutil.copy(folder / "main-1.safetensors", folder / "copy.safetensors")
    for name, message in (
        ("arrays", "was not written by jaxplay"),
        ("weights", "holds no frozen player"),
        ("old", "holds no frozen player"),
        ("pickled", "allow_pickle"),
        ("text", "header"),
        ("folder", "folder.safetensors is damaged"),
        ("link", "No such file"),
        ("copy", "it is a copy of main-1"),
    ):
        with pytest.raises(UserError, match=message):
            load_player(run, name, ABSTRACT)
    assert [facts.name for facts in list_players(run, lambda line: None)][1:] == [
        "main-1",
        "main-2",
        "main-3",
    ]


def test_parameters_of_another_network(run):
    other = ABSTRACT | {"file": {"kernel": jax.ShapeDtypeStruct((3, 5), jnp.float32)}}
    with pytest.raises(UserError, match=r"file\.kernel is float32\[3, 4\], float32\[3, 5\] is wanted"):
        load_player(run, "main-1", other)


def test_no_such_player(run):
    with pytest.raises(UserError, match=r"has no frozen player 'main-11'; did you mean 'main-1'\?"):
        load_player(run, "main-11", ABSTRACT)
    with pytest.raises(UserError, match=r"has no frozen player 'xyz'; allowed: initial, main-1, main-2"):
        load_player(run, "xyz", ABSTRACT)
    with pytest.raises(UserError, match=r"has no frozen player '\.\./players/main-1'"):
        load_player(run, "../players/main-1", ABSTRACT)


def test_a_full_disk_leaves_the_old_player(run):
    large = {"kernel": np.zeros((64, 64), np.float32)}
    with file_limit(4000), pytest.raises(UserError, match=r"cannot save player main-2 in .*: File too"):
        save_player(run, FrozenPlayer("main-2", "main agent", "main", 2, 99), large)
    assert load_player(run, "main-2", ABSTRACT)[0].born == 20
    assert not list((run / "players").glob("*.draft"))


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "players").write_text("a file")
    with pytest.raises(UserError, match=r"cannot save player main-12 in .*players: "):
        save_player(tmp_path, MAIN_12, tree(0))


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from jaxplay.checkpoint import FrozenPlayer, save_player

params = {f"layer_{i}": np.full((256, 256), i, np.float32) for i in range(20)}
os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)
save_player(Path(sys.argv[1]), FrozenPlayer("main-2", "main agent", "main", 2, 99), params)
"""


def test_a_kill_in_the_middle_leaves_the_old_player_and_a_draft(run):
    done = python("-c", KILLED, str(run))
    assert done.returncode == -signal.SIGKILL
    assert (run / "players" / "main-2.safetensors.draft").stat().st_size > 100_000
    assert names(run) == ["initial", "main-1", "main-2", "main-3"]
    assert load_player(run, "main-2", ABSTRACT)[0].born == 20
    cut_players(run, 30)
    assert sorted(path.name for path in (run / "players").iterdir()) == [
        "initial.safetensors",
        "main-1.safetensors",
        "main-2.safetensors",
        "main-3.safetensors",
    ]


def test_weights_of_any_tree(tmp_path):
    path = tmp_path / "weights.safetensors"
    export_weights(path, tree(3), {"game": "hex", "size": 5})
    facts, params = import_weights(path, ABSTRACT)
    assert facts == {"game": "hex", "size": 5}
    chex.assert_trees_all_equal(params, tree(3), strict=True)
    with pytest.raises(UserError, match=r"half is bfloat16\[5\], bfloat16\[6\] is wanted"):
        import_weights(path, ABSTRACT | {"half": jax.ShapeDtypeStruct((6,), jnp.bfloat16)})
    with pytest.raises(UserError, match=r"cannot read .*none\.safetensors: No such file"):
        import_weights(tmp_path / "none.safetensors", ABSTRACT)
    with pytest.raises(UserError, match=r"cannot write .*nowhere/a/b: No such file or directory"):
        export_weights(tmp_path / "nowhere" / "a" / "b", tree(3))
