// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A debug unit in memory, with what QEMU's CPU lacks: all registers of the list, address
 * masks, mismatch and context breakpoints, vector catch, MOE.  The guest drives it by two
 * HVCs:
 *
 *   hvc #14   the CP14 instruction after it traps
 *   hvc #15   the CPU fetches an instruction from r0, bit 0 set in Thumb state
 */
#include "unit.h"

#include "debug.h"

/* 8 breakpoints, the last two context-aware, 4 watchpoints, v7.1, with DBGDEVID. */
#define BRPS 8u
#define DIDR                                                                            \
	(3u << DBGDIDR_WRPS_SHIFT | (BRPS - 1) << DBGDIDR_BRPS_SHIFT |                  \
	 1u << DBGDIDR_CTX_CMPS_SHIFT | DBGDIDR_VERSION_V7_1 << DBGDIDR_VERSION_SHIFT | \
	 DBGDIDR_DEVID_IMP)
#define DEVID 0x00111110u /* double lock, HYP, vector catch, both masks */

static uint32_t bank[4][16], vcr, dscr;

uint32_t unit_read(enum unit_bank which, unsigned int n)
{
	return bank[which][n];
}

void unit_write(enum unit_bank which, unsigned int n, uint32_t value)
{
	bank[which][n] = value;
}

uint32_t unit_read_vcr(void)
{
	return vcr;
}

void unit_write_vcr(uint32_t value)
{
	vcr = value;
}

uint32_t unit_read_dscr(void)
{
	return dscr;
}

void unit_identify(struct v7dbg_cpu_id *id)
{
	id->dbgdidr = DIDR;
	id->dbgdscr = dscr;
	id->dbgdevid = DEVID;
	id->dbgdevid1 = 1;
	id->dbgdevid2 = 2;
	id->mismatch = true;
}

uint32_t unit_pc(const struct guest *guest)
{
	return guest->r[0];
}

void unit_start(void)
{
	dscr = DBGDSCR_MDBGEN;
}

/* The hypervisor catches the guest's supervisor calls. */
void unit_set_host_point(void)
{
	vcr = DBGVCR_NSS;
	bank[WVR][0] = 0x40001000;
	bank[WCR][0] = 0x00004dff; /* a watchpoint that nothing hits */
	bank[BVR][0] = 0x12345678;
	bank[BCR][0] = 0x000001e0;
}

__asm__(".arch_extension virt\n"
	".pushsection .text.host_task, \"ax\"\n"
	".global host_task\n"
	"host_task:\n"
	"	mrc	p15, 0, r0, c12, c0, 0\n" /* VBAR */
	"	add	r0, r0, #8\n"
	"	hvc	#15\n"
	"	hvc	#2\n"
	".popsection\n");

/*
 * C3.3.1: in Non-secure PL1, where this guest stays, in one mode or another: PMC 0b00
 * with HMC 0 is User, System and Supervisor mode.
 */
static bool state_matches(uint32_t control, uint32_t mode)
{
	uint32_t pmc = DBGCR_PMC(control);

	if (!(control & DBGCR_E) || DBGCR_SSC(control) > DBGCR_SSC_NONSECURE)
		return false;
	if (!pmc)
		return !(control & DBGCR_HMC) && (mode == MODE_SYS || mode == MODE_SVC);
	return pmc & DBGCR_PMC_PL1;
}

static bool context_matches(unsigned int n)
{
	return bank[BVR][n] == READ(CONTEXTIDR);
}

/* C3.3: breakpoint n and a fetch from there. */
static bool breakpoint_matches(unsigned int n, uint32_t address, uint32_t mode)
{
	uint32_t control = bank[BCR][n], link = DBGCR_LBN(control), mask = DBGCR_MASK(control);
	bool there = !((address ^ bank[BVR][n]) >> (mask ? mask : 2));

	/* BAS: which bytes of the word an instruction may begin at. */
	if (!mask && !(DBGBCR_BAS(control) >> (address & 3) & 1))
		there = false;
	if (!state_matches(control, mode))
		return false;
	switch (DBGBCR_BT(control)) {
	case DBGBCR_BT_ADDRESS:
		return there;
	case DBGBCR_BT_ADDRESS_LINKED:
		return there && (bank[BCR][link] & DBGCR_E) && context_matches(link);
	case DBGBCR_BT_CONTEXT:
		return context_matches(n);
	case DBGBCR_BT_MISMATCH:
		return !there;
	default: /* linked context: only if another links to it; VMID: not for guests */
		return false;
	}
}

/* What happens at a fetch from there: a value of MOE, or 0. */
static uint32_t fetch(uint32_t address, uint32_t mode)
{
	uint32_t vector = address - READ(VBAR);
	unsigned int n;

	if (!(dscr & DBGDSCR_MDBGEN))
		return 0;
	for (n = 0; n < BRPS; n++)
		if (breakpoint_matches(n, address, mode))
			return V7DBG_MOE_BREAKPOINT;
	/* C11.11.42: [31:25] are the Non-secure vectors 0x1c to 0x04. */
	if (!(vector & 3) && vector < 0x20 && (vcr >> (24 + vector / 4) & 1))
		return V7DBG_MOE_VECTOR_CATCH;
	return 0;
}

static bool take_fetch(struct guest *guest)
{
	uint32_t moe = fetch(guest->r[0] & ~1u, guest->cpsr & PSR_MODE);

	if (!moe)
		return true;
	dscr = (dscr & ~DBGDSCR_MOE_MASK) | moe << DBGDSCR_MOE_SHIFT;
	if (guest->own) {
		guest->own_hits++;
		return true;
	}
	/* The exception is at the HVC, which is executed again once the point is off. */
	guest->pc -= 4;
	if (READ(HDCR) & HDCR_TDE)
		return debug_event(guest, V7DBG_EVENT_PREFETCH, 0, 0);
	guest_inject(guest, V7DBG_EXC_PREFETCH_DEBUG, 0);
	return true;
}

/* HSR as the CPU makes it for the A32 instruction at PC, B3.13.6. */
static uint32_t syndrome(uint32_t insn)
{
	uint32_t hsr = HSR_IL | HSR_CV | (insn >> 28) << 20;
	uint32_t rt = insn >> 12 & 0xf, read = insn >> 20 & 1;

	if ((insn & 0x0f000010) == 0x0e000010) /* MRC, MCR */
		return hsr | EC_CP14_32 << 26 | (insn >> 5 & 7) << 17 | (insn >> 21 & 7) << 14 |
		       (insn >> 16 & 0xf) << 10 | rt << 5 | (insn & 0xf) << 1 | read;
	if ((insn & 0x0fe00000) == 0x0c400000) /* MRRC, MCRR */
		return hsr | EC_CP14_64 << 26 | (insn >> 4 & 0xf) << 16 | (insn >> 16 & 0xf) << 10 |
		       rt << 5 | (insn & 0xf) << 1 | read;
	/* LDC, STC: imm8, Rn, add or subtract, P and W as the addressing form, from memory */
	return hsr | EC_CP14_LS << 26 | (insn & 0xff) << 12 | (insn >> 16 & 0xf) << 5 |
	       (insn >> 23 & 1) << 4 | (insn >> 24 & 1) << 2 | (insn >> 21 & 1) << 1 | read;
}

bool unit_call(struct guest *guest, uint32_t number)
{
	if (number == CALL_FETCH)
		return take_fetch(guest);
	if (number != CALL_TRAP)
		return false;
	debug_access(guest, syndrome(*(const uint32_t *)(uintptr_t)guest->pc));
	return true;
}
