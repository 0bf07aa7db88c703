# What a person does with a clone. Everything lives in .venv; versions are pinned in constraints.txt.
PYTHON ?= python3.11
BIN := .venv/bin
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
INSTALL := $(BIN)/python $(PIP_INSTALL)
FUZZ_SECONDS ?= 600

.PHONY: demo test check format lint types floors coverage bench fuzz examples clean help

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: .venv/base  ## classify the example recordings with the shipped models, and draw one
	$(BIN)/einthoven classify examples --model rhythm --truth examples/labels.csv
	$(BIN)/einthoven classify examples/normal-12-leads.hea
	$(BIN)/einthoven plot examples/atrial-fibrillation-1.hea -o out/atrial-fibrillation-1.png

test: .venv/full  ## run all tests
	$(BIN)/python -m pytest

check: .venv/full format lint types floors coverage  ## format, lint, types, floors, tests with coverage

format: .venv/full
	$(BIN)/ruff format --check src tests bench fuzz examples

lint: .venv/full
	$(BIN)/ruff check src tests bench fuzz examples

types: .venv/full
	$(BIN)/mypy

floors: .venv/full
	$(BIN)/lint-imports

coverage: .venv/full
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

bench: .venv/full .bench/peers  ## speed beside the peers, as ratios
	$(BIN)/python -m bench
	test -z "$$EINTHOVEN_DATA" || .bench/venv/bin/python -m bench.rpeaks

fuzz: .fuzz/ready  ## fuzz every reader for FUZZ_SECONDS (600) each, or those of FUZZ_TARGETS
	.fuzz/venv/bin/python -m fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_TARGETS)

examples: .venv/base  ## make the example recordings again (they are simulated and seeded)
	$(BIN)/python examples/make_examples.py

.venv/base: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) --editable .
	touch $@

.venv/full: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) --editable ".[train,dev]"
	touch $@ .venv/base

# The peers' dependencies are not ours to pin, and stay out of our own environment.
.bench/peers: pyproject.toml
	test -x .bench/venv/bin/python || $(PYTHON) -m venv .bench/venv
	.bench/venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[peers]"
	touch $@

# The fuzzing engine comes as a build for some versions of Python only, so it stays out of our own environment.
.fuzz/ready: pyproject.toml constraints.txt
	test -x .fuzz/venv/bin/python || $(PYTHON) -m venv .fuzz/venv
	.fuzz/venv/bin/python $(PIP_INSTALL) --editable ".[fuzz]"
	touch $@

clean:  ## remove what make made
	rm -rf .venv build out .bench .fuzz htmlcov
