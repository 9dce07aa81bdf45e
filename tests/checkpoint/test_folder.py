import json

import pytest
from small_runs import TRAINING

from jaxplay.checkpoint import Goal, create_run, read_config, read_goal
from jaxplay.config import RunConfig
from jaxplay.errors import UserError

CONFIG = RunConfig(training=TRAINING)


def test_what_is_written_is_read(tmp_path):
    create_run(tmp_path / "a" / "run", CONFIG, Goal(minutes=1.5))
    assert read_config(tmp_path / "a" / "run") == CONFIG
    assert read_goal(tmp_path / "a" / "run") == Goal(1.5, None)
    about = json.loads((tmp_path / "a" / "run" / "config.json").read_text())
    assert {"jax", "jaxplay", "python"} <= about["versions"].keys()


def test_a_folder_with_a_run(tmp_path):
    create_run(tmp_path / "run", CONFIG)
    before = (tmp_path / "run" / "config.json").read_bytes()
    with pytest.raises(UserError, match=r"holds another run; `jaxplay resume .*run` continues it"):
        create_run(tmp_path / "run", RunConfig())
    assert (tmp_path / "run" / "config.json").read_bytes() == before


def test_a_folder_with_other_files(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="not an empty folder"):
        create_run(tmp_path, CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .*file/run: Not a directory"):
        create_run(tmp_path / "file" / "run", CONFIG)


def test_not_a_run(tmp_path):
    with pytest.raises(UserError, match=r"is not a run: it has no config\.json"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ('{"format": 99, "config": {}}', "has format 99; this version of jaxplay reads 1"),
        ('{"format": 1, "config": {"nonsense": 1}}', "has no field 'nonsense'"),
    ],
)
def test_a_config_that_cannot_be_read(tmp_path, text, message):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(UserError, match=message):
        read_config(tmp_path)
