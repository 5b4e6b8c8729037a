/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoints of the system "kvm", with the names and the fields that they had in the
 * 32-bit Arm KVM of Linux up to 5.6, so that scripts for trace-cmd and perf read them.
 * While an event is off, its place is a branch that is not taken.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm

#if !defined(KVM_ARMV7_KVM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KVM_ARMV7_KVM_TRACE_H

#include <linux/jump_label.h>
#include <linux/tracepoint.h>

#ifndef KVM_ARMV7_KVM_TRACE_NUMBERS
#define KVM_ARMV7_KVM_TRACE_NUMBERS

/* kvm_exit's ret: what ended the guest's turn. */
#define TRACE_EXIT_IRQ	5
#define TRACE_EXIT_TRAP 7 /* into HYP mode; the class is in esr_ec */

/* timer_idx. */
#define TRACE_VTIMER 0
#define TRACE_PTIMER 1

/* kvm_set_irq's source, if the irqfd has a resample eventfd. */
#define TRACE_SOURCE_RESAMPLE 1

/* kvm_mmio's type. */
#define TRACE_MMIO_READ_UNSATISFIED 0 /* user space will have the value */
#define TRACE_MMIO_READ		    1
#define TRACE_MMIO_WRITE	    2

/*
 * Events about exits that HYP would otherwise serve itself: how many of them are enabled.  These
 * have functions that count.
 */
DECLARE_STATIC_KEY_FALSE(kvm_trace_exits);
int kvm_trace_exits_on(void);
void kvm_trace_exits_off(void);

#endif

/* clang-format off */

/* ---- the run loop ---- */

TRACE_EVENT(kvm_entry,
	TP_PROTO(unsigned long vcpu_pc),
	TP_ARGS(vcpu_pc),
	TP_STRUCT__entry(__field(unsigned long, vcpu_pc)),
	TP_fast_assign(__entry->vcpu_pc = vcpu_pc;),
	TP_printk("PC: 0x%08lx", __entry->vcpu_pc)
);

/* esr_ec is the exception class in HSR, 0 if an interrupt ended the turn. */
TRACE_EVENT_FN(kvm_exit,
	TP_PROTO(int ret, unsigned int esr_ec, unsigned long vcpu_pc),
	TP_ARGS(ret, esr_ec, vcpu_pc),
	TP_STRUCT__entry(
		__field(int, ret)
		__field(unsigned int, esr_ec)
		__field(unsigned long, vcpu_pc)
	),
	TP_fast_assign(
		__entry->ret = ret;
		__entry->esr_ec = esr_ec;
		__entry->vcpu_pc = vcpu_pc;
	),
	TP_printk("%s: HSR_EC: 0x%04x (%s), PC: 0x%08lx",
		  __print_symbolic(__entry->ret, { TRACE_EXIT_IRQ, "IRQ" },
				   { TRACE_EXIT_TRAP, "HVC" }),
		  __entry->esr_ec,
		  __print_symbolic(__entry->esr_ec, { 0x00, "UNKNOWN" }, { 0x01, "WFI" },
				   { 0x03, "CP15_32" }, { 0x04, "CP15_64" }, { 0x05, "CP14_MR" },
				   { 0x06, "CP14_LS" }, { 0x07, "CP_0_13" }, { 0x08, "CP10_ID" },
				   { 0x0a, "BXJ" }, { 0x0c, "CP14_64" }, { 0x11, "SVC_HYP" },
				   { 0x12, "HVC" }, { 0x13, "SMC" }, { 0x20, "IABT" },
				   { 0x21, "IABT_HYP" }, { 0x24, "DABT" }, { 0x25, "DABT_HYP" }),
		  __entry->vcpu_pc),
	kvm_trace_exits_on, kvm_trace_exits_off
);

/* reason: KVM_EXIT_*; errno: what KVM_RUN returns, 0 or negative. */
TRACE_EVENT(kvm_userspace_exit,
	TP_PROTO(__u32 reason, int errno),
	TP_ARGS(reason, errno),
	TP_STRUCT__entry(
		__field(__u32, reason)
		__field(int, errno)
	),
	TP_fast_assign(
		__entry->reason = reason;
		__entry->errno = errno;
	),
	TP_printk("reason %s (%d)", __entry->errno < 0 ?
		  (__entry->errno == -EINTR ? "restart" : "error") :
		  __print_symbolic(__entry->reason, { 0, "KVM_EXIT_UNKNOWN" },
				   { 4, "KVM_EXIT_DEBUG" }, { 6, "KVM_EXIT_MMIO" },
				   { 9, "KVM_EXIT_FAIL_ENTRY" }, { 10, "KVM_EXIT_INTR" },
				   { 17, "KVM_EXIT_INTERNAL_ERROR" },
				   { 24, "KVM_EXIT_SYSTEM_EVENT" }),
		  __entry->errno < 0 ? -__entry->errno : (int)__entry->reason)
);

/* ---- exits ---- */

TRACE_EVENT_FN(kvm_guest_fault,
	TP_PROTO(unsigned long vcpu_pc, unsigned long hsr, unsigned long hxfar,
		 unsigned long long ipa),
	TP_ARGS(vcpu_pc, hsr, hxfar, ipa),
	TP_STRUCT__entry(
		__field(unsigned long, vcpu_pc)
		__field(unsigned long, hsr)
		__field(unsigned long, hxfar)
		__field(unsigned long long, ipa)
	),
	TP_fast_assign(
		__entry->vcpu_pc = vcpu_pc;
		__entry->hsr = hsr;
		__entry->hxfar = hxfar;
		__entry->ipa = ipa;
	),
	TP_printk("ipa %#llx, hsr %#08lx, hxfar %#08lx, pc %#08lx", __entry->ipa, __entry->hsr,
		  __entry->hxfar, __entry->vcpu_pc),
	kvm_trace_exits_on, kvm_trace_exits_off
);

TRACE_EVENT_FN(kvm_mmio,
	TP_PROTO(int type, int len, u64 gpa, u64 val),
	TP_ARGS(type, len, gpa, val),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u32, len)
		__field(u64, gpa)
		__field(u64, val)
	),
	TP_fast_assign(
		__entry->type = type;
		__entry->len = len;
		__entry->gpa = gpa;
		__entry->val = val;
	),
	TP_printk("mmio %s len %u gpa 0x%llx val 0x%llx",
		  __print_symbolic(__entry->type,
				   { TRACE_MMIO_READ_UNSATISFIED, "unsatisfied-read" },
				   { TRACE_MMIO_READ, "read" }, { TRACE_MMIO_WRITE, "write" }),
		  __entry->len, __entry->gpa, __entry->val),
	kvm_trace_exits_on, kvm_trace_exits_off
);

TRACE_EVENT(kvm_wfx,
	TP_PROTO(unsigned long vcpu_pc, bool is_wfe),
	TP_ARGS(vcpu_pc, is_wfe),
	TP_STRUCT__entry(
		__field(unsigned long, vcpu_pc)
		__field(bool, is_wfe)
	),
	TP_fast_assign(
		__entry->vcpu_pc = vcpu_pc;
		__entry->is_wfe = is_wfe;
	),
	TP_printk("guest executed wf%c at: 0x%08lx", __entry->is_wfe ? 'e' : 'i',
		  __entry->vcpu_pc)
);

TRACE_EVENT_FN(kvm_hvc,
	TP_PROTO(unsigned long vcpu_pc, unsigned long r0, unsigned long imm),
	TP_ARGS(vcpu_pc, r0, imm),
	TP_STRUCT__entry(
		__field(unsigned long, vcpu_pc)
		__field(unsigned long, r0)
		__field(unsigned long, imm)
	),
	TP_fast_assign(
		__entry->vcpu_pc = vcpu_pc;
		__entry->r0 = r0;
		__entry->imm = imm;
	),
	TP_printk("HVC at 0x%08lx (r0: 0x%08lx, imm: 0x%lx)", __entry->vcpu_pc, __entry->r0,
		  __entry->imm),
	kvm_trace_exits_on, kvm_trace_exits_off
);

TRACE_EVENT_FN(kvm_emulate_cp15_imp,
	TP_PROTO(unsigned long Op1, unsigned long Rt1, unsigned long CRn, unsigned long CRm,
		 unsigned long Op2, bool is_write),
	TP_ARGS(Op1, Rt1, CRn, CRm, Op2, is_write),
	TP_STRUCT__entry(
		__field(unsigned int, Op1)
		__field(unsigned int, Rt1)
		__field(unsigned int, CRn)
		__field(unsigned int, CRm)
		__field(unsigned int, Op2)
		__field(bool, is_write)
	),
	TP_fast_assign(
		__entry->is_write = is_write;
		__entry->Op1 = Op1;
		__entry->Rt1 = Rt1;
		__entry->CRn = CRn;
		__entry->CRm = CRm;
		__entry->Op2 = Op2;
	),
	TP_printk("Implementation defined CP15: %s\tp15, %u, r%u, c%u, c%u, %u",
		  __entry->is_write ? "mcr" : "mrc", __entry->Op1, __entry->Rt1, __entry->CRn,
		  __entry->CRm, __entry->Op2),
	kvm_trace_exits_on, kvm_trace_exits_off
);

/* ---- interrupts and the timer ---- */

/* type: KVM_ARM_IRQ_TYPE_*. */
TRACE_EVENT(kvm_irq_line,
	TP_PROTO(unsigned int type, int vcpu_idx, int irq_num, int level),
	TP_ARGS(type, vcpu_idx, irq_num, level),
	TP_STRUCT__entry(
		__field(unsigned int, type)
		__field(int, vcpu_idx)
		__field(int, irq_num)
		__field(int, level)
	),
	TP_fast_assign(
		__entry->type = type;
		__entry->vcpu_idx = vcpu_idx;
		__entry->irq_num = irq_num;
		__entry->level = level;
	),
	TP_printk("Inject %s interrupt (%d), vcpu->idx: %d, num: %d, level: %d",
		  __print_symbolic(__entry->type, { 0, "CPU" }, { 1, "VGIC SPI" },
				   { 2, "VGIC PPI" }),
		  __entry->type, __entry->vcpu_idx, __entry->irq_num, __entry->level)
);

/* An irqfd sets the line of a GSI. */
TRACE_EVENT(kvm_set_irq,
	TP_PROTO(unsigned int gsi, int level, int irq_source_id),
	TP_ARGS(gsi, level, irq_source_id),
	TP_STRUCT__entry(
		__field(unsigned int, gsi)
		__field(int, level)
		__field(int, irq_source_id)
	),
	TP_fast_assign(
		__entry->gsi = gsi;
		__entry->level = level;
		__entry->irq_source_id = irq_source_id;
	),
	TP_printk("gsi %u level %d source %d", __entry->gsi, __entry->level,
		  __entry->irq_source_id)
);

/* The guest has ended an interrupt that an irqfd with a resample eventfd waits for. */
TRACE_EVENT(kvm_ack_irq,
	TP_PROTO(unsigned int irqchip, unsigned int pin),
	TP_ARGS(irqchip, pin),
	TP_STRUCT__entry(
		__field(unsigned int, irqchip)
		__field(unsigned int, pin)
	),
	TP_fast_assign(
		__entry->irqchip = irqchip;
		__entry->pin = pin;
	),
	TP_printk("irqchip %u pin %u", __entry->irqchip, __entry->pin)
);

/* vcpu_id is 0 for an SPI. */
TRACE_EVENT_FN(vgic_update_irq_pending,
	TP_PROTO(unsigned long vcpu_id, __u32 irq, bool level),
	TP_ARGS(vcpu_id, irq, level),
	TP_STRUCT__entry(
		__field(unsigned long, vcpu_id)
		__field(__u32, irq)
		__field(bool, level)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu_id;
		__entry->irq = irq;
		__entry->level = level;
	),
	TP_printk("VCPU: %lu, IRQ %u, level: %d", __entry->vcpu_id, __entry->irq,
		  __entry->level),
	kvm_trace_exits_on, kvm_trace_exits_off
);

TRACE_EVENT_FN(kvm_timer_update_irq,
	TP_PROTO(unsigned long vcpu_id, __u32 irq, int level),
	TP_ARGS(vcpu_id, irq, level),
	TP_STRUCT__entry(
		__field(unsigned long, vcpu_id)
		__field(__u32, irq)
		__field(int, level)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu_id;
		__entry->irq = irq;
		__entry->level = level;
	),
	TP_printk("VCPU: %lu, IRQ %u, level %d", __entry->vcpu_id, __entry->irq, __entry->level),
	kvm_trace_exits_on, kvm_trace_exits_off
);

DECLARE_EVENT_CLASS(kvm_timer_state,
	TP_PROTO(unsigned long ctl, unsigned long long cval, int timer_idx),
	TP_ARGS(ctl, cval, timer_idx),
	TP_STRUCT__entry(
		__field(unsigned long, ctl)
		__field(unsigned long long, cval)
		__field(int, timer_idx)
	),
	TP_fast_assign(
		__entry->ctl = ctl;
		__entry->cval = cval;
		__entry->timer_idx = timer_idx;
	),
	TP_printk("   CTL: 0x%08lx CVAL:   0x%16llx arch_timer_ctx_index: %d", __entry->ctl,
		  __entry->cval, __entry->timer_idx)
);
DEFINE_EVENT(kvm_timer_state, kvm_timer_restore_state,
	TP_PROTO(unsigned long ctl, unsigned long long cval, int timer_idx),
	TP_ARGS(ctl, cval, timer_idx));
DEFINE_EVENT(kvm_timer_state, kvm_timer_save_state,
	TP_PROTO(unsigned long ctl, unsigned long long cval, int timer_idx),
	TP_ARGS(ctl, cval, timer_idx));

/* The physical timer's registers have changed; should_fire is the level of its line. */
TRACE_EVENT(kvm_timer_emulate,
	TP_PROTO(int timer_idx, bool should_fire),
	TP_ARGS(timer_idx, should_fire),
	TP_STRUCT__entry(
		__field(int, timer_idx)
		__field(bool, should_fire)
	),
	TP_fast_assign(
		__entry->timer_idx = timer_idx;
		__entry->should_fire = should_fire;
	),
	TP_printk("arch_timer_ctx_index: %d (should_fire: %d)", __entry->timer_idx,
		  __entry->should_fire)
);

/* The hrtimer that stands in for the guest's timer has expired: the virtual one's in a WFI. */
TRACE_EVENT(kvm_timer_hrtimer_expire,
	TP_PROTO(int timer_idx),
	TP_ARGS(timer_idx),
	TP_STRUCT__entry(__field(int, timer_idx)),
	TP_fast_assign(__entry->timer_idx = timer_idx;),
	TP_printk("arch_timer_ctx_index: %d", __entry->timer_idx)
);
/* clang-format on */

#endif /* KVM_ARMV7_KVM_TRACE_H */

/* clang-format off */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE kvm-trace
/* clang-format on */
#include <trace/define_trace.h>
