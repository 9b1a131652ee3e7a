# `make demo` and `make test` need only Python 3.11+ and make; everything else is installed into .venv.
PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test spark lint benchmarks fuzz clean

demo: $(VENV)/.run
	$(BIN)/netklynge demo

test: $(VENV)/.dev lint
	$(BIN)/python -m pytest -n auto

spark: $(VENV)/.dev   # beside the environment, since other libraries load Spark wherever they find it
	test -d $(VENV)/spark/pyspark || $(PIP) --target $(VENV)/spark pyspark
	PYTHONPATH=$(VENV)/spark $(BIN)/python -m pytest -m spark tests/district/test_location.py tests/networks/test_arrays.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

benchmarks: $(VENV)/.dev
	$(BIN)/python -m benchmarks

$(VENV)/.made:
	$(PYTHON) -c "import sys; sys.exit('netklynge needs Python 3.11 or newer, not ' + sys.version.split()[0]) if sys.version_info < (3, 11) else None"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) --editable ".[dev]"
	@touch $(VENV)/.run $@

fuzz: $(VENV)/.dev   # one parser at a time: make fuzz PARSER=graphml SECONDS=600
	$(PIP) --editable ".[fuzz]"
	cd tests/fuzz && ../../$(BIN)/python harness.py "$(or $(PARSER),ties)" -max_total_time=$(or $(SECONDS),600)

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache
