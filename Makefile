# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-all torture lint types rules erd docs pictures lock clean

demo: $(STAMP)
	$(BIN)/gongyak demo

# Two processes, a file to one of them: each has a database server of its own.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile

test: $(STAMP)
	$(PYTEST) -m "not slow and not browser"

test-all: $(STAMP)
	$(PYTEST)

# Kills at every point of a quarter, damaged files, and a model of the domain beside the product.
torture: $(STAMP)
	$(BIN)/python -m tests.torture.kill
	$(BIN)/python -m tests.torture.side_by_side
	$(BIN)/python -m tests.torture.fuzz
	$(BIN)/python -m tests.torture.model

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar sql expectations

types: $(STAMP)
	$(BIN)/mypy

# The page of all rules; a test fails while it is older than the catalogue.
rules: $(STAMP)
	mkdir -p docs
	$(BIN)/gongyak rules --html > docs/rules.html

# The picture of the marts; a test fails while it is older than the catalogue.
erd: $(STAMP)
	mkdir -p docs
	$(BIN)/gongyak erd > docs/erd.svg

# The lock names exact versions and hashes, and no registry: pip takes them from wherever it is set up to.
$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

lock:
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url \
		--no-annotate --no-header -o requirements.lock

# The outputs that README.md and docs/*.md show, and docs/commands.md; a test fails while one is older.
docs: $(STAMP)
	$(BIN)/pytest tests/test_docs.py --refresh

# The pictures in docs/images/, from what the demo wrote; needs soffice, chromium and pdftoppm.
pictures: demo
	$(BIN)/python -m tests.pictures

clean:
	rm -rf $(VENV) build *.egg-info
