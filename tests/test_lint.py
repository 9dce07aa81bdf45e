"""What reads the code: the tools that `make lint` runs, and limits of size."""

import ast
import sys

import pytest
from source import MODULES, ROOT, python

TOOLS = ["ruff", "format", "pyright"]
MAX_FILE = 400
MAX_FUNCTION = 60
"""Lines of code after the docstring; a factory's own, without the functions that it makes."""


@pytest.mark.parametrize(
    "command", ["ruff check", "ruff format --check", f"pyright --pythonpath {sys.executable}"], ids=TOOLS
)
def test_code_is_clean(command: str):
    done = python("-m", *command.split())
    if done.returncode:
        pytest.fail(f"{command}\n{done.stdout}{done.stderr}", pytrace=False)


def test_files_and_functions_are_short():
    for path in [*MODULES.values(), *(ROOT / "tests").rglob("*.py")]:
        text = path.read_text()
        assert len(text.splitlines()) <= MAX_FILE, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = own_lines(node)
                assert lines <= MAX_FUNCTION, f"{path}: {node.name} has {lines} lines"


def own_lines(function: ast.FunctionDef) -> int:
    """Lines of code that belong to a function itself."""
    documented = ast.get_docstring(function) is not None and len(function.body) > 1
    inner = [node for node in function.body if isinstance(node, ast.FunctionDef)]
    lines = (function.end_lineno or 0) - function.body[documented].lineno + 1
    return lines - sum((node.end_lineno or 0) - node.lineno + 1 for node in inner)
