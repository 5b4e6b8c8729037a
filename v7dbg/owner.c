// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Who owns a CPU's debug registers, and whose MOE is in its DBGDSCR.  Only this file writes
 * cpu->owner and cpu->tde, apart from v7dbg_cpu_init() and the quick ways, which are held to
 * do the same (v7dbg_quick.h, point.c).
 *
 * HOST    the host's registers are untouched; TDE set.
 * PARKED  the host's controls and DBGVCR are saved and off, nothing is loaded; TDE set.
 * GUEST   the guest's effective points are loaded, all else is off.
 * USER    the VMM's points are loaded, all else is off; TDE set.
 * IMPLIED GUEST, by the quick way in; spelt out, it is GUEST (v7dbg_quick.h).
 *
 *   HOST   -> GUEST   entry, or a write that arms: saves the host's
 *   HOST   -> PARKED  a host's point fired in the guest: saves the host's
 *   HOST   -> USER    entry: saves the host's
 *   PARKED -> GUEST   a write that arms.  Never saves controls: those there are not the
 *                     host's.  Saves values of slots that are loaded for the first time.
 *   GUEST  -> PARKED  a write that disarms
 *   any    -> HOST    exit: restores the host's
 *
 * MOE.  P is the CPU's, M the vCPU's.  Hardware sets P when the guest takes a debug
 * exception with TDE clear, without an exit, and nobody may write P back, since that would
 * be a write of DBGDSCR.  So P is the guest's exactly while TDE is clear: sync_moe() copies
 * it to M then and only then.  follow_moe() clears TDE only for a guest that owns the
 * registers, and only if P, just read, is M.  With TDE set the debug exceptions come to
 * HYP and M is kept there; after the first of them P and M agree.
 *
 * The host's values are saved and restored in every slot that a load overwrites, even
 * where the host's control was off.  Restoring has to be bit-exact, and a value left
 * behind would be a channel between guests.  The cost is in proportion to the slots in
 * use.
 */
#include "filter.h"

static void set_tde(struct v7dbg_cpu *cpu, bool tde, struct v7dbg_plan *plan)
{
	if (cpu->tde != tde)
		plan->tde_changed = !plan->tde_changed;
	cpu->tde = tde;
}

static void follow_moe(const struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		       struct v7dbg_plan *plan)
{
	set_tde(cpu, cpu->owner != V7DBG_OWNER_GUEST || DBGDSCR_MOE(dscr) != vcpu->moe, plan);
}

static bool bank_suffices(const struct v7dbg_cpu_bank *bank, unsigned int count, bool mask)
{
	return bank->count >= count && (bank->mask || !mask);
}

/*
 * May points be loaded here?  Only in Monitor debug-mode: in Halting debug-mode a point
 * would stop the core, and with neither it would do nothing.  Nor on a CPU that has less
 * than the guest was promised, slots or masks: one that came after the caps were made.
 */
static bool can_load(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu, uint32_t dscr)
{
	const struct v7dbg_caps *caps = &vcpu->caps;

	return DBGDSCR_MONITOR_MODE(dscr) && cpu->nr_ctx >= caps->nr_ctx &&
	       bank_suffices(&cpu->brp, caps->nr_brps, v7dbg_has_bcr_mask(caps->dbgdevid)) &&
	       bank_suffices(&cpu->wrp, caps->nr_wrps, v7dbg_has_wcr_mask(caps->dbgdevid));
}

static void reset_bank(struct v7dbg_cpu_bank *bank)
{
	bank->on = 0;
	bank->saved = 0;
	bank->written.values = 0;
	bank->written.controls = 0;
}

/* HOST is left: what is valid only while it does not own is valid from here on. */
static void save_host(struct v7dbg_cpu *cpu, struct v7dbg_plan *plan)
{
	plan->save_host = true;
	reset_bank(&cpu->brp);
	reset_bank(&cpu->wrp);
	cpu->vcr_written = false;
	cpu->loaded_vcr = 0;
}

/*
 * One slot: write what differs from what is there.  A control is off while its value
 * changes, so that no control is ever on beside a value that is not its own.
 *
 * Inlined into both loops of load_points().  A call would pass five arguments for each
 * slot: more time and more stack, for hardly less code.
 */
V7DBG_INLINE void load_slot(struct v7dbg_cpu_bank *bank, unsigned int n, uint32_t value,
			    uint32_t control, struct v7dbg_bank_plan *plan)
{
	uint16_t bit = (uint16_t)(1u << n);

	if (!(bank->saved & bit))
		plan->save |= bit;
	if (!(bank->written.values & bit) || bank->loaded.value[n] != value) {
		plan->clear |= bank->on & bit;
		plan->write.values |= bit;
	}
	if (!(bank->on & bit) || bank->loaded.control[n] != control || (plan->clear & bit))
		plan->write.controls |= bit;
	bank->loaded.value[n] = value;
	bank->loaded.control[n] = control;
	plan->regs.value[n] = value;
	plan->regs.control[n] = control;
}

/* After the slots of a bank that are to be on: the others go off. */
static void finish_bank(struct v7dbg_cpu_bank *bank, uint32_t on, struct v7dbg_bank_plan *plan)
{
	plan->clear |= (uint16_t)(bank->on & ~on);
	bank->on = (uint16_t)on;
	bank->saved |= plan->save;
	bank->written.values |= plan->write.values;
	bank->written.controls |= plan->write.controls;
}

static void load_vcr(struct v7dbg_cpu *cpu, uint32_t vcr, struct v7dbg_plan *plan)
{
	if (cpu->loaded_vcr == vcr)
		return;
	plan->write_vcr = true;
	plan->vcr = vcr;
	cpu->loaded_vcr = vcr;
	cpu->vcr_written = true;
}

/* Make hardware have exactly these points of a file on. */
static void load_points(const struct v7dbg_caps *caps, struct v7dbg_cpu *cpu,
			const struct v7dbg_regs *regs, const struct v7dbg_points *points,
			struct v7dbg_plan *plan)
{
	const struct v7dbg_bank *brp = &regs->brp, *wrp = &regs->wrp;
	unsigned int n, p, lbn;
	uint32_t on = 0;

	for (n = 0; points->brp >> n; n++) {
		if (!((points->brp >> n) & 1))
			continue;
		p = v7dbg_physical_brp(caps, cpu, n);
		lbn = v7dbg_physical_brp(caps, cpu, DBGCR_LBN(brp->control[n]));
		load_slot(&cpu->brp, p, brp->value[n], v7dbg_brp_hardware(brp->control[n], lbn),
			  &plan->brp);
		on |= 1u << p;
	}
	finish_bank(&cpu->brp, on, &plan->brp);
	for (n = 0; points->wrp >> n; n++) {
		if (!((points->wrp >> n) & 1))
			continue;
		lbn = v7dbg_physical_brp(caps, cpu, DBGCR_LBN(wrp->control[n]));
		load_slot(&cpu->wrp, n, wrp->value[n],
			  v7dbg_wrp_hardware(wrp->control[n], wrp->value[n], lbn), &plan->wrp);
	}
	finish_bank(&cpu->wrp, points->wrp, &plan->wrp);
	load_vcr(cpu, points->vcr, plan);
}

static void unload_points(struct v7dbg_cpu *cpu, struct v7dbg_plan *plan)
{
	finish_bank(&cpu->brp, 0, &plan->brp);
	finish_bank(&cpu->wrp, 0, &plan->wrp);
	load_vcr(cpu, 0, plan);
}

static void load_guest(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, struct v7dbg_plan *plan)
{
	if (cpu->owner == V7DBG_OWNER_HOST)
		save_host(cpu, plan);
	if (cpu->owner != V7DBG_OWNER_GUEST)
		vcpu->stats.loads++;
	cpu->owner = V7DBG_OWNER_GUEST;
	load_points(&vcpu->caps, cpu, &vcpu->regs, &vcpu->eff, plan);
}

/* Is there a point to load?  The VMM's while it debugs, else the guest's. */
static bool has_points(const struct v7dbg_vcpu *vcpu)
{
	return v7dbg_any(vcpu->user_on ? &vcpu->user_eff : &vcpu->eff);
}

static void enter_vcpu(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
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
		load_points(&vcpu->caps, cpu, &vcpu->user, &vcpu->user_eff, plan);
	}
}

void v7dbg_enter(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		 struct v7dbg_plan *plan)
{
	V7DBG_STEP_BEGIN(vcpu, cpu);
	enter_vcpu(vcpu, cpu, dscr, plan);
	V7DBG_STEP_END(V7DBG_STEP_ENTER, vcpu, cpu, dscr, before.moe, plan);
}

void v7dbg_settle(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		  struct v7dbg_plan *plan)
{
	/* While the VMM debugs, the guest's points are suspended. */
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
			unload_points(cpu, plan);
			cpu->owner = V7DBG_OWNER_PARKED;
		}
	}
	follow_moe(vcpu, cpu, dscr, plan);
}

static inline void copy_slots(uint32_t *to, const uint32_t *from, uint32_t slots)
{
	unsigned int n;

	for (n = 0; slots >> n; n++) {
		if ((slots >> n) & 1)
			to[n] = from[n];
		/* keeps the loop from becoming a call to memcpy */
		__asm__ volatile("" : : : "memory");
	}
}

/*
 * Write back the registers of a bank that are not as the host left them: values and
 * controls that a plan wrote, and controls that save_host cleared.
 */
static inline void restore_bank(struct v7dbg_cpu_bank *bank, struct v7dbg_bank_plan *plan)
{
	uint32_t controls = bank->written.controls;
	unsigned int n;

	for (n = 0; n < bank->count; n++)
		if (bank->host.control[n] & DBGCR_E)
			controls |= 1u << n;
	plan->clear = bank->on;
	plan->write.values = bank->written.values;
	plan->write.controls = (uint16_t)controls;
	copy_slots(plan->regs.value, bank->host.value, plan->write.values);
	copy_slots(plan->regs.control, bank->host.control, plan->write.controls);
	bank->on = 0;
}

void v7dbg_exit(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		struct v7dbg_plan *plan)
{
	V7DBG_STEP_BEGIN(vcpu, cpu);
	v7dbg_plan_clear(plan);
	v7dbg_sync_moe(vcpu, cpu, dscr);
	/* held stays: a hypervisor may call v7dbg_mmio_watch() after the exit. */
	if (cpu->owner != V7DBG_OWNER_HOST) {
		restore_bank(&cpu->brp, &plan->brp);
		restore_bank(&cpu->wrp, &plan->wrp);
		plan->write_vcr = cpu->vcr_written || cpu->host_vcr;
		plan->vcr = cpu->host_vcr;
		cpu->owner = V7DBG_OWNER_HOST;
	}
	set_tde(cpu, true, plan);
	V7DBG_STEP_END(V7DBG_STEP_EXIT, vcpu, cpu, dscr, V7DBG_MOE_BEFORE(dscr), plan);
}

/* Clears also what the lost plan had yet to clear: its value changes now. */
static void restore_saved(const struct v7dbg_cpu_bank *bank, const struct v7dbg_slots *saved,
			  struct v7dbg_bank_plan *plan)
{
	plan->clear = bank->written.controls & saved->controls;
	plan->write.values &= saved->values;
	plan->write.controls &= saved->controls;
}

void v7dbg_exit_lost(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		     const struct v7dbg_saved *saved, struct v7dbg_plan *plan)
{
	v7dbg_exit(vcpu, cpu, dscr, plan);
	restore_saved(&cpu->brp, &saved->brp, &plan->brp);
	restore_saved(&cpu->wrp, &saved->wrp, &plan->wrp);
	plan->write_vcr = plan->write_vcr && saved->vcr;
}

/* What an event is by its syndrome, whoever owns the registers. */
enum cause {
	CAUSE_BREAKPOINT,
	CAUSE_WATCHPOINT,
	CAUSE_VECTOR_CATCH,
	CAUSE_BKPT,
	CAUSE_UNKNOWN,
};

/*
 * A data abort is a watchpoint, whatever MOE says.  Only MOE tells prefetch aborts apart:
 * HSR.IL of a debug exception differs between emulators and CPUs.
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

static bool explained(enum cause cause, const struct v7dbg_points *points)
{
	return (cause == CAUSE_BREAKPOINT && points->brp) ||
	       (cause == CAUSE_WATCHPOINT && points->wrp) ||
	       (cause == CAUSE_VECTOR_CATCH && points->vcr);
}

static enum v7dbg_answer reflect_event(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
				       enum cause cause, uint32_t dscr, struct v7dbg_plan *plan)
{
	vcpu->moe = cause == CAUSE_WATCHPOINT ? V7DBG_MOE_WATCHPOINT : DBGDSCR_MOE(dscr);
	vcpu->stats.reflections++;
	follow_moe(vcpu, cpu, dscr, plan);
	return V7DBG_REFLECT;
}

static enum v7dbg_answer answer_event(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
				      enum cause cause, uint32_t dscr, struct v7dbg_plan *plan)
{
	v7dbg_plan_clear(plan);
	/* BKPT needs no point: it is the guest's instruction, or the VMM put it there. */
	if (cause == CAUSE_BKPT)
		return vcpu->user_bkpt ? V7DBG_TO_USER
				       : reflect_event(vcpu, cpu, cause, dscr, plan);

	switch (cpu->owner) {
	case V7DBG_OWNER_GUEST:
		if (explained(cause, &vcpu->eff))
			return reflect_event(vcpu, cpu, cause, dscr, plan);
		break;
	case V7DBG_OWNER_USER:
		if (explained(cause, &vcpu->user_eff))
			return V7DBG_TO_USER;
		break;
	case V7DBG_OWNER_HOST:
		/*
		 * The host's.  What it has enabled is known only once it is saved.  If that
		 * does not explain the event, the event comes again, finds PARKED and is
		 * rejected.
		 */
		if (cause == CAUSE_UNKNOWN)
			break;
		save_host(cpu, plan);
		cpu->owner = V7DBG_OWNER_PARKED;
		vcpu->stats.parkings++;
		return V7DBG_RESUME;
	default: /* PARKED: nothing is enabled */
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
	answer = answer_event(vcpu, cpu, cause_of(kind, DBGDSCR_MOE(dscr)), dscr, plan);
	V7DBG_STEP_END(V7DBG_STEP_EVENT, vcpu, cpu, dscr,
		       answer != V7DBG_REFLECT	  ? before.moe
		       : kind == V7DBG_EVENT_DATA ? V7DBG_MOE_WATCHPOINT
						  : DBGDSCR_MOE(dscr),
		       plan);
	return answer;
}

/* The vCPU is not running: its next entry compares P with the new M. */
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
