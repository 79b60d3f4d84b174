# Two commands: `make run` for a finished report, `make test` for the tests. Both build .venv first.
SHELL := /bin/bash
.DELETE_ON_ERROR:

PYTHON ?= python3.11
VENV := .venv
READY := $(VENV)/ready
IN_VENV := source $(VENV)/bin/activate &&
ARGS ?=

.PHONY: run test test-slow lint docs lock clean

run: $(READY)
	@$(IN_VENV) snakemake --cores all --resources gpu=1 $(ARGS)

# The lock pins every package with its hash; uv installs it in a fraction of pip's time.
# Bytecode is compiled here, once, or else each of the many short jobs would compile it again on some machines.
$(READY): envs/requirements.txt
	@command -v $(PYTHON) > /dev/null || { echo "error: $(PYTHON) not found: install Python 3.11, or name one with make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet "$$(grep -oE '^uv==[^ ]+' $<)"
	$(VENV)/bin/uv pip sync --quiet --compile-bytecode --python $(VENV)/bin/python --require-hashes $<
	@touch $@

test: $(READY)
	@$(IN_VENV) python -m pytest -m "not slow" $(ARGS)

test-slow: $(READY)
	@$(IN_VENV) python -m pytest -m slow $(ARGS)

lint: $(READY)
	@$(IN_VENV) ruff check . && ruff format --check .
	@$(IN_VENV) snakefmt --check Snakefile rules
	@$(IN_VENV) snakemake --lint

# Written by scripts from the code; a test fails where they are out of date.
docs: $(READY)
	@$(IN_VENV) python tests/describe_config.py --write

# make, reproduce-motion: a run whose accuracies are published; writes docs/NAME.md.
reproduce-%: $(READY)
	@$(IN_VENV) bash tests/reproduce/run.sh $* $(ARGS)

lock: $(READY)
	@$(IN_VENV) uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --output-file envs/requirements.txt envs/requirements.in

clean:
	rm -rf $(VENV) results logs .snakemake
