# Needs Python 3.11 or newer with venv, and make. Everything else is installed into .venv.
PYTHON ?= python3
LATEST ?= $(firstword $(foreach v,14 13 12,$(shell python3.$(v) -c 'import sys; print(sys.executable)' 2>&-)))
WORKERS ?= auto
BIN := .venv/bin

.PHONY: demo test test-full test-latest lint clean

demo: .venv/demo.stamp  ## train an agent and show what it learned
	$(BIN)/python -m jaxplay.cli.main demo

test: .venv/test.stamp  ## every check but the dearest
	$(BIN)/python -m pytest -q -n $(WORKERS) --maxprocesses 8

test-full: .venv/test.stamp  ## with the dearest checks: deeper counts, more games, longer runs
	$(BIN)/python -m pytest -q -n $(WORKERS) --maxprocesses 8 -m "full or not full"

lint: .venv/test.stamp  ## the checks that read the code only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright

test-latest: .venv-latest/test.stamp  ## the same checks with the newest release of everything
	.venv-latest/bin/python -m pytest -q -n $(WORKERS) --maxprocesses 8

clean:
	rm -rf .venv .venv-latest .cache

.venv/demo.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install -q -c constraints.txt -e .
	touch $@

.venv/test.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install -q -c constraints.txt -e '.[test]'
	touch $@ .venv/demo.stamp

.venv-latest/test.stamp: pyproject.toml
	@test -n "$(LATEST)" || { echo "needs Python 3.12 or newer: make test-latest LATEST=PATH"; exit 1; }
	$(LATEST) -m venv .venv-latest
	.venv-latest/bin/pip install -q -e '.[test]'
	touch $@

$(BIN)/python:
	$(PYTHON) -m venv .venv
