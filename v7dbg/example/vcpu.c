// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The guest's core registers, banked ones too, and skipping an instruction. */
#include "vcpu.h"

__asm__(".arch_extension virt\n"); /* for the banked registers */

#define READ_BANKED(name)                                      \
	({                                                     \
		uint32_t v_;                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(v_)); \
		v_;                                            \
	})
#define WRITE_BANKED(name, value) __asm__ volatile("msr " #name ", %0" : : "r"((uint32_t)(value)))

#define KEY(mode, n) ((mode) << 4 | (n))

uint32_t guest_reg(const struct guest *guest, unsigned int n)
{
	switch (KEY(guest->cpsr & PSR_MODE, n)) {
#define BANKED(mode, n, name) \
	case KEY(mode, n):    \
		return READ_BANKED(name);
#include "banked.def"
	default:
		/* 15 is UNPREDICTABLE for an access, but a guest may try it. */
		return n < 13 ? guest->r[n] : n == 14 ? guest->lr : guest->pc;
	}
}

void guest_set_reg(struct guest *guest, unsigned int n, uint32_t value)
{
	switch (KEY(guest->cpsr & PSR_MODE, n)) {
#define BANKED(mode, n, name)              \
	case KEY(mode, n):                 \
		WRITE_BANKED(name, value); \
		return;
#include "banked.def"
	default:
		if (n < 13)
			guest->r[n] = value;
		else if (n == 14)
			guest->lr = value;
	}
}

/* ITSTATE, A2.5.2: [7:2] are CPSR[15:10], [1:0] are CPSR[26:25]. */
static uint32_t it_state(uint32_t cpsr)
{
	return cpsr & PSR_T ? (cpsr >> 8 & 0xfc) | (cpsr >> 25 & 3) : 0;
}

/* ConditionPassed(), A8.3.1.  If HSR.COND is not valid, the IT state has it. */
bool guest_condition(const struct guest *guest, uint32_t hsr)
{
	uint32_t cpsr = guest->cpsr, it = it_state(cpsr), cond = 14;
	bool n = cpsr >> 31 & 1, z = cpsr >> 30 & 1, c = cpsr >> 29 & 1, v = cpsr >> 28 & 1;
	bool holds[] = { z, c, n, v, c && !z, n == v, n == v && !z, true };

	if (hsr & HSR_CV)
		cond = HSR_COND(hsr);
	else if (it)
		cond = it >> 4;
	return cond == 15 || holds[cond >> 1] != (cond & 1);
}

void guest_skip(struct guest *guest, uint32_t hsr)
{
	uint32_t it = it_state(guest->cpsr);

	guest->pc += hsr & HSR_IL ? 4 : 2;
	if (!it)
		return;
	it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0; /* ITAdvance() */
	guest->cpsr = (guest->cpsr & ~0x0600fc00u) | (it & 0xfc) << 8 | (it & 3) << 25;
}

void guest_inject(struct guest *guest, enum v7dbg_exception kind, uint32_t hsr)
{
	struct v7dbg_guest state = {
		.pc = guest->pc,
		.cpsr = guest->cpsr,
		.sctlr = READ(SCTLR),
		.vbar = READ(VBAR),
		.ttbcr = READ(TTBCR),
		.hsr = hsr,
	};
	struct v7dbg_entry entry;

	v7dbg_exception_entry(kind, &state, &entry);
	if (kind == V7DBG_EXC_UNDEF) {
		WRITE_BANKED(lr_und, entry.lr);
		WRITE_BANKED(spsr_und, entry.spsr);
	} else {
		WRITE_BANKED(lr_abt, entry.lr);
		WRITE_BANKED(spsr_abt, entry.spsr);
		if (kind == V7DBG_EXC_PREFETCH_DEBUG)
			WRITE(IFSR, entry.fsr);
		else
			WRITE(DFSR, entry.fsr);
	}
	guest->pc = entry.pc;
	guest->cpsr = entry.cpsr;
}
