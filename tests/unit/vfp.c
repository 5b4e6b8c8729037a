// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lazy switch of VFP, the kernel's part and HYP's, on a CPU that does what DDI 0406C B1.11
 * says, in its order: FPEXC.EN makes an access UNDEFINED before HCPTR can trap it, in Hyp mode
 * too, and HCPTR traps Hyp mode's own accesses.  The emulator looks at HCPTR first, so nothing that
 * runs there can show it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What hyp/sysreg.h and machine/fpexc.h have as instructions. */
#define HYP_SYSREG_H
#define KVM_ARMV7_FPEXC_H
#define read_sysreg(reg)	 read_##reg()
#define write_sysreg(reg, value) write_##reg(value)
#define isb()			 synchronise()
/* Not of the switch. */
#define read_banked(reg)	 0u
#define write_banked(reg, value) ((void)(value))
#define read_spsr_hyp()		 0u

#include "hyp/sysreg-bits.h"

static struct {
	uint32_t fpexc, hcptr;
	bool hcptr_pending, fpexc_pending; /* written, and not synchronised yet */
	uint32_t fpscr;
	uint64_t d[32];
} model;

static void synchronise(void)
{
	model.hcptr_pending = model.fpexc_pending = false;
}

static uint32_t read_HCPTR(void)
{
	return model.hcptr;
}

static void write_HCPTR(uint32_t value)
{
	model.hcptr = value;
	model.hcptr_pending = true;
}

static uintptr_t read_HTPIDR(void)
{
	fail();
	return 0;
}

/* An instruction of HYP's. */
static void hyp_accesses(bool needs_en)
{
	assert_false(model.hcptr_pending);
	assert_false(model.hcptr & HCPTR_TCP_VFP);
	if (needs_en) {
		assert_false(model.fpexc_pending);
		assert_true(model.fpexc & FPEXC_EN);
	}
}

static uint32_t read_fpexc(void)
{
	hyp_accesses(false);
	return model.fpexc;
}

static void write_fpexc(uint32_t value)
{
	hyp_accesses(false);
	model.fpexc = value;
	model.fpexc_pending = true;
}

typedef uint32_t u32;

#include "machine/vfp.h"

#include "hyp/vfp-sr.c"

uint32_t hyp_vfp_read_fpexc(void)
{
	return read_fpexc();
}

void hyp_vfp_write_fpexc(uint32_t value)
{
	write_fpexc(value);
}

void hyp_vfp_save_regs(struct hyp_vfp *vfp, uint32_t dregs)
{
	hyp_accesses(true);
	vfp->fpscr = model.fpscr;
	memcpy(vfp->d, model.d, dregs * sizeof(model.d[0]));
}

void hyp_vfp_load_regs(const struct hyp_vfp *vfp, uint32_t dregs)
{
	hyp_accesses(true);
	model.fpscr = vfp->fpscr;
	memcpy(model.d, vfp->d, dregs * sizeof(model.d[0]));
}

uint32_t hyp_vfp_read_mvfr0(void)
{
	hyp_accesses(false);
	return 0x10110222;
}

uint32_t hyp_vfp_read_mvfr1(void)
{
	hyp_accesses(false);
	return 0x11111111;
}

static uint32_t guest_got;

void hyp_guest_set_reg(struct hyp_vcpu *vcpu, uint32_t reg, uint32_t value)
{
	(void)vcpu;
	(void)reg;
	guest_got = value;
}

void hyp_guest_skip(uint32_t hsr)
{
	(void)hsr;
}

/* ---- a guest ---- */

#define FOUND_HCPTR 0u

enum outcome {
	DONE,
	UNDEFINED,
	TRAPS,
};

static enum outcome guest_executes(bool needs_en)
{
	if (needs_en && !(model.fpexc & FPEXC_EN))
		return UNDEFINED;
	return model.hcptr & HCPTR_TCP_VFP ? TRAPS : DONE;
}

static struct hyp_percpu percpu;
static struct hyp_vcpu vcpu;

/* As the guest sees it: what traps is served, and executed again. */
static enum outcome guest_does(bool needs_en)
{
	enum outcome outcome = guest_executes(needs_en);

	if (outcome != TRAPS)
		return outcome;
	if (!hyp_vfp_trap(&percpu, &vcpu))
		return UNDEFINED; /* by the kernel */
	synchronise();
	outcome = guest_executes(needs_en);
	assert_int_not_equal(outcome, TRAPS);
	return outcome;
}

/* vcpu_enter_guest() and hyp_run() have the same order. */
static uint32_t hosts_fpexc;

static void enter(void)
{
	hosts_fpexc = vfp_open(percpu.dregs);
	synchronise(); /* HVC */
	write_HCPTR(HCPTR_TTA | HCPTR_TCP_VFP | HCPTR_TCP_OTHER);
	synchronise(); /* ERET */
}

static void leave(void)
{
	if (!(read_HCPTR() & HCPTR_TCP_VFP))
		hyp_vfp_swap_back(&percpu, &vcpu);
	write_HCPTR(FOUND_HCPTR);
	synchronise(); /* ERET */
	vfp_close(hosts_fpexc);
}

static void fill(uint64_t d[32], uint64_t pattern)
{
	for (unsigned int i = 0; i < 32; i++)
		d[i] = pattern << 32 | i;
}

#define HOST  0x4057ull
#define GUEST 0x60e57ull
#define NEW   0x9e3ull

static void prepare(uint32_t dregs, uint32_t host_fpexc, uint32_t guest_fpexc)
{
	memset(&percpu, 0, sizeof(percpu));
	memset(&vcpu, 0, sizeof(vcpu));
	percpu.dregs = dregs;
	model.fpexc = host_fpexc;
	model.fpscr = HOST;
	fill(model.d, HOST);
	vcpu.vfp.fpexc = guest_fpexc;
	vcpu.vfp.fpscr = GUEST;
	fill(vcpu.vfp.d, GUEST);
	write_HCPTR(FOUND_HCPTR);
	synchronise();
}

static void host_has_all(uint32_t fpexc)
{
	uint64_t d[32];

	fill(d, HOST);
	assert_int_equal(model.fpexc, fpexc);
	assert_int_equal(model.fpscr, HOST);
	assert_memory_equal(model.d, d, percpu.dregs * sizeof(d[0]));
	assert_int_equal(model.hcptr, FOUND_HCPTR);
}

/* FPEXC of either side: EN, and a bit that must not be lost. */
static const uint32_t values[] = { 0, FPEXC_EN, 1, FPEXC_EN | 1 };

#define FOR_ALL(dregs, host, guest)                                            \
	for (uint32_t dregs = 16; dregs <= 32; dregs += 16)                    \
		for (const uint32_t *host = values; host < values + 4; host++) \
			for (const uint32_t *guest = values; guest < values + 4; guest++)

static void a_guest_that_uses_it(void **state)
{
	(void)state;
	FOR_ALL(dregs, host, guest)
	{
		enum outcome expected = *guest & FPEXC_EN ? DONE : UNDEFINED;
		uint64_t seen[32];

		prepare(dregs, *host, *guest);
		for (unsigned int run = 0; run < 2; run++) {
			enter();
			assert_int_equal(guest_does(true), expected);
			assert_int_equal(guest_does(true), expected);
			/* Its kernel reads FPEXC, whatever EN is. */
			assert_int_equal(guest_does(false), DONE);
			assert_int_equal(model.fpexc, *guest);
			fill(seen, run ? NEW : GUEST);
			assert_memory_equal(model.d, seen, dregs * sizeof(seen[0]));
			assert_int_equal(model.fpscr, run ? NEW : GUEST);
			fill(model.d, NEW);
			model.fpscr = NEW;
			leave();
			host_has_all(*host);
			assert_int_equal(vcpu.vfp.fpexc, *guest);
		}
	}
}

static void a_guest_that_does_not(void **state)
{
	(void)state;
	FOR_ALL(dregs, host, guest)
	{
		uint64_t d[32];

		prepare(dregs, *host, *guest);
		for (unsigned int run = 0; run < 2; run++) {
			enter();
			/* The next access would have to trap. */
			assert_int_equal(guest_executes(true), TRAPS);
			leave();
			host_has_all(*host);
		}
		fill(d, GUEST);
		assert_memory_equal(vcpu.vfp.d, d, sizeof(d));
		assert_int_equal(vcpu.vfp.fpexc, *guest);
	}
}

/* Its kernel turns EN on, as Linux does at a process's first use, and off again. */
static void a_guest_that_changes_fpexc(void **state)
{
	(void)state;
	FOR_ALL(dregs, host, guest)
	{
		prepare(dregs, *host, *guest);
		enter();
		assert_int_equal(guest_does(false), DONE);
		model.fpexc = *guest ^ FPEXC_EN;
		leave();
		host_has_all(*host);
		assert_int_equal(vcpu.vfp.fpexc, *guest ^ FPEXC_EN);
		enter();
		assert_int_equal(guest_does(true), *guest & FPEXC_EN ? UNDEFINED : DONE);
		leave();
		host_has_all(*host);
	}
}

static void a_guest_that_reads_mvfr(void **state)
{
	(void)state;
	FOR_ALL(dregs, host, guest)
	{
		prepare(dregs, *host, *guest);
		enter();
		assert_true(hyp_vfp_id(&percpu, &vcpu, VMRS_MVFR0 << 10));
		assert_int_equal(guest_got, 0x10110222);
		synchronise();
		assert_int_equal(model.fpexc, *guest);
		leave();
		host_has_all(*host);
	}
}

/* FPEXC does not exist, and an access would be UNDEFINED. */
static void a_cpu_without_vfp(void **state)
{
	(void)state;
	prepare(0, 0xbad, 0);
	write_HCPTR(HCPTR_TCP_VFP);
	synchronise();
	vfp_close(vfp_open(false));
	assert_int_equal(guest_does(false), UNDEFINED);
	assert_int_equal(model.fpexc, 0xbad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_that_uses_it),
		cmocka_unit_test(a_guest_that_does_not),
		cmocka_unit_test(a_guest_that_changes_fpexc),
		cmocka_unit_test(a_guest_that_reads_mvfr),
		cmocka_unit_test(a_cpu_without_vfp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
