# Suki's verbs. `make help` lists them; variables a verb reads are listed in local/settings.py.

PYTHON ?= python3.11
VENV := .venv/bin
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo test test-long cases stores-check celery-check faults evaluate parity bench bench-daily bench-cleaning bench-gates bench-lookup bench-identity bench-readers bench-golden up down status logs reset psql airflow backfill environment lock lint docs pictures screenshots

# Where this is set every process compiles every module anew: Airflow starts many processes.
unexport PYTHONDONTWRITEBYTECODE

help: ## List the verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null || grep -h '## ' $(MAKEFILE_LIST)

demo: environment ## The whole of Suki on a sample world: PostgreSQL, Airflow, three windows, a summary; the UI stays up
	@$(VENV)/python -m local demo

test: environment ## The tests: unit, contract, Dags, integration on a real PostgreSQL, end to end on a real Airflow
	@$(VENV)/python -m pytest -m "not long" $(ARGS)

test-long: environment ## The long ones on a real Airflow: a month of backfill by a browser, three years beside daily syncs, rows back from quarantine, canary persons through every failure
	@$(VENV)/python -m pytest -m long $(ARGS)

cases: environment ## Tables of tricky values through the cleaners (CASES=folder; the project's own without it)
	@$(VENV)/python -m tests.cases $(CASES)

stores-check: $(VENV)/../stores/made ## Files and lake on Azure and Google Cloud: Airflow's providers against emulators, real processes (needs npm)
	@$(VENV)/../stores/bin/python -m pytest tests/integration/flow/test_other_stores.py $(ARGS)

$(VENV)/../stores/made: requirements-stores.txt | environment
	@command -v npm >/dev/null || { echo "Microsoft's emulator comes by npm, which is not there (Debian 12: apt-get install npm)" >&2; exit 1; }
	@$(VENV)/python -m venv --clear $(@D)
	@$(VENV)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$$($(@D)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/suki.pth"
	@$(@D)/bin/pip install --quiet --no-deps --requirement $<
	@npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(@D) azurite@3.37.0
	@touch $@

celery-check: environment ## Production's shape without Docker: two Celery workers, Redis, an S3 store, no shared disk, the demo's golden hash
	@$(VENV)/python -m local celery-check $(if $(PEOPLE),--people $(PEOPLE)) $(if $(DAYS),--days $(DAYS))

up: environment ## Start PostgreSQL and Airflow without running anything; running already is fine
	@$(VENV)/python -m local up

down: ## Stop everything make started, and nothing else
	@test ! -x $(VENV)/python || $(VENV)/python -m local down

status: ## Say what runs since when, what ran last, and what to do next
	@test ! -x $(VENV)/python || $(VENV)/python -m local status

logs: ## Show what every service's log says last that is no routine (NAME=scheduler follows all of one)
	@test ! -x $(VENV)/python || $(VENV)/python -m local logs $(NAME)

reset: ## Stop everything and remove its state: databases, lake, sample, logs, passwords
	@test ! -x $(VENV)/python || $(VENV)/python -m local reset

psql: environment ## Open the warehouse in psql (ARGS='-c "SELECT ..."')
	@$(VENV)/python -m local psql $(ARGS)

airflow: environment ## Airflow's own command on the local platform (ARGS='dags list')
	@$(VENV)/python -m local airflow $(ARGS)

backfill: environment ## Run days that passed (FROM=2026-08-01 TO=2026-08-31 SOURCE=social; docs/backfill.md has more)
	@$(VENV)/python -m local backfill $(foreach word,FROM TO SOURCE AGAIN AT_ONCE REVERSE DRY BACKGROUND FROM_LANDING,'$(word)=$($(word))')

environment: ## Make .venv from the lock, unless it is whole already
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
	  { echo "Suki needs Python 3.11, and '$(PYTHON)' is not it. Install it (Debian 12: apt-get install python3.11 python3.11-venv) or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m local.environment

lock: environment ## Compile requirements-dev.in to the full lock, requirements.txt, and requirements.in to the image's part of it
	@$(VENV)/uv pip compile --quiet --python-version 3.11 requirements-dev.in -o requirements.txt
	@$(VENV)/uv pip compile --quiet --python-version 3.11 --no-annotate -c requirements.txt requirements.in -o requirements-image.txt

evaluate: environment ## How well a labelled set is resolved, as one line of JSON (DATA=folder with sources/, files, truth.csv, else the sample world; ERRORS=file.csv; docs/evaluation.md)
	@PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.evaluate '$(DATA)' '$(FILES)' '$(ERRORS)'

parity: environment ## Sixty daily runs held against one bulk run, on a sample world: edges, customers, what ids answer (PEOPLE=6000 for the demo's; ARGS="--every 1")
	@PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.parity $(if $(PEOPLE),--people $(PEOPLE)) $(if $(DAYS),--days $(DAYS)) $(ARGS)

bench: environment ## Suki beside Splink and plain recordlinkage on public sets and a million invented records (SETS="febrl3 us_1m" FILES=folder; docs/evaluation.md)
	@PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.compare $(if $(SETS),--sets $(SETS)) $(if $(FILES),--files '$(FILES)') $(ARGS)

bench-daily: environment ## Time a day of the sample world on Airflow, then 10,000 changed records on a base of a million, landed to published (about an hour; RECORDS=100000 for less, RECORDS=0 for the first part alone)
	@$(VENV)/python -m benchmarks.daily
	@test '$(RECORDS)' = 0 || PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.whole_way $(if $(RECORDS),--records $(RECORDS)) $(ARGS)

bench-cleaning: environment ## Time the cleaning of a million customer records, and of the libraries row by row (about 5 minutes)
	@PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.cleaning $(ARGS)

bench-gates: environment ## Time a million customer rows through the gates after mapping and cleaning (about 2 minutes; ARGS="--rows 100000")
	@PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.gates $(ARGS)

bench-lookup: environment ## Time a lookup among a million records once warm (ARGS="--records 100000"; docs/performance.md)
	@PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.lookup $(ARGS)

bench-readers: environment ## Time the readers: ten million rows beside pyarrow's own, a table beside COPY, an API beside its limit (about 10 minutes, 1.6 GB; ARGS="--rows 1000000 --parts files")
	@PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.readers $(ARGS)

bench-golden: environment ## Time survivorship and publication of a million records, and of a change of 10,000 (ARGS="--records 100000"; docs/performance.md)
	@PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.golden $(ARGS)

bench-identity: environment ## What resolving costs with warehouse and lake: all records, then a changed hundredth (ARGS="--records 100000"; docs/performance.md)
	@PYTHONPATH=.:plugins $(VENV)/python -m benchmarks.identity $(ARGS)

faults: environment ## Kill workers and the database at every step, fill disks, drop connections, double runs, feed broken files, kill a running platform; the table says what became of each (ARGS="--parts files --all"; docs/operations.md)
	@PYTHONPATH=.:plugins $(VENV)/python -m tests.faults $(ARGS)

lint: environment ## Style, types and the rules of who imports whom
	@$(VENV)/ruff check --quiet
	@$(VENV)/ruff format --quiet --check
	@$(VENV)/mypy include plugins local sample benchmarks docs
	@PYTHONPATH=.:plugins $(VENV)/lint-imports

docs: environment ## Build the documentation as a site, docs/_build/index.html; a broken link is an error
	@$(VENV)/sphinx-build -q -W --keep-going -c docs . docs/_build
	@$(VENV)/python docs/links.py docs/_build
	@echo "The site: docs/_build/index.html"

pictures: environment ## Draw the documentation's pictures anew from the code, and write the register of sources
	@PYTHONPATH=.:plugins:docs $(VENV)/python -m drawing

screenshots: environment ## Take the documentation's screenshots anew, of the platform a demo left running (needs Chromium)
	@PYTHONPATH=. $(VENV)/python docs/screenshots.py
