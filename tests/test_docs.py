"""The examples in the documentation, run as they are written."""

import re
import shlex

import numpy as np
import pytest
from leagues import opponents, with_scores
from source import ROOT

from jaxplay.cli.main import build_parser
from jaxplay.league import registry

PAGES = (
    "README.md",
    "docs/agents.md",
    "docs/bridges.md",
    "docs/export.md",
    "docs/from_openspiel.md",
    "docs/from_pgx_and_mctx.md",
    "docs/own_parts.md",
    "docs/search.md",
    "docs/evaluation.md",
    "docs/league.md",
    "docs/solving.md",
    "docs/records.md",
    "docs/scaling.md",
    "docs/dynamics/README.md",
    "docs/dynamics/noise.md",
    "docs/dynamics/stackelberg.md",
    "docs/dynamics/correlated.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_examples_of_a_page(page, tmp_path, monkeypatch, capsys):
    """From the top to the bottom of a page: later examples may use the names of earlier ones."""
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "example"}
    examples = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    for number, code in enumerate(examples):
        exec(compile(code, f"{page}, example {number + 1}", "exec"), names)
        assert capsys.readouterr().out
    assert examples


@pytest.mark.parametrize(
    ("page", "least"),
    [
        ("README.md", 18),
        ("docs/quickstart.md", 3),
        ("docs/metrics.md", 2),
        ("docs/solving.md", 4),
        ("docs/benchmarks.md", 9),
        ("docs/agents.md", 9),
        ("docs/export.md", 3),
    ],
)
def test_commands_of_a_page_are_understood(page, least):
    lines = re.findall(r"^(?:\| `|    )(jaxplay [^`#\n]*)", (ROOT / page).read_text(), re.MULTILINE)
    assert len(lines) >= least
    for line in lines:
        words = shlex.split(line.partition(" > ")[0])[1:]
        assert build_parser(words[0]).parse_args(words)


def test_the_matchmaker_of_contributing(monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})
    code = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)[-1]
    exec(compile(code, "CONTRIBUTING.md", "exec"), {})
    (found,) = registry._registered.values()
    np.testing.assert_array_equal(opponents(found, with_scores([0.5, 0.2, 0.9])), [0, 0, 1, 0])
