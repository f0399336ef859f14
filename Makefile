# make lesson   set up an environment here and walk through the main lesson
# make test     set up and run the tests
# make quick    what make check does, unit tests and every text page, in a minute
# make test-long  a thousand random cases of what the tests try a dozen of, and the long fuzz
# make ready    look anew for numbers that tell mistakes apart, for practice to begin with; takes long
# make check    lint, types, and a check of every lesson file

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# What is quick and finds most: the house, the engine, the catalogues, right numbers, every text page.
QUICK := tests/test_structure.py tests/test_engine.py tests/test_words.py tests/test_cases.py tests/test_exact.py \
    tests/test_formula_lessons.py tests/test_languages.py tests/test_steps.py tests/test_docs.py tests/test_pages.py::test_golden \
    tests/test_gradients.py::test_gradients_of_each_activation

.PHONY: lesson test quick test-long check golden ready bench clean

lesson: $(VENV)/installed
	@$(BIN)/stepnn lesson backprop

test: $(VENV)/tests
	$(BIN)/python -m pytest -n auto

quick: check
	$(BIN)/python -m pytest -n auto $(QUICK)

test-long: $(VENV)/tests
	$(BIN)/python -m pytest -n auto -m long
	SEEDS=1000 $(BIN)/python -m pytest -n auto tests/test_sheets.py tests/test_kinds.py tests/test_exams.py tests/test_printing.py tests/test_marking.py

check: $(VENV)/tests
	$(BIN)/ruff check stepnn tests benchmarks
	$(BIN)/ruff format --check stepnn tests benchmarks
	$(BIN)/mypy
	$(BIN)/stepnn check lessons/*.toml docs/formulas/*.toml

golden: $(VENV)/tests
	$(BIN)/python -m tests.golden_pages

ready: $(VENV)/tests
	$(BIN)/python -m tests.ready

bench: $(VENV)/installed
	$(BIN)/python benchmarks/run.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "stepnn needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[pdf,tables]'
	@touch $@

$(VENV)/tests: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,check]'
	@touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build dist
