import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest
from faults import file_limit, rights
from small_runs import TRAINING, abstract, digest, largest_file

from jaxplay.checkpoint import FORMAT, Checkpoints
from jaxplay.checkpoint.files import seal
from jaxplay.checkpoint.leaves import from_host, to_host
from jaxplay.config import MLPConfig
from jaxplay.errors import UserError
from jaxplay.training import compile_step, make_training

KEPT = 3


@pytest.fixture(scope="module")
def training():
    return make_training(TRAINING)


@pytest.fixture(scope="module")
def step(training):
    return compile_step(training)


@pytest.fixture(scope="module")
def saved(training, step, tmp_path_factory):
    """A run with the checkpoints of steps 2, 3 and 4 out of 4, and the digest of each state."""
    run = tmp_path_factory.mktemp("run")
    checkpoints, digests = Checkpoints(run, KEPT), {}
    state = jax.jit(training.init)(jax.random.key(0))
    for _ in range(4):
        state, _ = step(state)
        checkpoints.save(state, {"games": float(state.step)})
        digests[int(state.step)] = digest(state)
    checkpoints.wait()
    return run, digests


@pytest.fixture
def run(saved, tmp_path) -> Path:
    return Path(shutil.copytree(saved[0], tmp_path / "run"))


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def read(run, training, warnings) -> Callable[[], tuple[int, int]]:
    """Reads the newest state: its step and digest."""

    def read() -> tuple[int, int]:
        state, _ = Checkpoints(run, warn=warnings.append).restore(abstract(training))
        return int(state.step), digest(state)

    return read


def test_the_whole_state_comes_back_bit_for_bit(saved, training, step):
    run, digests = saved
    state, totals = Checkpoints(run).restore(abstract(training), step=3)
    assert digest(state) == digests[3]
    assert totals == {"games": 3.0}
    assert state.key.dtype == jax.random.key(0).dtype
    after, _ = step(state)
    assert digest(after) == digests[4]


def test_a_donated_state_is_saved_as_it_was(saved):
    """The fixture donates each state at once after `save` returns."""
    assert len(set(saved[1].values())) == 4


def test_copies_do_not_share_memory_with_the_device(training, step):
    state = jax.jit(training.init)(jax.random.key(1))
    arrays = to_host(state)
    before = {name: array.copy() for name, array in arrays.items()}
    step(state)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, before[name])
        assert array.flags.owndata


def test_tree_to_host_and_back(training):
    state = jax.jit(training.init)(jax.random.key(2))
    again = from_host(to_host(state), abstract(training))
    assert jax.tree.structure(again) == jax.tree.structure(state)
    assert digest(again) == digest(state)


def test_the_newest_are_kept(saved):
    assert Checkpoints(saved[0]).steps() == [2, 3, 4]


def test_the_newest_is_used(saved, read, warnings):
    assert read() == (4, saved[1][4])
    assert not warnings


@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "about", "number", "folder", "hostile"])
def test_a_damaged_newest_checkpoint_gives_way_to_the_one_before(saved, run, read, warnings, harm):
    newest = run / "checkpoints" / "000000004"
    about = harm in ("about", "number", "hostile")
    path = newest / "about.json" if about else largest_file(newest / "state")
    data = bytearray(path.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif harm in ("remove", "folder"):
        path.unlink()
        if harm == "folder":
            path.mkdir()
    elif harm == "hostile":
        path.write_text(seal({"format": FORMAT, "shapes": [], "totals": {}, "crc32": 7}))
    elif harm == "number":
        path.write_bytes(data.replace(b'"games": 4.0', b'"games": 5.0'))
    else:
        path.write_bytes(data[: len(data) // 2])
    assert read() == (3, saved[1][3])
    (line,) = warnings
    assert "000000004 is damaged" in line and "\n" not in line


def test_a_draft_is_no_checkpoint(saved, run, read, warnings):
    (run / "checkpoints" / "000000004").rename(run / "checkpoints" / "000000004.draft")
    Checkpoints(run).note(3, {})
    assert read() == (3, saved[1][3])
    assert not warnings


def test_none_usable(run, read, warnings):
    for path in (run / "checkpoints").iterdir():
        (path / "about.json").unlink()
    with pytest.raises(UserError, match="no checkpoint that can be read: start again with `jaxplay train`"):
        read()
    assert len(warnings) == 3


def test_the_newest_is_gone(saved, run, read, warnings):
    shutil.rmtree(run / "checkpoints" / "000000004")
    assert read() == (3, saved[1][3])
    assert warnings == [f"checkpoint {run}/checkpoints/000000004 is gone; an older one is taken"]
    Checkpoints(run).go_on_from(3, {"games": 3.0})
    assert read() == (3, saved[1][3]) and len(warnings) == 1


@pytest.mark.parametrize("what", ["folder", "content"])
def test_all_are_gone(run, read, what):
    shutil.rmtree(run / "checkpoints")
    if what == "content":
        (run / "checkpoints").mkdir()
    assert not Checkpoints(run).untouched()
    with pytest.raises(UserError, match="has no checkpoint: start again with `jaxplay train`"):
        read()


def test_untouched(run, tmp_path):
    assert Checkpoints(tmp_path / "new").untouched()
    (tmp_path / "new" / "checkpoints" / "000000001.draft").mkdir(parents=True)
    assert Checkpoints(tmp_path / "new").untouched()
    (run / "progress.json").unlink()
    assert not Checkpoints(run).untouched()


HOSTILE = (
    {"step": "nine", "totals": {}},
    {"step": 9, "totals": {"games": "many"}},
    {"step": 9, "totals": []},
)
"""Data of somebody else, whose checksum is right."""
BROKEN = ("", "{", "[" * 100_000, '{"step": 9, "totals": {}, "seal": 1}', "[]")


@pytest.mark.parametrize("text", [*BROKEN, *map(seal, HOSTILE)])
def test_damaged_progress_is_left_out(saved, run, read, warnings, text):
    (run / "progress.json").write_text(text)
    assert read() == (4, saved[1][4])
    (line,) = warnings
    assert "progress.json is damaged and left out" in line and "\n" not in line


def test_later_totals_of_the_same_step(run, training):
    Checkpoints(run).note(4, {"games": 4.0, "seconds": 7.0})
    assert Checkpoints(run).restore(abstract(training))[1] == {"games": 4.0, "seconds": 7.0}
    assert Checkpoints(run).restore(abstract(training), 3)[1] == {"games": 3.0}


def test_odd_names_are_no_checkpoints(run):
    for name in ("²", "12", "000000005.damaged", "notes", "1" * 30):
        (run / "checkpoints" / name).mkdir()
    assert Checkpoints(run).steps() == [2, 3, 4]


def test_no_such_step(saved, training):
    with pytest.raises(UserError, match="no step 7; allowed: 2, 3, 4"):
        Checkpoints(saved[0]).restore(abstract(training), step=7)


def test_another_configuration(saved):
    wide = make_training(dataclasses.replace(TRAINING, network=MLPConfig(width=24, depth=1)))
    with pytest.raises(UserError, match=r"does not fit .* float32\[16\], float32\[24\] is wanted"):
        Checkpoints(saved[0]).restore(abstract(wide))


def test_the_player_alone(saved, run, training):
    shutil.rmtree(run / "checkpoints" / "000000004" / "state")
    params, step = Checkpoints(run).restore_player(abstract(training).learners[0].ema)
    whole, _ = Checkpoints(saved[0]).restore(abstract(training))
    assert step == 4
    assert digest({"step": np.int32(0), "ema": params}) == digest(
        {"step": np.int32(0), "ema": whole.learners[0].ema}
    )


def test_no_such_learner(saved, training):
    with pytest.raises(UserError, match="no learner 1"):
        Checkpoints(saved[0]).restore_player(abstract(training).learners[0].ema, learner=1)


def test_damaged_ones_are_put_aside(run, read):
    checkpoints = Checkpoints(run)
    (run / "checkpoints" / "000000004.damaged").mkdir()
    checkpoints.go_on_from(3, {})
    assert checkpoints.steps() == [2, 3]
    assert (run / "checkpoints" / "000000004.damaged-2" / "about.json").is_file()


def test_full_disk(saved, run, training, step, read):
    state, _ = Checkpoints(run).restore(abstract(training))
    state, _ = step(state)
    checkpoints = Checkpoints(run)
    with file_limit(2000):
        checkpoints.save(state)
        with pytest.raises(UserError, match=r"cannot save a checkpoint in .*: File too large$"):
            checkpoints.wait()
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == [
        f"00000000{i}" for i in (2, 3, 4)
    ]
    assert read() == (4, saved[1][4])
    checkpoints.save(state)
    checkpoints.wait()
    assert checkpoints.steps() == [3, 4, 5]


def test_unwritable_folder(tmp_path, training):
    (tmp_path / "checkpoints").write_text("a file, not a folder")
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(jax.jit(training.init)(jax.random.key(0)))
    with pytest.raises(UserError, match=r"cannot save a checkpoint in .*: Not a directory"):
        checkpoints.wait()


def test_a_folder_that_may_only_be_read(saved, run, training, step, read):
    state, _ = Checkpoints(run).restore(abstract(training))
    state, _ = step(state)
    read()  # so that nothing is compiled and cached by somebody without rights
    with rights(0o555, run, run / "checkpoints"):
        assert read() == (4, saved[1][4])
        checkpoints = Checkpoints(run)
        checkpoints.save(state)
        with pytest.raises(UserError, match=r"cannot save a checkpoint in .*: Permission denied$"):
            checkpoints.wait()
        with pytest.raises(UserError, match=r"cannot write .*: Permission denied$"):
            checkpoints.go_on_from(3, {})
    assert checkpoints.steps() == [2, 3, 4]


def test_a_folder_that_may_not_be_read(run, read):
    denied = pytest.raises(UserError, match=r"cannot read .*: Permission denied$")
    with rights(0o000, run / "checkpoints"), denied:
        read()


def test_links_out_of_the_run_are_not_followed(run, training, step, tmp_path):
    """Old checkpoints and drafts that are links stay what they are, and so does what they point to."""
    state, _ = Checkpoints(run).restore(abstract(training))
    state, _ = step(state)
    outside = Path(shutil.move(run / "checkpoints" / "000000002", tmp_path / "outside"))
    (run / "checkpoints" / "000000002").symlink_to(outside)
    (run / "checkpoints" / "000000007.draft").symlink_to(outside)
    (run / "progress.json").unlink()
    (run / "progress.json").symlink_to(outside / "about.json")
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    checkpoints = Checkpoints(run)
    checkpoints.save(state)
    checkpoints.wait()
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before
    assert checkpoints.steps()[-1] == 5 and not (run / "progress.json").is_symlink()
    assert (run / "checkpoints" / "000000002").readlink() == outside


def test_a_checkpoint_is_never_written_twice(run, training, step):
    state, _ = Checkpoints(run).restore(abstract(training), step=3)
    state, _ = step(state)
    path = run / "checkpoints" / "000000004" / "about.json"
    before = path.stat().st_mtime_ns
    checkpoints = Checkpoints(run)
    checkpoints.save(state)
    checkpoints.wait()
    assert path.stat().st_mtime_ns == before


def test_about_is_plain_data(saved):
    about = json.loads((saved[0] / "checkpoints" / "000000004" / "about.json").read_text())
    assert about["shapes"]["key"] == [[], "key<fry>"]
    assert about["totals"] == {"games": 4.0} and about["format"] == FORMAT


def test_nothing_is_left_behind(saved):
    names = {path.name for path in (saved[0] / "checkpoints" / "000000004").iterdir()}
    assert names == {"about.json", "players", "state"}
