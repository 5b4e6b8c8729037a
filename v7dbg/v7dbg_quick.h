/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Quick ways beside v7dbg.h, for what guests do most: reads of debug registers and writes that
 * change no point, a write that turns one point on or off, BKPT, a watchpoint that is hit, and
 * entry and exit with points.
 *
 * None is needed.  v7dbg_trap(), v7dbg_event(), v7dbg_enter() and v7dbg_exit() do the same,
 * with the same state afterwards.  But these are inline but one, and make no plan.
 */
#ifndef V7DBG_QUICK_H
#define V7DBG_QUICK_H

#include "v7dbg.h"
#include "v7dbg_fields.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a guest reads as 1 in DBGDSCR: nobody else can debug it (C11.11.20). */
#define V7DBG_DSCR_FIXED (DBGDSCR_SPIDDIS | DBGDSCR_SPNIDDIS | DBGDSCR_NS)
/* The implemented bits that DBGBCR and DBGWCR of every CPU share, without E. */
#define V7DBG_QUICK_CONTROL 0x001fe1e6u

/* ---- a guest's access to a debug register --------------------------- */

/*
 * The quick way, for what guests do most.  It is not needed: v7dbg_trap() serves these
 * accesses too, with the same results.  But it is inline, asks for no CP14 access and makes
 * no plan.  v7dbg_quick() serves
 *
 *  - MRC of DBGDSCRint and of a slot's value or control;
 *  - MCR of a slot's value while the slot's control is off, and of a control that is off
 *    and stays off.  No point can change by these.
 *
 * Call it first if V7DBG_IS_QUICK(hsr): the syndrome of an MRC or MCR of 32 bits that is
 * executed always (EC 0x05, IL, CV, COND 0b1110).  The guest is not in User mode and, in
 * Thumb state, not in an IT block.  *rt is the core register; Rt is not 15, whose MRC sets
 * flags.
 *
 * True: the access is emulated, *rt has the value of a read, and the caller moves the PC by
 * 4.  False: nothing has changed; go on as if it had not been called.
 */
#define V7DBG_IS_QUICK(hsr) ((hsr) >> 20 == 0x17e)

static inline bool v7dbg_quick(struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu, uint32_t hsr,
			       uint32_t *rt)
{
	/* Of the syndrome, B3.13.6: opc2 in [19:17], opc1 and CRn in [16:10], CRm in [4:1]. */
	const uint32_t dscrint = 1u << 1 | 1, register_and_direction = 0x3ffu << 10 | 0x1f;
	const uint32_t opc1_crn = 0x7fu << 10, crm = (hsr >> 1) & 0xf;
	/* opc2 is 4 to 7 for DBGBVR, DBGBCR, DBGWVR, DBGWCR. */
	const bool slot = hsr & (1u << 19), wrp = hsr & (1u << 18), control = hsr & (1u << 17);
	struct v7dbg_bank *bank = wrp ? &vcpu->regs.wrp : &vcpu->regs.brp;
	uint32_t *reg = &(control ? bank->control : bank->value)[crm];

	/* Else P has to go to M first. */
	if (!cpu->tde)
		return false;
	if (!slot) {
		if ((hsr & register_and_direction) != dscrint || vcpu->caps.absent)
			return false;
		*rt = V7DBG_DSCR_FIXED | vcpu->dscr | (uint32_t)vcpu->moe << DBGDSCR_MOE_SHIFT;
	} else {
		/* If caps.absent there is none. */
		if ((hsr & opc1_crn) || crm >= (wrp ? vcpu->caps.nr_wrps : vcpu->caps.nr_brps))
			return false;
		if (hsr & 1) {
			*rt = *reg;
		} else {
			/* A bit that not each slot has takes the other way, and so does E. */
			if ((*rt & (control ? ~V7DBG_QUICK_CONTROL : 3u)) ||
			    (bank->control[crm] & DBGCR_E))
				return false;
			*reg = *rt;
		}
	}
	vcpu->stats.traps++;
#ifdef V7DBG_DEBUG
	v7dbg_check(vcpu, cpu);
#endif
	return true;
}

/* What v7dbg_quick_point() asks for: of one slot, so each mask has at most one bit. */
struct v7dbg_move {
	bool wrp; /* in the bank of the watchpoints */
	bool save_host;
	bool tde_changed;
	uint16_t save;
	uint16_t clear;
	struct v7dbg_slots write;
};

/*
 * The quick way of an MCR to a slot's control that turns a point on or off; not inline, but
 * else like v7dbg_quick(), with the same conditions.  Call it if v7dbg_quick() is false, and
 * before v7dbg_decode().  value: of the core register; dscr: DBGDSCRint, just read.
 *
 * True: carry out the move like a plan (struct v7dbg_plan), with the values and controls
 * that are in v7dbg_cpu_bank.loaded, and move the PC by 4.  False: nothing has changed; go
 * on as if it had not been called.
 */
bool v7dbg_quick_point(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t hsr, uint32_t value,
		       uint32_t dscr, struct v7dbg_move *move);

/* ---- entry and exit ------------------------------------------------- */

/* Are the guest's points not what the CPU is to have: held here, or the VMM debugs? */
static inline bool v7dbg_set_aside(const struct v7dbg_vcpu *vcpu)
{
	typedef uint32_t __attribute__((__may_alias__)) word;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	const uint32_t active = 1u << 24;
#else
	const uint32_t active = 1;
#endif

	V7DBG_STATIC_ASSERT(offsetof(struct v7dbg_vcpu, active) % sizeof(word) == 0 &&
				    offsetof(struct v7dbg_vcpu, user_bkpt) ==
					    offsetof(struct v7dbg_vcpu, active) + 3,
			    "active, held, user_on and user_bkpt are one word");
	return *(const word *)(const void *)&vcpu->active & ~active;
}

/*
 * The quick way in: inline, without a plan, and needed as little as v7dbg_quick().  It is for
 * a guest with points, on a CPU that has what the guest sees and no more, so that each virtual
 * slot has its own number there, and where the host has no point on.  Instead of v7dbg_enter(),
 * if v7dbg_needs_enter():
 *
 *   1. v7dbg_may_enter_quickly();
 *   2. read each control into v7dbg_cpu_bank.host.control and DBGVCR into v7dbg_cpu.host_vcr:
 *      no E may be set, and DBGVCR has to be 0;
 *   3. of each slot n of eff, read the value into v7dbg_cpu_bank.host.value[n];
 *   4. v7dbg_quick_enter();
 *   5. write regs.value[n] of each, then an ISB;
 *   6. write brp_hardware[n] or wrp_hardware[n] to the control; eff.vcr to DBGVCR, unless it
 *      is 0; HDCR.TDE as v7dbg_cpu.tde says.
 *
 * If step 1 or 2 says no, go on as if nothing had been done: nothing has changed.
 *
 * The owner is V7DBG_OWNER_IMPLIED then.  Call v7dbg_spell_out() before any function of v7dbg.h
 * that has this CPU as an argument.  v7dbg_quick_point() is false until then.
 */
static inline bool v7dbg_may_enter_quickly(const struct v7dbg_vcpu *vcpu,
					   const struct v7dbg_cpu *cpu, uint32_t dscr)
{
	return vcpu->layout == cpu->layout && !v7dbg_set_aside(vcpu) && DBGDSCR_MONITOR_MODE(dscr);
}

static inline void v7dbg_quick_enter(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr)
{
	vcpu->stats.loads++;
	cpu->owner = V7DBG_OWNER_IMPLIED;
	cpu->tde = DBGDSCR_MOE(dscr) != vcpu->moe;
}

/*
 * Note what is on, saved, written and loaded, as v7dbg_enter() would have done; nothing if it is
 * noted.  *saved becomes what the entry saved; NULL for a caller that has no v7dbg_exit_lost().
 */
void v7dbg_spell_out(const struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
		     struct v7dbg_saved *saved);

/*
 * The quick way out, whichever way the guest came in, if the host had nothing on: no E in a
 * control, and 0 in DBGVCR.  Instead of v7dbg_exit(): write host.control[n] of each slot, an
 * ISB, then host.value[n] of each, and 0 to DBGVCR; and call this after it.  If the owner is
 * V7DBG_OWNER_IMPLIED, the slots are those of eff, and DBGVCR was written if eff.vcr; else they
 * are those in written.controls and written.values, and DBGVCR if vcr_written.  dscr: as for
 * v7dbg_exit().
 */
static inline void v7dbg_quick_exit(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr)
{
	if (!cpu->tde)
		vcpu->moe = DBGDSCR_MOE(dscr);
	cpu->owner = V7DBG_OWNER_HOST;
	cpu->tde = true;
}

/* ---- BKPT ----------------------------------------------------------- */

/*
 * The quick way for BKPT, inline like v7dbg_quick() and needed as little.  Call it before
 * v7dbg_event(), of V7DBG_EVENT_PREFETCH.  True: the answer is V7DBG_REFLECT, and there is
 * no plan.  False: nothing has changed; go on as if it had not been called.
 */
static inline bool v7dbg_quick_bkpt(struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu,
				    uint32_t dscr)
{
	/* While GUEST owns, TDE may have to be cleared. */
	if (DBGDSCR_MOE(dscr) != V7DBG_MOE_BKPT || cpu->owner > V7DBG_OWNER_PARKED ||
	    vcpu->user_bkpt)
		return false;
	vcpu->moe = V7DBG_MOE_BKPT;
	vcpu->stats.reflections++;
#ifdef V7DBG_DEBUG
	v7dbg_check(vcpu, cpu);
#endif
	return true;
}

/* ---- a watchpoint is hit -------------------------------------------- */

/*
 * The quick way for a watchpoint of the guest that is hit while TDE is set, inline and needed as
 * little.  Call it before v7dbg_event(), of V7DBG_EVENT_DATA; v7dbg_spell_out() need not have
 * been called.  True: the answer is V7DBG_REFLECT, and of a plan there is only HDCR.TDE, as
 * v7dbg_cpu.tde says.  False: nothing has changed; go on as if it had not been called.
 */
static inline bool v7dbg_quick_watch(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr)
{
	if ((cpu->owner != V7DBG_OWNER_IMPLIED && cpu->owner != V7DBG_OWNER_GUEST) ||
	    !vcpu->eff.wrp)
		return false;
	vcpu->moe = V7DBG_MOE_WATCHPOINT;
	vcpu->stats.reflections++;
	cpu->tde = DBGDSCR_MOE(dscr) != V7DBG_MOE_WATCHPOINT;
#ifdef V7DBG_DEBUG
	v7dbg_check(vcpu, cpu);
#endif
	return true;
}

#ifdef __cplusplus
}
#endif

#endif /* V7DBG_QUICK_H */
