# Parlour's commands; `make` or `make help` lists them.
PYTHON ?= python3
PORT ?= 8000
PYTEST_ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Playwright carries a Node of its own; Debian's may be too old for the tests' fake clock.
NODE = $(shell $(BIN)/python -c 'import pathlib, playwright as p; print(pathlib.Path(p.__file__).parent / "driver/node")')
TOOLS := .venv/.test-stamp node_modules/.package-lock.json
# Media in real time with rows of its own: captured and played on PostgreSQL, not once more on SQLite.
NOT_AGAIN := --ignore=tests/recorder --ignore=tests/recordings
# Pages and no media that is measured: two of its files at a time, each with a server group of its own.
PORTAL := tests/browser/portal tests/browser/test_accessibility.py
# For commands that read the settings and need neither secret nor service.
BARE := SECRET_KEY=unused RECORDING_KEYS= DJANGO_SETTINGS_MODULE=config.settings

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help run manage test lab lint format bench messages lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run-stamp ## Start everything with demo data on http://localhost:8000 (PORT= moves it)
	@PORT=$(PORT) exec $(BIN)/python -m config.supervisor

manage: .venv/.run-stamp ## Run a Django command on the demo's data: make manage ARGS="verify_recording …"
	@$(BIN)/python -m config.devgroup $(ARGS)

test: .venv/.test-stamp ## Install what the tests need and run all of them
	@$(PYTHON) tests/support/machine.py
	@$(MAKE) .venv/.types-stamp
	$(NODE) --test tests/js/*.test.js
	$(BIN)/python -m pytest -m "not browser and not lab" -n auto $(PYTEST_ARGS)
	$(BIN)/python -m pytest -m "not browser and not lab" -n auto --database=postgres $(PYTEST_ARGS)
	$(BIN)/python -m pytest -m "browser and not lab" --database=postgres $(PYTEST_ARGS)
	$(BIN)/python -m pytest -m "browser and not lab" $(NOT_AGAIN) $(PORTAL:%=--ignore=%) $(PYTEST_ARGS)
	$(BIN)/python -m pytest -m "browser and not lab" -n 2 --dist loadfile $(PORTAL) $(PYTEST_ARGS)

lab: .venv/.test-stamp ## Run the long trials of docs/benchmarks.md: floods, faults, bad networks
	@$(PYTHON) tests/support/machine.py
	$(BIN)/python -m pytest -m lab $(PYTEST_ARGS)

lint: $(TOOLS) .venv/.types-stamp ## Check style, types, imports and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates

format: .venv/.test-stamp ## Rewrite the Python files in house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.test-stamp ## Measure against the peers, all or one: make bench NAME=recorder
	@$(BIN)/python -m bench $(NAME)

messages: .venv/.run-stamp ## Write the browser's messages and the protocol tables from calls/protocol.py
	@$(BARE) $(BIN)/python manage.py messages

lock: ## Renew the lock files from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header pyproject.toml --group pyproject.toml:run -o requirements/run.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header pyproject.toml --group pyproject.toml:run --group pyproject.toml:test \
		-c requirements/run.txt -o requirements/test.txt
	npm install --package-lock-only --silent

clean: ## Empty var/: the demo's database, recordings, keys and logs
	@$(PYTHON) platform/config/clean.py

# --- Stamps: what is installed stays installed until its list changes ------------------------------
.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { \
		echo "Parlour needs Python 3.11 or newer, and there is no $(PYTHON) here."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Parlour needs Python 3.11 or newer; this is $$($(PYTHON) --version). Another one: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "==> Making the Python environment in .venv/"
	@$(PYTHON) -m venv --clear .venv

.venv/.run-stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "==> Installing what Parlour needs (a minute, the first time)"
	@$(PIP) install --require-hashes --requirement requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test-stamp: requirements/test.txt .venv/.run-stamp
	@echo "==> Installing what the tests and checks need"
	@$(PIP) install --require-hashes --requirement requirements/test.txt
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@$(PYTHON) tests/support/machine.py npm libatomic.so.1
	@echo "==> Installing what the JavaScript checks need"
	@npm ci --silent
	@touch $@

.venv/.types-stamp: $(TOOLS) tsconfig.json $(shell find static/js -name '*.js')
	$(NODE) node_modules/typescript/bin/tsc --project tsconfig.json
	@touch $@
