"""The source of the package, as tests read it, and Python processes that import it."""

import ast
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "jaxplay"


def _files() -> list[Path]:
    folders = [PACKAGE, *(path for path in PACKAGE.iterdir() if path.is_symlink())]
    return sorted({path for folder in folders for path in folder.rglob("*.py")})


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES: dict[str, Path] = {_name(path): path for path in _files()}
"""Every module of the package by its full name."""


def imports(module: str) -> set[str]:
    """The modules of this package that `module` imports anywhere in its text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "jaxplay":
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in full}
    return {name for name in found if name.split(".")[0] == "jaxplay"}


def python(*arguments: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter, run to its end."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )


HASTY = ("--xla_cpu_use_fusion_emitters=false", "--xla_cpu_parallel_codegen_split_count=1")
"""With these, XLA of jaxlib 0.10 compiles in about half the time. It refuses flags that it does not know."""


def xla_flags(*more: str) -> str:
    """`XLA_FLAGS` of the tests and of the Python that they start: in haste, what is set, and `more`."""
    hasty = HASTY if version("jaxlib").startswith("0.10.") else ()
    given = os.environ.get("XLA_FLAGS", "").split()
    return " ".join([*(flag for flag in hasty if flag not in given), *given, *more])
