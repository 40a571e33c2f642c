# Sauti's workshop: every job is one target. First use makes its own environment; nothing is installed outside this folder.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
PY := .venv/bin/python
ARGS ?=
export PYTHON
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_USER PIP_REQUIRE_VIRTUALENV PIP_TARGET

.PHONY: help run practice test check fuzz bench bench-setup binary smoke kernels soak oldpc coverage lock format clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1|/p' Makefile | while IFS='|' read -r name about; do printf '  make %-12s %s\n' "$$name" "$$about"; done

run: .venv/.run ## set up and open the workstation in this terminal (ARGS="--probe /dev/ttyACM0" for one probe)
	.venv/bin/sauti workstation $(ARGS)

practice: .venv/.run ## set up and run a practice exam without a screen; prints where its PDF is
	.venv/bin/sauti practice $(ARGS)

test: .venv/.dev ## set up and run the tests (ARGS="-k name" for some)
	$(PY) -m pytest $(ARGS)

check: .venv/.dev ## style, types, import contracts, docs, house contracts
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PY) -m pytest -q tests/contracts

format: .venv/.dev ## let ruff lay out the code
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

coverage: .venv/.dev ## tests with branch coverage (kernels run as plain Python)
	NUMBA_DISABLE_JIT=1 $(PY) -m coverage run -m pytest $(ARGS)
	$(PY) -m coverage report

fuzz: .venv/.fuzz ## coverage-guided fuzzing of every decoder, 10 million bytes each (ARGS="--bytes 1e5 --only sprobe"); writes build/fuzz.md
	$(PY) tests/fuzz/run.py $(ARGS)

soak: .venv/.dev ## every counted fault test in full (SAUTI_FAULT_SEED=number); writes build/soak.md
	SAUTI_FAULT_SHARE=1 SAUTI_SOAK_TABLE=build/soak.md $(PY) -m pytest -m "faults or soak" --timeout 3600 $(ARGS)

oldpc: .venv/.dev ## probes on a real kernel's ttyACM and ttyUSB, in an emulated PC of 2006 (needs QEMU)
	tests/oldpc/build.sh
	$(PY) tests/oldpc/run.py $(ARGS)

bench: .bench-venv/.ready ## run all benchmarks and rewrite docs/benchmarks.md
	.bench-venv/bin/python bench/rows.py --table docs/benchmarks.md $(ARGS)

bench-setup: .bench-venv/.ready ## make the one environment that holds the peers

kernels: .build-venv/.ready ## compile the kernels ahead of time into build/kernels
	.build-venv/bin/python packaging/kernels.py $(ARGS)

binary: .build-venv/.ready ## build dist/sauti, one file, and smoke-test it
	.build-venv/bin/python packaging/build.py $(ARGS)
	.build-venv/bin/python packaging/smoke.py dist/sauti

smoke: .build-venv/.ready ## run what dist/sauti must do, in an empty environment
	.build-venv/bin/python packaging/smoke.py dist/sauti

lock: .build-venv/.ready ## renew the locks after a change in pyproject.toml (ARGS=--upgrade for newer versions)
	packaging/lock.sh .build-venv/bin/uv $(ARGS)

clean: ## remove everything that these targets made
	rm -rf .venv .bench-venv .build-venv .cache build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The test environment holds all that a run needs, so its set-up serves both.
.venv/.dev: requirements-dev.lock pyproject.toml packaging/venv.sh
	@packaging/venv.sh .venv requirements-dev.lock
	@touch .venv/.dev .venv/.run

# 134 MB that nothing else needs, so it is installed on top when somebody fuzzes.
.venv/.fuzz: .venv/.dev tests/fuzz/requirements.lock
	@$(PY) -m pip install --quiet --no-input --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r tests/fuzz/requirements.lock
	@touch $@

.venv/.run: requirements.lock pyproject.toml packaging/venv.sh
	@packaging/venv.sh .venv requirements.lock
	@touch .venv/.run

.bench-venv/.ready: bench/requirements.lock pyproject.toml packaging/venv.sh
	@packaging/venv.sh .bench-venv bench/requirements.lock
	@echo "sauti: compiling the peers' code (once)" >&2
	@.bench-venv/bin/python bench/imaging.py --quick >/dev/null
	@touch $@

.build-venv/.ready: packaging/requirements.lock pyproject.toml packaging/venv.sh
	@packaging/venv.sh .build-venv packaging/requirements.lock
	@touch $@
