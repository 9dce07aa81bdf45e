# Needs Python 3.11 or newer with venv, and make. Everything else is installed into .venv.
PYTHON ?= python3
# The Python of `make test-latest`. PYENV_VERSION lets a shim of pyenv answer for a version that is not the chosen one.
NEWEST := 3.13 3.12
LATEST ?= $(firstword $(foreach v,$(NEWEST),$(shell PYENV_VERSION=$(v) python$(v) -c 'import sys; print(sys.executable)' 2>&-)))
WORKERS ?= auto
KILLS ?= 40
BIN := .venv/bin

.PHONY: demo docs test test-full test-latest soak lint clean

demo: .venv/demo.stamp  ## train an agent and show what it learned
	$(BIN)/python -m jaxplay.cli.main demo

docs: .venv/docs.stamp  ## the documentation site, in build/site
	$(BIN)/python docs/build.py
	@echo open build/site/index.html

test: .venv/test.stamp  ## every check but the dearest
	$(BIN)/python -m pytest -q -n $(WORKERS) --maxprocesses 8 --dist loadfile

test-full: .venv/test.stamp  ## with the dearest checks: deeper counts, more games, longer runs
	$(BIN)/python -m pytest -q -n $(WORKERS) --maxprocesses 8 --dist loadfile -m "full or not full"

lint: .venv/test.stamp  ## the checks that read the code only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright

test-latest: .venv-latest/test.stamp  ## the same checks with the newest release of everything
	.venv-latest/bin/python -m pytest -q -n $(WORKERS) --maxprocesses 8 --dist loadfile

soak: .venv/test.stamp  ## kill and damage runs for an hour; KILLS=N signals for each kind
	JAX_COMPILATION_CACHE_DIR=.cache/jax $(BIN)/python tests/soak.py --kills $(KILLS)

clean:
	rm -rf .venv .venv-latest .cache

.venv/demo.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install -q -c constraints.txt -e .
	touch $@

.venv/docs.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install -q -c constraints.txt -e '.[docs]'
	touch $@ .venv/demo.stamp

.venv/test.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install -q -c constraints.txt -e '.[test]'
	touch $@ .venv/demo.stamp .venv/docs.stamp

.venv-latest/test.stamp: pyproject.toml constraints-latest.txt | .venv-latest/bin/python
	.venv-latest/bin/pip install -q -c constraints-latest.txt -e '.[test]'
	touch $@

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv-latest/bin/python:
	@test -n "$(LATEST)" || { echo "make test-latest needs Python $(firstword $(NEWEST)), and PATH has none of \
	$(NEWEST:%=python%): install one, or say where it is: make test-latest LATEST=/path/to/python"; exit 1; }
	$(LATEST) -m venv .venv-latest
