// SPDX-License-Identifier: GPL-2.0-only
/*
 * An UNDEFINED encoding raises an Undefined Instruction exception with the right LR, SPSR
 * and CPSR, from PL1 and PL0, in ARM and Thumb; a neighbouring encoding that is defined does
 * not.
 */
#include "lib/arm.h"
#include "lib/exception.h"
#include "lib/cpu.h"
#include "lib/insn.h"
#include "lib/report.h"

static const struct {
	const char *name;
	u32 insn; /* the same in ARM and Thumb */
	bool pl1_defined;
	bool pl0_defined;
	/* The emulated CPU does not allow this access from PL0, on the board or in a guest. */
	bool pl0_unjudged;
} insns[] = {
	{ "cp14 read of a BVR above DBGDIDR.BRPs", INSN_MRC(14, 0, 0, 15, 4, 0), false, false,
	  false },
	{ "cp14 write of a BCR above DBGDIDR.BRPs", INSN_MCR(14, 0, 0, 15, 5, 0), false, false,
	  false },
	{ "cp14 read of a WVR above DBGDIDR.WRPs", INSN_MRC(14, 0, 0, 4, 6, 0), false, false,
	  false },
	{ "cp14 write of a WCR above DBGDIDR.WRPs", INSN_MCR(14, 0, 0, 4, 7, 0), false, false,
	  false },
	{ "cp14 read of 0,c0,c0,1", INSN_MRC(14, 0, 0, 0, 1, 0), false, false, false },
	{ "cp14 read of 0,c2,c3,3", INSN_MRC(14, 0, 2, 3, 3, 0), false, false, false },
	{ "cp14 write of DBGDIDR", INSN_MCR(14, 0, 0, 0, 0, 0), false, false, false },
	{ "cp14 write of DBGOSLSR", INSN_MCR(14, 0, 1, 1, 4, 0), false, false, false },
	{ "cp14 read of DBGOSLAR", INSN_MRC(14, 0, 1, 0, 4, 0), false, false, false },
	{ "cp14 MRRC of c5", INSN_MRRC(14, 0, 5, 0, 1), false, false, false },
	{ "cp14 read of a BVR", INSN_MRC(14, 0, 0, 0, 4, 0), true, false, false },
	{ "cp14 write of a WCR", INSN_MCR(14, 0, 0, 0, 7, 0), true, false, false },
	{ "cp14 read of DBGOSLSR", INSN_MRC(14, 0, 1, 1, 4, 0), true, false, false },
	{ "cp14 write of DBGOSLAR", INSN_MCR(14, 0, 1, 0, 4, 0), true, false, false },
	{ "cp14 read of DBGDSCRext", INSN_MRC(14, 0, 0, 2, 2, 0), true, false, false },
	{ "cp14 read of DBGDSCRint", INSN_MRC(14, 0, 0, 1, 0, 0), true, true, true },
	{ "cp14 read of DBGDIDR", INSN_MRC(14, 0, 0, 0, 0, 0), true, true, false },
	{ "cp15 read of 0,c4,c0,0", INSN_MRC(15, 0, 4, 0, 0, 0), false, false, false },
	{ "cp15 write of MIDR", INSN_MCR(15, 0, 0, 0, 0, 0), false, false, false },
	{ "cp15 read of SDER", INSN_MRC(15, 0, 1, 1, 1, 0), false, false, false },
	{ "cp15 read of HCR", INSN_MRC(15, 4, 1, 1, 0, 0), false, false, false },
	{ "cp15 read of HDCR", INSN_MRC(15, 4, 1, 1, 1, 0), false, false, false },
	{ "cp15 read of CNTHCTL", INSN_MRC(15, 4, 14, 1, 0, 0), false, false, false },
	{ "cp15 MRRC of c5", INSN_MRRC(15, 0, 5, 0, 1), false, false, false },
	{ "cp15 MRRC of CNTVOFF", INSN_MRRC(15, 4, 14, 0, 1), false, false, false },
	{ "cp15 MRRC of VTTBR", INSN_MRRC(15, 6, 2, 0, 1), false, false, false },
	{ "cp15 read of SCTLR", INSN_MRC(15, 0, 1, 0, 0, 0), true, false, false },
	{ "cp15 read of ACTLR", INSN_MRC(15, 0, 1, 0, 1, 0), true, false, false },
	{ "cp15 read of L2CTLR", INSN_MRC(15, 1, 9, 0, 2, 0), true, false, false },
	{ "cp15 read of TPIDRURO", INSN_MRC(15, 0, 13, 0, 3, 0), true, true, false },
	{ "cp15 write of DCCISW", INSN_MCR(15, 0, 7, 14, 2, 0), true, false, false },
};

static void one_insn(u32 i, u32 flags, bool defined)
{
	const char *where = flags & INSN_PL0 ? "PL0" : "PL1";
	const char *set = flags & INSN_THUMB ? "Thumb" : "ARM";
	u32 r0 = 0, r1 = 0, mode = flags & INSN_PL0 ? MODE_USR : MODE_SVC;
	const struct exc *exc = &this_cpu()->exc;
	u32 type = insn_run(insns[i].insn, flags, &r0, &r1);

	if (flags & INSN_PL0 && insns[i].pl0_unjudged) {
		say("%s, %s %s = %s", insns[i].name, where, set, exc_name(type));
		return;
	}
	if (defined) {
		report(!type, "%s, %s %s: defined", insns[i].name, where, set);
		return;
	}
	/* B1.8.3: LR_und is the instruction + 4, or + 2 from Thumb. */
	report(type == EXC_UND && exc->count == 1 &&
		       exc->lr == insn_address(flags) + (flags & INSN_THUMB ? 2 : 4) &&
		       (exc->spsr & (PSR_MODE | PSR_T)) ==
			       (mode | (flags & INSN_THUMB ? PSR_T : 0)),
	       "%s, %s %s: UNDEFINED", insns[i].name, where, set);
	if (type != EXC_UND || exc->count != 1)
		note("exception %s, count %u, lr +%d, spsr 0x%08x", exc_name(type), exc->count,
		     (int)(exc->lr - insn_address(flags)), exc->spsr);
}

/*
 * Accesses that trap and that the hypervisor makes UNDEFINED.  The encodings above never
 * reach the hypervisor on the emulator, which consults its own table first.
 */
static void refused_traps(void)
{
	static const struct {
		const char *name;
		u32 insn;
	} traps[] = {
		{ "cp14 read of DBGDIDR, UDCCdis set", INSN_MRC(14, 0, 0, 0, 0, 0) },
		{ "cp14 read of DBGDRAR, UDCCdis set", INSN_MRC(14, 0, 1, 0, 0, 0) },
		{ "cp15 read of CBAR", INSN_MRC(15, 4, 15, 0, 0, 0) },
	};
	const struct exc *exc = &this_cpu()->exc;
	u32 i, flags, type, r0, r1;

	MCR_(14, 0, 0, 2, 2, 1u << 12);
	isb();
	for (i = 0; i < ARRAY_SIZE(traps); i++)
		for (flags = 0; flags < 8; flags++) {
			u32 mode = flags & INSN_PL0 ? MODE_USR : MODE_SVC;
			bool cp14 = (traps[i].insn >> 8 & 15) == 14;

			if (cp14 != !!(flags & INSN_PL0))
				continue;
			r0 = 1;
			r1 = 2;
			type = insn_run(traps[i].insn, flags, &r0, &r1);
			report(type == EXC_UND && exc->count == 1 && r0 == 1 && r1 == 2 &&
				       exc->lr ==
					       insn_address(flags) + (flags & INSN_THUMB ? 2 : 4) &&
				       (exc->spsr & (PSR_MODE | PSR_T)) ==
					       (mode | (flags & INSN_THUMB ? PSR_T : 0)),
			       "%s, %s%s: refused", traps[i].name,
			       flags & INSN_THUMB ? "Thumb" : "ARM",
			       flags & INSN_EQ ? " under a condition" : "");
		}
	MCR_(14, 0, 0, 2, 2, 0);
	isb();
}

/* B1.8.6: what entry to Undefined mode does to the CPSR. */
static void masks(void)
{
	const struct exc *exc = &this_cpu()->exc;
	u32 r0 = 0, r1 = 0;

	__asm__ volatile("cpsie af" ::: "memory");
	insn_run(insns[0].insn, INSN_ARM, &r0, &r1);
	__asm__ volatile("cpsid af" ::: "memory");
	report((exc->spsr & (PSR_A | PSR_I | PSR_F)) == PSR_I, "SPSR_und has the old masks");
	report((exc->cpsr & (PSR_A | PSR_I | PSR_F)) == PSR_I, "A and F are kept, I is set");
	report((exc->cpsr & PSR_MODE) == MODE_UND, "Undefined mode");

	insn_run(insns[0].insn, INSN_ARM, &r0, &r1);
	report((exc->cpsr & (PSR_A | PSR_I | PSR_F)) == (PSR_A | PSR_I | PSR_F),
	       "masks that were set stay set");
}

/* An access that does not execute must leave its register unchanged. */
static void registers(void)
{
	u32 r0 = 0x12345678, r1 = 0x9abcdef0;

	insn_run(INSN_MRC(14, 0, 0, 15, 4, 0), INSN_ARM, &r0, &r1);
	report(r0 == 0x12345678 && r1 == 0x9abcdef0, "an UNDEFINED read writes no register");
	r0 = 0x12345678;
	insn_run(INSN_MRC(14, 0, 0, 0, 4, 1), INSN_ARM, &r0, &r1);
	report(r0 == 0x12345678 && r1 != 0x9abcdef0, "a defined read writes its register only");
}

/* A conditional coprocessor access; in Thumb an IT block gives the condition. */
static void conditions(u32 set)
{
	const u32 defined = INSN_MRC(14, 0, 0, 0, 4, 0), undefined = INSN_MRC(14, 0, 0, 15, 4, 0);
	const char *name = set ? "Thumb" : "ARM";
	u32 r0 = NOT_READ, r1 = 1, type;

	type = insn_run(defined, set | INSN_EQ, &r0, &r1);
	report(!type && r0 != NOT_READ && r1 == 1, "%s, condition passes: defined executes", name);
	r0 = NOT_READ;
	r1 = 1;
	type = insn_run(defined, set | INSN_NE, &r0, &r1);
	report(!type && r0 == NOT_READ && r1 == 1, "%s, condition fails: defined does not", name);
	r0 = NOT_READ;
	r1 = 1;
	type = insn_run(undefined, set | INSN_EQ, &r0, &r1);
	report(type == EXC_UND && r0 == NOT_READ && r1 == 1,
	       "%s, condition passes: UNDEFINED raises its exception", name);
	/* B1.9.6: on these cores a failed condition is a NOP for any encoding. */
	type = insn_run(undefined, set | INSN_NE, &r0, &r1);
	report(!type && r0 == NOT_READ && r1 == 1, "%s, condition fails: UNDEFINED does not", name);
}

void guest_main(void)
{
	u32 i, flags;

	for (i = 0; i < ARRAY_SIZE(insns); i++)
		for (flags = 0; flags < 4; flags++)
			one_insn(i, flags,
				 flags & INSN_PL0 ? insns[i].pl0_defined : insns[i].pl1_defined);
	if (in_guest()) {
		guest_only(true);
		refused_traps();
		guest_only(false);
	}
	masks();
	registers();
	conditions(INSN_ARM);
	conditions(INSN_THUMB);
}
