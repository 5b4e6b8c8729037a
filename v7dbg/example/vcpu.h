/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The part of a guest's state that is not in the CPU while the hypervisor runs. */
#ifndef EXAMPLE_VCPU_H
#define EXAMPLE_VCPU_H

#include "cpu.h"

struct guest {
	/* start.S depends on this order. */
	uint32_t r[13];
	uint32_t lr; /* LR_usr: Hyp mode uses it too (B1.3.2) */
	uint32_t pc;
	uint32_t cpsr;
	uint32_t hyp_sp;

	bool own;      /* the hypervisor's own code at PL1: its points are the host's */
	bool done;     /* it has ended */
	bool to_user;  /* stopped at a point of the hypervisor's debugger */
	bool debug_me; /* it asked for one, at r0 */
	bool step_me;  /* it asked to be stepped, from r0 */
	uint32_t own_hits;
	struct v7dbg_vcpu debug;
};

/* Register n, 0 to 15, as the guest's mode sees it. */
uint32_t guest_reg(const struct guest *guest, unsigned int n);
void guest_set_reg(struct guest *guest, unsigned int n, uint32_t value);
/* Does the trapped instruction's condition hold?  If not, only skip it. */
bool guest_condition(const struct guest *guest, uint32_t hsr);
/* Skip the trapped instruction. */
void guest_skip(struct guest *guest, uint32_t hsr);
/* Let the guest take an exception: write what the CPU would have written. */
void guest_inject(struct guest *guest, enum v7dbg_exception kind, uint32_t hsr);

/* start.S: run it until handle_trap() returns false. */
void run_guest(struct guest *guest);

#endif
