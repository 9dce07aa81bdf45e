"""A run's folder: what is asked for is kept, and a change of it is told."""

import json
from functools import partial
from pathlib import Path

import pytest
from faults import rights
from small_runs import TRAINING
from source import python

from jaxplay.checkpoint import Goal, accept_config, create_run, read_config, read_goal
from jaxplay.config import RunConfig
from jaxplay.errors import UserError

CONFIG = RunConfig(training=TRAINING)


@pytest.fixture
def run(tmp_path) -> Path:
    create_run(tmp_path / "run", CONFIG, Goal(minutes=1.5))
    return tmp_path / "run"


def change(run: Path, old: str, new: str) -> None:
    text = (run / "config.json").read_text()
    assert old in text
    (run / "config.json").write_text(text.replace(old, new))


def test_what_is_written_is_read(tmp_path):
    create_run(tmp_path / "a" / "run", CONFIG, Goal(minutes=1.5))
    assert read_config(tmp_path / "a" / "run") == CONFIG
    assert read_goal(tmp_path / "a" / "run") == Goal(1.5, None)
    about = json.loads((tmp_path / "a" / "run" / "config.json").read_text())
    assert {"jax", "jaxplay", "python"} <= about["versions"].keys()


def test_a_folder_with_a_run(run):
    before = (run / "config.json").read_bytes()
    with pytest.raises(UserError, match=r"holds another run; `jaxplay resume .*run` continues it"):
        create_run(run, RunConfig())
    assert (run / "config.json").read_bytes() == before


def test_a_folder_with_other_files(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="not an empty folder"):
        create_run(tmp_path, CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .*file/run: Not a directory"):
        create_run(tmp_path / "file" / "run", CONFIG)
    with rights(0o555, tmp_path), pytest.raises(UserError, match=r"cannot write .*run: Permission denied"):
        create_run(tmp_path / "run", CONFIG)


def test_not_a_run(tmp_path):
    with pytest.raises(UserError, match=r"is not a run: it has no config\.json"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ("", "is damaged"),
        ("[" * 100_000, "is damaged: maximum recursion depth"),
        ('{"format": 2, "config": ' + "9" * 5000 + "}", "is damaged: Exceeds the limit"),
        ('{"format": 99, "config": {}}', "has format 99; this version of jaxplay reads 1 and 2"),
        ('{"format": 1, "config": {"nonsense": 1}}', "has no field 'nonsense'"),
        ('{"format": 1, "config": 7}', "is 7; allowed: an object"),
    ],
)
def test_a_config_that_cannot_be_read(tmp_path, text, message):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(UserError, match=message) as error:
        read_config(tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("harm", ["value", "key", "no checksum", "garbage", "link"])
def test_a_changed_configuration_is_told(run, harm):
    """Whichever of the two files was changed; it counts again once it was accepted."""
    if harm in ("value", "key"):
        change(run, *{"value": ('"seed": 0', '"seed": 1'), "key": ('"minutes"', '"ninutes"')}[harm])
    else:
        (run / "config.sha256").unlink()
    if harm == "garbage":
        (run / "config.sha256").write_bytes(b"\xff\xfe")
    elif harm == "link":
        (run / "config.sha256").symlink_to(run / "nothing")
    told = r"config\.json was changed since .* --accept-config` takes it"
    with pytest.raises(UserError, match=told) as error:
        read_config(run)
    assert "\n" not in str(error.value)
    accept_config(run)
    assert not (run / "nothing").exists()
    assert read_config(run).training.seed == (harm == "value")
    if harm == "key":
        with pytest.raises(UserError, match=r"goal of .* has no field 'ninutes'; did you mean 'minutes'\?"):
            read_goal(run)


def test_other_programs_check_the_checksum(run):
    code = "import hashlib, sys; print(hashlib.sha256(open('config.json', 'rb').read()).hexdigest())"
    assert python("-c", code, cwd=run).stdout.strip() == (run / "config.sha256").read_text().split()[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"goal"', '"gaol"', r"config\.json has no field 'gaol'; did you mean 'goal'\?"),
        ('"training"', '"draining"', r"has no field 'draining'; did you mean 'training'\?"),
        ('"num_simulations"', '"num_simulation"', r"search has no field 'num_simulation'; did you mean"),
        ('"minutes": 1.5', '"minutes": "1.5"', r"goal of .*minutes is '1\.5'; allowed: float or NoneType"),
        ('"minutes": 1.5', '"minutes": -1e999', r"goal of .*minutes is -inf; allowed: above 0"),
        ('"minutes": 1.5', '"minutes": NaN', r"goal of .*minutes is nan; allowed: above 0"),
    ],
)
def test_an_unknown_word_or_value_anywhere(run, old, new, message):
    change(run, old, new)
    read = read_goal if "goal of" in message else partial(read_config, accept_config=True)
    with pytest.raises(UserError, match=message) as error:
        read(run)
    assert "\n" not in str(error.value)
