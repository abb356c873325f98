# The environment of the targets, for the Makefile and tools/Makefile.
# PYTHON chooses the interpreter: make test PYTHON=python3.13
SUPPORTED := import sys; sys.exit(sys.version_info < (3, 11))
# Asked once, not at each use: an interpreter behind a shim takes its time.
ifndef PYTHON
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
            $$p -c '$(SUPPORTED)' 2>/dev/null && { command -v $$p; break; }; done)
endif
ifndef VENV
VENV   := .venv-$(shell $(or $(PYTHON),false) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
# A shim of uv that finds nothing behind it is none.
UV     := $(shell uv --version >/dev/null 2>&1 && command -v uv)
BIN    := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY  := $(VENV)/.ready
FRENCH := ssmtui/language/fr/LC_MESSAGES/ssmtui

# Tests start hundreds of programs: what is compiled is kept beside the environment, also where Python is told to keep
# nothing, as it is in many containers.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(abspath $(VENV))/bytecode

$(FRENCH).mo: $(FRENCH).po $(wildcard ssmtui/causes/*/*/*.md) | $(READY)
	@$(BIN)/python hatch_build.py
	@touch $@

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed, and none was found" >&2; exit 1; }
	@echo "Preparing $(VENV) (first run only)..."
ifneq ($(UV),)
	@test -x $(BIN)/python || $(UV) venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" $(VENV)
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes --requirements requirements.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
else
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endif
	@touch $(READY)
