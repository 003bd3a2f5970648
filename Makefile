# `make run` starts a demo country, `make test` runs every test. Both install what they need into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
RUN_READY := $(STAMPS)/run
DEV_READY := $(STAMPS)/dev

.PHONY: run test check bench tables docs lock clean

run: $(RUN_READY)
	$(BIN)/sinetti demo start

test: $(DEV_READY)
	@sh tools/install-browser.sh $(BIN)/python
	$(BIN)/python -m tests.run

check: $(DEV_READY)
	$(BIN)/python -m tests.run --checks-only

bench: $(DEV_READY)
	$(BIN)/python -m bench

tables: $(RUN_READY)
	$(BIN)/sinetti tables

docs: $(RUN_READY)
	$(BIN)/sinetti docs

# Newest versions that pyproject.toml allows. Review the difference before committing it.
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --upgrade --quiet
lock: $(DEV_READY)
	$(LOCK) --group build --output-file requirements.lock
	$(LOCK) --group build --group dev --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) $(STAMPS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@PYTHON="$(PYTHON)" sh tools/make-venv.sh $(VENV)

$(RUN_READY): $(BIN)/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@mkdir -p $(STAMPS) && touch $@

$(DEV_READY): $(RUN_READY) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@mkdir -p $(STAMPS) && touch $@
