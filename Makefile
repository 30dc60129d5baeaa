# Everything a fresh machine with python3 (3.11 or later) and make needs: each target sets up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := protocols firmware_bridge simulator controller

.PHONY: run test check bench nightly clean
.DEFAULT_GOAL := run

run: $(READY)  ## one guided hold with the simulated tool and person
	@$(BIN)/holdwell run --tool sim

test: $(READY)  ## the whole test suite
	@$(BIN)/pytest -n auto --dist worksteal

check: $(READY)  ## lint, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## speed figures, printed
	@$(BIN)/python -m tests.bench

nightly: $(READY)  ## the long version of the tests
	@$(BIN)/pytest -n auto -m "nightly or not nightly" --hypothesis-profile nightly --timeout 3600

$(READY): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Holdwell needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "python3 cannot make a virtual environment here. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once, a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
