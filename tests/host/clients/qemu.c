// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU 4.2, `-machine virt,accel=kvm -cpu host -smp 2`: machine, reset, run, and a saved machine
 * that is loaded by another process.  So do all of 1.3 to 5.1, in essence.
 */
#include "clients.h"

#define GIC_IRQS  288
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

#define DIFFERS(name, answer, text)                                                             \
	STEP("KVM_CAP_" #name, call_kvm, answer, .a = KVM_CHECK_EXTENSION, .b = KVM_CAP_##name, \
	     .why = (text))

/* Where the log's manual protection is offered, QEMU asks for it. */
#define KVM_INIT                                                                                   \
	STEP("open", call_open, 0),                                                                \
		STEP("KVM_GET_API_VERSION", call_kvm, 12, .a = KVM_GET_API_VERSION),               \
		CAP(IMMEDIATE_EXIT, 1), CAP_UP_TO(NR_MEMSLOTS, 32, 512),                           \
		CAP(MULTI_ADDRESS_SPACE, 0), CAP(ARM_VM_IPA_SIZE, 0),                              \
		STEP("KVM_CREATE_VM", call_create_vm, ANY), CAP_UP_TO(NR_VCPUS, 1, 8),             \
		CAP_UP_TO(MAX_VCPUS, 2, 8), CAP_UP_TO(MAX_VCPU_ID, 2, 8), CAP(USER_MEMORY, 1),     \
		CAP(DESTROY_MEMORY_REGION_WORKS, 1), CAP(JOIN_MEMORY_REGIONS_WORKS, 1),            \
		CAP(COALESCED_MMIO, 1), CAP(COALESCED_PIO, 0),                                     \
		DIFFERS(MANUAL_DIRTY_LOG_PROTECT2, 1, "Linux: 0 before 5.2"),                      \
		STEP("KVM_ENABLE_CAP of it", call_enable_cap, 0,                                   \
		     .a = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .b = 1, .why = "as Linux 5.2"),       \
		CAP(VCPU_EVENTS, 1), CAP(X86_ROBUST_SINGLESTEP, 0), CAP(PCI_2_3, 0),               \
		CAP(IRQ_INJECT_STATUS, 0), CAP(READONLY_MEM, 1), CAP(IOEVENTFD, 1), CAP(IRQFD, 1), \
		CAP(IRQFD_RESAMPLE, 1), CAP(VM_ATTRIBUTES, 0), CAP(IOEVENTFD_ANY_LENGTH, 1),       \
		CAP(MP_STATE, 1), CAP(IRQCHIP, 1), CAP(DEVICE_CTRL, 1), CAP(IRQ_ROUTING, 4096),    \
		CAP(SIGNAL_MSI, 1), CAP(MSI_DEVID, 0), CAP(ARM_INJECT_SERROR_ESR, 0),              \
		CAP(ARM_PMU_V3, 0), VM_CAP(ARM_PSCI_0_2, 1), VM_CAP(SYNC_MMU, 1),                  \
		STEP("seven ioeventfds are made and removed", call_many_ioeventfds, 0, .a = 7)

#define MEMORY                                                                                    \
	STEP("the guest's code", call_load, 0),                                                   \
		STEP("KVM_SET_USER_MEMORY_REGION of RAM", call_memory, 0, .a = 0, .c = RAM_SIZE), \
		STEP("KVM_SET_USER_MEMORY_REGION of flash, to be read only", call_rom, 0, .a = 1, \
		     .b = KVM_MEM_READONLY, .c = PAGE),                                           \
		STEP("the flash's slot is deleted", call_rom, 0, .a = 1, .c = 0),                 \
		STEP("and made again, to be written", call_rom, 0, .a = 1, .c = PAGE)

#define VCPU(n, feature_bits)                                                                   \
	VCPU_MADE(n), STEP("KVM_ARM_PREFERRED_TARGET", call_preferred_target, 0, .vcpu = (n)),  \
		STEP("KVM_ARM_VCPU_INIT", call_vcpu_init, 0, .a = (feature_bits), .vcpu = (n)), \
		STEP("KVM_GET_ONE_REG of D31", call_get_reg, 0, .a = VFP_D(31), .vcpu = (n)),   \
		STEP("KVM_GET_ONE_REG of MPIDR", call_get_reg, 0, .a = CP15(5), .vcpu = (n)),   \
		STEP("KVM_GET_REG_LIST, to ask how many", call_reg_list, -E2BIG, .a = 0,        \
		     .vcpu = (n)),                                                              \
		STEP("KVM_GET_REG_LIST", call_reg_list, 0, .a = MAX_REGS, .vcpu = (n)),         \
		STEP("KVM_GET_ONE_REG of each that it lists", call_get_all, 0, .vcpu = (n))

#define GIC                                                                                     \
	STEP("KVM_CREATE_DEVICE, a test for GICv3", call_create_device, -ENODEV,                \
	     .a = KVM_DEV_TYPE_ARM_VGIC_V3, .b = KVM_CREATE_DEVICE_TEST),                       \
		GIC_CREATED, GIC_HAS_LINES, GIC_LINES(GIC_IRQS), GIC_HAS_INIT, GIC_INITIALIZED, \
		GICD_PLACED, GICC_PLACED,                                                       \
		STEP("KVM_SET_GSI_ROUTING", call_routing, 0, .a = GIC_IRQS - 32)

/* `-cpu host` has no FPSID, and QEMU stops there: the registers after it stay as they are. */
#define CPU_RESET(n, feature_bits)                                                             \
	STEP("reset: KVM_ARM_VCPU_INIT", call_vcpu_init, 0, .a = (feature_bits), .vcpu = (n)), \
		STEP("reset: every register is read", call_get_all, 0, .vcpu = (n))

#define CPU_START(n, mp_state)                                                                    \
	STEP("reset: r0 is set", call_set_reg, 0, .a = CORE_ID(0), .vcpu = (n)),                  \
		STEP("reset: the PC is set", call_set_reg, 0, .a = CORE_ID(15), .b = RAM,         \
		     .vcpu = (n)),                                                                \
		STEP("reset: FPSID is set to 0", call_set_reg, -EINVAL, .a = FPSID, .vcpu = (n)), \
		STEP("reset: KVM_SET_MP_STATE", call_set_mp_state, 0, .a = (mp_state),            \
		     .vcpu = (n))

/* Lines and CPUs; QEMU ends here if they are not its own. */
#define TYPER STEP("GICD_TYPER", call_gicd_value, 0x28, .a = 0x004)

#define GICD_(text, call, offset, bits) \
	STEP(text, call, 0, .a = (offset), .b = (bits), .c = GIC_IRQS)
/* The pending SGIs' senders. */
#define SGI_(text, call, offset) STEP(text, call, 0, .a = (offset), .b = 8, .c = 16)

#define GIC_PUT(word)                                                               \
	STEP(word ": GICD_CTLR", call_gicd_ctlr, 0), TYPER,                         \
		GICD_(word ": GICD_ICENABLER", call_gicd_clear, 0x180, 1),          \
		GICD_(word ": GICD_ISENABLER", call_gicd_put, 0x100, 1),            \
		GICD_(word ": GICD_IGROUPR", call_gicd_put, 0x080, 1),              \
		GICD_(word ": GICD_ITARGETSR", call_gicd_put, 0x800, 8),            \
		GICD_(word ": GICD_ICFGR", call_gicd_put, 0xc00, 2),                \
		GICD_(word ": GICD_ICPENDR", call_gicd_clear, 0x280, 1),            \
		GICD_(word ": GICD_ISPENDR", call_gicd_put, 0x200, 1),              \
		GICD_(word ": GICD_ICACTIVER", call_gicd_clear, 0x380, 1),          \
		GICD_(word ": GICD_ISACTIVER", call_gicd_put, 0x300, 1),            \
		GICD_(word ": GICD_IPRIORITYR", call_gicd_put, 0x400, 8),           \
		SGI_(word ": GICD_CPENDSGIR", call_gicd_clear, 0xf10),              \
		SGI_(word ": GICD_SPENDSGIR", call_gicd_put, 0xf20),                \
		STEP(word ": GICC_CTLR, PMR, BPR, ABPR and APR", call_gicc_put, 0), \
		STEP(word ": GICC_CTLR, PMR, BPR, ABPR and APR", call_gicc_put, 0, .vcpu = 1)

#define GIC_GET(word)                                                               \
	STEP(word ": GICD_CTLR", call_gicd_value, 1, .a = 0x000), TYPER,            \
		STEP(word ": GICD_IIDR", call_gicd_value, ANY, .a = 0x008),         \
		GICD_(word ": GICD_IGROUPR", call_gicd_get, 0x080, 1),              \
		GICD_(word ": GICD_ISENABLER", call_gicd_get, 0x100, 1),            \
		GICD_(word ": GICD_ISPENDR", call_gicd_get, 0x200, 1),              \
		GICD_(word ": GICD_ISACTIVER", call_gicd_get, 0x300, 1),            \
		GICD_(word ": GICD_ICFGR", call_gicd_get, 0xc00, 2),                \
		GICD_(word ": GICD_IPRIORITYR", call_gicd_get, 0x400, 8),           \
		GICD_(word ": GICD_ITARGETSR", call_gicd_get, 0x800, 8),            \
		SGI_(word ": GICD_CPENDSGIR", call_gicd_get, 0xf10),                \
		STEP(word ": GICC_CTLR, PMR, BPR, ABPR and APR", call_gicc_get, 0), \
		STEP(word ": GICC_CTLR, PMR, BPR, ABPR and APR", call_gicc_get, 0, .vcpu = 1)

#define RESET                                                                                      \
	CPU_RESET(0, PSCI), CPU_RESET(1, PSCI | OFF), STEP("reset of the GIC", call_gic_fresh, 0), \
		GIC_PUT("reset"), CPU_START(0, KVM_MP_STATE_RUNNABLE),                             \
		CPU_START(1, KVM_MP_STATE_STOPPED)

#define MACHINE KVM_INIT, MEMORY, VCPU(0, PSCI), VCPU(1, PSCI | OFF), GIC, RESET

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

#define UART_LINE(level) \
	STEP("KVM_IRQ_LINE of SPI 33: " #level, call_irq_line, 0, .a = SPI(UART_SPI), .b = (level))
/* An MSI of a device that QEMU emulates: gicv2m's interrupts are edges. */
#define MSI                                                                                   \
	STEP("KVM_IRQ_LINE of SPI 34: 1", call_irq_line, 0, .a = SPI(32 + EDGE_PIN), .b = 1), \
		STEP("KVM_IRQ_LINE of SPI 34: 0", call_irq_line, 0, .a = SPI(32 + EDGE_PIN))
#define LOG KVM_MEM_LOG_DIRTY_PAGES

/* A virtio device whose driver begins: two queues of virtio-mmio; an MSI-X by gicv2m. */
#define DEVICES                                                                            \
	GUEST("without an ioeventfd, a queue's notification exits", DO_NOTIFY,             \
	      EXIT(KVM_EXIT_MMIO)),                                                        \
		STEP("KVM_RUN: it goes on", call_run, GUEST_DONE), QUEUES_NOTIFY,          \
		STEP("KVM_IRQFD", call_irqfd, 0, .a = INTERRUPT, .b = EDGE_PIN),           \
		STEP("the same again", call_irqfd, -EBUSY, .a = INTERRUPT, .b = EDGE_PIN), \
		STEP("its eventfd is signalled", call_signal, 0, .a = INTERRUPT),          \
		GUEST("the guest takes SPI 34", DO_TAKE, GUEST_TOOK(34)),                  \
		GUEST("and no other one", DO_NO_IRQ, GUEST_NONE)

/* .. and, by VFIO, one with a line. */
#define LINE_DEVICE                                                                         \
	STEP("KVM_IRQFD with a resample eventfd", call_irqfd, 0, .a = LINE, .b = LEVEL_PIN, \
	     .c = KVM_IRQFD_FLAG_RESAMPLE),                                                 \
		STEP("its eventfd is signalled", call_signal, 0, .a = LINE),                \
		GUEST("the guest takes SPI 33", DO_TAKE, GUEST_TOOK(33)),                   \
		STEP("before its end, nothing", call_taken, -EAGAIN, .a = RESAMPLED),       \
		GUEST("it ends it, and the line is low", DO_NO_IRQ, GUEST_NONE),            \
		STEP("the resample eventfd", call_taken, 1, .a = RESAMPLED),                \
		STEP("KVM_IRQFD is removed", call_irqfd, 0, .a = LINE, .b = LEVEL_PIN,      \
		     .c = KVM_IRQFD_FLAG_DEASSIGN)

#define DEVICES_END                                                                            \
	STEP("KVM_IOEVENTFD of queue 0 is removed", call_ioeventfd, 0, .a = QUEUE_0,           \
	     .b = UNMATCH),                                                                    \
		STEP("of queue 1", call_ioeventfd, 0, .a = QUEUE_1, .b = UNMATCH, .c = 1),     \
		STEP("of queue 1, again", call_ioeventfd, -ENOENT, .a = QUEUE_1, .b = UNMATCH, \
		     .c = 1),                                                                  \
		STEP("KVM_IRQFD is removed", call_irqfd, 0, .a = INTERRUPT, .b = EDGE_PIN,     \
		     .c = KVM_IRQFD_FLAG_DEASSIGN)

/* While a machine migrates. */
#define DIRTY_LOG                                                                                  \
	STEP("KVM_GET_DIRTY_LOG of a slot without one", call_dirty_log, -ENOENT, .a = 0),          \
		STEP("KVM_SET_USER_MEMORY_REGION: the log begins", call_memory, 0, .a = 0,         \
		     .b = LOG, .c = RAM_SIZE),                                                     \
		STEP("KVM_GET_DIRTY_LOG", call_dirty_log, 0, .a = 0),                              \
		GUEST("the guest writes to a page", DO_DIRTY, GUEST_DONE),                         \
		STEP("KVM_GET_DIRTY_LOG has it", call_dirty_log, DIRTY(DIRTY_PAGE), .a = 0),       \
		STEP("KVM_CLEAR_DIRTY_LOG", call_clear_log, 0, .a = 0, .why = "as Linux 5.2"),     \
		STEP("KVM_GET_DIRTY_LOG: nothing since then", call_dirty_log, 0, .a = 0),          \
		GUEST("the guest writes to it again", DO_DIRTY, GUEST_DONE),                       \
		STEP("KVM_GET_DIRTY_LOG has it again", call_dirty_log, DIRTY(DIRTY_PAGE), .a = 0), \
		STEP("KVM_SET_USER_MEMORY_REGION: the log ends", call_memory, 0, .a = 0,           \
		     .c = RAM_SIZE)

const struct step qemu_steps[] = {
	HOST_CPU,
	MACHINE,
	UART_LINE(0),
	STEP("KVM_IRQ_LINE of a PPI of vCPU 1", call_irq_line, 0, .a = PPI(1, 23), .b = 0),
	STEP("KVM_RUN with immediate_exit", call_run_kicked, -EINTR),
	STEP("KVM_RUN: the guest is ready", call_run, GUEST_READY),
	GUEST("no interrupt is pending", DO_NO_IRQ, GUEST_NONE),
	DEVICES,
	LINE_DEVICE,
	DIRTY_LOG,

	/* It is saved with SPI 34 active, and SGI 5 and SPI 33, whose line is high, pending. */
	GUEST("the guest sends SGI 5 to itself", DO_SGI, GUEST_DONE),
	MSI,
	GUEST("the guest takes SPI 34 and does not end it yet", DO_TAKE, GUEST_TOOK(34)),
	/* A kick before the state is read completes the store that the guest is in. */
	STEP("KVM_RUN with immediate_exit", call_run_kicked, -EINTR),
	UART_LINE(1),
	GIC_GET("saving"),
	STEP("the GIC goes to the file", call_gic_to_file, 0),
	SAVE(0, KVM_MP_STATE_RUNNABLE),
	SAVE(1, KVM_MP_STATE_STOPPED),
	STEP("the process ends", call_close, 0),
	MACHINE,
	STEP("the GIC comes from the file", call_gic_from_file, 0),
	GIC_PUT("loading"),
	LOAD(0, KVM_MP_STATE_RUNNABLE),
	LOAD(1, KVM_MP_STATE_STOPPED),
	GIC_GET("once loaded"),
	STEP("every register of the GIC is as saved", call_gic_differs, 0),
	GUEST("the guest ends SPI 34 and has kept its registers", DO_LOOK, GUEST_KEPT),
	GUEST("it takes SPI 33, which was pending", DO_TAKE, GUEST_TOOK(33)),
	GUEST("and SGI 5", DO_TAKE, GUEST_TOOK(5)),
	GUEST("each once: QEMU does not raise the line again", DO_NO_IRQ, GUEST_NONE),
	UART_LINE(1),
	GUEST("the device does so with its next event", DO_TAKE, GUEST_TOOK(33)),
	GUEST("until ..", DO_TAKE, GUEST_TOOK(33)),
	UART_LINE(0),
	GUEST(".. it lowers the line", DO_NO_IRQ, GUEST_NONE),
	GUEST("it turns on the other vCPU", DO_ON, GUEST_ON),
	STEP("KVM_RUN of the other", call_run, GUEST_SECONDARY, .vcpu = 1),

	/* What is pending or high when the machine is reset is gone after it. */
	DEVICES,
	MSI,
	UART_LINE(1),
	GUEST("the guest resets the machine", DO_RESET, EXIT(KVM_EXIT_SYSTEM_EVENT)),
	STEP("the exit says so", call_event_type, KVM_SYSTEM_EVENT_RESET),
	STEP("KVM_GET_MP_STATE: all are stopped", call_get_mp_state, KVM_MP_STATE_STOPPED,
	     .vcpu = 1),
	DEVICES_END,
	UART_LINE(0),
	RESET,
	STEP("KVM_RUN: the guest is ready again", call_run, GUEST_READY),
	GUEST("no interrupt is pending", DO_NO_IRQ, GUEST_NONE),
	DEVICES,
	GUEST("the guest switches the machine off", DO_OFF, EXIT(KVM_EXIT_SYSTEM_EVENT)),
	STEP("the exit says so", call_event_type, KVM_SYSTEM_EVENT_SHUTDOWN),
	{ .call = 0 },
};
