/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the made-up KVM (fake_kvm.c) and the made-up guest (fake_guest.c). */
#ifndef TESTS_VMM_FAKE_H
#define TESTS_VMM_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/kvm_armv7.h>

#include "memmap.h"

/* What the guest's thread wants KVM_RUN to return with; exit_reason ~0: -1 and an errno. */
extern struct kvm_run fake_request;
/* Hand fake_request to the vCPU's thread, and wait for its next KVM_RUN. */
void fake_exit(void);
/* Sleep until the interrupt with that id is raised. */
void fake_wait_irq(unsigned int id);

/* What ONE_REG and KVM_ARMV7_SET_GUEST_DEBUG can see of a vCPU. */
struct fake_vcpu {
	uint32_t core[64];
	uint64_t d[32];
	uint32_t fpscr;
	uint32_t sctlr, ttbcr;
	uint64_t ttbr0, ttbr1;
	struct kvm_armv7_guest_debug debug;
	bool inject; /* KVM_GUESTDBG_INJECT_BP, once */
	bool begun;  /* KVM_GUESTDBG_SINGLESTEP: from step_pc */
	uint32_t step_pc;
	bool mmio; /* an access to a device waits for its result */
};

/* KVM_CAP_SET_GUEST_DEBUG2. */
uint32_t fake_debug_controls(void);

extern struct fake_vcpu fake_vcpus[MAX_CPUS];
extern uint8_t *fake_ram;

/* fake_cpu.c: execute instructions out of fake_ram until there is something to return from KVM_RUN. */
int fake_cpu_run(unsigned int index, struct kvm_run *run);
/* fake_regs.c; both return -1 and set errno, as an ioctl does. */
int fake_one_reg(struct fake_vcpu *vcpu, const struct kvm_one_reg *reg, bool set);
int fake_guest_debug(struct fake_vcpu *vcpu, const struct kvm_armv7_guest_debug *debug);

/* The guest, on its own thread; does not return. */
void fake_guest(void);

#endif
