# Everything a contributor needs; `make` alone lists it.
# Only what the locks (requirements*.txt) hold is installed, always into .venv, never into the system.

PYTHON  ?= python3
LESSONS ?= de
PORT    ?= 8000
VENV    := .venv
RUN     := $(VENV)/bin/python -m
READY   := $(VENV)/.ready
KERBEROS := $(VENV)/.kerberos
SCAN    := $(VENV)/scan/.ready
PROPERDOCS := $(VENV)/properdocs/.ready
JUPYTERLITE := $(VENV)/jupyterlite/.ready
# Modules stay whole, and the longest go first (conftest.py).
XDIST   := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
PAGE    := node_modules/.page
JUDGES  := node_modules/.judges
# Where the machine has no npm, it comes from a wheel; what is called here finds its node then.
NODE    := $(if $(shell command -v npm),,$(VENV)/node/.ready)
NPM     := $(if $(NODE),$(VENV)/node/bin/npm,npm) ci --ignore-scripts --omit=optional --no-audit --no-fund --silent
INSTALL := pip install --quiet --disable-pip-version-check --no-input
COMPILE := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-config --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# Material's own switch for its notice about MkDocs 2, which would be read as a warning of ours.
export NO_MKDOCS_2_WARNING = 1
export PATH := $(PATH):$(abspath $(VENV))/node/bin

.DEFAULT_GOAL := help
.PHONY: help setup serve lab check test lint build notebooks lock audit evidence clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Options: LESSONS=en (lab), PORT=8001 (serve), SHORT=1 (evidence), PYTHON=python3.12 (the first time)"

setup: $(READY) $(KERBEROS) ## Install what a contributor needs into .venv, in a minute or two

serve: $(READY) $(PAGE) ## Build the site, serve it at http://127.0.0.1:8000, build anew what is saved
	@$(VENV)/bin/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || { echo "make: port $(PORT) is taken; choose another with make serve PORT=8001" >&2; exit 2; }
	@# --livereload is MkDocs' default, but some releases of click (8.3.0) lose it: so it is said.
	$(RUN) mkdocs serve --livereload --dev-addr 127.0.0.1:$(PORT)

lab: $(READY) $(KERBEROS) ## Open copies of the lessons in JupyterLab, in work/ (LESSONS=en for English)
	@test -d notebooks/$(LESSONS) || { echo "make: no lessons in notebooks/$(LESSONS); LESSONS is de or en" >&2; exit 2; }
	$(RUN) website.build.lab --lang $(LESSONS)

check: lint ## In a minute: lint, types and the fast tests of src/, for while you work
	EXAMPLES=0.2 $(RUN) pytest $(XDIST) -m "not slow" $(wildcard $(patsubst src/minipop/%/,tests/%,$(wildcard src/minipop/*/))) \
		tests/test_cli.py tests/test_complete.py tests/test_layers.py tests/test_signals.py \
		$(patsubst %,tests/site/test_%.py,words marks data sources rooms)

test: ## Everything: lint, types, tests, every notebook, the site and its links
	@.ci/apt
	@$(MAKE) --no-print-directory $(READY) $(KERBEROS) $(SCAN) $(JUDGES)
	@$(MAKE) --no-print-directory lint
	$(RUN) pytest $(XDIST) --nbmake --nbmake-timeout=600

lint: $(READY) ## Style and types alone
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	@# Once more as on Windows, whose Python lacks some names; with a cache of its own, or each would undo the other's.
	$(RUN) mypy --platform win32 --cache-dir .mypy_cache/win32 src/minipop conftest.py website

build: $(READY) $(PAGE) ## Build the site into site/, with minipop's wheel, strictly: a warning is an error
	$(RUN) mkdocs build --strict

notebooks: $(READY) $(KERBEROS) ## Run every lesson in place; what is committed is what the code prints
	$(RUN) website.build.lessons

lock: $(READY) ## Renew requirements*.txt from pyproject.toml
	$(RUN) $(COMPILE) pyproject.toml --extra lab --group dev --output-file requirements.txt
	$(RUN) $(COMPILE) pyproject.toml --extra kerberos --constraints requirements.txt \
		--output-file requirements-kerberos.txt
	$(RUN) $(COMPILE) --group scan --output-file requirements-scan.txt
	$(RUN) $(COMPILE) --group node --output-file requirements-node.txt
	$(RUN) $(COMPILE) --group jupyterlite --output-file requirements-jupyterlite.txt
	$(RUN) $(subst 3.11,3.14,$(COMPILE)) --no-deps --group jupyterlite-kernel \
		--output-file requirements-jupyterlite-kernel.txt
	$(RUN) $(COMPILE) pyproject.toml --group properdocs --constraints requirements.txt \
		--output-file requirements-properdocs.txt

# make itself ends with 2 whatever fails; `python -m tests.audit` alone tells the reasons apart.
audit: $(SCAN) ## Ask PyPI whether a flaw is known of anything that the locks hold
	@$(RUN) tests.audit $(AUDIT)

evidence: $(READY) $(KERBEROS) $(PROPERDOCS) $(JUPYTERLITE) $(PAGE) ## Prove what the site says, an hour; SHORT=1 in short, some minutes
	@.ci/apt
	$(RUN) evidence $(if $(SHORT),--short)

clean: ## Remove .venv, the built site and caches
	rm -rf $(VENV) .cache node_modules site .mypy_cache .pytest_cache .ruff_cache

$(READY): requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) not found; name another with make PYTHON=…" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $$($(PYTHON) --version) is too old, 3.11 or later is needed; name another with make PYTHON=python3.12 …" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "make: $(PYTHON) cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing the locked packages into $(VENV); the first time takes a minute or two"
	$(RUN) $(INSTALL) --require-hashes -r requirements.txt
	$(RUN) $(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

# Kerberos is an extra: its library is built here, from MIT's headers. Without them all else works.
$(KERBEROS): requirements-kerberos.txt $(READY)
	@if command -v krb5-config >/dev/null && command -v cc >/dev/null; then \
		echo "Building gssapi, for Kerberos; this takes a minute"; \
		$(RUN) $(INSTALL) --require-hashes -r $< && touch $@; \
	else false; fi || echo "make: no Kerberos here; on Debian or Ubuntu: apt install $$(sed -n 's/ *# kerberos:.*//p' apt.txt | tr '\n' ' ')" >&2

# What does not go together with the rest, each in an environment of its own.
$(SCAN) $(PROPERDOCS) $(JUPYTERLITE) $(NODE): $(VENV)/%/.ready: requirements-%.txt $(READY)
	$(RUN) venv $(VENV)/$*
	$(VENV)/$*/bin/python -m $(INSTALL) --require-hashes -r $<
	@touch $@

# What the Lab in the page is made of is published with the site. axe and Lighthouse, which come on top, only judge
# it in the tests. No script of a package is run. `npm ci` clears the folder first, the other mark as well.
$(PAGE): package-lock.json $(NODE)
	$(NPM) --omit=dev
	@touch $@

$(JUDGES): package-lock.json $(NODE)
	$(NPM)
	@touch $(PAGE) $@
