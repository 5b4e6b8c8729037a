// SPDX-License-Identifier: GPL-2.0-only
/*
 * HYP_EXIT_TRACED: HYP has emulated a CP14 access and wants it on record.
 */
#include <linux/kernel.h>

#include "vm.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* The MRRC form of a register, and the write side of an encoding that has two. */
static const char *special_name(const struct v7dbg_access *acc)
{
	u32 enc = V7DBG_ENC(acc->opc1, acc->crn, acc->crm, acc->opc2);

	if (acc->form == V7DBG_FORM_MRRC_MCRR) {
#define V7DBG_REG64(name, opc1_, crm_, access, pl0, trap, reset, section, note) \
	if (acc->opc1 == (opc1_) && acc->crm == (crm_))                         \
		return #name;
#include "../v7dbg/v7dbg_regs.def"
		return NULL;
	}
	if (!acc->write)
		return NULL;
#define V7DBG_TWIN(name, opc1, crn, crm, opc2, access, pl0, trap, reset, section, note) \
	if (enc == V7DBG_ENC(opc1, crn, crm, opc2))                                     \
		return #name;
#include "../v7dbg/v7dbg_regs.def"
	return NULL;
}

static const char *name_of(const struct v7dbg_access *acc, char *buf)
{
	const char *name = special_name(acc);

	if (name)
		return name;
	if (acc->form == V7DBG_FORM_MRRC_MCRR) {
		snprintf(buf, TRACE_CP14_NAME, "p14, %u, c%u", acc->opc1, acc->crm);
		return buf;
	}
	BUILD_BUG_ON(V7DBG_NAME_MAX > TRACE_CP14_NAME);
	if (v7dbg_name(V7DBG_ENC(acc->opc1, acc->crn, acc->crm, acc->opc2), buf))
		return buf;
	snprintf(buf, TRACE_CP14_NAME, "p14, %u, c%u, c%u, %u", acc->opc1, acc->crn, acc->crm,
		 acc->opc2);
	return buf;
}

int handle_traced(struct vcpu *vcpu)
{
	struct hyp_vcpu *hyp = vcpu->hyp;
	struct v7dbg_access acc = {};
	char buf[TRACE_CP14_NAME];

	/* Until the next entry finds the event on again. */
	hyp->trace = false;
	if (v7dbg_decode(hyp->hsr, &acc))
		trace_cp14(vcpu->id, hyp->traced.pc, name_of(&acc, buf), acc.write,
			   hyp->traced.undef, hyp->traced.value);
	return 1;
}
