# Healgate: `make help` lists what there is.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO_ARGS ?=
PYTEST_ARGS ?=
JOBS ?= 2
CHROMIUM := $(shell command -v chromium)
# Compiled once, not in each of the many processes that tests start.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: help install install-dev demo up test test-fast check format soak replies bench lock clean

help: ## What there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/healgate: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Healgate needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with make PYTHON=...") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/.dev: $(BIN)/healgate requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

install: $(BIN)/healgate ## Install into .venv; then .venv/bin/healgate --help
install-dev: $(VENV)/.dev ## Install what tests and checks need, too

demo: install ## Everything on this machine with a sample clinic; DEMO_ARGS=--exit walks one journey and ends
	$(BIN)/healgate demo $(DEMO_ARGS)

up: install ## Everything on this machine on the real clock
	$(BIN)/healgate up

test: install-dev ## All tests, on the real servers and both databases; JOBS=4 on a machine with more cores
	@test -n "$(CHROMIUM)" || echo "note: Debian's chromium is missing, so the tests in a browser are left out; apt-get install chromium"
	$(PYTEST) $(if $(CHROMIUM),,-m "not browser") $(PYTEST_ARGS)

test-fast: install-dev ## Tests that need no server, in under a minute
	$(PYTEST) -q -m "not slow" $(PYTEST_ARGS)

check: install-dev ## Style, types, direction of imports, rules of workflow code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/lint_workflows.py
	$(BIN)/python scripts/fingerprint.py

format: install-dev ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: install-dev ## Thousands of random journeys against what always holds, in the pure domain and in the real workflow, and every reply (hours)
	HEALGATE_SOAK=1 $(BIN)/python -m pytest -q tests/domain tests/journeys tests/replies --timeout 3600

replies: install-dev ## How replies are read: a table by language with the misses
	$(BIN)/python scripts/replies_table.py tests/replies/corpus.jsonl

bench: install ## What one journey costs on the embedded server
	$(BIN)/healgate bench

lock: install-dev ## Pin the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean: ## Remove what was made here, but not .healgate/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
