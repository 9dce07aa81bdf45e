"""Importing is quick, lazy, and starts no backend."""

import ast
import json

import pytest
from source import MODULES, PACKAGE, python

import jaxplay


def test_importing_the_package_loads_next_to_nothing():
    done = python("-c", "import sys, json, jaxplay; print(json.dumps(list(sys.modules)))")
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"jax", "numpy", "rich", "dataclasses"}


def test_no_import_starts_a_backend():
    """A platform that does not exist: whatever starts a backend while it is imported fails."""
    code = f"import importlib\nfor name in {sorted(MODULES)}: importlib.import_module(name)"
    done = python("-c", code, JAX_PLATFORMS="none_such")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", jaxplay.__all__)
def test_public_name_resolves(name: str):
    assert getattr(jaxplay, name) is not None
    assert name in dir(jaxplay)


def test_type_checkers_see_the_public_names():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    homes = {name: f"jaxplay.{home}" for name, home in jaxplay._HOME.items()}
    assert seen == homes | dict.fromkeys(jaxplay._SUBPACKAGES, "jaxplay")
    assert {*seen, "__version__"} == set(jaxplay.__all__)


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = jaxplay.nonsense


@pytest.mark.parametrize("folder", ["games", "benchmarks"])
def test_linked_folders_refuse_to_load_twice(folder: str):
    done = python("-c", f"import {folder}")
    assert f"ImportError: import jaxplay.{folder}, not {folder}" in done.stderr
