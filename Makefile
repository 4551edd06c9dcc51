# Daybook from a shell. `make help` lists everything; PYTHON= chooses the interpreter.
.DEFAULT_GOAL := help
PYTHON_BIN := .venv/bin/python
JOBS ?= auto

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

.PHONY: run
run:  ## Daybook with its own PostgreSQL in var/ (PORT=8081, DAYBOOK_HOME=..., DATABASE_URL=...)
	@.ci/venv
	@exec $(PYTHON_BIN) -m daybook run

.PHONY: test
test:  ## the whole suite on a real PostgreSQL, in parallel (ARGS="-k cancel" chooses, JOBS=4)
	@.ci/venv test
	@$(PYTHON_BIN) -m pytest -n $(JOBS) $(ARGS)

.PHONY: test-browser
test-browser:  ## every walk through the pages in a real Chromium, also those that take minutes
	@.ci/venv test
	@$(PYTHON_BIN) -m pytest tests/browser -m "browser_long or not browser_long" $(ARGS)

.PHONY: lint
lint:  ## ruff, the formatter's check, mypy --strict, the import rules
	@.ci/venv test,dev
	$(PYTHON_BIN) -m ruff check .
	$(PYTHON_BIN) -m ruff format --check .
	$(PYTHON_BIN) -m mypy
	.venv/bin/lint-imports

.PHONY: format
format:  ## ruff's formatter and its safe repairs, in place
	@.ci/venv test,dev
	$(PYTHON_BIN) -m ruff check --fix .
	$(PYTHON_BIN) -m ruff format .

.PHONY: docs
docs:  ## the tables of the documentation that are made from the code
	@.ci/venv test
	@$(PYTHON_BIN) -m tests.support.reference_docs

.PHONY: einvoices
einvoices:  ## e-invoices of many random orders before the published schemas and rules (ORDERS=200, SEED=0)
	@.ci/venv test
	@$(PYTHON_BIN) -m tests.adapters.einvoices $(if $(ORDERS),--orders $(ORDERS)) $(if $(SEED),--seed $(SEED))

.PHONY: fuzz
fuzz:  ## every role asks a running server for what the API's description offers, for long (EXAMPLES=3000 SEED=0 ROLE=admin)
	@.ci/venv test
	@$(PYTHON_BIN) -m tests.fuzz $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(SEED),--seed $(SEED)) $(if $(ROLE),--role $(ROLE))

.PHONY: demo
demo:  ## a small sample of orders through the server that runs (PORT=8081)
	@.ci/venv
	@$(PYTHON_BIN) -m daybook.demo

.PHONY: demo-olist
demo-olist:  ## real orders through the server that runs, reconciled to the cent (OLIST=folder PORT=8081, WHOLE=1: refunds, dispatches)
	@test -f "$(OLIST)/orders.csv" || { echo "Name the folder of the Olist files: make demo-olist OLIST=folder" >&2; exit 1; }
	@.ci/venv
	@$(PYTHON_BIN) -m benchmarks.demo_olist --data "$(OLIST)" $(if $(WHOLE),--whole-workflow)

.PHONY: soak-webhooks
soak-webhooks:  ## events to three endpoints while the worker is killed: order, losses, delays (EVENTS=5000 RATE=100 KILLS=10)
	@.ci/venv test
	@$(PYTHON_BIN) -m tests.webhooks.soak $(if $(EVENTS),--events $(EVENTS)) $(if $(RATE),--rate $(RATE)) $(if $(KILLS),--kills $(KILLS))

.PHONY: bench
bench:  ## side by side with peers and floors, in minutes (ONLY=append, QUICK=1; report in benchmarks/reports/)
	@.ci/venv test
	@$(PYTHON_BIN) -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) $(ARGS)

.PHONY: bench-import
bench-import:  ## many orders of another system through the server that runs (SYSTEM=shopify ORDERS=100000 PORT=8081, OLIST=folder to compare)
	@.ci/venv test
	@$(PYTHON_BIN) -m benchmarks.import_orders $(if $(SYSTEM),--system $(SYSTEM)) $(if $(ORDERS),--orders $(ORDERS)) $(if $(OLIST),--olist "$(OLIST)")

.PHONY: install
install:  ## .venv with everything for development
	@.ci/venv test,dev

.PHONY: clean
clean:  ## remove .venv and caches; never var/, which holds your orders
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
