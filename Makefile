# The two commands of the README, and what a maintainer needs; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
READY := $(VENV)/.ready
export PATH := $(BIN):$(PATH)
export PIP_CONSTRAINT := constraints.txt
.DEFAULT_GOAL := help

.PHONY: help env demo test lint lab grade solution release check gate clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 16

env: $(READY)  ## build the environment, .venv, and nothing else

demo: $(READY)  ## autograde a class of sample students and print their table
	@python -m course.demo

test: lint  ## everything that must hold, answers and mutants included
	@python -m pytest -n 3
	@cd proctor && python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: $(READY)  ## types, style and format of all Python
	@ruff check . && ruff format --check . && mypy
	@cd proctor && ruff check . && ruff format --check . && mypy

lab: $(READY)  ## open your copy of the release in JupyterLab, with nbgrader's extensions
	@python -m course.lab $(LAB)

grade: $(READY)  ## grade your own copy of the lesson, hidden tests included
	@python -m course.grade

solution: $(READY)  ## run the solution and write it as one page, work/solution.html
	@python -m course.solution

release: $(READY)  ## write release/ and solution/ from source/
	@python -m course.release

check: $(READY)  ## fail if release/ or solution/ is not what source/ makes
	@python -m course.release --check

gate: $(READY)  ## grade every right and wrong answer and every mutant, and print the counts
	@python -m course.gate

clean:  ## remove the environment
	rm -rf $(VENV)

$(READY): pyproject.toml proctor/pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "This course needs Python 3.11 or newer; $(PYTHON) is missing or older. Try: make PYTHON=python3.12"; exit 1; }
	@echo "Building $(VENV) (once; a few minutes) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@python -m pip install --quiet --disable-pip-version-check --editable './proctor[test]' --editable '.[test]'
	@jupyter labextension disable --level=sys_prefix "@jupyterlab/apputils-extension:announcements" >/dev/null 2>&1
	@touch $(READY)
