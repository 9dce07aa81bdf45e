"""The examples in the documentation, run as they are written."""

import re

import pytest
from source import ROOT

EXAMPLES = [
    (path, code)
    for path in ("README.md", "docs/search.md")
    for code in re.findall(r"```python\n(.*?)```", (ROOT / path).read_text(), re.DOTALL)
]


@pytest.mark.parametrize(("path", "code"), EXAMPLES, ids=[path for path, _ in EXAMPLES])
def test_example(path, code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, path, "exec"), {"__name__": "example"})
    assert capsys.readouterr().out
