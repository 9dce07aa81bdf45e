"""One process at a time has a run, and lets go of it however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from faults import rights
from source import ROOT

from jaxplay.checkpoint import locked
from jaxplay.errors import UserError

HOLD = """
import sys, time
from pathlib import Path
from jaxplay.checkpoint import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_two_processes_and_a_crashed_holder(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(UserError, match="is in use by another process"), locked(tmp_path):
        pass
    holder.send_signal(signal.SIGSTOP)
    with pytest.raises(UserError, match="is in use by another process"), locked(tmp_path):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    for _ in range(2):
        with locked(tmp_path):
            pass


def test_twice_in_one_process(tmp_path):
    with locked(tmp_path), pytest.raises(UserError, match="is in use by another process"), locked(tmp_path):
        pass


def _folder(path: Path) -> None:
    path.mkdir()


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def _link(path: Path) -> None:
    path.with_name("mine.txt").write_text("precious")
    path.symlink_to(path.with_name("mine.txt"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [(_folder, "Is a directory"), (_dangling, "it is a symbolic link"), (_link, "it is a symbolic link")],
)
def test_an_odd_lock_is_named(tmp_path, make, reason):
    make(tmp_path / ".lock")
    with pytest.raises(UserError) as error, locked(tmp_path):
        pass
    assert str(error.value) == f"cannot lock {tmp_path}/.lock: {reason}"
    assert not (tmp_path / "nothing").exists()
    assert make is not _link or (tmp_path / "mine.txt").read_text() == "precious"


def test_a_folder_of_somebody_else(tmp_path):
    with (
        rights(0o555, tmp_path),
        pytest.raises(UserError, match=r"cannot lock .*\.lock: Permission denied"),
        locked(tmp_path),
    ):
        pass
