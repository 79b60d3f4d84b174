# Two commands: `make run` for a finished report, `make test` for the tests. Both build .venv first.
SHELL := /bin/bash
.DELETE_ON_ERROR:

PYTHON ?= python3.11
VENV := .venv
READY := $(VENV)/ready
PEERS := $(VENV)/benchmark
DEMO := $(VENV)/demo
TRACKERS := $(VENV)/trackers
SITE := $(VENV)/site
IN_VENV := source $(VENV)/bin/activate &&
ARGS ?=
# Tests side by side, whole files in the order of tests/conftest.py: as many as there are cores, but no more than four.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: run test test-slow test-gpu bench bench-scale bench-gpu demo trackers site lint docs lock clean

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
	@$(IN_VENV) python -m pytest -m "not slow and not gpu" $(SIDE_BY_SIDE) $(ARGS)

test-slow: $(READY) $(DEMO)/ready
	@$(IN_VENV) python -m pytest -m "slow and not alone and not gpu" $(SIDE_BY_SIDE) $(ARGS)
	@$(IN_VENV) python -m pytest -m "slow and alone and not gpu" $(ARGS)

# On a machine with a GPU, in ten minutes each. With a Python of one's own (PYTHON=python3 make test-gpu) nothing is
# installed: it has torch, torchvision, h5py, safetensors, PyYAML, tqdm, scikit-learn and pytest.
ifeq ($(origin PYTHON), file)
GPU_READY := $(READY)
GPU_PYTHON := $(VENV)/bin/python
else
GPU_PYTHON := $(PYTHON)
endif

test-gpu: $(GPU_READY)
	@$(GPU_PYTHON) -m pytest --confcutdir=tests/gpu -m gpu -rs tests/gpu $(ARGS)

bench-gpu: $(GPU_READY)
	@PYTHONPATH=scripts:tests:tests/helpers $(GPU_PYTHON) tests/benchmark/gpu.py $(ARGS)

# Ratios against other tools, for a quiet machine: a table, and results/benchmark/summary.json.
bench: $(PEERS)/ready
	@$(IN_VENV) PYTHONPATH=scripts:$(PEERS) LD_LIBRARY_PATH=$(PEERS)/ffmpeg python tests/benchmark/bench.py $(ARGS)

# What the size of a data set costs, up to 240,000 videos.
bench-scale: $(READY)
	@$(IN_VENV) PYTHONPATH=scripts:tests:tests/helpers python tests/benchmark/scale.py $(ARGS)

$(PEERS)/ready: $(READY) envs/benchmark.txt
	@$(IN_VENV) uv pip install --quiet --no-deps --require-hashes --target $(PEERS) -r envs/benchmark.txt
	@$(IN_VENV) python tests/tools/link_ffmpeg.py $(PEERS)/ffmpeg
	@touch $@

# A page for a trained model: make demo ARGS="--model results/..."; scripts/demo.py finds its packages in this folder.
demo: $(DEMO)/ready
	@$(IN_VENV) python scripts/demo.py $(ARGS)

$(DEMO)/ready: $(READY) envs/demo.txt
	@$(IN_VENV) uv pip install --quiet --no-deps --require-hashes --target $(DEMO) -r envs/demo.txt
	@touch $@

# For `training: {tracker: [trackio, mlflow, wandb]}`; scripts/track_training.py finds them in this folder.
trackers: $(TRACKERS)/ready

$(TRACKERS)/ready: $(READY) envs/trackers.txt
	@$(IN_VENV) uv pip install --quiet --no-deps --require-hashes --target $(TRACKERS) -r envs/trackers.txt
	@touch $@

# The documentation as a site, results/site/index.html; every link has to lead somewhere.
site: $(SITE)/ready
	@$(IN_VENV) NO_MKDOCS_2_WARNING=1 PYTHONPATH=$(SITE) python -m mkdocs build --strict --quiet $(ARGS)

$(SITE)/ready: $(READY) envs/site.txt
	@$(IN_VENV) uv pip install --quiet --no-deps --require-hashes --target $(SITE) -r envs/site.txt
	@touch $@

lint: $(READY) $(SITE)/ready
	@$(IN_VENV) ruff check . && ruff format --check .
	@$(IN_VENV) PYTHONPATH=$(SITE) python -m codespell_lib
	@$(IN_VENV) snakefmt --check Snakefile rules
	@$(IN_VENV) basedpyright --level error
	@$(IN_VENV) snakemake --lint

# Written by scripts from the code; a test fails where they are out of date.
docs: $(READY)
	@$(IN_VENV) python tests/tools/describe_config.py --write
	@$(IN_VENV) python tests/tools/describe_odd_videos.py --write
	@$(IN_VENV) python tests/tools/describe_weights.py --write
	@$(IN_VENV) python tests/tools/describe_timm.py --write
	@$(IN_VENV) python tests/tools/describe_timm_structures.py --write
	@$(IN_VENV) python tests/tools/describe_sizes.py --write
	@$(IN_VENV) python tests/tools/describe_architectures.py --write
	@$(IN_VENV) python tests/tools/describe_cases.py --write
	@$(IN_VENV) python tests/tools/describe_messages.py --write
	@$(IN_VENV) python tests/tools/describe_tree.py --write
	@$(IN_VENV) python tests/tools/describe_release.py --write
	@$(IN_VENV) python tests/tools/describe_schema.py --write

# make reproduce-gestures, reproduce-motion, reproduce-motion_architectures, reproduce-leaks, reproduce-weights,
# reproduce-baselines, reproduce-evaluation, reproduce-next_steps, reproduce-rejection, reproduce-multi_label,
# reproduce-open_set (after gestures) and reproduce-label_errors (after baselines): a run or a simulation whose numbers are
# published; writes docs/NAME.md.
reproduce-%: $(READY)
	@$(IN_VENV) bash tests/reproduce/run.sh $* $(ARGS)

lock: $(READY)
	@$(IN_VENV) uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --output-file envs/requirements.txt envs/requirements.in
	@$(IN_VENV) uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-deps \
	  --no-emit-index-url --output-file envs/benchmark.txt envs/benchmark.in
	@$(IN_VENV) uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url -c <(sed -nE '/^pillow=/d; s/^([a-z0-9.-]+==.*) \\$$/\1/p' envs/requirements.txt) \
	  $$(sed -nE '/^pillow=/d; s/^([a-z0-9.-]+)==.*/--no-emit-package \1/p' envs/requirements.txt) \
	  --output-file envs/demo.txt envs/demo.in
	@$(IN_VENV) uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --output-file envs/trackers.txt envs/trackers.in
	@$(IN_VENV) uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --output-file envs/site.txt envs/site.in
	@$(IN_VENV) python tests/tools/pin_conda.py --write

clean:
	rm -rf $(VENV) results logs .snakemake
