/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's registers as a list, and a guest with points whose registers they are. */
#ifndef IOCTLS_SAVED_H
#define IOCTLS_SAVED_H

#include "guest-debug.h"

#define MAX_REGS 256u

/* cp14 of KVM_GET_REG_LIST, or all of it. */
struct list {
	uint32_t count;
	uint64_t id[MAX_REGS];
	uint64_t value[MAX_REGS];
};

void get_ids(int vcpu, bool all, struct list *list);
/* How many could not be read, or written; order: NULL, or the places in the list. */
uint32_t get_all(int vcpu, struct list *list);
uint32_t set_all(int vcpu, const struct list *list, const uint32_t *order);

/* A breakpoint at `plain` and a watchpoint of loads from DATA; the latter stops a load. */
void arm(const struct debug_vm *g);
bool fires(struct debug_vm *g);
/* A second vCPU, powered off; only vcpu and run are its own. */
struct debug_vm second_vcpu(const struct debug_vm *g);
void second_vcpu_close(const struct debug_vm *second);
/* The first one calls CPU_ON for the second: at `started`, r0 = MMIO. */
bool cpu_on(struct debug_vm *g);
/* Powered off by PSCI CPU_OFF, with points set. */
void off_armed(struct debug_vm *second);

#endif
