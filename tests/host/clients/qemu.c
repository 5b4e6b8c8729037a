// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU 4.2, `-machine virt,accel=kvm -cpu host -smp 2`: machine, reset, run, and a saved machine
 * that is loaded by another process.  So do all of 1.3 to 5.1, in essence.
 */
#include "clients.h"

#define PSCI	  (1u << KVM_ARM_VCPU_PSCI_0_2)
#define OFF	  (1u << KVM_ARM_VCPU_POWER_OFF)
#define GIC_IRQS  288
#define SPI(n)	  ((uint64_t)KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (n))
#define PPI(v, n) ((uint64_t)KVM_ARM_IRQ_TYPE_PPI << KVM_ARM_IRQ_TYPE_SHIFT | (v) << 16 | (n))

/* Before the machine, a small one is made and asked what the CPU is. */
#define HOST_CPU                                                                             \
	STEP("open, to ask for the CPU", call_open, 0),                                      \
		STEP("KVM_CREATE_VM", call_create_vm, ANY),                                  \
		STEP("KVM_CREATE_VCPU", call_create_vcpu, ANY),                              \
		STEP("KVM_ARM_PREFERRED_TARGET", call_preferred_target, 0),                  \
		STEP("KVM_ARM_VCPU_INIT", call_vcpu_init, 0),                                \
		STEP("KVM_GET_ONE_REG of MIDR", call_get_reg, 0, .a = CP15(0)),              \
		STEP("KVM_GET_ONE_REG of ID_PFR0", call_get_reg, 0, .a = CP15(0x80)),        \
		STEP("KVM_GET_ONE_REG of ID_ISAR0", call_get_reg, 0, .a = CP15(0x100)),      \
		STEP("KVM_GET_ONE_REG of ID_ISAR1", call_get_reg, 0, .a = CP15(0x101)),      \
		STEP("KVM_GET_ONE_REG of ID_ISAR2", call_get_reg, 0, .a = CP15(0x102)),      \
		STEP("KVM_GET_ONE_REG of ID_ISAR3", call_get_reg, 0, .a = CP15(0x103)),      \
		STEP("KVM_GET_ONE_REG of ID_ISAR4", call_get_reg, 0, .a = CP15(0x104)),      \
		STEP("KVM_GET_ONE_REG of ID_ISAR5", call_get_reg, 0, .a = CP15(0x105)),      \
		STEP("KVM_GET_ONE_REG of ID_ISAR6", call_get_reg, -ENOENT, .a = NOT_LISTED), \
		STEP("KVM_GET_ONE_REG of ID_DFR0", call_get_reg, 0, .a = CP15(0x82)),        \
		STEP("KVM_GET_ONE_REG of MVFR0", call_get_reg, 0, .a = MVFR0),               \
		STEP("KVM_GET_ONE_REG of MVFR1", call_get_reg, 0, .a = MVFR1),               \
		STEP("close", call_close, 0)

#define KVM_INIT                                                                               \
	STEP("open", call_open, 0),                                                            \
		STEP("KVM_GET_API_VERSION", call_kvm, 12, .a = KVM_GET_API_VERSION),           \
		CAP(IMMEDIATE_EXIT, 1), CAP_UP_TO(NR_MEMSLOTS, 32, 512),                       \
		CAP(MULTI_ADDRESS_SPACE, 0), CAP(ARM_VM_IPA_SIZE, 0),                          \
		STEP("KVM_CREATE_VM", call_create_vm, ANY), CAP_UP_TO(NR_VCPUS, 1, 8),         \
		CAP_UP_TO(MAX_VCPUS, 2, 8), CAP_UP_TO(MAX_VCPU_ID, 2, 8), CAP(USER_MEMORY, 1), \
		CAP(DESTROY_MEMORY_REGION_WORKS, 1), CAP(JOIN_MEMORY_REGIONS_WORKS, 1),        \
		CAP(VCPU_EVENTS, 1), CAP(X86_ROBUST_SINGLESTEP, 0), CAP(PCI_2_3, 0),           \
		CAP(IRQ_INJECT_STATUS, 0), CAP(READONLY_MEM, 1), CAP(VM_ATTRIBUTES, 0),        \
		CAP(MP_STATE, 1), CAP(IRQCHIP, 1), CAP(DEVICE_CTRL, 1), CAP(MSI_DEVID, 0),     \
		CAP(ARM_INJECT_SERROR_ESR, 0), CAP(ARM_PMU_V3, 0), VM_CAP(ARM_PSCI_0_2, 1)

#define MEMORY                                                                                    \
	STEP("the guest's code", call_load, 0),                                                   \
		STEP("KVM_SET_USER_MEMORY_REGION of RAM", call_memory, 0, .a = 0, .c = RAM_SIZE), \
		STEP("KVM_SET_USER_MEMORY_REGION of flash, to be read only", call_rom, 0, .a = 1, \
		     .b = KVM_MEM_READONLY, .c = PAGE),                                           \
		STEP("the flash's slot is deleted", call_rom, 0, .a = 1, .c = 0),                 \
		STEP("and made again, to be written", call_rom, 0, .a = 1, .c = PAGE)

#define VCPU(n, feature_bits)                                                                   \
	STEP("KVM_CREATE_VCPU", call_create_vcpu, ANY, .vcpu = (n)),                            \
		STEP("KVM_GET_VCPU_MMAP_SIZE", call_vcpu_mmap_size, ANY, .vcpu = (n)),          \
		STEP("mmap", call_mmap, 0, .vcpu = (n)),                                        \
		STEP("KVM_ARM_PREFERRED_TARGET", call_preferred_target, 0, .vcpu = (n)),        \
		STEP("KVM_ARM_VCPU_INIT", call_vcpu_init, 0, .a = (feature_bits), .vcpu = (n)), \
		STEP("KVM_GET_ONE_REG of D31", call_get_reg, 0, .a = VFP_D(31), .vcpu = (n)),   \
		STEP("KVM_GET_ONE_REG of MPIDR", call_get_reg, 0, .a = CP15(5), .vcpu = (n)),   \
		STEP("KVM_GET_REG_LIST, to ask how many", call_reg_list, -E2BIG, .a = 0,        \
		     .vcpu = (n)),                                                              \
		STEP("KVM_GET_REG_LIST", call_reg_list, 0, .a = MAX_REGS, .vcpu = (n)),         \
		STEP("KVM_GET_ONE_REG of each that it lists", call_get_all, 0, .vcpu = (n))

#define GIC                                                                                       \
	STEP("KVM_CREATE_DEVICE, a test for GICv3", call_create_device, -ENODEV,                  \
	     .a = KVM_DEV_TYPE_ARM_VGIC_V3, .b = KVM_CREATE_DEVICE_TEST),                         \
		STEP("KVM_CREATE_DEVICE of a GICv2", call_create_device, 0,                       \
		     .a = KVM_DEV_TYPE_ARM_VGIC_V2),                                              \
		STEP("it has NR_IRQS", call_has_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_NR_IRQS),      \
		STEP("NR_IRQS is set", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_NR_IRQS,       \
		     .c = GIC_IRQS),                                                              \
		STEP("it has CTRL_INIT", call_has_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_CTRL,        \
		     .b = KVM_DEV_ARM_VGIC_CTRL_INIT),                                            \
		STEP("CTRL_INIT is set", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_CTRL,        \
		     .b = KVM_DEV_ARM_VGIC_CTRL_INIT),                                            \
		STEP("the distributor's address", call_set_attr, 0,                               \
		     .a = KVM_DEV_ARM_VGIC_GRP_ADDR, .b = KVM_VGIC_V2_ADDR_TYPE_DIST, .c = GICD), \
		STEP("the CPU interface's address", call_set_attr, 0,                             \
		     .a = KVM_DEV_ARM_VGIC_GRP_ADDR, .b = KVM_VGIC_V2_ADDR_TYPE_CPU, .c = GICC)

/* `-cpu host` has no FPSID, and QEMU stops there: the registers after it stay as they are. */
#define RESET(n, feature_bits, mp_state)                                                          \
	STEP("reset: KVM_ARM_VCPU_INIT", call_vcpu_init, 0, .a = (feature_bits), .vcpu = (n)),    \
		STEP("reset: every register is read", call_get_all, 0, .vcpu = (n)),              \
		STEP("reset: r0 is set", call_set_reg, 0, .a = CORE_ID(0), .vcpu = (n)),          \
		STEP("reset: the PC is set", call_set_reg, 0, .a = CORE_ID(15), .b = RAM,         \
		     .vcpu = (n)),                                                                \
		STEP("reset: FPSID is set to 0", call_set_reg, -EINVAL, .a = FPSID, .vcpu = (n)), \
		STEP("reset: KVM_SET_MP_STATE", call_set_mp_state, 0, .a = (mp_state),            \
		     .vcpu = (n))

#define MACHINE KVM_INIT, MEMORY, VCPU(0, PSCI), VCPU(1, PSCI | OFF), GIC

#define STATE(n, word, core, all, events)                                            \
	STEP(word " of core and VFP registers", core, 0, .vcpu = (n)),               \
		STEP(word " of KVM_SET_VCPU_EVENTS' state", events, 0, .vcpu = (n)), \
		STEP(word " of the registers of the list", all, 0, .vcpu = (n))

#define SAVE(n, mp_state)                                                           \
	STATE(n, "saving", call_get_core_all, call_get_all, call_get_events),       \
		STEP("KVM_GET_MP_STATE", call_get_mp_state, mp_state, .vcpu = (n)), \
		STEP("the file is written", call_to_file, 0, .vcpu = (n))

#define LOAD(n, mp_state)                                                              \
	STEP("the file is read", call_from_file, 0, .vcpu = (n)),                      \
		STATE(n, "loading", call_set_core_all, call_set_all, call_set_events), \
		STEP("KVM_SET_MP_STATE", call_set_mp_state, 0, .a = (mp_state), .vcpu = (n))

const struct step qemu_steps[] = {
	HOST_CPU,
	MACHINE,
	RESET(0, PSCI, KVM_MP_STATE_RUNNABLE),
	RESET(1, PSCI | OFF, KVM_MP_STATE_STOPPED),
	STEP("KVM_IRQ_LINE of an SPI, low", call_irq_line, 0, .a = SPI(UART_SPI), .b = 0),
	STEP("KVM_IRQ_LINE of an SPI, high", call_irq_line, 0, .a = SPI(UART_SPI), .b = 1),
	STEP("KVM_IRQ_LINE of a PPI of vCPU 1", call_irq_line, 0, .a = PPI(1, 23), .b = 0),
	STEP("KVM_RUN with immediate_exit", call_run_kicked, -EINTR),
	STEP("KVM_RUN: the guest is ready", call_run, GUEST_READY),

	/* A kick before the state is read completes the store that the guest is in. */
	STEP("KVM_RUN with immediate_exit", call_run_kicked, -EINTR),
	SAVE(0, KVM_MP_STATE_RUNNABLE),
	SAVE(1, KVM_MP_STATE_STOPPED),
	STEP("the process ends", call_close, 0),
	MACHINE,
	RESET(0, PSCI, KVM_MP_STATE_RUNNABLE),
	RESET(1, PSCI | OFF, KVM_MP_STATE_STOPPED),
	LOAD(0, KVM_MP_STATE_RUNNABLE),
	LOAD(1, KVM_MP_STATE_STOPPED),
	STEP("KVM_RUN: the guest has kept its registers", call_run, GUEST_KEPT),
	STEP("KVM_RUN: it turns on the other vCPU", call_run, GUEST_ON),
	STEP("KVM_RUN of the other", call_run, GUEST_SECONDARY, .vcpu = 1),
	STEP("KVM_RUN: the guest resets the machine", call_run, EXIT(KVM_EXIT_SYSTEM_EVENT)),
	STEP("KVM_GET_MP_STATE: all are stopped", call_get_mp_state, KVM_MP_STATE_STOPPED,
	     .vcpu = 1),
	RESET(0, PSCI, KVM_MP_STATE_RUNNABLE),
	RESET(1, PSCI | OFF, KVM_MP_STATE_STOPPED),
	STEP("KVM_RUN: the guest is ready again", call_run, GUEST_READY),
	{ .call = 0 },
};
