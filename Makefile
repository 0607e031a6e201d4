# What one does with the assistant; each line's ## is its help. bin/setup holds how Python and the packages are found.
.DEFAULT_GOAL := help
.PHONY: install run test test-load bench chat train widget check lock help

PORT ?= 5005
python := .venv/bin/python

install:  ## set up ./.venv (Python 3.10 and what requirements.lock pins); quick when nothing changed
	@bin/setup

run: install  ## set up, train if needed, and serve the assistant; PORT=5006 for another port
	@$(python) -m bot train
	@exec $(python) -m bot run --port $(PORT)

test: install  ## set up, train if needed, and run every test there is
	@bin/browsers
	@bin/services
	@bin/tests $(ARGS)

test-load: install  ## faults, long fuzzing, many servers (tests/load)
	@bin/services
	@$(python) -m pytest tests/load $(ARGS)

bench: install  ## how well messages are understood, three pipelines compared, and speed (takes hours)
	@$(python) -W ignore benchmarks/understanding.py
	@$(python) -W ignore benchmarks/pipelines.py
	@$(python) -W ignore benchmarks/speed.py

chat: install  ## talk to the assistant in the terminal
	@$(python) -m bot train
	@exec $(python) -m bot chat

train: install  ## train the model, if anything that it learns from has changed
	@$(python) -m bot train

widget:  ## build the chat for websites (bot/web/clinic-chat.js) from widget/; needs Node, which nothing else here does
	@bin/browsers
	@cd widget && npm run --silent build

check: install  ## lint, types, and the rules of the content
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy
	@$(python) -m yamllint --strict .
	@$(python) -m bot check

lock: install  ## write requirements.lock anew from requirements.in and overrides.txt
	@bin/setup --lock

help:  ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
