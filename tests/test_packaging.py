"""The wheel holds what the checkout holds."""

import shutil
import tomllib
import zipfile
from pathlib import Path

import pytest
from source import MODULES, ROOT, python

import jaxplay

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LEFT_OUT = shutil.ignore_patterns(".*", "*.egg-info", "build", "dist", "runs", "__pycache__", "tests")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy without symbolic links, as an archive of the source may be."""
    copy = tmp_path_factory.mktemp("source") / "jaxplay"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=LEFT_OUT)
    for link in [path for path in (copy / "jaxplay").iterdir() if path.is_symlink()]:
        link.unlink()
    command = "-m pip wheel -q --no-deps --no-build-isolation -w . ."
    done = python(*command.split(), cwd=copy)
    assert done.returncode == 0, done.stderr
    return next(copy.glob("*.whl"))


def test_every_package_is_listed():
    packages = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == packages


def test_wheel_holds_every_module_and_data_file(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    modules = {str(path.relative_to(ROOT)) for path in MODULES.values()}
    found = [path for path in (ROOT / "jaxplay").rglob("data/*") if path.is_file()]
    data = {str(path.relative_to(ROOT)) for path in found}
    static = [path for path in (ROOT / "jaxplay").rglob("static/**/*") if path.is_file()]
    data |= {str(path.relative_to(ROOT)) for path in static}
    assert modules | data | {"jaxplay/py.typed", "jaxplay/records/replay.html"} <= held
    assert not any(name.startswith(("games/", "benchmarks/", "tests/")) for name in held)


def test_wheel_imports_elsewhere(wheel: Path, tmp_path: Path):
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = "import jaxplay, jaxplay.benchmarks; print(jaxplay.benchmarks.__file__, jaxplay.names())"
    done = python("-c", code, cwd=tmp_path, PYTHONPATH=str(site))
    assert done.stdout.startswith(str(site / "jaxplay" / "benchmarks")), done.stderr
    assert "'tic_tac_toe'" in done.stdout


def test_wheel_is_small(wheel: Path):
    """Below 10 MB with all agents that ship, as it stands on a disk after installation too."""
    with zipfile.ZipFile(wheel) as archive:
        assert sum(info.file_size for info in archive.infolist()) < 20_000_000
    assert wheel.stat().st_size < 10_000_000


def test_version_agrees():
    assert PROJECT["project"]["version"] == jaxplay.__version__
