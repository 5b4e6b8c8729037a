// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A guest on the made-up debug unit: every register that QEMU's CPU lacks or does not trap,
 * and the kinds of points that it does not match.
 */
#include "guest.h"

const char program_name[] = "madeup";

#define ONES 0xffffffffu

#define DBGDTRint     0, 0, 5, 0 /* read: DBGDTRRXint, write: DBGDTRTXint */
#define DBGWFAR	      0, 0, 6, 0
#define DBGDTRRXext   0, 0, 0, 2
#define DBGDTRTXext   0, 0, 3, 2
#define DBGOSECCR     0, 0, 6, 2
#define DBGDRAR	      0, 1, 0, 0
#define DBGDSAR	      0, 2, 0, 0
#define DBGBXVR0      0, 1, 0, 1
#define DBGBXVR6      0, 1, 6, 1
#define DBGOSLSR      0, 1, 1, 4
#define DBGOSDLR      0, 1, 3, 4
#define DBGPRCR	      0, 1, 4, 4
#define DBGITCTRL     0, 7, 0, 4
#define DBGCLAIMSET   0, 7, 8, 6
#define DBGCLAIMCLR   0, 7, 9, 6
#define DBGAUTHSTATUS 0, 7, 14, 6
#define DBGDEVID2     0, 7, 0, 7
#define DBGDEVID1     0, 7, 1, 7
#define DBGDEVID      0, 7, 2, 7
#define DBGBVR7	      0, 0, 7, 4
#define DBGBCR7	      0, 0, 7, 5
#define DBGBCR8	      0, 0, 8, 5

#define BCR_LOWER (0x3u << DBGCR_BAS_SHIFT)
#define CODE	  0x40123400u /* an address; nothing is executed there */

extern const char guest_vectors[];

void disarm(void)
{
	CP14_WRITE(DBGBCR0, 0);
	CP14_WRITE(DBGBCR7, 0);
	CP14_WRITE(DBGVCR, 0);
}

#define READS(reg, value, text) report_equal(CP14_READ(reg), value, #reg " " text)
#define UNDEFINED(access, text)                                                \
	do {                                                                   \
		unsigned int before_ = taken.count;                            \
		access;                                                        \
		report(taken.count == before_ + 1 && taken.kind == KIND_UNDEF, \
		       "undefined: " text);                                    \
	} while (0)

static void identification(void)
{
	READS(DBGDIDR, 0x37158000, "has the unit's counts");
	READS(DBGDEVID, 0x00101110, "says masks and double lock, and no Hyp mode");
	READS(DBGDEVID1, 1, "is the unit's");
	READS(DBGDEVID2, 2, "is the unit's");
	READS(DBGAUTHSTATUS, 0xaf, "says Non-secure debug, no Secure debug");
	READS(DBGDRAR, 0, "is not valid");
	READS(DBGDSAR, 0, "is not valid");
}

static void wide_registers(void)
{
	uint32_t low = NOT_READ, high = NOT_READ;

	__asm__ volatile(SOURCE "mrrc p14, 0, %0, %1, c1" : "+r"(low), "+r"(high));
	report_equal(low | high, 0, "DBGDRAR by MRRC is not valid");
	low = high = NOT_READ;
	__asm__ volatile(SOURCE "mrrc p14, 0, %0, %1, c2" : "+r"(low), "+r"(high));
	report_equal(low | high, 0, "DBGDSAR by MRRC is not valid");
	UNDEFINED(__asm__ volatile(SOURCE "mcrr p14, 0, r0, r1, c1"), "a write of DBGDRAR by MCRR");
}

static void plain_registers(void)
{
	READS(DBGWFAR, 0, "after reset");
	CP14_WRITE(DBGWFAR, 0x12345678);
	READS(DBGWFAR, 0x12345678, "as written");
	CP14_WRITE(DBGOSECCR, ONES);
	READS(DBGOSECCR, 0, "ignores writes");
	CP14_WRITE(DBGITCTRL, ONES);
	READS(DBGITCTRL, 0, "ignores writes");
	CP14_WRITE(DBGPRCR, ONES);
	READS(DBGPRCR, 1, "has CORENPDRQ");
	CP14_WRITE(DBGPRCR, 0);
	READS(DBGPRCR, 0, "can be cleared");
	CP14_WRITE(DBGVCR, ONES);
	READS(DBGVCR, 0xde00dcdf, "has all but Hyp vectors");
	CP14_WRITE(DBGVCR, 0);
	CP14_WRITE(DBGBXVR6, ONES);
	READS(DBGBXVR6, 0xff, "has a VMID");
	UNDEFINED(CP14_READ(DBGBXVR0), "DBGBXVR0, which is not context-aware");
	UNDEFINED(CP14_WRITE(DBGBCR8, 0), "DBGBCR8 of 8");
}

static void claim_tags(void)
{
	READS(DBGCLAIMSET, 0xff, "says that there are 8");
	CP14_WRITE(DBGCLAIMSET, 0x5a);
	READS(DBGCLAIMCLR, 0x5a, "reads the tags that are set");
	CP14_WRITE(DBGCLAIMCLR, 0x0a);
	READS(DBGCLAIMCLR, 0x50, "reads what is left");
}

/* LDC sends a word from memory, STC receives one, which is 0 here; C6.4.1. */
static void load_store(void)
{
	static volatile uint32_t words[4];
	volatile uint32_t *at = words;

	words[1] = 0x1234;
	__asm__ volatile(SOURCE "ldc p14, c5, [%0, #4]" : : "r"(words) : "memory");
	READS(DBGDTRTXext, 0x1234, "reads what LDC sent");
	words[0] = 0x5678;
	__asm__ volatile(SOURCE "ldc p14, c5, [%0], #8" : "+r"(at) : : "memory");
	READS(DBGDTRTXext, 0x5678, "reads what LDC sent, post-indexed");
	report(at == words + 2, "which moves the base register on");
	words[1] = words[2] = words[3] = ONES;
	at = words + 3;
	__asm__ volatile(SOURCE "stc p14, c5, [%0, #-4]!" : "+r"(at) : : "memory");
	report(words[1] == ONES && !words[2] && words[3] == ONES && at == words + 2,
	       "STC writes the word that it names, pre-indexed");
	READS(DBGDTRTXext, 0x5678, "is not changed by STC");
}

static void channel(void)
{
	READS(DBGDSCRint, 0x00070000, "after reset");
	READS(DBGDTRint, 0, "reads nothing");
	CP14_WRITE(DBGDTRint, 0xabcd);
	READS(DBGDTRTXext, 0xabcd, "reads what was sent");
	READS(DBGDSCRint, 0x00070000 | DBGDSCR_TXFULL, "says TXfull");
	CP14_WRITE(DBGDTRRXext, 1);
	READS(DBGDTRRXext, 0, "ignores writes");
	UNDEFINED(__asm__ volatile(SOURCE "stc p14, c5, [%0]"
				   :
				   : "r"(0)
				   : "memory"),
		  "STC where there is no memory");
	load_store();
}

/*
 * An instruction that traps although its condition fails does nothing (B1.14.3), and the
 * next one is executed.  With Z set, NE fails and EQ holds.
 */
#define WITH_Z(insn, value)                                                        \
	({                                                                         \
		uint32_t v_ = (value), after_ = 0;                                 \
		__asm__ volatile("cmp %0, %0\n\t" SOURCE insn "\n\tadd %1, %1, #1" \
				 : "+r"(v_), "+r"(after_)                          \
				 :                                                 \
				 : "cc", "memory");                                \
		after += after_;                                                   \
		v_;                                                                \
	})

static void conditions(void)
{
	unsigned int before, after = 0;

	CP14_WRITE(DBGBVR0, 0x1000);
	WITH_Z("mcrne p14, 0, %0, c0, c0, 4", 0x2000);
	READS(DBGBVR0, 0x1000, "is not written by MCRNE with Z set");
	WITH_Z("mcreq p14, 0, %0, c0, c0, 4", 0x3000);
	READS(DBGBVR0, 0x3000, "is written by MCREQ");
	report_equal(WITH_Z("mrcne p14, 0, %0, c0, c0, 4", 0x77), 0x77, "MRCNE reads nothing");
	report_equal(WITH_Z("mrceq p14, 0, %0, c0, c0, 4", 0x77), 0x3000, "MRCEQ reads");
	before = taken.count;
	report_equal(WITH_Z("mrcne p14, 0, %0, c1, c0, 1", 0x77), 0x77,
		     "MRCNE of what is undefined reads nothing");
	WITH_Z("stcne p14, c5, [%0]", 0);
	report_equal(taken.count, before, "neither it nor STCNE is an exception");
	UNDEFINED(WITH_Z("mrceq p14, 0, %0, c1, c0, 1", 0), "MRCEQ of the same");
	report_equal(after, 7, "the instruction after each of them is executed once");
	CP14_WRITE(DBGBVR0, 0);
}

/*
 * The CPU fetches from there, in a mode of PL1; LR and SP are banked and not used
 * meanwhile.  Returns MOE of the debug exception, or 0.
 */
#define FETCH_IN(mode, where)                                                           \
	({                                                                              \
		register uint32_t r0_ __asm__("r0") = (where);                          \
		unsigned int before_ = taken.count;                                     \
		__asm__ volatile(".arch_extension virt\n\tcps %1\n\thvc #15\n\t"        \
				 "cps %2"                                               \
				 :                                                      \
				 : "r"(r0_), "i"(mode), "i"(MODE_SVC)                   \
				 : "memory");                                           \
		taken.count == before_					    ? 0         \
		: taken.count == before_ + 1 && taken.kind == KIND_PREFETCH ? taken.moe \
									    : NOT_READ; \
	})

static uint32_t fetch(uint32_t where)
{
	return FETCH_IN(MODE_SVC, where);
}

static void arm(uint32_t value, uint32_t control)
{
	CP14_WRITE(DBGBVR0, value);
	CP14_WRITE(DBGBCR0, control | DBGCR_E);
}

/* A breakpoint at CODE in slot 0: is it hit? */
static bool works(void)
{
	bool hit;

	arm(CODE, BCR_WORD | CR_PL1);
	hit = fetch(CODE) == V7DBG_MOE_BREAKPOINT;
	disarm();
	return hit;
}

static void locks(void)
{
	READS(DBGOSLSR, 0xa, "is locked by reset");
	CP14_WRITE(DBGDSCRext, DBGDSCR_MDBGEN);
	report(!works(), "no breakpoint while the OS lock is set");
	CP14_WRITE(DBGOSLAR, 0);
	READS(DBGOSLSR, 8, "is unlocked");
	report(works(), "a breakpoint when it is clear");
	CP14_WRITE(DBGOSDLR, 1);
	report(!works(), "no breakpoint while the double lock is set");
	CP14_WRITE(DBGPRCR, 1);
	report(works(), "a breakpoint when DBGPRCR.CORENPDRQ overrules it");
	CP14_WRITE(DBGPRCR, 0);
	CP14_WRITE(DBGOSDLR, 0);
	CP14_WRITE(DBGOSLAR, DBGOSLAR_KEY);
	READS(DBGOSLSR, 0xa, "is locked again");
	CP14_WRITE(DBGOSLAR, 0);
	CP14_WRITE(DBGDSCRext, 0);
	report(!works(), "no breakpoint without MDBGen");
	CP14_WRITE(DBGDSCRext, DBGDSCR_MDBGEN);
	UNDEFINED(CP14_READ(DBGOSLAR), "a read of DBGOSLAR");
}

static void breakpoints(void)
{
	arm(CODE, BCR_BT(DBGBCR_BT_MISMATCH) | BCR_WORD | CR_PL1);
	report_equal(fetch(CODE), 0, "no mismatch at the address itself");
	report_equal(fetch(CODE + 4), V7DBG_MOE_BREAKPOINT, "a mismatch breakpoint at the next");

	arm(CODE, BCR_LOWER | CR_PL1);
	report_equal(fetch((CODE + 2) | 1), 0, "a breakpoint at one halfword not at the other");
	report_equal(fetch(CODE | 1), V7DBG_MOE_BREAKPOINT, "a breakpoint at one halfword");

	arm(CODE, 8u << DBGCR_MASK_SHIFT | BCR_WORD | CR_PL1);
	report_equal(fetch(CODE + 0x100), 0, "an address mask has an end");
	report_equal(fetch(CODE + 0xfc), V7DBG_MOE_BREAKPOINT, "an address mask");

	WRITE(CONTEXTIDR, 0x1234);
	CP14_WRITE(DBGBVR7, 0x1234);
	CP14_WRITE(DBGBCR7, BCR_BT(DBGBCR_BT_CONTEXT) | BCR_WORD | CR_PL1 | DBGCR_E);
	report_equal(fetch(CODE), V7DBG_MOE_BREAKPOINT, "a context breakpoint");
	CP14_WRITE(DBGBCR7, BCR_BT(DBGBCR_BT_CONTEXT) | BCR_WORD | CR_PL1 | DBGCR_E);
	WRITE(CONTEXTIDR, 0x1235);
	report_equal(fetch(CODE), 0, "none in another context");
	disarm();

	arm(CODE, BCR_BT(DBGBCR_BT_VMID) | BCR_WORD | CR_PL1);
	report_equal(fetch(CODE), 0, "a VMID breakpoint never");
	arm(CODE, BCR_WORD | CR_PL0);
	report_equal(fetch(CODE), 0, "a PL0 breakpoint not at PL1");
	disarm();
}

/* PMC 0b00: Supervisor and System mode, and no other of PL1 (C3.3.1). */
static void user_system_supervisor(void)
{
	arm(CODE, BCR_WORD);
	report_equal(FETCH_IN(MODE_IRQ, CODE), 0, "PMC 0b00 does not match in IRQ mode");
	report_equal(FETCH_IN(MODE_ABT, CODE), 0, "nor in Abort mode");
	report_equal(FETCH_IN(MODE_UND, CODE), 0, "nor in Undefined mode");
	report_equal(FETCH_IN(MODE_SVC, CODE), V7DBG_MOE_BREAKPOINT, "it does in Supervisor mode");
	arm(CODE, BCR_WORD);
	report_equal(FETCH_IN(MODE_FIQ, CODE), 0, "PMC 0b00 does not match in FIQ mode");
	report_equal(FETCH_IN(MODE_SYS, CODE), V7DBG_MOE_BREAKPOINT, "it does in System mode");
	arm(CODE, BCR_WORD | CR_PL1);
	report_equal(FETCH_IN(MODE_IRQ, CODE), V7DBG_MOE_BREAKPOINT,
		     "PMC 0b01 matches in IRQ mode");
}

static void vector_catch(void)
{
	uint32_t vectors = (uint32_t)(uintptr_t)guest_vectors;

	/* After an exit, and while the guest has no point, the hypervisor's points are on. */
	yield();
	report_equal(fetch(vectors + 8), 0, "no vector catch that the guest has not asked for");
	CP14_WRITE(DBGVCR, DBGVCR_NSS | DBGVCR_NSP);
	report_equal(fetch(vectors + 4), 0, "no catch on a vector that is not selected");
	report_equal(fetch(vectors + 0xc), 0, "never one on the abort vectors");
	report_equal(fetch(vectors + 8), V7DBG_MOE_VECTOR_CATCH,
		     "a vector catch of supervisor calls");
	report_equal(fetch(vectors + 8), 0, "none when it is off");
}

/* With vector catches of the hypervisor's own in between. */
static void moe(void)
{
	unsigned int n, right = 0;

	for (n = 0; n < 10; n++) {
		arm(CODE, BCR_WORD | CR_PL1);
		yields_before_moe = n & 1;
		right += fetch(CODE) == V7DBG_MOE_BREAKPOINT;
	}
	report(right == 10, "MOE is the guest's own in %u of 10", right);
}

static void debugged_from_outside(void)
{
	arm(CODE + 8, BCR_WORD | CR_PL1);
	debug_me(CODE);
	report_equal(fetch(CODE + 8), 0, "no breakpoint while the hypervisor debugs the guest");
	report_equal(fetch(CODE), 0, "the hypervisor's breakpoint is nothing to the guest");
	report_equal(fetch(CODE + 8), V7DBG_MOE_BREAKPOINT, "the guest's own is back after that");
}

/*
 * ARM and Thumb instructions, one after the other, among them both halfwords of one word.
 * Each but the first stops in the debugger, until it has made its steps.
 */
static void stepped_from_outside(void)
{
	static const uint32_t path[] = {
		CODE, CODE, CODE + 4, CODE + 8, (CODE + 0x20) | 1, (CODE + 0x22) | 1, CODE + 4
	};
	unsigned int n, taken_here = 0;

	arm(CODE + 8, BCR_WORD | CR_PL1);
	report_equal(step_me(CODE), 1, "the hypervisor can step");
	for (n = 0; n < sizeof(path) / sizeof(path[0]); n++)
		taken_here += fetch(path[n]) != 0;
	report_equal(taken_here, 0, "steps are nothing to the guest, and its points are suspended");
	report_equal(fetch(CODE + 8), V7DBG_MOE_BREAKPOINT, "its own is back after the steps");
}

void guest_main(void)
{
	identification();
	wide_registers();
	channel();
	conditions();
	plain_registers();
	claim_tags();
	locks();
	vector_catch();
	breakpoints();
	user_system_supervisor();
	moe();
	debugged_from_outside();
	stepped_from_outside();
}
