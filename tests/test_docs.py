"""The examples in the documentation, run as they are written."""

import re

import pytest
from source import ROOT

PAGES = ("README.md", "docs/search.md", "docs/evaluation.md", "docs/league.md")


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
