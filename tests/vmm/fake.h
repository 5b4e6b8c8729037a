/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the made-up KVM (fake_kvm.c) and the made-up guest (fake_guest.c). */
#ifndef TESTS_VMM_FAKE_H
#define TESTS_VMM_FAKE_H

#include <stdint.h>

#include <linux/kvm.h>

/* What the guest's thread wants KVM_RUN to return with; exit_reason ~0: -1 and an errno. */
extern struct kvm_run fake_request;
/* Hand fake_request to the vCPU's thread, and wait for its next KVM_RUN. */
void fake_exit(void);
/* Sleep until the interrupt with that id is raised. */
void fake_wait_irq(unsigned int id);

extern uint32_t fake_core_regs[64];
extern uint8_t *fake_ram;

/* The guest, on its own thread; does not return. */
void fake_guest(void);

#endif
