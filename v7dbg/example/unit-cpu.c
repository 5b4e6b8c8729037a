// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The CPU's own debug registers.  All CP14 instructions of the hypervisor are here.
 */
#include "unit.h"

#define DBGDIDR	   14, 0, 0, 0, 0
#define DBGDSCRint 14, 0, 0, 1, 0
#define DBGDSCRext 14, 0, 0, 2, 2
#define DBGVCR	   14, 0, 0, 7, 0
#define DBGOSLAR   14, 0, 1, 0, 4

/* The slot is CRm, so each needs its own instruction. */
#define EACH_SLOT(op, opc2)                                                                 \
	op(0, opc2) op(1, opc2) op(2, opc2) op(3, opc2) op(4, opc2) op(5, opc2) op(6, opc2) \
		op(7, opc2) op(8, opc2) op(9, opc2) op(10, opc2) op(11, opc2) op(12, opc2)  \
			op(13, opc2) op(14, opc2) op(15, opc2)
#define READ_SLOT(n, opc2) \
	case n:            \
		return READ_(14, 0, 0, n, opc2);
#define WRITE_SLOT(n, opc2)                       \
	case n:                                   \
		WRITE_(14, 0, 0, n, opc2, value); \
		break;
#define BANK(name, opc2)                                         \
	static uint32_t read_##name(unsigned int n)              \
	{                                                        \
		switch (n) {                                     \
			EACH_SLOT(READ_SLOT, opc2)               \
		}                                                \
		return 0;                                        \
	}                                                        \
	static void write_##name(unsigned int n, uint32_t value) \
	{                                                        \
		switch (n) {                                     \
			EACH_SLOT(WRITE_SLOT, opc2)              \
		}                                                \
	}

BANK(bvr, 4)
BANK(bcr, 5)
BANK(wvr, 6)
BANK(wcr, 7)

uint32_t unit_read(enum unit_bank bank, unsigned int n)
{
	switch (bank) {
	case BVR:
		return read_bvr(n);
	case BCR:
		return read_bcr(n);
	case WVR:
		return read_wvr(n);
	default:
		return read_wcr(n);
	}
}

void unit_write(enum unit_bank bank, unsigned int n, uint32_t value)
{
	switch (bank) {
	case BVR:
		write_bvr(n, value);
		break;
	case BCR:
		write_bcr(n, value);
		break;
	case WVR:
		write_wvr(n, value);
		break;
	default:
		write_wcr(n, value);
	}
}

uint32_t unit_read_vcr(void)
{
	return READ(DBGVCR);
}

void unit_write_vcr(uint32_t value)
{
	WRITE(DBGVCR, value);
}

uint32_t unit_read_dscr(void)
{
	return READ(DBGDSCRint);
}

/*
 * Without the DEVIDs: QEMU's CPU claims in DBGDIDR to have them, but they are UNDEFINED.  0
 * stands for a CPU without them.  On a real CPU read them if DBGDIDR.DEVID_imp is set
 * (C11.11.15).  QEMU's CPU also lacks the mismatch breakpoints of v7.1: on a real CPU set
 * one and see whether it stops.
 */
void unit_identify(struct v7dbg_cpu_id *id)
{
	id->dbgdidr = READ(DBGDIDR);
	id->dbgdscr = unit_read_dscr();
	id->dbgdevid = 0;
	id->dbgdevid1 = 0;
	id->dbgdevid2 = 0;
	id->mismatch = false;
}

uint32_t unit_pc(const struct guest *guest)
{
	return guest->pc | (guest->cpsr & PSR_T ? 1 : 0);
}

/*
 * No one else uses this board, so turn on monitor mode: once, here, before the first guest,
 * and never again.  Beside an operating system leave DBGDSCR alone: its kernel has decided.
 * Reset sets the OS lock and leaves the controls UNKNOWN (C11.11.2).
 */
void unit_start(void)
{
	struct v7dbg_cpu_id id;
	unsigned int n;

	WRITE(DBGOSLAR, 0);
	isb();
	unit_identify(&id);
	for (n = 0; n < DBGDIDR_NR_BRPS(id.dbgdidr); n++)
		write_bcr(n, 0);
	for (n = 0; n < DBGDIDR_NR_WRPS(id.dbgdidr); n++)
		write_wcr(n, 0);
	unit_write_vcr(0);
	WRITE(DBGDSCRext, id.dbgdscr | DBGDSCR_MDBGEN);
	isb();
}

/* The hypervisor's task stores to what the hypervisor watches. */
volatile uint32_t host_watched;

__asm__(".pushsection .text.host_task, \"ax\"\n"
	".global host_task\n"
	"host_task:\n"
	"	ldr	r0, =host_watched\n"
	"	mov	r1, #1\n"
	"	str	r1, [r0]\n"
	"	hvc	#2\n"
	"	.ltorg\n"
	".popsection\n");

/*
 * Watchpoint 0: stores at PL1 and PL0, in Non-secure state.  The other registers hold
 * leftovers of points that are off, which have to stay as well.
 */
void unit_set_host_point(void)
{
	write_wvr(0, (uint32_t)(uintptr_t)&host_watched);
	write_wcr(0, DBGCR_SSC_NONSECURE << DBGCR_SSC_SHIFT | 0xfu << DBGCR_BAS_SHIFT |
			     DBGWCR_LSC_STORE << DBGWCR_LSC_SHIFT | DBGCR_PMC_MASK | DBGCR_E);
	write_bvr(0, 0x12345678);
	write_bcr(0, 0x000001e0);
	write_wvr(1, 0xcafe0000);
	write_wcr(1, 0x00001fe0);
	isb();
}

bool unit_call(struct guest *guest, uint32_t number)
{
	(void)guest;
	(void)number;
	return false;
}
