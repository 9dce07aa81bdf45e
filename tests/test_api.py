"""The list of public names, and the script that writes it."""

import importlib.util
from itertools import zip_longest
from typing import Any

import pytest
from source import MODULES, ROOT

SCRIPT = ROOT / "docs" / "api.py"

EXAMPLE = '''
from typing import NamedTuple, TypeVar

T = TypeVar("T")
LIMIT = 3
_HIDDEN = 4


class Pair(NamedTuple):
    """Two numbers."""

    first: int
    second: float = 0.5

    @property
    def total(self) -> float:
        return self.first + self.second

    def scaled(self, factor: float, *, twice: bool = False) -> "Pair":
        return self

    def _secret(self) -> None: ...


def pair(*numbers: int, **options: T) -> Pair: ...
'''


@pytest.fixture(scope="module")
def api() -> Any:
    """The script that writes the list."""
    spec = importlib.util.spec_from_file_location("api", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_signatures_are_shown_as_they_are_written(api: Any, tmp_path: Any):
    path = tmp_path / "example.py"
    path.write_text(EXAMPLE)
    source = api.read(path)
    lines = [
        line
        for name in api.public_names(source)
        for node in source.definitions[name]
        for line in api.show(node, name)
    ]
    assert lines == [
        "LIMIT = 3",
        "class Pair(NamedTuple)",
        "    first: int",
        "    second: float = 0.5",
        "    total: float",
        "    def scaled(self, factor: float, *, twice: bool=False) -> 'Pair'",
        "def pair(*numbers: int, **options: T) -> Pair",
    ]


def test_the_list_is_current(api: Any, request: pytest.FixtureRequest):
    """A changed line of the list is a changed interface: `CHANGELOG.md` says so."""
    if request.config.getoption("--regenerate"):
        api.main()
    differs = next(
        (
            f"line {number} is {old!r}, {new!r} is wanted"
            for number, (old, new) in enumerate(
                zip_longest(api.TARGET.read_text().splitlines(), api.text().splitlines()), 1
            )
            if old != new
        ),
        None,
    )
    assert differs is None, f"docs/api.txt: {differs}; run: python docs/api.py"


def test_every_public_module_is_read(api: Any):
    """The list is made from the same modules that Python finds."""
    assert dict(api.modules()).keys() == MODULES.keys() - {
        name for name in MODULES if name.startswith("jaxplay.benchmarks")
    }
    assert "\njaxplay.league\n" in api.text()


def test_no_public_name_hides_a_module(api: Any):
    """`from package import name` and `import package.name` would be two things."""
    sources = {name: api.read(path) for name, path in api.modules()}
    hidden = [
        f"{module}.{name}"
        for module, source in sources.items()
        for name in source.exported or []
        if f"{module}.{name}" in sources
        and name in sources[api.resolve(sources, module, name)[0]].definitions
    ]
    assert not hidden
