// SPDX-License-Identifier: GPL-2.0-only
/*
 * HYP_EXIT_TRACED: HYP has emulated a CP14 access and wants it on record.
 */
#include <linux/build_bug.h>

#include "core/vm.h"

#define CREATE_TRACE_POINTS
#include "debug/trace.h"

int handle_traced(struct vcpu *vcpu)
{
	struct hyp_vcpu *hyp = vcpu->hyp;
	struct v7dbg_access acc = {};
	char name[V7DBG_ACCESS_NAME_MAX];

	BUILD_BUG_ON(sizeof(name) != TRACE_CP14_NAME);
	/* Until the next entry finds the event on again. */
	hyp->trace = false;
	if (v7dbg_decode(hyp->hsr, &acc))
		trace_cp14(vcpu->id, hyp->traced.pc, v7dbg_access_name(&acc, name), acc.write,
			   hyp->traced.undef, hyp->traced.value);
	return 1;
}
