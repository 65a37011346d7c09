# `make demo` and `make test` need nothing run before them; `make help` lists the rest.

SHELL := bash
PYTHON := .venv/bin/python
LINT := .venv-lint/bin
# Any Python from 3.8 on can start the set-up; a pyenv shim may exist and yet not run.
BOOTSTRAP = for python in python3 python3.13 python3.11; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null && break; \
	done; $$python -m tools.setup

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-training test-trust lint types build test-zip test-window bench clean

help: ## List what can be made
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## Make .venv (and .venv-5 where a second Python is found), get the model and test media
	@$(BOOTSTRAP)
	@$(PYTHON) -m tools.fetch_assets

demo: setup ## Put a talking clip on a character: out/demo.blend and out/demo.mp4
	@.venv/bin/facial-retarget demo

test: setup ## Run the tests in every environment there is, side by side; ARGS are pytest's
	@tools/test.sh $(ARGS)

test-training: ## Run the tests of the training code in .venv-train, which this makes; ARGS are pytest's
	@$(BOOTSTRAP) training
	@.venv-train/bin/python -m pytest tests/training $(ARGS)

test-trust: setup ## Watch, kill and crowd whole processes; MOMENTS=10 ends each job ten times
	@$(PYTHON) -m pytest tests/trust $(ARGS)

lint: $(LINT) ## Check style
	@$(LINT)/ruff check . && $(LINT)/ruff format --check .

types: $(LINT) ## Check types
	@$(LINT)/mypy

build: setup ## Write one zip a platform to dist/
	@$(PYTHON) -m tools.build

test-zip: build ## Install the zip in bare Blenders, generate and bake with it; ZIP_ARGS="4.2 5.2" picks some
	@$(PYTHON) -m tools.test_zip $(ZIP_ARGS)

test-window: build ## Click through the real program under Xvfb (Debian, root); pictures in out/window
	@tools/real_blender.sh test

bench: setup ## Print the benchmark table; ARGS="--save benchmarks/RESULTS.md" keeps it
	@$(PYTHON) -m pip install -q -e ".[bench]"
	@$(PYTHON) -m benchmarks $(ARGS)

clean: ## Remove what was built, but not the environments
	@rm -rf build dist out wheels

.PHONY: $(LINT)
$(LINT):
	@$(BOOTSTRAP) lint
