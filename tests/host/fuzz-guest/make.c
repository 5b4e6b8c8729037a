// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random instructions, most of them of the kinds that a hypervisor has to deal with.
 *
 * Two are left out, because they end or hang the emulated board (docs/emulator.md): writing
 * CNTV_CVAL, if the value is near all ones, and LDRD of LR and PC that then adds PC to its base.
 */
#include "fuzz-guest.h"

#include <string.h>

#define RAM_BASE 0x40000000u
#define AL	 0xe0000000u

/* ---- numbers ---- */

void rng_seed(struct rng *rng, uint32_t seed, uint32_t program)
{
	rng->state = ((uint64_t)seed << 32 | program) * 0x9e3779b97f4a7c15ull + 1;
	rng_next(rng);
}

uint32_t rng_next(struct rng *rng)
{
	/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators" */
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return (uint32_t)((rng->state * 0x2545f4914f6cdd1dull) >> 32);
}

uint32_t rng_below(struct rng *rng, uint32_t limit)
{
	return (uint32_t)((uint64_t)rng_next(rng) * limit >> 32);
}

#define PICK(rng, array) ((array)[rng_below(rng, sizeof(array) / sizeof((array)[0]))])

uint32_t interesting_word(struct rng *rng)
{
	static const uint32_t words[] = {
		0,	    1,		~0u,	    0x80000000, 0x7fffffff, 0x08000000, 0x08000100,
		0x08000f00, 0x08010000, 0x0801000c, 0x0a000000, 0x40000000, 0x40001000, 0x40004000,
		0x4000fffc, 0x4000ffff, 0x40010000, 0x84000000, 0x84000001, 0x84000002, 0x84000003,
		0x84000004, 0x84000005, 0x84000006, 0x8400000a, 0xfffffffc, 0xffff0000,
	};

	switch (rng_below(rng, 4)) {
	case 0:
		return rng_next(rng);
	case 1:
		return RAM_BASE + DATA + (rng_next(rng) & 0x3fff);
	case 2:
		return PICK(rng, words) + rng_below(rng, 32);
	default:
		return PICK(rng, words);
	}
}

uint32_t random_psr(struct rng *rng)
{
	static const uint8_t modes[] = { 0x13, 0x13, 0x1f, 0x12, 0x11, 0x17, 0x1b, 0x10 };

	/* flags, GE, E, A, I, F; T is for whoever knows where the PC will be */
	return (rng_next(rng) & 0xf80f03c0) | PICK(rng, modes);
}

/* ---- coprocessors; the encodings of A32 and T32 differ in the condition only ---- */

/* MRC's opc1, CRn, CRm, opc2 as in B3.17.2 */
#define R(opc1, crn, crm, opc2) ((opc1) << 21 | (crn) << 16 | (opc2) << 5 | (crm))

static const uint32_t cp15[] = {
	R(0, 0, 0, 0),	R(0, 0, 0, 1),	R(0, 0, 0, 5),	R(0, 0, 1, 2),	R(1, 0, 0, 0),
	R(1, 0, 0, 1),	R(2, 0, 0, 0),	R(4, 0, 0, 0),	R(4, 0, 0, 5),	R(0, 1, 0, 0),
	R(0, 1, 0, 1),	R(0, 1, 0, 2),	R(0, 1, 1, 0),	R(0, 1, 1, 2),	R(4, 1, 1, 0),
	R(4, 1, 1, 1),	R(4, 1, 1, 2),	R(0, 2, 0, 0),	R(0, 2, 0, 1),	R(0, 2, 0, 2),
	R(4, 2, 0, 2),	R(4, 2, 1, 2),	R(0, 3, 0, 0),	R(0, 5, 0, 0),	R(0, 5, 0, 1),
	R(0, 5, 1, 0),	R(0, 5, 1, 1),	R(4, 5, 2, 0),	R(0, 6, 0, 0),	R(0, 6, 0, 2),
	R(4, 6, 0, 0),	R(0, 7, 1, 0),	R(0, 7, 4, 0),	R(0, 7, 5, 0),	R(0, 7, 5, 1),
	R(0, 7, 5, 6),	R(0, 7, 6, 1),	R(0, 7, 6, 2),	R(0, 7, 8, 0),	R(0, 7, 8, 4),
	R(4, 7, 8, 0),	R(0, 7, 10, 1), R(0, 7, 10, 2), R(0, 7, 11, 1), R(0, 7, 14, 1),
	R(0, 7, 14, 2), R(0, 8, 3, 0),	R(0, 8, 7, 0),	R(0, 8, 7, 1),	R(0, 8, 7, 2),
	R(4, 8, 7, 0),	R(4, 8, 7, 4),	R(0, 9, 12, 0), R(0, 9, 12, 1), R(0, 9, 12, 5),
	R(0, 9, 13, 0), R(0, 9, 13, 1), R(0, 9, 14, 0), R(0, 9, 14, 1), R(1, 9, 0, 2),
	R(0, 10, 0, 0), R(0, 10, 2, 0), R(0, 10, 2, 1), R(0, 10, 3, 0), R(0, 12, 0, 0),
	R(0, 12, 0, 1), R(0, 12, 1, 0), R(4, 12, 0, 0), R(0, 13, 0, 0), R(0, 13, 0, 1),
	R(0, 13, 0, 2), R(0, 13, 0, 3), R(0, 13, 0, 4), R(4, 13, 0, 2), R(0, 14, 0, 0),
	R(0, 14, 1, 0), R(0, 14, 2, 0), R(0, 14, 2, 1), R(0, 14, 3, 0), R(0, 14, 3, 1),
	R(4, 14, 1, 0), R(4, 14, 2, 1), R(0, 15, 0, 0), R(4, 15, 0, 0), R(1, 15, 0, 3),
};

static uint32_t cp15_access(struct rng *rng)
{
	uint32_t reg = PICK(rng, cp15);

	if (!rng_below(rng, 4))
		reg = rng_next(rng) & R(7, 15, 15, 7);
	return 0x0e000f10 | reg | (rng_next(rng) & 0x0010f000);
}

/* Mostly debug registers (opc1 is 0), which have their numbers in CRm and opc2. */
static uint32_t cp14_access(struct rng *rng)
{
	static const uint8_t opc1[] = { 0, 0, 0, 0, 1, 6, 7 };
	uint32_t crn = rng_below(rng, 3) ? rng_below(rng, 2) : rng_below(rng, 16);

	return 0x0e000e10 | (uint32_t)PICK(rng, opc1) << 21 | crn << 16 |
	       (rng_next(rng) & 0x0010f0ef);
}

static uint32_t coprocessor(struct rng *rng)
{
	static const uint8_t crms[] = { 2, 2, 7, 14, 14, 15 };

	switch (rng_below(rng, 16)) {
	case 0 ... 5:
		return cp15_access(rng);
	case 6 ... 8:
		return cp14_access(rng);
	case 9: /* MCRR, MRRC: TTBR0, TTBR1, PAR, timers, .. */
		return 0x0c400f00 | PICK(rng, crms) | rng_below(rng, 8) << 4 |
		       (rng_next(rng) & 0x001ff000);
	case 10: /* LDC, STC, MCRR of the debug channel and others */
		return 0x0c000e00 | (rng_next(rng) & 0x01fff0ff);
	case 11: /* VMRS, VMSR: FPSID, FPSCR, MVFR, FPEXC, .. */
		return 0x0ee00a10 | (rng_next(rng) & 0x001ff000);
	case 12: /* VFP data processing and transfers */
		return 0x0e000a00 | (rng_next(rng) & 0x00fff1ff);
	case 13: /* VLDR, VSTR, VLDM, VSTM, VMOV */
		return 0x0c000a00 | (rng_next(rng) & 0x01fff1ff);
	default: /* any coprocessor */
		return 0x0c000000 | (rng_next(rng) & 0x03ffffff);
	}
}

static uint32_t no_cval_write(uint32_t code)
{
	return (code & 0x0ff00fff) == 0x0c400f3e ? code | 1u << 20 : code;
}

/* ---- A32 ---- */

/* LDRD (register), post-indexed, Rt = LR, Rm = PC: UNPREDICTABLE twice over (A8.8.74). */
static uint32_t no_ldrd_of_pc(uint32_t code)
{
	return code >> 28 != 15 && (code & 0x0f70ffff) == 0x0000e0df ? code ^ 1 : code;
}

static uint32_t arm_system(struct rng *rng)
{
	uint32_t noise = rng_next(rng);

	switch (rng_below(rng, 20)) {
	case 0: /* MSR, immediate; with a mask of 0 hints: WFI, WFE, SEV, DBG */
		return AL | 0x0320f000 | (noise & 0x004f0fff);
	case 1: /* MSR, MRS */
		return AL | 0x01000000 | (noise & 0x006ff00f);
	case 2: /* MSR, MRS of banked registers (B9.3.9) */
		return AL | 0x01000200 | (noise & 0x006ff10f);
	case 3: /* CPS, SETEND */
		return 0xf1000000 | (noise & 0x000f03ff);
	case 4: /* SRS, RFE */
		return 0xf8000000 | (noise & 0x01b00000) | (noise & 1 ? 0x004d0500 : 0x00100a00) |
		       (noise & (noise & 1 ? 0x1f : 0x000f0000));
	case 5: /* MOVS PC, SUBS PC, LR */
		return AL | 0x0210f000 | (noise & 0x01ef0007);
	case 6: /* LDM of User mode registers, exception return; STM */
		return AL | 0x08400000 | (noise & 0x01bfffff);
	case 7: /* ERET, BXJ, BLX, BX */
		return AL | 0x01200000 | (noise & 0x0040007f);
	case 8:
		return AL | 0x01600070 | (noise & 0xf); /* SMC */
	case 9:
		return AL | 0x01400070 | (noise & 0x000fff0f); /* HVC */
	case 10:
		return AL | 0x0f000000 | (noise & 0x00ffffff); /* SVC */
	case 11:
		return AL | 0x01200070 | (noise & 0x000fff0f); /* BKPT */
	case 12:
		return AL | 0x0320f000 | rng_below(rng, 6); /* NOP to SEV */
	case 13:
		return 0xf57ff010 | (noise & 0xff); /* CLREX, DSB, DMB, ISB */
	case 14:
		return AL | 0x01800f90 | (noise & 0x007ff00f); /* LDREX, STREX */
	case 15:					       /* SWP, and what shares its space */
		return AL | 0x01000090 | (noise & 0x00fff06f);
	case 16: /* CPS to a mode */
		return 0xf1020000 | 0x10 | (noise & 0xf);
	default:
		return AL | coprocessor(rng);
	}
}

static uint32_t arm_insn(struct rng *rng)
{
	switch (rng_below(rng, 8)) {
	case 0: /* loads and stores of every form */
		return AL | 0x04000000 | (rng_next(rng) & 0x03ffffff);
	case 1: /* data processing, multiplies, halfwords, .. */
		return AL | (rng_next(rng) & 0x03ffffff);
	case 2: /* multiples and branches nearby */
		return rng_below(rng, 2)
			       ? AL | 0x08000000 | (rng_next(rng) & 0x01ffffff)
			       : (rng_next(rng) & 0xf0000000) | 0x0a000000 | rng_below(rng, 32);
	case 3: /* anything */
		return rng_next(rng);
	default:
		return arm_system(rng);
	}
}

void make_arm(struct rng *rng, uint32_t *page)
{
	for (size_t i = 0; i < 0x1000 / 4; i += 4) {
		for (size_t n = 0; n < 4; n++)
			page[i + n] = no_ldrd_of_pc(no_cval_write(arm_insn(rng)));
		/* PSCI calls: MOVW r0, MOVT r0, HVC */
		if (!rng_below(rng, 64)) {
			page[i] = 0xe3000000 | rng_below(rng, 12);
			page[i + 1] = 0xe3480400;
			page[i + 2] = 0xe1400070;
		}
	}
}

/* ---- T32 ---- */

static uint16_t thumb_16(struct rng *rng)
{
	static const uint16_t special[] = {
		0xbf30, 0xbf20, 0xbf40, 0xbf10, 0xbf00, 0xb650, 0xb658, 0xb662, 0xb67f, 0xdf00,
		0xde00, 0xbe00, 0x4770, 0x46f7, 0xbd00, 0xbf08, 0xbf1c, 0xbf04, 0xbfe8, 0xb100,
	};
	uint32_t code;

	if (rng_below(rng, 2))
		return PICK(rng, special) | (rng_next(rng) & 7);
	/* not the first half of two */
	do {
		code = rng_next(rng) & 0xffff;
	} while (code >> 11 >= 0x1d);
	return code;
}

static uint32_t thumb_32(struct rng *rng)
{
	uint32_t noise = rng_next(rng);

	switch (rng_below(rng, 12)) {
	case 0: /* MSR, MRS, banked ones too, CPS, hints, barriers, BXJ, SUBS PC, LR */
		return 0xf3808000 | (noise & 0x007f0fff);
	case 1:
		return 0xf7e08000 | (noise & 0x001f0fff); /* HVC, SMC */
	case 2:
		return 0xe8000000 | (noise & 0x01ffffff); /* multiples, RFE, SRS, LDREX, TBB, .. */
	case 3:
		return 0xf8000000 | (noise & 0x01ffffff); /* loads and stores */
	case 4:
		return 0xf3af8000 | (noise & 0x7ff); /* CPS, hints */
	case 5:
		return 0xe8000000 | (noise & 0x1fffffff);
	default: /* cond 0b1110, or 0b1111: MRC2, .. */
		return AL | (noise & 0x10000000 & -(uint32_t) !(noise & 15)) | coprocessor(rng);
	}
}

void make_thumb(struct rng *rng, uint16_t *page)
{
	for (size_t i = 0; i < 0x1000 / 2;) {
		uint32_t code;

		/* An instruction does not cross into the next block, where handlers resume. */
		if (i % 8 == 7 || !rng_below(rng, 3)) {
			page[i++] = thumb_16(rng);
			continue;
		}
		code = no_cval_write(thumb_32(rng));
		page[i++] = code >> 16;
		page[i++] = code;
	}
}
