# Every target is a script under scripts/ that a person can run too. Everything made lies under build/ and runs/.
.DEFAULT_GOAL := help
.PHONY: help setup setup-tests build demo test sanitize memcheck fuzz mutate fresh bench bench-peers format lint install clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (root), or list it (no root); fetch libtorch
	@scripts/setup

build: setup ## the release build, in build/release
	@scripts/build

demo: setup ## set up, build, train the built-in demo, evaluate, predict
	@scripts/build basewise
	@scripts/demo

setup-tests:
	@scripts/setup --tests

test: setup-tests ## set up, build, run every test; the last line counts them
	@scripts/build
	@scripts/test

sanitize: setup ## torch-free modules under AddressSanitizer and UBSan, in build/sanitize
	@scripts/sanitize

memcheck: setup ## the kernels under valgrind, in build/release
	@scripts/memcheck

fuzz: build ## damaged files through every reader (under sanitizers) and through every verb
	@scripts/fuzz

mutate: setup-tests ## put known faults into a copy of the tree, one at a time: each must be caught by a test
	@scripts/mutate

fresh: ## root: demo and test from a fresh clone in a minimal Debian system
	@scripts/fresh

bench: ## speed beside torch's own path, in one run: one table, JSON in build/bench
	@scripts/setup --bench
	@scripts/bench

bench-peers: ## the same models in PyTorch and the tools users would pick, in turn
	@scripts/setup --bench
	@scripts/bench-peers

format: ## clang-format over our sources
	@scripts/format

lint: build ## clang-tidy over our sources; linter and type checker of the page
	@scripts/lint

install: build ## install into PREFIX (default /usr/local)
	@cmake --install build/release --prefix "$(or $(PREFIX),/usr/local)"

clean: ## remove the builds (libtorch, the compiler cache and runs/ stay)
	@rm -rf build/release build/sanitize build/tmp build/consumer
