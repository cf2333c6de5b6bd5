# The ledger's commands. Each does its own set-up: `make run` is enough to begin with.

PYTHON_RUNS := .venv/bin/python
RUNTIME := .venv/.runtime
DEV := .venv/.dev
PORT ?= 8000
PROJECTS ?= 5000
N ?= 10000
ARCH ?= amd64
export PORT
# The port is looked at before the long work begins.
CHECK_PORT = python=$$(tools/find_python.sh) && "$$python" tools/check_port.py

.PHONY: help setup run dev demo test test-long test-faults mutate check format bench openapi messages sbom client bundle audit screenshots
.DEFAULT_GOAL := help

help: ## list these commands
	@echo "make COMMAND, one of:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' Makefile

setup: $(RUNTIME) ## make .venv, install what running needs, make the secret key
	@DATABASE_URL= $(PYTHON_RUNS) manage.py check

run: ## serve the ledger on 127.0.0.1:$PORT (8000): SQLite in var/, or DATABASE_URL
	@$(CHECK_PORT)
	@$(MAKE) --no-print-directory setup
	@exec tools/serve.sh

dev: ## the same with DEBUG, starting again whenever the code changes
	@$(CHECK_PORT)
	@$(MAKE) --no-print-directory setup
	@exec tools/serve.sh --reload

demo: ## serve another ledger, of PROJECTS (5000) synthetic projects in China, in var/demo.sqlite3
	@$(CHECK_PORT)
	@$(MAKE) --no-print-directory setup
	@PROFILE=china DATABASE_URL=sqlite:///var/demo.sqlite3 DEMO_PROJECTS=$(PROJECTS) exec tools/serve.sh

test: $(DEV) ## run the quick tests on SQLite and on a PostgreSQL of its own; ARGS go to pytest
	@$(PYTHON_RUNS) tools/run_tests.py $(ARGS)

test-long: $(DEV) ## every test on both, all cases on SQLite, which takes long
	@LEDGER_LONG=1 $(PYTHON_RUNS) tools/run_tests.py $(ARGS)

test-faults: $(DEV) ## hurt a running ledger in all ways of docs/explanation/reliability.md, as root
	@ENV_FILE=/dev/null DATABASE_URL= $(PYTHON_RUNS) -m pytest tests/faults $(ARGS)

mutate: $(DEV) ## put faults drawn by SEED into the product, list those that no test notices
	@nice $(PYTHON_RUNS) -m tools.mutate --seed $(SEED) $(ARGS)

check: $(DEV) ## format, lint, types, Django's own checks, missing migrations
	$(PYTHON_RUNS) -m ruff format --check --quiet .
	$(PYTHON_RUNS) -m ruff check --quiet .
	$(PYTHON_RUNS) -m mypy
	$(PYTHON_RUNS) manage.py check --fail-level WARNING
	$(PYTHON_RUNS) manage.py makemigrations --check --dry-run
	$(PYTHON_RUNS) -m tools.house --check --static >/dev/null

format: $(DEV) ## lay out the code as `make check` wants it
	$(PYTHON_RUNS) -m ruff check --fix --quiet .
	$(PYTHON_RUNS) -m ruff format .

bench: $(DEV) ## measure N (10000) projects against the targets, beside raw SQL and peers; ARGS go on
	@$(PYTHON_RUNS) -m benchmarks --projects $(N) $(ARGS)

openapi: $(RUNTIME) ## write docs/openapi.yaml again
	$(PYTHON_RUNS) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

screenshots: $(DEV) ## take the screenshots of docs/images again
	@$(PYTHON_RUNS) -m tools.docs.screenshots

client: $(RUNTIME) ## build the Python client as a wheel in var/client
	@$(PYTHON_RUNS) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir var/client clients/python

bundle: $(RUNTIME) ## make a bundle in var/bundle for a machine of ARCH (amd64, arm64) without internet
	@sh deploy/make-bundle.sh $(ARCH)

sbom: $(DEV) ## write var/sbom.json: what runs, with versions and licences (CycloneDX)
	@mkdir -p var
	@$(PYTHON_RUNS) -m tools.sbom var/sbom.json

audit: $(DEV) ## compare what runs with ADVISORIES, a file of published advisories
	@$(PYTHON_RUNS) -m tools.audit $(ADVISORIES)

# The compiled .mo files are kept in the repository: Django reads nothing else, and making them
# needs gettext, which whoever only runs the ledger should not have to install.
messages: $(RUNTIME) ## collect texts to translate into locale/, and compile the translations
	@command -v msgfmt >/dev/null || { echo "gettext is missing: install it (Debian: sudo apt-get install gettext)." >&2; exit 1; }
	@mkdir -p locale
	@$(PYTHON_RUNS) -m tools.docs.docstrings > docstrings.py
	$(PYTHON_RUNS) manage.py makemessages --locale zh_Hans --add-location file --no-obsolete --ignore tests --ignore benchmarks
	@rm docstrings.py
	$(PYTHON_RUNS) manage.py compilemessages --locale zh_Hans --ignore .venv

$(RUNTIME): requirements.txt
	@tools/setup.sh requirements.txt
	@touch $@

$(DEV): requirements.txt requirements-optional.txt requirements-dev.txt
	@tools/setup.sh requirements-dev.txt
	@touch $@ $(RUNTIME)
