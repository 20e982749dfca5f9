# Each target's help stands behind its name; `make` alone lists them.
SHELL := /bin/bash
PYTHON ?= python3
CLUSTER ?= simulated
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# two a core: the journeys mostly wait for a simulated lab
WORKERS = $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
# the journeys start hundreds of processes; each would compile the whole program anew
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup lab demo test e2e browser differential truth bench check format snapshots lock clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

# The lock is complete: nothing is resolved, for a resolver asks for the newest of what is wanted with an extra.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

setup: $(READY) ## make the virtual environment with everything in it

lab: $(READY) ## open the learner's program; the first time it makes a lab (CLUSTER=kind for a real one)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/labs up --if-none --cluster $(CLUSTER)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/labs

demo: $(READY) ## play module 01 by itself on a simulated lab; leaves demo-report.json
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/labs demo

test: $(READY) ## all tests that need Python alone
	$(BIN)/pytest -m "not e2e and not browser" -n $(WORKERS) --dist worksteal

e2e: $(READY) ## the learner's journey on a real cluster (needs Docker, kind, helm, kubectl)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest tests/journeys -m e2e -s

browser: $(READY) ## labs serve in a real browser (needs Chromium)
	$(BIN)/pytest tests/browser -m browser

differential: $(READY) ## 300 generated policies to a lab's real Kyverno and to the oracle (KUBECONFIG of a lab; OPTIONS="--seed N")
	$(BIN)/python -m tests.differential $(OPTIONS)

truth: $(READY) ## record a lab's real answers to every solution and mutant (OPTIONS="--lab NAME")
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.truth record $(OPTIONS)

bench: $(READY) ## speeds as ratios against something in the same run
	$(BIN)/python -m tests.bench

check: $(READY) ## format, lint, types, layers, dead links, a complete lock
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/python -m tests.links
	$(BIN)/pip check

format: $(READY) ## write the code in its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

snapshots: $(READY) ## write the TUI's snapshots anew (then look at each)
	$(BIN)/pytest tests/snapshots --snapshot-update

lock: ## resolve the dependencies anew into requirements.lock (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --upgrade --quiet pyproject.toml --extra dev -o requirements.lock

clean: ## remove what was made here
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
