/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of a vCPU's registers, and the guest with points whose registers are saved. */
#ifndef IOCTLS_SAVED_H
#define IOCTLS_SAVED_H

#include "guest-debug.h"

#define MAX_REGS 256u

struct list {
	uint32_t count;
	uint64_t id[MAX_REGS];
	uint64_t value[MAX_REGS];
};

/* All ids of KVM_GET_REG_LIST, or only those of cp14. */
void get_ids(int vcpu, bool all, struct list *list);
/*
 * Both return how many registers could not be read or written.  order: the order in which to
 * write, as indexes into the list, or NULL.
 */
uint32_t get_all(int vcpu, struct list *list);
uint32_t set_all(int vcpu, const struct list *list, const uint32_t *order);

/* Set a breakpoint at `plain` and a watchpoint for loads from DATA. */
void arm(const struct debug_vm *g);
/* Does the guest take that watchpoint at its load? */
bool fires(struct debug_vm *g);
/* Add a second vCPU, powered off; the struct shares all but vcpu and run with g. */
struct debug_vm second_vcpu(const struct debug_vm *g);
void second_vcpu_close(const struct debug_vm *second);
/* The first vCPU calls CPU_ON for the second, with entry point `started` and r0 = MMIO. */
bool cpu_on(struct debug_vm *g);
/* The second vCPU sets points and powers itself off by PSCI CPU_OFF. */
void off_armed(struct debug_vm *second);

#endif
