"""The files about the project: they parse, and what they name exists."""

import datetime
import importlib
import re
import tomllib

import pytest
import yaml
from source import MODULES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_targets_of_the_makefile(path):
    workflow = yaml.safe_load(path.read_text())
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert commands
    for command in commands:
        make, target = command.split()
        assert make == "make" and target in TARGETS


def test_hosted_checks_cover_what_is_supported():
    """Every Python that the package says it supports, and each kind of check."""
    jobs = {name: job for path in WORKFLOWS for name, job in yaml.safe_load(path.read_text())["jobs"].items()}
    assert jobs.keys() == {"lint", "test", "test-latest"}
    versions = jobs["test"]["strategy"]["matrix"]["python"]
    supported = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert versions == supported and PROJECT["requires-python"] == f">={versions[0]}"


def test_hooks_run_the_tools_of_make_lint():
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    entries = [hook["entry"] for hook in repository["hooks"]]
    assert [entry.split()[:2] for entry in entries] == [
        [".venv/bin/ruff", "check"],
        [".venv/bin/ruff", "format"],
        ["make", "lint"],
    ]


@pytest.mark.parametrize("name", ["bug", "feature"])
def test_issue_forms_have_what_they_need(name):
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text())
    assert form.keys() >= {"name", "description", "body"}
    assert all(part["type"] == "textarea" and part["attributes"]["label"] for part in form["body"])


def test_releases_agree():
    """The newest release of the changelog is the version of the package and of the citation."""
    text = (ROOT / "CHANGELOG.md").read_text()
    version, date = re.findall(r"^## (\d+\.\d+\.\d+) - (\S+)$", text, re.MULTILINE)[0]
    datetime.date.fromisoformat(date)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (version, date) == (citation["version"], citation["date-released"])
    assert version == PROJECT["version"] and citation["license"] == PROJECT["license"]
    assert citation.keys() >= {"cff-version", "message", "title", "authors"}
    assert text.index("## Unreleased") < text.index(f"## {version}")


def test_breaking_changes_come_first():
    sections = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]
    for section in sections:
        kinds = re.findall(r"^### (\w+)", section, re.MULTILINE)
        assert "Breaking" not in kinds[1:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_and_paths_of_a_page_exist(page):
    text = page.read_text()
    links = re.findall(r"\]\((?!http)([^)#\s]+)\)", text)
    assert not [link for link in links if not (page.parent / link).exists()]
    named = re.findall(r"`((?:jaxplay|games|tests|docs|benchmarks|examples|notebooks)/[\w./]+)`", text)
    assert not [path for path in named if not (ROOT / path).exists() and "my_" not in path]


def test_the_glossary_has_each_word_once_and_its_place():
    text = (ROOT / "docs" / "glossary.md").read_text()
    terms = [term for line in re.findall(r"^- (.*?):", text, re.MULTILINE) for term in line.split(", ")]
    assert len(terms) == len(set(terms)) > 70
    places = re.findall(r"`(jaxplay(?:\.\w+)+)`(?:\n|$)", text)
    assert len(places) == len(re.findall(r"^- ", text, re.MULTILINE))
    for place in places:
        home, _, name = place.rpartition(".")
        assert place in MODULES or hasattr(importlib.import_module(home), name), place


def test_twelve_questions_have_one_file_each():
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## Twelve questions")[2]
    answers = re.findall(r"^\| .*\? \| `(.*)` \|$", text, re.MULTILINE)
    assert len(set(answers)) == 12 and all((ROOT / path).is_file() for path in answers)


def test_decisions_are_numbered_once():
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    assert [page.read_text().partition(".")[0] for page in pages] == [f"# {number}" for number in numbers]
