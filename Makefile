# Every target sets itself up: the first run makes .venv, later ones start at once.
PORT ?=
DATA_DIR ?=
PYTEST_ARGS ?=

BIN := .venv/bin
STAMP := .venv/.installed
SOURCES := src tests benchmarks migrations

.DEFAULT_GOAL := help
.PHONY: help up test prove lint bench openapi migrate revision demo fmt journey lock setup

help: ## Show the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock pyproject.toml .ci/setup
	@sh .ci/setup
	@touch $@

setup: $(STAMP) ## Make .venv with the locked dependencies
	@:

up: $(STAMP) ## Run everything: servers, migrations, a demo base, worker, API (PORT=, DATA_DIR=)
	@exec $(BIN)/clientbase up --with-parent $(if $(PORT),--port $(PORT)) $(if $(DATA_DIR),--data-dir '$(DATA_DIR)')

test: $(STAMP) ## Run the tests (PYTEST_ARGS=)
	$(BIN)/pytest -n 2 --dist loadfile -m "not prove" $(PYTEST_ARGS)

prove: $(STAMP) ## Run the long proofs: 100,000 random trees, many requests to every operation
	$(BIN)/pytest -n 2 --dist worksteal -m prove $(PYTEST_ARGS)

lint: $(STAMP) ## Check style, types and the order of imports
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(STAMP) ## Put the code into its style
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

bench: $(STAMP) ## Measure, and write benchmarks/results.md
	$(BIN)/python -m benchmarks

journey: $(STAMP) ## Bring a year of a real grocery chain in over HTTP and compare every segment
	$(BIN)/pytest tests/journey -s

openapi: $(STAMP) ## Write openapi/openapi.json
	$(BIN)/clientbase openapi --write

migrate: $(STAMP) ## Bring the tables to the newest version (DATA_DIR=)
	$(BIN)/clientbase migrate $(if $(DATA_DIR),--data-dir '$(DATA_DIR)')

revision: $(STAMP) ## Write a migration from the models (NAME="what changes")
	$(BIN)/clientbase revision "$(NAME)"

demo: $(STAMP) ## Fill the base with made-up clients (CLIENTS=, SEED=, DATA_DIR=)
	$(BIN)/clientbase demo $(if $(CLIENTS),--clients $(CLIENTS)) $(if $(SEED),--seed $(SEED)) $(if $(DATA_DIR),--data-dir '$(DATA_DIR)')

LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-annotate --quiet \
	--custom-compile-command "make lock"

lock: ## Write the locks anew from pyproject.toml (needs uv): everything, and what an image needs
	uv pip compile pyproject.toml .ci/build.in --all-extras $(LOCK_OPTIONS) --output-file requirements.lock
	uv pip compile pyproject.toml .ci/build.in --extra otel --extra xls $(LOCK_OPTIONS) \
		--constraint requirements.lock --output-file requirements-runtime.lock
