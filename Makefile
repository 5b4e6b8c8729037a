# SPDX-License-Identifier: GPL-2.0-only
# The entry point for people and CI. `make help` lists the targets; all output goes to build/.

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
	@echo 'make demo          five steps on an emulated board: gdb stops on a watchpoint'
	@echo '                   inside a guest, a disk image boots'
	@echo 'make test          run every test once: lint, unit tests, boards, guests'
	@echo '                   (about 30 minutes)'
	@echo 'make test T=name   run only the cases whose name contains this; tests/run --list'
	@echo '                   shows them'
	@echo 'make check         run the tests that need no boot: lint, unit tests, disassembly'
	@echo '                   (under 3 minutes)'
	@echo 'make silicon       run what the emulator forgives and a chip does not (minutes)'
	@echo 'make test-long     run all tests, the cases of tier "long" and the mutants, for'
	@echo '                   hours; if interrupted, it resumes where it left off'
	@echo 'make test-matrix   run every kernel on every CPU, for hours; if interrupted, it'
	@echo '                   resumes where it left off; T=NAME runs some'
	@echo 'make test-mutants  apply each deliberate break in tests/mutants/; its test must fail'
	@echo 'make verify        explore a model of ownership and MOE with spin (two minutes)'
	@echo 'make fuzz-board SEEDS=N FROM=S'
	@echo '                   compare random programs on the bare board and in a guest'
	@echo 'make fuzz-ioctl SEED=S CALLS=N'
	@echo '                   call every ioctl at random from processes that are killed'
	@echo 'make fuzz-guest SEED=S PROGRAMS=N FROM=P'
	@echo '                   run random instructions in guests'
	@echo 'make bench         show the instructions per operation beside those of the old'
	@echo '                   KVM/arm, checked against bench/budget; what a chip pays; how'
	@echo '                   costs grow; Linux beside the board (build/bench*.csv, .svg)'
	@echo 'make bench-devices show what requests to devices cost, and the boot of a Debian'
	@echo '                   guest (an hour, and three more the first time)'
	@echo 'make               build module, armvm, guests, agent and v7dbg under build/'
	@echo 'make module FLAVOUR=armmp-lpae'
	@echo '                   build one kernel module (also: vmm, guests, agent, v7dbg)'
	@echo 'make deb           build the Debian packages in build/deb'
	@echo 'make image         make a small Debian 13 for armvm run --image, in build/image'
	@echo 'make fmt           format the C sources'
	@echo 'make fetch         download everything for working offline'
	@echo 'make clean         delete what was built, but keep the downloads'
	@echo 'make distclean     delete all of build/'
	@echo 'tools/board --help how to run a command on the emulated board or in a guest'

deps:
	@tools/deps

fetch: deps
	tools/fetch all

agent: deps
	@$(MAKE) -C tools/agent

v7dbg: deps
	@$(MAKE) -C v7dbg

vmm: deps
	@tools/fetch libraries >/dev/null
	@$(MAKE) -j$(JOBS) -C vmm

guests: deps
	@$(MAKE) -j$(JOBS) -C guests

deb: deps
	@tools/deb

image: agent
	@tools/image

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
	@$(MAKE) -C module FLAVOUR=armmp-lpae OUT=$(CURDIR)/build/module/checked \
		KFLAGS=KVM_ARMV7_CHECKS=y

test-programs: deps
	@$(MAKE) -C tests/firmware
	@$(MAKE) -C tests/instruments
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

silicon: build-tests
	@$(RUN) silicon/$(T)

test-long: build-tests
	@tests/run-long --jobs $(JOBS) $(T)

test-matrix: build-tests
	@tests/run-matrix --jobs $(JOBS) $(T)

test-mutants: build-tests
	@tests/run-mutants --jobs $(JOBS) $(T)

verify: deps
	@tests/spin/barriers
	@tests/spin/verify

fuzz-board: build
	@tools/fuzz-board --seeds $(or $(SEEDS),1000) --from $(or $(FROM),1)

# The same SEED makes the same calls and programs; without it one is chosen and printed.
FUZZ_BOARD = tools/board --overlay build/tests/host/overlay --
SEED_OR_ANY = $(or $(SEED),$(shell od -An -N3 -tu4 /dev/urandom | tr -d ' '))

fuzz-ioctl: build test-programs
	@$(FUZZ_BOARD) fuzz-ioctl $(SEED_OR_ANY) $(or $(CALLS),100000)

fuzz-guest: build test-programs
	@$(FUZZ_BOARD) fuzz-guest $(SEED_OR_ANY) $(or $(PROGRAMS),1000) $(FROM)

bench: build-tests
	@$(RUN) linux/inactive-guest-pays-nothing
	@bench/table build/results/linux/inactive-guest-pays-nothing/log build/bench.csv
	@bench/chart build/bench.csv build/bench.svg
	@$(RUN) linux/cost
	@bench/growth-chart build/bench.csv build/results/linux/costs-grow/log \
		build/bench-growth.svg

# Two of tier "long"; the second installs a Debian 13 on an emulated board, once.
bench-devices: build-tests
	@$(RUN) linux/device-costs linux/debian-boot-costs
	@cat build/device-costs
	@grep 'to the login prompt:' build/results/linux/debian-boot-costs/log

fmt:
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format-14 -i

clean:
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name cache -exec rm -rf {} +

distclean:
	@rm -rf build

.PHONY: all help deps fetch agent v7dbg vmm guests module test-modules test-programs build \
	build-tests demo check test silicon test-long test-matrix test-mutants verify fuzz-board \
	fuzz-ioctl fuzz-guest bench bench-devices deb image fmt clean distclean
# Run the targets one by one, so that their output stays in order: on a small machine Kbuild,
# package downloads and QEMU would only compete for the CPUs.
.NOTPARALLEL:
