// SPDX-License-Identifier: GPL-2.0-only
/*
 * Defines the tracepoints that kvm-trace.h declares.
 */
#define CREATE_TRACE_POINTS
#include "core/kvm-trace.h"

DEFINE_STATIC_KEY_FALSE(kvm_trace_exits);

int kvm_trace_exits_on(void)
{
	static_branch_inc(&kvm_trace_exits);
	return 0;
}

void kvm_trace_exits_off(void)
{
	static_branch_dec(&kvm_trace_exits);
}
