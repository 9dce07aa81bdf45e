"""What reads the code: the tools that `make lint` runs, and limits of size."""

import ast

import pytest
from source import MODULES, ROOT, python

MAX_FILE = 400
MAX_FUNCTION = 60
"""Lines of code after the docstring."""


@pytest.mark.parametrize("command", ["ruff check", "ruff format --check", "pyright"])
def test_code_is_clean(command: str):
    done = python("-m", *command.split())
    if done.returncode:
        pytest.fail(f"{command}\n{done.stdout}{done.stderr}", pytrace=False)


def test_files_and_functions_are_short():
    for path in [*MODULES.values(), *(ROOT / "tests").rglob("*.py")]:
        text = path.read_text()
        assert len(text.splitlines()) <= MAX_FILE, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                start = node.body[bool(ast.get_docstring(node)) and len(node.body) > 1].lineno
                lines = (node.end_lineno or start) - start + 1
                assert lines <= MAX_FUNCTION, f"{path}: {node.name} has {lines} lines"
