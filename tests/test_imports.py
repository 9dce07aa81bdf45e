"""The import law: a module imports only what stands above it."""

import pytest
from source import MODULES, imports

ABOVE = {
    "errors": "",
    "struct": "errors",
    "sampling": "",
    "text": "",
    "typed": "text",
    "game": "struct sampling typed",
    "games": "game",
    "testing": "game",
    "pgx_game": "game",
    "perspective": "game",
    "evaluator": "perspective",
    "networks": "evaluator config",
    "search": "evaluator config",
    "policies": "search",
    "rollout": "policies",
    "replay": "rollout",
    "shards": "struct",
    "learners": "replay shards",
    "matrix_games": "struct",
    "league": "matrix_games config",
    "solve": "game matrix_games",
    "shaping": "games",
    "dynamics": "solve",
    "config": "errors typed",
    "presets": "config evaluator",
    "training": "learners league networks",
    "arena": "rollout matrix_games solve",
    "checkpoint": "training arena",
    "sharding": "training",
    "run": "checkpoint presets sharding",
    "agent": "checkpoint presets",
    "solving": "run",
    "agents": "agent solving",
    "records": "agent games",
    "protocols": "records",
    "players": "agents games protocols",
    "exploit": "run players",
    "planning": "run",
    "export": "players",
    "bridges": "players",
    "play": "players exploit planning export",
    "benchmarks": "players exploit planning export games dynamics",
    "serve": "play run",
    "widget": "serve",
    "evaluate": "arena",
    "cli": "play serve widget benchmarks testing pgx_game",
}
"""Each module or subpackage, and what stands directly above it. What stands above that is allowed too."""

ROOMS = sorted(name for name in MODULES if name != "jaxplay")


def room(module: str) -> str:
    """The module or subpackage of `jaxplay` that `module` belongs to."""
    return module.split(".")[1]


def visible(name: str) -> set[str]:
    """What `name` may import: itself and all that stands above it."""
    return {name}.union(*(visible(above) for above in ABOVE[name].split()))


@pytest.mark.parametrize("module", ROOMS)
def test_imports_only_what_stands_above(module: str):
    assert room(module) in ABOVE, f"say in ABOVE where {room(module)} stands"
    for target in imports(module) - {"jaxplay"}:
        assert room(target) in visible(room(module)), f"{module} may not import {target}"


@pytest.mark.parametrize("module", [name for name in ROOMS if room(name) == "games"])
def test_a_game_imports_no_other_game(module: str):
    for target in imports(module):
        private = target.rpartition(".")[2].startswith("_")
        assert room(target) != "games" or private, f"{module} may not import {target}"


@pytest.mark.parametrize("module", ROOMS)
def test_no_public_name_is_used_inside(module: str):
    text = MODULES[module].read_text()
    assert "\nimport jaxplay\n" not in text
    for line in text.splitlines():
        if line.strip().startswith("from jaxplay import "):
            names = {name.strip() for name in line.partition(" import ")[2].split(",")}
            assert names <= {"__version__", *ABOVE}, f"{module}: import from the home of {names}"


def test_no_cycles():
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"cycle: {' -> '.join([*path, module])}"
        if module in done:
            return
        for target in imports(module) - {module, "jaxplay"}:
            visit(target, (*path, module))
        done.add(module)

    for module in ROOMS:
        visit(module, ())
