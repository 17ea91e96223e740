# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What the office runs, and what proves it besides.
RUNS := $(VENV)/.installed
PROVES := $(VENV)/.installed-dev

.PHONY: demo test test-all torture bench-check lint types rules erd docs pictures lock env clean

demo: $(RUNS)
	$(BIN)/gongyak demo

# Two processes, a file to one of them: each has a database server of its own. The order of files is
# tests/conftest.py's.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

test: $(PROVES)
	$(PYTEST) --light -m "not slow and not browser"

test-all: $(PROVES)
	$(PYTEST) --light -m "not torture"

# Kills at every point of a quarter, damaged files, and a model of the domain beside the product.
torture: $(PROVES)
	$(PYTEST) --light -m torture
	$(BIN)/python -m tests.torture.kill
	$(BIN)/python -m tests.torture.side_by_side
	$(BIN)/python -m tests.torture.fuzz
	$(BIN)/python -m tests.torture.model

# Says what has become slower than benchmarks/ratios.yml remembers, and fails on nothing.
bench-check: demo $(PROVES)
	$(BIN)/python -m benchmarks.ratios

lint: $(PROVES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar sql expectations

types: $(PROVES)
	$(BIN)/mypy

# The page of all rules; a test fails while it is older than the catalogue.
rules: $(RUNS)
	mkdir -p docs
	$(BIN)/gongyak rules --html > docs/rules.html

# The picture of the marts; a test fails while it is older than the catalogue.
erd: $(RUNS)
	mkdir -p docs
	$(BIN)/gongyak erd > docs/erd.svg

# The locks name exact versions and hashes, and no registry. uv installs them in a fifth of the time;
# where it neither is nor can be had as a wheel, or does not reach the registry pip is set up for,
# pip does it.
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCKED = install --require-hashes -r
OURS := install --no-deps --no-build-isolation -e .

$(RUNS): requirements.lock requirements-uv.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	command -v uv >/dev/null || $(PIP) $(LOCKED) requirements-uv.lock || echo "uv: none; pip goes on alone"
	$(call installed,requirements.lock)
	$(PIP) $(OURS)
	touch $@

$(PROVES): requirements-dev.lock $(RUNS)
	$(call installed,requirements-dev.lock)
	touch $@

define installed
	uv="$$(command -v uv || echo $(BIN)/uv)"; \
	"$$uv" pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r $(1) \
		|| $(PIP) $(LOCKED) $(1)
endef

LOCK := uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header

lock:
	$(LOCK) pyproject.toml --extra build -o requirements.lock
	$(LOCK) pyproject.toml --extra build --extra dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) pyproject.toml --extra build --extra cluster -c requirements.lock \
		-o requirements-cluster.lock
	echo uv | $(LOCK) - -o requirements-uv.lock

# The outputs that README.md and docs/*.md show, and docs/commands.md; a test fails while one is older.
docs: $(PROVES)
	$(BIN)/pytest tests/test_docs.py --refresh

# The pictures in docs/images/, from what the demo wrote; needs soffice, chromium and pdftoppm.
pictures: demo $(PROVES)
	$(BIN)/python -m tests.pictures

# Settings and secrets for docker-compose.yml, made once; needs nothing but Python.
env:
	$(PYTHON) -m etl.fresh_secrets

clean:
	rm -rf $(VENV) build *.egg-info
