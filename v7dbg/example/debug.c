// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * v7dbg in a hypervisor: this is the file to copy.  v7dbg decides, and this file does what
 * it says.  Everything here runs in Hyp mode with interrupts masked.
 */
#include <v7dbg_quick.h>

#include "debug.h"

#include "unit.h"

/* What traps while a guest runs; TDE follows cpu.tde from then on. */
#define HDCR_GUEST (HDCR_TDRA | HDCR_TDOSA | HDCR_TDA | HDCR_TDE)

static struct v7dbg_caps caps; /* one for the machine */
static struct v7dbg_cpu cpu;   /* one for each CPU; this machine has one */
static uint32_t host_hdcr, guest_hdcr;

void debug_init_cpu(void)
{
	struct v7dbg_cpu_id id;

	unit_identify(&id);
	v7dbg_cpu_init(&cpu, &id);
	v7dbg_caps_init(&caps, false);
	/* With more CPUs, add each of them before the first guest is made. */
	v7dbg_caps_add(&caps, &id);
}

void debug_init_guest(struct guest *guest)
{
	v7dbg_init(&guest->debug, &caps);
}

/* Save the host's controls and switch them off. */
static void save_controls(enum unit_bank controls, struct v7dbg_cpu_bank *bank)
{
	unsigned int n;

	for (n = 0; n < bank->count; n++) {
		bank->host.control[n] = unit_read(controls, n);
		if (bank->host.control[n] & DBGCR_E)
			unit_write(controls, n, 0);
	}
}

static void save_host(void)
{
	save_controls(BCR, &cpu.brp);
	save_controls(WCR, &cpu.wrp);
	cpu.host_vcr = unit_read_vcr();
	if (cpu.host_vcr)
		unit_write_vcr(0);
}

static void read_slots(enum unit_bank bank, uint16_t slots, uint32_t *values)
{
	unsigned int n;

	for (n = 0; slots >> n; n++)
		if (slots >> n & 1)
			values[n] = unit_read(bank, n);
}

/* values NULL: write 0. */
static void write_slots(enum unit_bank bank, uint16_t slots, const uint32_t *values)
{
	unsigned int n;

	for (n = 0; slots >> n; n++)
		if (slots >> n & 1)
			unit_write(bank, n, values ? values[n] : 0);
}

/*
 * The steps in the order of struct v7dbg_plan.  The barriers make sure that no control is
 * on beside a value that is not its own (A3.8.3).  The last write needs one too; the ERET
 * to the guest would do.
 */
static void carry_out(const struct v7dbg_plan *plan)
{
	if (v7dbg_plan_empty(plan))
		return;
	if (plan->save_host)
		save_host();
	read_slots(BVR, plan->brp.save, cpu.brp.host.value);
	read_slots(WVR, plan->wrp.save, cpu.wrp.host.value);
	write_slots(BCR, plan->brp.clear, NULL);
	write_slots(WCR, plan->wrp.clear, NULL);
	isb();
	write_slots(BVR, plan->brp.write.values, plan->brp.regs.value);
	write_slots(WVR, plan->wrp.write.values, plan->wrp.regs.value);
	isb();
	write_slots(BCR, plan->brp.write.controls, plan->brp.regs.control);
	write_slots(WCR, plan->wrp.write.controls, plan->wrp.regs.control);
	if (plan->write_vcr)
		unit_write_vcr(plan->vcr);
	isb();
}

/* The same if the guest runs on after it. */
static void carry_out_in_guest(const struct v7dbg_plan *plan)
{
	carry_out(plan);
	if (!plan->tde_changed)
		return;
	guest_hdcr = (guest_hdcr & ~HDCR_TDE) | (cpu.tde ? HDCR_TDE : 0);
	WRITE(HDCR, guest_hdcr);
}

void debug_enter(struct guest *guest)
{
	struct v7dbg_plan plan;

	host_hdcr = READ(HDCR);
	guest_hdcr = host_hdcr | HDCR_GUEST;
	WRITE(HDCR, guest_hdcr);
	/* A guest without points needs no CP14 access at all. */
	if (!v7dbg_needs_enter(&guest->debug))
		return;
	v7dbg_enter(&guest->debug, &cpu, unit_read_dscr(), &plan);
	carry_out_in_guest(&plan);
}

void debug_exit(struct guest *guest)
{
	struct v7dbg_plan plan;

	if (v7dbg_needs_exit(&cpu)) {
		v7dbg_exit(&guest->debug, &cpu, unit_read_dscr(), &plan);
		carry_out(&plan);
	}
	WRITE(HDCR, host_hdcr);
}

/*
 * The word in memory that an LDC or STC of the debug channel moves, A8.8.56.  This guest has
 * no translation of its own and is mapped one to one, without caches; elsewhere the address
 * has to be translated, which may fault.  NULL if there is no RAM: the instruction is
 * UNDEFINED then.
 */
static uint32_t *channel_word(struct guest *guest, uint32_t hsr)
{
	uint32_t rn = HSR_LS_RN(hsr), base, offset = HSR_LS_OFFSET(hsr), address;

	if ((hsr & HSR_LS_LITERAL) || rn == 15)
		return NULL;
	base = guest_reg(guest, rn);
	address = base;
	base = hsr & HSR_LS_ADD ? base + offset : base - offset;
	if (hsr & HSR_LS_INDEXED)
		address = base;
	if ((address & 3) || address >> 30 != 1)
		return NULL;
	if (hsr & HSR_LS_WRITE_BACK)
		guest_set_reg(guest, rn, base);
	return (uint32_t *)(uintptr_t)address;
}

/* What v7dbg_quick() asks of its caller, and the access if it serves it. */
static bool access_quickly(struct guest *guest, uint32_t hsr)
{
	uint32_t rt = (hsr >> 5) & 0xf, value;

	if (!V7DBG_IS_QUICK(hsr) || rt == 15 || (guest->cpsr & PSR_MODE) == MODE_USR ||
	    (guest->cpsr & PSR_IT))
		return false;
	value = guest_reg(guest, rt);
	if (!v7dbg_quick(&guest->debug, &cpu, hsr, &value))
		return false;
	guest_set_reg(guest, rt, value);
	guest_skip(guest, hsr);
	return true;
}

void debug_access(struct guest *guest, uint32_t hsr)
{
	uint32_t *word = NULL;
	struct v7dbg_access acc;
	struct v7dbg_result result;
	enum v7dbg_verdict verdict;

	if (access_quickly(guest, hsr))
		return;
	if (!guest_condition(guest, hsr)) {
		guest_skip(guest, hsr);
		return;
	}
	if (!v7dbg_decode(hsr, &acc) ||
	    (acc.form == V7DBG_FORM_LDC_STC && !(word = channel_word(guest, hsr)))) {
		guest_inject(guest, V7DBG_EXC_UNDEF, hsr);
		return;
	}
	acc.pl0 = (guest->cpsr & PSR_MODE) == MODE_USR;
	acc.value = !acc.write ? 0 : word ? *word : guest_reg(guest, acc.rt);
	acc.dscr = v7dbg_needs_dscr(&cpu, &acc) ? unit_read_dscr() : 0;
	verdict = v7dbg_trap(&guest->debug, &cpu, &acc, &result);
	carry_out_in_guest(&result.plan);

	/* V7DBG_NOT_MINE: trace, ThumbEE or Jazelle, which this guest does not have. */
	if (verdict != V7DBG_DONE) {
		guest_inject(guest, V7DBG_EXC_UNDEF, hsr);
		return;
	}
	if (word && !acc.write) {
		*word = result.value;
	} else if (!acc.write && acc.form == V7DBG_FORM_MRC_MCR && acc.rt == 15) {
		/* MRC to APSR_nzcv: the flags get [31:28]. */
		guest->cpsr = (guest->cpsr & 0x0fffffff) | (result.value & 0xf0000000);
	} else if (!acc.write) {
		guest_set_reg(guest, acc.rt, result.value);
		if (acc.form == V7DBG_FORM_MRRC_MCRR)
			guest_set_reg(guest, acc.rt2, result.value2);
	}
	guest_skip(guest, hsr);
}

bool debug_event(struct guest *guest, enum v7dbg_event_class event, uint32_t hsr, uint32_t far)
{
	struct v7dbg_plan plan;
	enum v7dbg_answer answer;

	answer = v7dbg_event(&guest->debug, &cpu, event, unit_read_dscr(), &plan);
	carry_out_in_guest(&plan);
	switch (answer) {
	case V7DBG_REFLECT:
		if (event == V7DBG_EVENT_DATA) {
			guest_inject(guest, V7DBG_EXC_DATA_DEBUG, hsr);
			WRITE(DFAR, far);
		} else {
			guest_inject(guest, V7DBG_EXC_PREFETCH_DEBUG, hsr);
		}
		return true;
	case V7DBG_RESUME:
		return true;
	case V7DBG_TO_USER:
		guest->to_user = true;
		return false;
	default: /* V7DBG_REJECT */
		return false;
	}
}

bool debug_mmio(struct guest *guest, uint32_t hsr, uint32_t va)
{
	bool pl0 = (guest->cpsr & PSR_MODE) == MODE_USR;
	uint32_t far;

	if (!v7dbg_mmio_watch(&guest->debug, va, HSR_SIZE(hsr), hsr & HSR_WNR, pl0,
			      READ(CONTEXTIDR), &far))
		return false;
	return debug_event(guest, V7DBG_EVENT_DATA, hsr, far);
}
