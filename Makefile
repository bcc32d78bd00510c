# storywatch: every command of the project. `make` alone lists them. Nothing but Python 3.11+, git and make is needed.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
QUIET  := PIP_BUILD_CONSTRAINT=$(CURDIR)/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_WARN_SCRIPT_LOCATION=1
CONSTRAIN := PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(QUIET)
# The clients of docs/sql.md have an environment of their own: dbt and mypy need two versions of one package.
CLIENTS := .venv-clients

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast gate clients check format constraints schema wheel bench clean python

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(STAMP)  ## set up, then run the main job on the bundled replay (no network, no server to start)
	@$(BIN)/storywatch demo

# Files of tests side by side, one process more than there are cores, since some wait for servers; at most four. Each has
# folders and ports of its own.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
SIDE_BY_SIDE := -n $(shell expr $(CORES) + 1) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: $(STAMP)  ## set up, then run every test
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-fast: $(STAMP)  ## the tests that need no Prefect server, no real data and no minutes
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not prefect and not real and not soak"

gate: $(STAMP)  ## the floors of quality on real pages and labelled coverage (needs STORYWATCH_TESTDATA)
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/test_gate_*.py

clients: $(CLIENTS)/.installed  ## run the blocks of docs/sql.md with every client (own environment, 1.1 GB)
	@$(CLIENTS)/bin/python -m pytest tests/test_sql_page.py

check: $(STAMP)  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP)  ## put the code in order
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(STAMP)  ## the real-input run with its figures (needs STORYWATCH_TESTDATA)
	@$(BIN)/python -m benchmarks.real

constraints: python  ## pin every version anew in constraints.txt and constraints-clients.txt
	@$(PYTHON) tools/pin.py

schema: $(STAMP)  ## write docs/schema.md anew from the comments in the warehouse
	@$(BIN)/python -m tools.schema

wheel: $(STAMP)  ## build dist/*.whl
	@$(CONSTRAIN) $(BIN)/python -m build --wheel

clean:  ## remove the environment and what tools left behind (never data/)
	rm -rf $(VENV) $(CLIENTS) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "storywatch needs Python 3.11 to 3.14; '$(PYTHON)' is not on the PATH. Install it, or name one: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || { echo "storywatch needs Python 3.11 to 3.14; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module. On Debian and Ubuntu: apt install python3-venv"; exit 2; }

# Made anew when what is to be installed has changed; the stamp comes last, so that an interrupted install starts over.
$(STAMP): pyproject.toml constraints.txt | python
	@echo "Setting up $(VENV) (one to three minutes) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(CONSTRAIN) $(BIN)/python -m pip install -qq --no-input -e '.[dev]'
	@touch $@

$(CLIENTS)/.installed: pyproject.toml constraints-clients.txt | python
	@echo "Setting up $(CLIENTS) (one to two minutes) ..."
	@$(PYTHON) -m venv --clear $(CLIENTS)
	@PIP_CONSTRAINT=$(CURDIR)/constraints-clients.txt $(QUIET) $(CLIENTS)/bin/python -m pip install -qq --no-input -e '.[clients-dev]'
	@touch $@
