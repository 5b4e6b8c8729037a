/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The call sequences by which VMMs that exist make, reset, save, restore and run a machine, as
 * tables of our own.  Each row is one call with the result that Linux 4.19 gave on 32-bit Arm, or
 * says why ours differs.
 */
#ifndef CLIENTS_H
#define CLIENTS_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/kvm.h>

#define PAGE	  4096u
#define MAX_VCPUS 2
#define MAX_REGS  400

/* The machine: QEMU's "virt" has its memory and devices there. */
#define RAM	   0x40000000u
#define RAM_SIZE   0x100000u
#define ROM	   0x00000000u
#define GICD	   0x08000000u
#define GICC	   0x08010000u
#define UART	   0x09000000u
#define UART_SPI   33
#define NOTIFY	   0x0a000050u /* of a virtio device's registers */
#define EDGE_PIN   2	       /* of the GIC: INTID 34, which the guest makes edge-triggered */
#define LEVEL_PIN  1	       /* INTID 33, level-sensitive */
#define NOT_LISTED 0x40200000000f0107ull /* ID_ISAR6 */

/* Eventfds; each is made when it is first used. */
enum {
	QUEUE_0,
	QUEUE_1,
	INTERRUPT,
	LINE,
	RESAMPLED = 7,
	MAX_EVENTS
};

#define GICC_REGS 8

struct saved_gic {
	uint32_t dist[MAX_VCPUS][0x1000 / 4]; /* by offset */
	uint32_t cpu[MAX_VCPUS][GICC_REGS];
};

struct saved_vcpu {
	uint32_t count;
	uint64_t id[MAX_REGS], value[MAX_REGS];
	struct kvm_vcpu_events events;
	struct kvm_mp_state state;
};

struct machine {
	int kvm, vm, gic, vcpu[MAX_VCPUS];
	struct kvm_run *run[MAX_VCPUS];
	uint32_t run_size;
	uint8_t *ram, *rom;
	struct kvm_vcpu_init init;
	struct saved_vcpu saved[MAX_VCPUS]; /* as the client last read or will write it */
	struct saved_vcpu file[MAX_VCPUS];  /* the machine that was saved */
	struct saved_gic gic_state, gic_file;
	int event[MAX_EVENTS];
};

struct step {
	const char *what;
	/* Makes the call; returns its result, or -errno. */
	long (*call)(struct machine *m, const struct step *step);
	uint64_t a, b, c;
	int vcpu;
	long wanted;
	long at_most;	 /* if not 0: wanted is the least */
	const char *why; /* how the result differs from that of Linux, and why */
};

/* wanted: the call succeeds, whatever it returns. */
#define ANY 0x7fffffff

/* The calls, in calls.c. */
long call_open(struct machine *m, const struct step *step);
long call_kvm(struct machine *m, const struct step *step);	 /* a: request, b: argument */
long call_vm_cap(struct machine *m, const struct step *step);	 /* a: capability */
long call_create_vm(struct machine *m, const struct step *step); /* a: type */
long call_vcpu_mmap_size(struct machine *m, const struct step *step);
long call_create_vcpu(struct machine *m, const struct step *step);
long call_mmap(struct machine *m, const struct step *step);
long call_preferred_target(struct machine *m, const struct step *step);
long call_vcpu_init(struct machine *m, const struct step *step); /* a: features */
long call_memory(struct machine *m, const struct step *step);	 /* a: slot, b: flags, c: size */
long call_rom(struct machine *m, const struct step *step);	 /* the same, of the ROM */
long call_create_device(struct machine *m, const struct step *step); /* a: type, b: flags */
long call_create_irqchip(struct machine *m, const struct step *step);
long call_device_addr(struct machine *m, const struct step *step); /* a: id, b: address */
long call_has_attr(struct machine *m, const struct step *step);	   /* a: group, b: attribute */
long call_set_attr(struct machine *m, const struct step *step);	   /* c: value */
long call_irq_line(struct machine *m, const struct step *step);	   /* a: irq, b: level */
long call_enable_cap(struct machine *m, const struct step *step);  /* a: capability, b: argument */
long call_reg_list(struct machine *m, const struct step *step);	   /* a: room for so many */
long call_get_reg(struct machine *m, const struct step *step);	   /* a: id */
long call_set_reg(struct machine *m, const struct step *step);	   /* a: id, b: value */
long call_get_events(struct machine *m, const struct step *step);
long call_set_events(struct machine *m, const struct step *step);
long call_get_mp_state(struct machine *m, const struct step *step);
long call_set_mp_state(struct machine *m, const struct step *step); /* a: state */
long call_signal_mask(struct machine *m, const struct step *step);
long call_vcpu(struct machine *m, const struct step *step); /* a: request, without argument */
/* All registers of the list; the result is how many failed. */
long call_get_all(struct machine *m, const struct step *step);
long call_set_all(struct machine *m, const struct step *step);
/* The registers that QEMU moves one by one, and not by the list. */
long call_get_core_all(struct machine *m, const struct step *step);
long call_set_core_all(struct machine *m, const struct step *step);
/* The guest's code is put into memory. */
long call_load(struct machine *m, const struct step *step);
/* Every descriptor is closed; memory and what was saved stay. */
long call_close(struct machine *m, const struct step *step);
/* What was read of a vCPU goes to the file, and comes from there.  No calls. */
long call_to_file(struct machine *m, const struct step *step);
long call_from_file(struct machine *m, const struct step *step);
/* KVM_RUN; the result is what the guest wrote to the UART, or EXIT(reason) for another exit. */
long call_run(struct machine *m, const struct step *step);
/* The same; a: the command that the guest reads from the UART. */
long call_command(struct machine *m, const struct step *step);
/* KVM_RUN with immediate_exit. */
long call_run_kicked(struct machine *m, const struct step *step);
#define EXIT(reason) (0x1000 + (reason))
/* What vCPU 0's KVM_EXIT_SYSTEM_EVENT says.  No call. */
long call_event_type(struct machine *m, const struct step *step);

/* Eventfds, in eventfds.c.  a: the eventfd, if not said otherwise. */
long call_signal(struct machine *m, const struct step *step);
/* The count, which becomes 0; -EAGAIN if it is 0. */
long call_taken(struct machine *m, const struct step *step);
/* KVM_IOEVENTFD of a word at NOTIFY, or of a store of any length; b: flags, c: the value. */
long call_ioeventfd(struct machine *m, const struct step *step);
long call_ioeventfd_any(struct machine *m, const struct step *step);
/* a: how many, in port I/O.  They are deassigned; the result is how many calls failed. */
long call_many_ioeventfds(struct machine *m, const struct step *step);
long call_irqfd(struct machine *m, const struct step *step); /* b: GSI, c: flags */
/* KVM_SET_GSI_ROUTING; a: so many GSIs are their pins, b: the next one is an MSI. */
long call_routing(struct machine *m, const struct step *step);
long call_coalesced(struct machine *m, const struct step *step); /* a: request, b: at, c: size */
/* a: slot.  How many pages are dirty, or, if it is one, DIRTY(its number). */
long call_dirty_log(struct machine *m, const struct step *step);
long call_clear_log(struct machine *m, const struct step *step);
#define DIRTY(page) (0x10000 + (page))
void events_close(struct machine *m);

/*
 * The GIC's device, in gic.c.  a: offset, b: bits for each interrupt, c: interrupts.  The result
 * is how many words failed.
 */
long call_gicd_get(struct machine *m, const struct step *step);
long call_gicd_put(struct machine *m, const struct step *step);
long call_gicd_clear(struct machine *m, const struct step *step); /* ones are written */
long call_gicd_ctlr(struct machine *m, const struct step *step);  /* GICD_CTLR is written */
long call_gicd_value(struct machine *m, const struct step *step); /* the result is the register */
/* All of a vCPU's interface. */
long call_gicc_get(struct machine *m, const struct step *step);
long call_gicc_put(struct machine *m, const struct step *step);
/* No calls: what QEMU writes at reset; to and from the file; how many words differ from it. */
long call_gic_fresh(struct machine *m, const struct step *step);
long call_gic_to_file(struct machine *m, const struct step *step);
long call_gic_from_file(struct machine *m, const struct step *step);
long call_gic_differs(struct machine *m, const struct step *step);

/* What the guest writes to the UART. */
#define GUEST_READY	1 /* it has set its registers */
#define GUEST_KEPT	2 /* they are as it set them */
#define GUEST_LOST	3
#define GUEST_SECONDARY 4 /* written by the second vCPU */
#define GUEST_ON	5 /* it has turned on the second vCPU */
#define GUEST_DONE	6
#define GUEST_TOOK(n)	(0x10000 + (n)) /* the interrupt that it took */
#define GUEST_NONE	GUEST_TOOK(1023)

/* What it reads there. */
enum {
	DO_LOOK = 1, /* at its registers: GUEST_KEPT */
	DO_ON,	     /* the second vCPU: GUEST_ON */
	DO_RESET,
	DO_OFF,
	DO_TAKE,   /* an interrupt, for which it waits; it ends it with the next command */
	DO_NO_IRQ, /* the same, where none should come */
	DO_NOTIFY, /* it stores 0 to NOTIFY */
	DO_DIRTY,  /* it stores to page DIRTY_PAGE of its RAM */
	DO_SGI,	   /* 5, to itself */
};
#define DIRTY_PAGE 64

struct client {
	const char *name;
	const struct step *steps; /* ends with a row without a call */
};

extern const struct step capability_steps[], qemu_steps[], kvmtool_steps[], crosvm_steps[];
/* The guest's code, loaded at RAM. */
extern const char guest_start[], guest_end[];

#define STEP(text, function, result, ...)                                             \
	{                                                                             \
		.what = (text), .call = (function), .wanted = (result), ##__VA_ARGS__ \
	}
#define CAP(name, answer) \
	STEP("KVM_CAP_" #name, call_kvm, answer, .a = KVM_CHECK_EXTENSION, .b = KVM_CAP_##name)
#define CAP_UP_TO(name, least, most)                                                         \
	STEP("KVM_CAP_" #name, call_kvm, least, .at_most = (most), .a = KVM_CHECK_EXTENSION, \
	     .b = KVM_CAP_##name)
#define VM_CAP(name, answer) \
	STEP("KVM_CAP_" #name " of the VM", call_vm_cap, answer, .a = KVM_CAP_##name)

/* The guest obeys, and writes what is wanted. */
#define GUEST(text, command, result) STEP("KVM_RUN: " text, call_command, result, .a = (command))

/* Features of KVM_ARM_VCPU_INIT, a line's number, flags of KVM_IOEVENTFD. */
#define PSCI	(1u << KVM_ARM_VCPU_PSCI_0_2)
#define OFF	(1u << KVM_ARM_VCPU_POWER_OFF)
#define SPI(n)	((uint64_t)KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (n))
#define MATCH	KVM_IOEVENTFD_FLAG_DATAMATCH
#define UNMATCH (MATCH | KVM_IOEVENTFD_FLAG_DEASSIGN)

/* Rows that several clients have. */
#define VCPU_MADE(n)                                                                   \
	STEP("KVM_CREATE_VCPU", call_create_vcpu, ANY, .vcpu = (n)),                   \
		STEP("KVM_GET_VCPU_MMAP_SIZE", call_vcpu_mmap_size, ANY, .vcpu = (n)), \
		STEP("mmap", call_mmap, 0, .vcpu = (n))
#define GIC_CREATED \
	STEP("KVM_CREATE_DEVICE of a GICv2", call_create_device, 0, .a = KVM_DEV_TYPE_ARM_VGIC_V2)
#define GIC_HAS_LINES STEP("it has NR_IRQS", call_has_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_NR_IRQS)
#define GIC_LINES(n) \
	STEP("NR_IRQS is set", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_NR_IRQS, .c = (n))
#define GICD_PLACED                                                                         \
	STEP("the distributor's address", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_ADDR, \
	     .b = KVM_VGIC_V2_ADDR_TYPE_DIST, .c = GICD)
#define GICC_PLACED                                                                           \
	STEP("the CPU interface's address", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_ADDR, \
	     .b = KVM_VGIC_V2_ADDR_TYPE_CPU, .c = GICC)
#define GIC_HAS_INIT                                                               \
	STEP("it has CTRL_INIT", call_has_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_CTRL, \
	     .b = KVM_DEV_ARM_VGIC_CTRL_INIT)
#define GIC_INITIALIZED                                                            \
	STEP("CTRL_INIT is set", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_CTRL, \
	     .b = KVM_DEV_ARM_VGIC_CTRL_INIT)
/* A queue's notification goes to its eventfd, and only there. */
#define QUEUES_NOTIFY                                                                         \
	STEP("KVM_IOEVENTFD of queue 0", call_ioeventfd, 0, .a = QUEUE_0, .b = MATCH),        \
		STEP("KVM_IOEVENTFD of queue 1", call_ioeventfd, 0, .a = QUEUE_1, .b = MATCH, \
		     .c = 1),                                                                 \
		GUEST("the guest notifies queue 0", DO_NOTIFY, GUEST_DONE),                   \
		STEP("its eventfd", call_taken, 1, .a = QUEUE_0),                             \
		STEP("the other queue's", call_taken, -EAGAIN, .a = QUEUE_1)

#define CORE_ID(n) (0x4020000000100000ull + (n))
#define VFP_D(n)   (0x4030000000120000ull + (n))
#define VFP_SYS(n) (0x4020000000120000ull + (n))
#define FPSID	   VFP_SYS(0x1000)
#define MVFR1	   VFP_SYS(0x1006)
#define MVFR0	   VFP_SYS(0x1007)
#define CP15(n)	   (0x40200000000f0000ull + (n))

#endif
