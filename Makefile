# What people use daily: `make help` lists it. Each target prepares the environment that it needs.
# What maintainers use is in tools/Makefile: `make -C tools help` lists it, and `make bench` finds it there.
demo:
include tools/environment.mk

# Processes that run tests side by side, one more than the usual cores: some wait for something while others compute.
WORKERS ?= 3

.PHONY: demo help test quick unit whole lint format types contracts docs words screenshots screen clean

demo: $(READY) $(FRENCH).mo ## Open the app on the simulated AWS; ARGS="--scenario key-disabled" chooses a world
	@$(BIN)/ssmtui demo $(ARGS)

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile
	@echo "make -C tools help lists what maintainers use."

# All tests that are quick, and of those that take long the share whose turn it is with this commit. What mypy leaves of
# two processors, tests take.
test: lint contracts ## Run what each change must pass: lint, types, contracts, quick tests and a share of the others
	@$(MAKE) --no-print-directory -j 2 types unit TURN=$(or $(TURN),commit)

# No simulated AWS, no app that is started, no other program, a few examples of each property. Folders without such tests
# are not even collected.
NOT_QUICK := benchmarks recipes trust ui/app ui/screens walks
quick: $(READY) ## Run the tests that one runs after every edit
	$(BIN)/pytest -q -n 2 --dist worksteal --durations 5 --hypothesis-profile quick $(addprefix --ignore=tests/,$(NOT_QUICK)) \
	  -m "not simulated and not app and not long and not heavy" $(ARGS)

unit: $(READY) ## Run all tests, or with TURN=1 to 24 a share of the long ones; ARGS goes to pytest
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --durations 20 $(if $(TURN),--turn $(TURN)) $(ARGS)

whole: lint types contracts unit ## Run lint, types, contracts and all tests, as GitHub does for each pull request

lint: $(READY) ## Check the form of the code and the wording of all texts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools.prose
	@$(BIN)/python -m tools.aws_changes

format: $(READY) ## Mend the form of the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY) ## Check the types
	$(BIN)/mypy

contracts: $(READY) ## Check who imports whom
	$(BIN)/lint-imports

# Pages in build/docs; the picture of docs/architecture.md, which GitHub shows, and the manual page, which a wheel needs
# and a build cannot make, in the repository. Tests compare the two.
docs: $(READY) $(FRENCH).mo ## Build what is made from the code: pages, the picture of the packages, the manual page
	@$(BIN)/python -m tools.generated_pages build/docs
	@$(BIN)/python -m tools.picture
	@$(BIN)/python -m tools.manual_page

# What is new in the catalogue is shown in English until somebody translates it.
words: $(READY) ## Update the French catalogue from the code, and list what is not translated
	@$(BIN)/python -m tools.sentences

# The golden files of the screens are the pictures of the README: one command makes both.
screenshots: $(READY) ## Draw the pictures of the screens that tests compare
	SSMTUI_UPDATE_SCREENSHOTS=1 $(BIN)/pytest tests/ui/app/test_screenshots.py

screen: $(READY) ## Draw one screen: SCENE=node SIZE=100x30; the scenes are in tests/ui/scenes.py
	@$(BIN)/python -m tools.screen "$(SCENE)" "$(SIZE)"

clean: ## Remove the environments and the caches
	rm -rf .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.DEFAULT:
	@$(MAKE) --no-print-directory -C tools $@
