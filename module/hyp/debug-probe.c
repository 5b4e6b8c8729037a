// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a CPU's debug unit has, DDI 0406C C11: its identification registers, and whether a
 * mismatch breakpoint stops, which no register says.  With debug-sr.c this is the only file
 * that executes CP14 instructions.  No DBGDSCR is written.
 */
#include "debug-sr.h"
#include "guest-insn.h"

#define DBGDIDR	  CP14(0, c0, c0, 0)
#define DBGDEVID2 CP14(0, c7, c0, 7)
#define DBGDEVID1 CP14(0, c7, c1, 7)
#define DBGDEVID  CP14(0, c7, c2, 7)

/* An address mismatch breakpoint in Non-secure PL1 only, HMC 0, C3.3.1. */
#define BCR_MISMATCH_PL1                                                                  \
	(DBGBCR_BT_MISMATCH << DBGBCR_BT_SHIFT | DBGCR_SSC_NONSECURE << DBGCR_SSC_SHIFT | \
	 DBGBCR_BAS_MASK | DBGCR_PMC_PL1 << DBGCR_PMC_SHIFT | DBGCR_E)

/* Without the DEVIDs, which exist only if DBGDIDR says so (C11.11.15). */
void hyp_debug_probe(struct v7dbg_cpu_id *id)
{
	id->dbgdidr = read_sysreg(DBGDIDR);
	id->dbgdscr = read_sysreg(DBGDSCRint);
	id->dbgdevid = 0;
	id->dbgdevid1 = 0;
	id->dbgdevid2 = 0;
	id->mismatch = false;
}

/*
 * The DEVIDs have a call of their own.  An emulated CPU may claim to have them and not have
 * them; the call then ends in hyp_panic, and the module takes them for not there.
 */
void hyp_debug_probe_devid(struct v7dbg_cpu_id *id)
{
	uint32_t devid, devid1, devid2;

	if (!(id->dbgdidr & DBGDIDR_DEVID_IMP))
		return;
	devid = read_sysreg(DBGDEVID);
	devid1 = read_sysreg(DBGDEVID1);
	devid2 = read_sysreg(DBGDEVID2);
	id->dbgdevid = devid;
	id->dbgdevid1 = devid1;
	id->dbgdevid2 = devid2;
}

/*
 * Does an address mismatch breakpoint stop on this CPU?  v7.1 Debug has them (C3.3.2) and no
 * field says so, but an emulator that claims v7.1 may lack them.  So set one in the host's
 * last slot, at the instruction that this call returns to, in the kernel at PL1.  The next
 * instruction is HYP_CALL_MISMATCH_END's HVC: either its fetch comes to HYP as a breakpoint,
 * by TDE, or the HVC itself does.  Nothing matches in Hyp mode, since HMC is 0.
 *
 * The host may be using the slot.  Its control is off before the value changes, and the
 * value is in place before the control is on (C3.3.4); the ERET synchronises last.
 */
uint32_t hyp_debug_mismatch_begin(struct hyp_percpu *cpu)
{
	struct hyp_mismatch *mismatch = &cpu->mismatch;
	uint32_t n = DBGDIDR_NR_BRPS(cpu->id.dbgdidr) - 1;

	cpu->id.mismatch = false;
	/* Not where a debug event would halt the core, or would be ignored. */
	if (!DBGDSCR_MONITOR_MODE(read_sysreg(DBGDSCRint)))
		return HYP_CALL_MISMATCH_END;
	mismatch->slot = n;
	mismatch->bcr = hyp_read_bcr(n);
	if (mismatch->bcr & DBGCR_E)
		hyp_write_bcr(n, 0);
	isb();
	mismatch->bvr = hyp_read_bvr(n);
	mismatch->hdcr = read_sysreg(HDCR);
	mismatch->pc = read_banked(ELR_hyp);
	mismatch->on = true;
	hyp_write_bvr(n, mismatch->pc);
	/* TDE without the other three is UNPREDICTABLE (B4.1, HDCR). */
	write_sysreg(HDCR, mismatch->hdcr | HDCR_TDRA | HDCR_TDOSA | HDCR_TDA | HDCR_TDE);
	isb();
	hyp_write_bcr(n, BCR_MISMATCH_PL1);
	return HYP_CALL_MISMATCH_END;
}

/*
 * Called for the HVC, or for the breakpoint at the HVC.  After a breakpoint the HVC is
 * executed and comes here again: r0 is unchanged, and there is nothing left to do.
 */
uint32_t hyp_debug_mismatch_end(struct hyp_percpu *cpu)
{
	struct hyp_mismatch *mismatch = &cpu->mismatch;
	uint32_t n = mismatch->slot, hsr = read_sysreg(HSR);

	if (!mismatch->on)
		return HYP_CALL_MISMATCH_END;
	mismatch->on = false;
	hyp_write_bcr(n, 0);
	isb();
	hyp_write_bvr(n, mismatch->bvr);
	isb();
	hyp_write_bcr(n, mismatch->bcr);
	write_sysreg(HDCR, mismatch->hdcr);
	/* At that very instruction: not a point of the host's, nor a vector. */
	cpu->id.mismatch = HSR_EC(hsr) == EC_PABT && HSR_FSC(hsr) == FSC_DEBUG &&
			   DBGDSCR_MOE(read_sysreg(DBGDSCRint)) == V7DBG_MOE_BREAKPOINT &&
			   read_banked(ELR_hyp) == mismatch->pc + 4;
	return HYP_CALL_MISMATCH_END;
}
