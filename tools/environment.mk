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

# uv takes seconds for what takes pip a minute. A machine without uv gets the one of packaging/tools.lock, by its hash, into
# the environment. Where uv has no wheel or fails, pip does the same work.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
define INSTALL_UV
	@sed -n '/^uv==/,/[^\\]$$/p' packaging/tools.lock > $(VENV)/uv.lock
	@$(PIP) --only-binary :all: --require-hashes --requirement $(VENV)/uv.lock 2>$(VENV)/uv.log || true
endef
INSTALL = VIRTUAL_ENV=$(VENV) $(or $(UV),$(BIN)/uv) pip install --quiet $(1) 2>>$(VENV)/uv.log || $(PIP) $(1)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed, and none was found" >&2; exit 1; }
	@echo "Preparing $(VENV) (first run only)..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(if $(UV),,$(INSTALL_UV))
	@$(call INSTALL,--require-hashes --requirement requirements.lock)
	@$(call INSTALL,--no-deps --no-build-isolation --editable .)
	@touch $(READY)
