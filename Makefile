# Everything goes through .venv, which the first target makes; nothing else on the machine is touched
# except the system packages that `make test` names before it installs them.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
# Debian 12's Python 3.11.2 stumbles over pytest's own tracebacks where greenlets are at work.
PYTEST := $(PYTHON) -m pytest --tb=native
UNIT := tests --ignore=tests/pbx --ignore=tests/browser -m "not pbx and not browser and not services and not soak"

.PHONY: help run test check lint format docs bench pbx soak constraints clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: .venv/.run ## Open the demo on http://127.0.0.1:8962: simulated Asterisk, sample organisation
	@$(PYTHON) -m config.cli demo --data-dir var/demo

pbx: .venv/.run ## The same demo on a real Asterisk, fetched without root, with scripted citizens
	@$(PYTHON) -m config.cli pbx --data-dir var/pbx

test: .venv/.test ## Install what the tests need (it says what) and run everything
	@scripts/test-packages
	@$(MAKE) --no-print-directory lint; lint=$$?; $(PYTEST) -m "not soak" && exit $$lint

check: .venv/.test lint ## Lint, types and the tests that need no services
	@$(PYTEST) -q $(UNIT)

lint: .venv/.test ## ruff, mypy and import-linter
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports

format: .venv/.test ## Let ruff format the code and mend what it can
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

docs: .venv/.test ## Write the generated parts of docs/ anew
	@$(PYTHON) docs/generate.py

bench: .venv/.test ## Measure against the baselines; prints ratios, judges nothing
	@$(PYTHON) -m bench

soak: .venv/.test ## The long counts: hundreds of kills, loads for hours
	@scripts/test-packages
	@$(PYTEST) -m soak --timeout=3600

constraints: .venv/.test ## Pin the versions that .venv has now
	@{ sed -n 1p constraints.txt; $(PYTHON) -m pip freeze --exclude-editable --disable-pip-version-check \
		| grep -viE '^(hotline|pip|setuptools)\b'; } > .venv/constraints && mv .venv/constraints constraints.txt

clean: ## Remove what was made: .venv, caches, the demo's data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache var

.venv/.run: pyproject.toml constraints.txt scripts/venv
	@scripts/venv
	@touch $@

.venv/.test: pyproject.toml constraints.txt scripts/venv
	@scripts/venv dev
	@touch $@ .venv/.run
