// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Who owns a CPU's debug registers, and whose MOE is in its DBGDSCR.  cpu->owner
 * and cpu->tde are written in this file only (v7dbg_cpu_init() apart).
 *
 * HOST    registers untouched, TDE set.
 * PARKED  the host's controls and DBGVCR saved and off, nothing loaded; TDE set.
 * GUEST   the guest's effective slots loaded, all else off.
 * USER    the VMM's points loaded, all else off; TDE set.
 *
 *   HOST   -> GUEST   entry, or a write that arms: saves
 *   HOST   -> PARKED  a host point fired in the guest: saves
 *   HOST   -> USER    entry: saves
 *   PARKED -> GUEST   a write that arms: never saves, the controls there are not the
 *                     host's; only the values of slots that are loaded first now
 *   GUEST  -> PARKED  a write that disarms
 *   any    -> HOST    exit: restores
 *
 * MOE.  P is the CPU's, M the vCPU's.  Hardware sets P when the guest takes a debug
 * exception with TDE clear, without an exit; it cannot be written back (S4).  So
 * P is the guest's exactly while TDE is clear: sync_moe() copies it to M then and
 * only then.  TDE is cleared only for an active guest, and only where P, just
 * read, is M: follow_moe().  With TDE set the debug exceptions come to HYP, M is
 * kept there, and after the first of them P and M agree.
 *
 * Host value registers are saved and restored in every slot that a guest's load
 * overwrites, even where the host's control was off: restore has to be
 * bit-exact, and a value left behind would be a channel between guests.  The cost
 * stays proportional to the slots in use.
 */
#include "filter.h"

static void set_tde(struct v7dbg_cpu *cpu, bool tde, struct v7dbg_plan *plan)
{
	if (cpu->tde != tde)
		plan->tde_changed = !plan->tde_changed;
	cpu->tde = tde;
}

void v7dbg_sync_moe(struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu, uint32_t dscr)
{
	if (!cpu->tde)
		vcpu->moe = DBGDSCR_MOE(dscr);
}

static void follow_moe(const struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		       struct v7dbg_plan *plan)
{
	set_tde(cpu, cpu->owner != V7DBG_OWNER_GUEST || DBGDSCR_MOE(dscr) != vcpu->moe, plan);
}

/*
 * May points be loaded here?  S3: monitor mode and no halting debug, under which
 * a point would stop the core.  A CPU with less than the guest was promised (it
 * came after the caps were made), slots or masks, cannot have them either.
 */
static bool can_load(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu, uint32_t dscr)
{
	const struct v7dbg_caps *caps = &vcpu->caps;

	return DBGDSCR_MONITOR_MODE(dscr) && cpu->nr_brps >= caps->nr_brps &&
	       cpu->nr_wrps >= caps->nr_wrps && cpu->nr_ctx >= caps->nr_ctx &&
	       (cpu->bcr_mask || !v7dbg_has_bcr_mask(caps->dbgdevid)) &&
	       (cpu->wcr_mask || !v7dbg_has_wcr_mask(caps->dbgdevid));
}

static void save_host(struct v7dbg_cpu *cpu, struct v7dbg_plan *plan)
{
	plan->save_host = true;
	cpu->host_bvr = 0;
	cpu->host_wvr = 0;
	cpu->dirty_bcr = 0;
	cpu->dirty_wcr = 0;
	cpu->dirty_bvr = 0;
	cpu->dirty_wvr = 0;
	cpu->dirty_vcr = false;
	cpu->on_brp = 0;
	cpu->on_wrp = 0;
	cpu->loaded.vcr = 0;
}

/*
 * One breakpoint: write what differs from what is there.  A control is off while
 * its value changes.
 */
static void load_brp(struct v7dbg_cpu *cpu, unsigned int p, uint32_t value, uint32_t control,
		     struct v7dbg_plan *plan)
{
	uint16_t bit = (uint16_t)(1u << p);

	if (!(cpu->host_bvr & bit))
		plan->save_bvr |= bit;
	if (!(cpu->dirty_bvr & bit) || cpu->loaded.bvr[p] != value) {
		plan->clear_bcr |= cpu->on_brp & bit;
		plan->write_bvr |= bit;
	}
	if (!(cpu->on_brp & bit) || cpu->loaded.bcr[p] != control || (plan->clear_bcr & bit))
		plan->write_bcr |= bit;
	cpu->loaded.bvr[p] = value;
	cpu->loaded.bcr[p] = control;
	plan->regs.bvr[p] = value;
	plan->regs.bcr[p] = control;
}

static void load_wrp(struct v7dbg_cpu *cpu, unsigned int p, uint32_t value, uint32_t control,
		     struct v7dbg_plan *plan)
{
	uint16_t bit = (uint16_t)(1u << p);

	if (!(cpu->host_wvr & bit))
		plan->save_wvr |= bit;
	if (!(cpu->dirty_wvr & bit) || cpu->loaded.wvr[p] != value) {
		plan->clear_wcr |= cpu->on_wrp & bit;
		plan->write_wvr |= bit;
	}
	if (!(cpu->on_wrp & bit) || cpu->loaded.wcr[p] != control || (plan->clear_wcr & bit))
		plan->write_wcr |= bit;
	cpu->loaded.wvr[p] = value;
	cpu->loaded.wcr[p] = control;
	plan->regs.wvr[p] = value;
	plan->regs.wcr[p] = control;
}

/* Make the effective slots of a file, and nothing else, what hardware has on. */
static void load(const struct v7dbg_caps *caps, struct v7dbg_cpu *cpu,
		 const struct v7dbg_regs *regs, uint32_t brp, uint32_t wrp, uint32_t vcr,
		 struct v7dbg_plan *plan)
{
	uint32_t on_brp = 0, on_wrp = 0;
	unsigned int n, p, lbn;

	for (n = 0; brp >> n; n++) {
		if (!((brp >> n) & 1))
			continue;
		p = v7dbg_physical_brp(caps, cpu, n);
		lbn = v7dbg_physical_brp(caps, cpu, DBGCR_LBN(regs->bcr[n]));
		load_brp(cpu, p, regs->bvr[n], v7dbg_brp_hardware(regs->bcr[n], lbn), plan);
		on_brp |= 1u << p;
	}
	for (n = 0; wrp >> n; n++) {
		if (!((wrp >> n) & 1))
			continue;
		lbn = v7dbg_physical_brp(caps, cpu, DBGCR_LBN(regs->wcr[n]));
		load_wrp(cpu, n, regs->wvr[n], v7dbg_wrp_hardware(regs->wcr[n], regs->wvr[n], lbn),
			 plan);
		on_wrp |= 1u << n;
	}
	plan->clear_bcr |= (uint16_t)(cpu->on_brp & ~on_brp);
	plan->clear_wcr |= (uint16_t)(cpu->on_wrp & ~on_wrp);
	if (cpu->loaded.vcr != vcr) {
		plan->write_vcr = true;
		plan->regs.vcr = vcr;
		cpu->loaded.vcr = vcr;
		cpu->dirty_vcr = true;
	}
	cpu->on_brp = (uint16_t)on_brp;
	cpu->on_wrp = (uint16_t)on_wrp;
	cpu->host_bvr |= plan->save_bvr;
	cpu->host_wvr |= plan->save_wvr;
	cpu->dirty_bvr |= plan->write_bvr;
	cpu->dirty_wvr |= plan->write_wvr;
	cpu->dirty_bcr |= plan->write_bcr;
	cpu->dirty_wcr |= plan->write_wcr;
}

static void load_guest(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, struct v7dbg_plan *plan)
{
	if (cpu->owner == V7DBG_OWNER_HOST)
		save_host(cpu, plan);
	if (cpu->owner != V7DBG_OWNER_GUEST)
		vcpu->stats.loads++;
	cpu->owner = V7DBG_OWNER_GUEST;
	load(&vcpu->caps, cpu, &vcpu->regs, vcpu->eff_brp, vcpu->eff_wrp, vcpu->eff_vcr, plan);
}

/* Is there anything to load: the VMM's points while it debugs, else the guest's. */
static bool has_points(const struct v7dbg_vcpu *vcpu)
{
	if (vcpu->user_on)
		return vcpu->user_brp || vcpu->user_wrp || vcpu->user.vcr;
	return vcpu->active;
}

static void enter(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		  struct v7dbg_plan *plan)
{
	v7dbg_plan_clear(plan);
	vcpu->held = false;
	if (!has_points(vcpu))
		return;
	if (!can_load(vcpu, cpu, dscr)) {
		vcpu->held = true;
		vcpu->stats.not_monitor++;
		return;
	}
	if (!vcpu->user_on) {
		load_guest(vcpu, cpu, plan);
		follow_moe(vcpu, cpu, dscr, plan);
	} else {
		save_host(cpu, plan);
		cpu->owner = V7DBG_OWNER_USER;
		load(&vcpu->caps, cpu, &vcpu->user, vcpu->user_brp, vcpu->user_wrp, vcpu->user.vcr,
		     plan);
	}
}

void v7dbg_enter(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		 struct v7dbg_plan *plan)
{
	V7DBG_STEP_BEGIN(vcpu, cpu);
	enter(vcpu, cpu, dscr, plan);
	V7DBG_STEP_END(V7DBG_STEP_ENTER, vcpu, cpu, dscr, before.moe, plan);
}

void v7dbg_settle(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		  struct v7dbg_plan *plan)
{
	/* The VMM has suspended the guest's points. */
	if (vcpu->user_on)
		return;
	vcpu->held = false;
	if (vcpu->active && can_load(vcpu, cpu, dscr)) {
		load_guest(vcpu, cpu, plan);
	} else {
		if (vcpu->active) {
			vcpu->held = true;
			vcpu->stats.not_monitor++;
		}
		if (cpu->owner == V7DBG_OWNER_GUEST) {
			load(&vcpu->caps, cpu, &vcpu->regs, 0, 0, 0, plan);
			cpu->owner = V7DBG_OWNER_PARKED;
		}
	}
	follow_moe(vcpu, cpu, dscr, plan);
}

/* Registers of a file that differ from the host's: written, or off and were on. */
static uint16_t to_restore(const uint32_t *host, unsigned int count, uint16_t dirty)
{
	uint32_t restore = dirty;
	unsigned int n;

	for (n = 0; n < count; n++)
		if (host[n] & DBGCR_E)
			restore |= 1u << n;
	return (uint16_t)restore;
}

static void restore_values(uint32_t *to, const uint32_t *host, uint32_t mask)
{
	unsigned int n;

	for (n = 0; mask >> n; n++) {
		if ((mask >> n) & 1)
			to[n] = host[n];
		/* Never a call to memcpy. */
		__asm__ volatile("" : : : "memory");
	}
}

void v7dbg_exit(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		struct v7dbg_plan *plan)
{
	V7DBG_STEP_BEGIN(vcpu, cpu);
	v7dbg_plan_clear(plan);
	v7dbg_sync_moe(vcpu, cpu, dscr);
	/* held stays: v7dbg_mmio_watch() may be asked after the exit. */
	if (cpu->owner != V7DBG_OWNER_HOST) {
		plan->clear_bcr = cpu->on_brp;
		plan->clear_wcr = cpu->on_wrp;
		plan->write_bvr = cpu->dirty_bvr;
		plan->write_wvr = cpu->dirty_wvr;
		plan->write_bcr = to_restore(cpu->host.bcr, cpu->nr_brps, cpu->dirty_bcr);
		plan->write_wcr = to_restore(cpu->host.wcr, cpu->nr_wrps, cpu->dirty_wcr);
		plan->write_vcr = cpu->dirty_vcr || cpu->host.vcr;
		restore_values(plan->regs.bvr, cpu->host.bvr, plan->write_bvr);
		restore_values(plan->regs.wvr, cpu->host.wvr, plan->write_wvr);
		restore_values(plan->regs.bcr, cpu->host.bcr, plan->write_bcr);
		restore_values(plan->regs.wcr, cpu->host.wcr, plan->write_wcr);
		plan->regs.vcr = cpu->host.vcr;
		cpu->on_brp = 0;
		cpu->on_wrp = 0;
		cpu->owner = V7DBG_OWNER_HOST;
	}
	set_tde(cpu, true, plan);
	V7DBG_STEP_END(V7DBG_STEP_EXIT, vcpu, cpu, dscr, V7DBG_MOE_BEFORE(dscr), plan);
}

void v7dbg_exit_lost(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		     const struct v7dbg_saved *saved, struct v7dbg_plan *plan)
{
	v7dbg_exit(vcpu, cpu, dscr, plan);
	/* Also those that the lost plan was yet to clear: their values change now. */
	plan->clear_bcr = cpu->dirty_bcr & saved->bcr;
	plan->clear_wcr = cpu->dirty_wcr & saved->wcr;
	plan->write_bvr &= saved->bvr;
	plan->write_wvr &= saved->wvr;
	plan->write_bcr &= saved->bcr;
	plan->write_wcr &= saved->wcr;
	plan->write_vcr = plan->write_vcr && saved->vcr;
}

/* What an event is, whoever owns the registers. */
enum cause {
	CAUSE_BREAKPOINT,
	CAUSE_WATCHPOINT,
	CAUSE_VECTOR_CATCH,
	CAUSE_BKPT,
	CAUSE_UNKNOWN,
};

/*
 * A data abort is a watchpoint, whatever MOE says.  Prefetch aborts are told apart
 * by MOE only: HSR.IL differs between emulators and CPUs.
 */
static enum cause cause_of(enum v7dbg_event_class kind, unsigned int moe)
{
	if (kind == V7DBG_EVENT_DATA)
		return CAUSE_WATCHPOINT;
	if (moe == V7DBG_MOE_BREAKPOINT)
		return CAUSE_BREAKPOINT;
	if (moe == V7DBG_MOE_VECTOR_CATCH)
		return CAUSE_VECTOR_CATCH;
	return moe == V7DBG_MOE_BKPT ? CAUSE_BKPT : CAUSE_UNKNOWN;
}

static bool explained(enum cause cause, uint32_t brp, uint32_t wrp, uint32_t vcr)
{
	return (cause == CAUSE_BREAKPOINT && brp) || (cause == CAUSE_WATCHPOINT && wrp) ||
	       (cause == CAUSE_VECTOR_CATCH && vcr);
}

static enum v7dbg_answer reflect(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, enum cause cause,
				 uint32_t dscr, struct v7dbg_plan *plan)
{
	vcpu->moe = cause == CAUSE_WATCHPOINT ? V7DBG_MOE_WATCHPOINT : DBGDSCR_MOE(dscr);
	vcpu->stats.reflections++;
	follow_moe(vcpu, cpu, dscr, plan);
	return V7DBG_REFLECT;
}

static enum v7dbg_answer event(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, enum cause cause,
			       uint32_t dscr, struct v7dbg_plan *plan)
{
	v7dbg_plan_clear(plan);
	/* BKPT is the guest's instruction, whatever is enabled, or the VMM put it there. */
	if (cause == CAUSE_BKPT)
		return vcpu->user_bkpt ? V7DBG_TO_USER : reflect(vcpu, cpu, cause, dscr, plan);

	switch (cpu->owner) {
	case V7DBG_OWNER_GUEST:
		if (explained(cause, vcpu->eff_brp, vcpu->eff_wrp, vcpu->eff_vcr))
			return reflect(vcpu, cpu, cause, dscr, plan);
		break;
	case V7DBG_OWNER_USER:
		if (explained(cause, vcpu->user_brp, vcpu->user_wrp, vcpu->user.vcr))
			return V7DBG_TO_USER;
		break;
	case V7DBG_OWNER_HOST:
		/*
		 * The host's.  What it has enabled is known only after the save;
		 * where that explains nothing, the same event comes again, finds
		 * PARKED and is rejected.
		 */
		if (cause == CAUSE_UNKNOWN)
			break;
		save_host(cpu, plan);
		cpu->owner = V7DBG_OWNER_PARKED;
		vcpu->stats.parkings++;
		return V7DBG_RESUME;
	default: /* PARKED: nothing is on */
		break;
	}
	vcpu->stats.rejected++;
	return V7DBG_REJECT;
}

enum v7dbg_answer v7dbg_event(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
			      enum v7dbg_event_class kind, uint32_t dscr, struct v7dbg_plan *plan)
{
	enum v7dbg_answer answer;

	V7DBG_STEP_BEGIN(vcpu, cpu);
	answer = event(vcpu, cpu, cause_of(kind, DBGDSCR_MOE(dscr)), dscr, plan);
	V7DBG_STEP_END(V7DBG_STEP_EVENT, vcpu, cpu, dscr,
		       answer != V7DBG_REFLECT	  ? before.moe
		       : kind == V7DBG_EVENT_DATA ? V7DBG_MOE_WATCHPOINT
						  : DBGDSCR_MOE(dscr),
		       plan);
	return answer;
}

/* No CPU has the vCPU loaded, so TDE is set and the next entry compares. */
void v7dbg_watch_taken(struct v7dbg_vcpu *vcpu)
{
	vcpu->moe = V7DBG_MOE_WATCHPOINT;
	vcpu->stats.reflections++;
	V7DBG_CHECK_VCPU(vcpu);
}

void v7dbg_bkpt_taken(struct v7dbg_vcpu *vcpu)
{
	vcpu->moe = V7DBG_MOE_BKPT;
	vcpu->stats.reflections++;
	V7DBG_CHECK_VCPU(vcpu);
}
