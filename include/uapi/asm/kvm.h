/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The 32-bit Arm part of the /dev/kvm interface.
 *
 * Since Linux 5.7 the arm headers have no <asm/kvm.h>, so <linux/kvm.h> does not compile there.
 * This file replaces it for the module, armvm and the tests.  Its numbers and layouts are the
 * published ABI (see Documentation/virt/kvm/api.rst in the kernel) and therefore fixed.  What only
 * kvm-armv7 has is in <linux/kvm_armv7.h>.
 */
#ifndef __ARM_KVM_H__
#define __ARM_KVM_H__

#include <linux/types.h>
#include <linux/psci.h>
#include <asm/ptrace.h>

#define __KVM_HAVE_GUEST_DEBUG
#define __KVM_HAVE_IRQ_LINE
#define __KVM_HAVE_READONLY_MEM
#define __KVM_HAVE_VCPU_EVENTS

#define KVM_COALESCED_MMIO_PAGE_OFFSET 1

/* Since Linux 7.0 <linux/kvm.h> has it, too: each blank counts, or the two would differ. */
/* clang-format off */
#define KVM_REG_SIZE(id) (1U << (((id) & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT))
/* clang-format on */

/* A bank holds SP, LR and SPSR, in this order. */
#define KVM_ARM_SVC_sp	 svc_regs[0]
#define KVM_ARM_SVC_lr	 svc_regs[1]
#define KVM_ARM_SVC_spsr svc_regs[2]
#define KVM_ARM_ABT_sp	 abt_regs[0]
#define KVM_ARM_ABT_lr	 abt_regs[1]
#define KVM_ARM_ABT_spsr abt_regs[2]
#define KVM_ARM_UND_sp	 und_regs[0]
#define KVM_ARM_UND_lr	 und_regs[1]
#define KVM_ARM_UND_spsr und_regs[2]
#define KVM_ARM_IRQ_sp	 irq_regs[0]
#define KVM_ARM_IRQ_lr	 irq_regs[1]
#define KVM_ARM_IRQ_spsr irq_regs[2]
#define KVM_ARM_FIQ_r8	 fiq_regs[0]
#define KVM_ARM_FIQ_r9	 fiq_regs[1]
#define KVM_ARM_FIQ_r10	 fiq_regs[2]
#define KVM_ARM_FIQ_fp	 fiq_regs[3]
#define KVM_ARM_FIQ_ip	 fiq_regs[4]
#define KVM_ARM_FIQ_sp	 fiq_regs[5]
#define KVM_ARM_FIQ_lr	 fiq_regs[6]
#define KVM_ARM_FIQ_spsr fiq_regs[7]

struct kvm_regs {
	struct pt_regs usr_regs;   /* R0_usr - R14_usr, PC, CPSR */
	unsigned long svc_regs[3]; /* SP_svc, LR_svc, SPSR_svc */
	unsigned long abt_regs[3]; /* SP_abt, LR_abt, SPSR_abt */
	unsigned long und_regs[3]; /* SP_und, LR_und, SPSR_und */
	unsigned long irq_regs[3]; /* SP_irq, LR_irq, SPSR_irq */
	unsigned long fiq_regs[8]; /* R8_fiq - R14_fiq, SPSR_fiq */
};

/* KVM_ARM_VCPU_INIT: targets, and the bits of features[0]. */
#define KVM_ARM_TARGET_CORTEX_A15 0
#define KVM_ARM_TARGET_CORTEX_A7  1
#define KVM_ARM_NUM_TARGETS	  2

#define KVM_ARM_VCPU_POWER_OFF 0 /* start powered off */
#define KVM_ARM_VCPU_PSCI_0_2  1 /* PSCI 0.2 or later by HVC */
#define KVM_ARM_VCPU_PMU_V3    3 /* a PMUv2: the number and the name are arm64's */

struct kvm_vcpu_init {
	__u32 target;
	__u32 features[7];
};

/* KVM_ARM_SET_DEVICE_ADDR: the id is device << 16 | address type. */
#define KVM_ARM_DEVICE_TYPE_SHIFT 0
#define KVM_ARM_DEVICE_TYPE_MASK  (0xffff << KVM_ARM_DEVICE_TYPE_SHIFT)
#define KVM_ARM_DEVICE_ID_SHIFT	  16
#define KVM_ARM_DEVICE_ID_MASK	  (0xffff << KVM_ARM_DEVICE_ID_SHIFT)

#define KVM_ARM_DEVICE_VGIC_V2 0

#define KVM_VGIC_V2_ADDR_TYPE_DIST 0
#define KVM_VGIC_V2_ADDR_TYPE_CPU  1

#define KVM_VGIC_V2_DIST_SIZE 0x1000
#define KVM_VGIC_V2_CPU_SIZE  0x2000

struct kvm_sregs {
};

struct kvm_fpu {
};

/* Bits of kvm_guest_debug.control; for hardware points see <linux/kvm_armv7.h>. */
#define KVM_GUESTDBG_USE_SW_BP 0x00010000
#define KVM_GUESTDBG_USE_HW    0x00020000
/* The BKPT that stopped the vCPU is the guest's own: give it to the guest at the next KVM_RUN. */
#define KVM_GUESTDBG_INJECT_BP 0x00080000

struct kvm_guest_debug_arch {
};

struct kvm_debug_exit_arch {
};

struct kvm_sync_regs {
	__u64 device_irq_level;
};

struct kvm_arch_memory_slot {
};

struct kvm_vcpu_events {
	struct {
		__u8 serror_pending;
		__u8 serror_has_esr;
		__u8 ext_dabt_pending;
		__u8 pad[5];
		__u64 serror_esr;
	} exception;
	__u32 reserved[12];
};

/* Ids of KVM_GET_ONE_REG and KVM_SET_ONE_REG. */
#define KVM_REG_ARM_COPROC_MASK	  0x000000000FFF0000
#define KVM_REG_ARM_COPROC_SHIFT  16
#define KVM_REG_ARM_32_OPC2_MASK  0x0000000000000007
#define KVM_REG_ARM_32_OPC2_SHIFT 0
#define KVM_REG_ARM_OPC1_MASK	  0x0000000000000078
#define KVM_REG_ARM_OPC1_SHIFT	  3
#define KVM_REG_ARM_CRM_MASK	  0x0000000000000780
#define KVM_REG_ARM_CRM_SHIFT	  7
#define KVM_REG_ARM_32_CRN_MASK	  0x0000000000007800
#define KVM_REG_ARM_32_CRN_SHIFT  11
#define KVM_REG_ARM_SECURE_MASK	  0x0000000010000000
#define KVM_REG_ARM_SECURE_SHIFT  28

#define ARM_CP_SHIFT_MASK(x, n) (((__u64)(x) << KVM_REG_ARM_##n##_SHIFT) & KVM_REG_ARM_##n##_MASK)

#define __ARM_CP_REG32(cp, op1, crn, crm, op2)                            \
	(KVM_REG_ARM | KVM_REG_SIZE_U32 | ARM_CP_SHIFT_MASK(cp, COPROC) | \
	 ARM_CP_SHIFT_MASK(op1, OPC1) | ARM_CP_SHIFT_MASK(crn, 32_CRN) |  \
	 ARM_CP_SHIFT_MASK(crm, CRM) | ARM_CP_SHIFT_MASK(op2, 32_OPC2))

#define ARM_CP15_REG32(op1, crn, crm, op2) __ARM_CP_REG32(15, op1, crn, crm, op2)
#define ARM_CP14_REG32(op1, crn, crm, op2) __ARM_CP_REG32(14, op1, crn, crm, op2)

#define ARM_CP15_REG64(op1, crm)                                          \
	(KVM_REG_ARM | KVM_REG_SIZE_U64 | ARM_CP_SHIFT_MASK(15, COPROC) | \
	 ARM_CP_SHIFT_MASK(op1, OPC1) | ARM_CP_SHIFT_MASK(crm, CRM))

/* The virtual timer; CNT and CVAL are 64-bit registers. */
#define KVM_REG_ARM_TIMER_CTL  ARM_CP15_REG32(0, 14, 3, 1)
#define KVM_REG_ARM_TIMER_CNT  ARM_CP15_REG64(1, 14)
#define KVM_REG_ARM_TIMER_CVAL ARM_CP15_REG64(3, 14)

/* The physical timer, likewise. */
#define KVM_REG_ARM_PTIMER_CTL	ARM_CP15_REG32(0, 14, 2, 1)
#define KVM_REG_ARM_PTIMER_CNT	ARM_CP15_REG64(0, 14)
#define KVM_REG_ARM_PTIMER_CVAL ARM_CP15_REG64(2, 14)

/* Core registers: the id's low half is the word offset in struct kvm_regs. */
#define KVM_REG_ARM_CORE	   (0x0010 << KVM_REG_ARM_COPROC_SHIFT)
#define KVM_REG_ARM_CORE_REG(name) (offsetof(struct kvm_regs, name) / 4)

/* Demultiplexed registers: one id for each value of CSSELR, for the cache size ids. */
#define KVM_REG_ARM_DEMUX	    (0x0011 << KVM_REG_ARM_COPROC_SHIFT)
#define KVM_REG_ARM_DEMUX_ID_MASK   0x000000000000FF00
#define KVM_REG_ARM_DEMUX_ID_SHIFT  8
#define KVM_REG_ARM_DEMUX_ID_CCSIDR (0x00 << KVM_REG_ARM_DEMUX_ID_SHIFT)
#define KVM_REG_ARM_DEMUX_VAL_MASK  0x00000000000000FF
#define KVM_REG_ARM_DEMUX_VAL_SHIFT 0

/* VFP: D0 - D31 as 64-bit registers from 0, the control registers as 32-bit. */
#define KVM_REG_ARM_VFP		 (0x0012 << KVM_REG_ARM_COPROC_SHIFT)
#define KVM_REG_ARM_VFP_MASK	 0x000000000000FFFF
#define KVM_REG_ARM_VFP_BASE_REG 0x0
#define KVM_REG_ARM_VFP_FPSID	 0x1000
#define KVM_REG_ARM_VFP_FPSCR	 0x1001
#define KVM_REG_ARM_VFP_MVFR1	 0x1006
#define KVM_REG_ARM_VFP_MVFR0	 0x1007
#define KVM_REG_ARM_VFP_FPEXC	 0x1008
#define KVM_REG_ARM_VFP_FPINST	 0x1009
#define KVM_REG_ARM_VFP_FPINST2	 0x100A

/* Firmware that the host provides. */
#define KVM_REG_ARM_FW		 (0x0014 << KVM_REG_ARM_COPROC_SHIFT)
#define KVM_REG_ARM_FW_REG(r)	 (KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_FW | ((r)&0xffff))
#define KVM_REG_ARM_PSCI_VERSION KVM_REG_ARM_FW_REG(0)

/* Linux 5.2 to 5.6; the values in the order of what a guest gets from them. */
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1		 KVM_REG_ARM_FW_REG(1)
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_AVAIL	 0
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_AVAIL	 1
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_REQUIRED 2
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2		 KVM_REG_ARM_FW_REG(2)
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_AVAIL	 0
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_UNKNOWN	 1
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_AVAIL	 2
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_REQUIRED 3
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_ENABLED	 (1u << 4)

/* Attribute groups of the KVM_DEV_TYPE_ARM_VGIC_V2 device. */
#define KVM_DEV_ARM_VGIC_GRP_ADDR      0
#define KVM_DEV_ARM_VGIC_GRP_DIST_REGS 1
#define KVM_DEV_ARM_VGIC_GRP_CPU_REGS  2
#define KVM_DEV_ARM_VGIC_CPUID_SHIFT   32
#define KVM_DEV_ARM_VGIC_CPUID_MASK    (0xffULL << KVM_DEV_ARM_VGIC_CPUID_SHIFT)
#define KVM_DEV_ARM_VGIC_OFFSET_SHIFT  0
#define KVM_DEV_ARM_VGIC_OFFSET_MASK   (0xffffffffULL << KVM_DEV_ARM_VGIC_OFFSET_SHIFT)
#define KVM_DEV_ARM_VGIC_GRP_NR_IRQS   3
#define KVM_DEV_ARM_VGIC_GRP_CTRL      4
#define KVM_DEV_ARM_VGIC_CTRL_INIT     0

/* Attributes of a vCPU: its PMU, with arm64's numbers; the PPIs of its timers. */
#define KVM_ARM_VCPU_PMU_V3_CTRL      0
#define KVM_ARM_VCPU_PMU_V3_IRQ	      0
#define KVM_ARM_VCPU_PMU_V3_INIT      1
#define KVM_ARM_VCPU_TIMER_CTRL	      1
#define KVM_ARM_VCPU_TIMER_IRQ_VTIMER 0
#define KVM_ARM_VCPU_TIMER_IRQ_PTIMER 1

/* KVM_IRQ_LINE: the fields of kvm_irq_level.irq. */
#define KVM_ARM_IRQ_VCPU2_SHIFT 28
#define KVM_ARM_IRQ_VCPU2_MASK	0xf
#define KVM_ARM_IRQ_TYPE_SHIFT	24
#define KVM_ARM_IRQ_TYPE_MASK	0xf
#define KVM_ARM_IRQ_VCPU_SHIFT	16
#define KVM_ARM_IRQ_VCPU_MASK	0xff
#define KVM_ARM_IRQ_NUM_SHIFT	0
#define KVM_ARM_IRQ_NUM_MASK	0xffff

#define KVM_ARM_IRQ_TYPE_CPU 0
#define KVM_ARM_IRQ_TYPE_SPI 1
#define KVM_ARM_IRQ_TYPE_PPI 2

#define KVM_ARM_IRQ_CPU_IRQ 0
#define KVM_ARM_IRQ_CPU_FIQ 1

/* The highest interrupt number that KVM_IRQ_LINE accepted before there was a vgic device. */
#define KVM_ARM_IRQ_GIC_MAX 127

#define KVM_NR_IRQCHIPS 1

/* PSCI 0.1 functions, for vCPUs without KVM_ARM_VCPU_PSCI_0_2. */
#define KVM_PSCI_FN_BASE	0x95c1ba5e
#define KVM_PSCI_FN(n)		(KVM_PSCI_FN_BASE + (n))
#define KVM_PSCI_FN_CPU_SUSPEND KVM_PSCI_FN(0)
#define KVM_PSCI_FN_CPU_OFF	KVM_PSCI_FN(1)
#define KVM_PSCI_FN_CPU_ON	KVM_PSCI_FN(2)
#define KVM_PSCI_FN_MIGRATE	KVM_PSCI_FN(3)

#define KVM_PSCI_RET_SUCCESS PSCI_RET_SUCCESS
#define KVM_PSCI_RET_NI	     PSCI_RET_NOT_SUPPORTED
#define KVM_PSCI_RET_INVAL   PSCI_RET_INVALID_PARAMS
#define KVM_PSCI_RET_DENIED  PSCI_RET_DENIED

#endif /* __ARM_KVM_H__ */
