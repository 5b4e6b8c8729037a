/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoint kvm_armv7:cp14: one event for each access of a guest to a coprocessor
 * 14 register.  HYP serves these accesses without the kernel; while the event is
 * enabled, vcpu_enter_guest() tells HYP to exit after each one (hyp->trace).
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm_armv7

#if !defined(KVM_ARMV7_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KVM_ARMV7_TRACE_H

#include <linux/tracepoint.h>

#define TRACE_CP14_NAME 24 /* V7DBG_ACCESS_NAME_MAX, as a number for the format file */

/* clang-format off */
TRACE_EVENT(cp14,
	TP_PROTO(u32 vcpu, u32 pc, const char *reg, bool write, bool undef, u64 value),
	TP_ARGS(vcpu, pc, reg, write, undef, value),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, pc)
		__field(u64, value)
		__field(bool, write)
		__field(bool, undef)
		__array(char, reg, TRACE_CP14_NAME)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->pc = pc;
		__entry->value = value;
		__entry->write = write;
		__entry->undef = undef;
		strscpy(__entry->reg, reg, TRACE_CP14_NAME);
	),
	TP_printk("vcpu %u pc 0x%08x %s %s 0x%08llx%s", __entry->vcpu, __entry->pc,
		  __entry->write ? "write" : "read", __entry->reg, __entry->value,
		  __entry->undef ? " UNDEFINED" : "")
);
/* clang-format on */

#endif /* KVM_ARMV7_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
