# `make help` lists what there is. A new machine needs Python 3.11, make and git.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
SANDBOX_PORT ?= 8010
BIND ?= 127.0.0.1
SOAK_SECONDS ?= 3600
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

# What is installed is named by the pins it came from: a second run has nothing to do.
hash = $(shell cat $(1) | cksum | cut -d' ' -f1)
RUNS := $(VENV)/.runs-$(call hash,requirements.txt)
TESTS := $(VENV)/.tests-$(call hash,requirements.txt requirements-dev.txt)
PIP_WHEEL := $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Linters read the settings; these say nothing about anybody's installation.
LINT_SETTINGS := ENV_FILE=/dev/null DATABASE_URL=sqlite://:memory: \
	DJANGO_SECRET_KEY=$(shell printf '%032d' 0) \
	API_SECRET_KEY=$(shell printf '%032d' 0) ENCRYPT_KEY=$(shell printf '%032d' 0)
PACKAGES := notifications_site diagnostics channels_app templates_app

.PHONY: help run test test-sqlite test-postgres faults faults-sqlite faults-postgres mutants soak lint format bench client editor messages clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(RUNS) ## install, migrate, load the demo and start everything (PORT, SANDBOX_PORT, BIND)
	@$(BIN)/python -m notifications_site.first_run --sandbox-port $(SANDBOX_PORT)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) first_admin
	@$(MANAGE) demo load --sandbox-url http://127.0.0.1:$(SANDBOX_PORT)
	@exec $(MANAGE) up --bind $(BIND) --port $(PORT) \
		--sandbox --sandbox-port $(SANDBOX_PORT) --demo

# What touches no database is tested once.
WITHOUT_DATABASE := tests/client tests/channels_app/processes tests/channels_app/senders \
	tests/diagnostics/sandbox tests/templates_app/engine tests/templates_app/formats

test: test-sqlite test-postgres ## run all tests, on SQLite and on PostgreSQL

test-sqlite: $(TESTS) ## run all tests on SQLite
	@echo "Tests on SQLite"
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal --database sqlite

test-postgres: $(TESTS) ## run all tests on PostgreSQL
	@echo "Tests on PostgreSQL"
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal --database postgres $(addprefix --ignore=,$(WITHOUT_DATABASE))

faults: faults-sqlite faults-postgres ## kill real processes and count what became of every message

faults-sqlite: $(TESTS) ## the same on SQLite
	@$(BIN)/python -m pytest -q -n 4 --dist worksteal -m faults --database sqlite tests/faults

faults-postgres: $(TESTS) ## the same on PostgreSQL
	@$(BIN)/python -m pytest -q -n 4 --dist worksteal -m faults --database postgres tests/faults

mutants: $(TESTS) ## break each promise of the delivery engine and see that a test notices
	@$(BIN)/python -m tests.mutants

soak: mutants ## run for long what `make test` runs for seconds, on both databases
	@STATE_MACHINE_EXAMPLES=500 $(BIN)/python -m pytest -q --database sqlite \
		tests/channels_app/delivery/test_state_machine.py
	@STATE_MACHINE_EXAMPLES=500 $(BIN)/python -m pytest -q --database postgres \
		tests/channels_app/delivery/test_state_machine.py
	@SCHEMA_EXAMPLES=100 $(BIN)/python -m pytest -q --database sqlite \
		tests/channels_app/api/test_by_document.py
	@CHAOS_SECONDS=$(SOAK_SECONDS) $(BIN)/python -m pytest -q -s -m faults \
		--database sqlite tests/faults/test_chaos.py
	@CHAOS_SECONDS=$(SOAK_SECONDS) $(BIN)/python -m pytest -q -s -m faults \
		--database postgres tests/faults/test_chaos.py
	@SNAPSHOT_CHURN=200000 $(BIN)/python -m pytest -q -m faults \
		--database postgres tests/faults/test_long_snapshot.py

lint: $(TESTS) ## check style, types, import directions, templates and migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(LINT_SETTINGS) $(BIN)/mypy .
	@cd client && ../$(BIN)/mypy
	@$(LINT_SETTINGS) $(BIN)/lint-imports
	@$(BIN)/djlint --lint --quiet $(PACKAGES)
	@$(LINT_SETTINGS) $(MANAGE) makemigrations --check --dry-run
	@$(LINT_SETTINGS) $(MANAGE) check

format: $(TESTS) ## put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(TESTS) ## measure throughput and latency on this machine
	@$(BIN)/python -m bench

client: $(TESTS) ## build the wheel of the Python client into client/dist
	@$(PIP_WHEEL) --wheel-dir client/dist ./client
	@ls client/dist/*.whl

editor: ## build the template editor after changing its source (needs Node and npm)
	@cd templates_app/editor && npm ci --no-audit --no-fund --ignore-scripts --silent && npm run --silent build

messages: $(TESTS) ## collect the texts to translate and compile the translations (needs gettext)
	@$(LINT_SETTINGS) $(MANAGE) makemessages --locale zh_Hans --no-wrap \
		--ignore '.venv/*' --ignore 'tests/*' --ignore 'client/*' --ignore 'data/*'
	@$(LINT_SETTINGS) $(MANAGE) compilemessages --locale zh_Hans --ignore '.venv/*'

clean: ## remove what tools left behind; data and .env stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis \
		.coverage htmlcov staticfiles client/dist
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python"; exit 1; }
	@echo "Making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(RUNS): $(BIN)/python requirements.txt
	@echo "Installing what runs"
	@$(PIP) --requirement requirements.txt
	@rm -f $(VENV)/.runs-* && touch $@

$(TESTS): $(BIN)/python requirements.txt requirements-dev.txt
	@echo "Installing what the tests need"
	@$(PIP) --requirement requirements-dev.txt
	@rm -f $(VENV)/.tests-* && touch $@
