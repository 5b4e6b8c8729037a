# SPDX-License-Identifier: GPL-2.0-only
# One entry for people and CI; `make help` tells what there is. Everything is built under build/.

SHELL := /bin/sh
FLAVOURS := armmp-lpae armmp
FLAVOUR ?= $(FLAVOURS)
CROSS_COMPILE ?= arm-linux-gnueabihf-
export CROSS_COMPILE
MAKEFLAGS += --no-print-directory
JOBS ?= $(shell nproc)
RUN := tests/run --jobs $(JOBS)

all: build

help:
	@echo 'make demo          the whole story in four steps: gdb stops on a watchpoint inside a guest'
	@echo 'make test          everything once: lint, unit tests, boards, guests (under 25 minutes)'
	@echo 'make test T=name   only the cases whose name contains this; tests/run --list shows them'
	@echo 'make check         what needs no boot: lint, unit tests, disassembly (under 3 minutes)'
	@echo 'make test-long     hours: everything, the cases of tier "long" and the mutants; goes on where it stopped'
	@echo 'make test-mutants  each deliberate break in tests/mutants/ must fail its test'
	@echo 'make verify        every state of a model of ownership and MOE, with spin (two minutes)'
	@echo 'make fuzz-board SEEDS=N FROM=S   random programs on the bare board and in a guest, compared'
	@echo 'make bench         instructions per operation, against bench/budget'
	@echo 'make               build module, armvm, guests, agent, v7dbg under build/'
	@echo 'make module FLAVOUR=armmp-lpae   one kernel module (also: vmm, guests, agent, v7dbg)'
	@echo 'make fmt           format the C sources'
	@echo 'make fetch         download everything that is needed, for working offline'
	@echo 'make clean         delete what was built, keep the downloads;  make distclean: all of build/'
	@echo 'tools/board --help runs any command on the emulated board, or in a guest'

deps:
	@tools/deps

fetch: deps
	tools/fetch all

agent: deps
	@$(MAKE) -C tools/agent

v7dbg: deps
	@$(MAKE) -C v7dbg

vmm: deps
	@tools/fetch libfdt >/dev/null
	@$(MAKE) -j$(JOBS) -C vmm

guests: deps
	@$(MAKE) -j$(JOBS) -C guests

module: deps
	@set -e; for f in $(FLAVOUR); do \
		tools/fetch headers $$f >/dev/null; \
		$(MAKE) -C module FLAVOUR=$$f; \
	done

test-modules: deps
	@set -e; for f in $(FLAVOUR); do \
		tools/fetch headers $$f >/dev/null; \
		$(MAKE) -C tests/modules FLAVOUR=$$f; \
	done

test-programs: deps
	@$(MAKE) -C tests/linux
	@$(MAKE) -C tests/host

build: agent v7dbg vmm guests module

build-tests: build test-modules test-programs

demo: build test-programs
	@tests/demo

check: build-tests
	@$(RUN) --tier check $(T)

test: build-tests
	@$(RUN) --tier test $(T)

test-long: build-tests
	@tests/run-long --jobs $(JOBS) $(T)

test-mutants: build-tests
	@tests/run-mutants $(T)

verify: deps
	@tests/spin/verify

fuzz-board: build
	@tools/fuzz-board --seeds $(or $(SEEDS),1000) --from $(or $(FROM),1)

bench: build-tests
	@$(RUN) linux/inactive-guest-pays-nothing
	@grep -h instructions build/results/linux/inactive-guest-pays-nothing/log

fmt:
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format-14 -i

clean:
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name cache -exec rm -rf {} +

distclean:
	@rm -rf build

.PHONY: all help deps fetch agent v7dbg vmm guests module test-modules test-programs build \
	build-tests demo check test test-long test-mutants verify fuzz-board bench fmt clean distclean
# Kbuild, packages and QEMU share the two cores anyway, and every step prints in order.
.NOTPARALLEL:
