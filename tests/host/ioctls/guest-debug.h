/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the tests of guest debugging: a vCPU whose guest is a few instructions in one page.
 * guest-code.c has the instructions and implements the functions below.
 */
#ifndef IOCTLS_GUEST_DEBUG_H
#define IOCTLS_GUEST_DEBUG_H

#include "check.h"

#include <linux/kvm_armv7.h>

#define CODE  0x40000000u
#define DATA  0x50000000u
#define STORE (DATA + 8) /* where the code at `store` stores to */
#define MMIO  0x70000000u

/* Labels of guest-code.c, as the guest sees them. */
extern const char guest_code[], guest_code_end[];
#define AT(label)                                          \
	({                                                 \
		extern const char g_##label[];             \
		CODE + (uint32_t)(g_##label - guest_code); \
	})

#define LR_ABT	   22 /* words of struct kvm_regs */
#define SPSR_ABT   23
#define PSR_SVC_IF 0x1d3u
#define PSR_USR_IF 0x1d0u
#define PSR_T	   0x20u

#define ID_DBGDIDR  ARM_CP14_REG32(0, 0, 0, 0)
#define ID_DBGDSCR  ARM_CP14_REG32(0, 0, 2, 2)
#define ID_DBGOSLAR ARM_CP14_REG32(0, 1, 0, 4)
#define ID_BVR(n)   ARM_CP14_REG32(0, 0, (n), 4)
#define ID_BCR(n)   ARM_CP14_REG32(0, 0, (n), 5)
#define ID_WVR(n)   ARM_CP14_REG32(0, 0, (n), 6)
#define ID_WCR(n)   ARM_CP14_REG32(0, 0, (n), 7)
#define ID_IFSR	    ARM_CP15_REG32(0, 5, 0, 1)
#define ID_DFSR	    ARM_CP15_REG32(0, 5, 0, 0)
#define ID_DFAR	    ARM_CP15_REG32(0, 6, 0, 0)

#define DSCR_MDBGEN 0x8000u
#define BREAK	    0x1e7u /* DBGBCR: E, PL0 and PL1, BAS 0b1111 */
#define BREAK_PL0   0x1e5u
#define WATCH_LOAD  0x1efu /* DBGWCR: E, PL0 and PL1, load, BAS 0b1111 */
#define WATCH_STORE 0x1f7u

/* What guest_code stores to MMIO: a handler the offset of its vector, other code REACHED. */
#define UNDEF	 0x04u
#define PREFETCH 0x0cu
#define DATA_ABT 0x10u
#define REACHED	 0x5au

struct debug_vm {
	int vm, vcpu;
	struct kvm_run *run;
	uint32_t *data;
};

void debug_vm_open(struct debug_vm *g);
/* The same with other features than PSCI_0_2. */
void debug_vm_open_with(struct debug_vm *g, uint32_t features);
void debug_vm_close(struct debug_vm *g);
/* KVM_ARM_VCPU_INIT again. */
void debug_vm_reset(struct debug_vm *g);
uint32_t core(const struct debug_vm *g, uint32_t word);
uint32_t reg(const struct debug_vm *g, uint64_t id);
bool put(const struct debug_vm *g, uint64_t id, uint32_t value);
/* Complete the last exit, give the registers their initial values, and set PC and CPSR. */
void begin(struct debug_vm *g, uint32_t pc, uint32_t cpsr);
/* KVM_RUN, for at most 10 s or the given time; returns the exit reason, or -errno. */
int go(struct debug_vm *g);
int go_for(struct debug_vm *g, unsigned int milliseconds);
/* KVM_RUN until the guest has called PSCI CPU_OFF; a signal ends each call. */
bool goes_off(struct debug_vm *g);
/* Does the guest run up to a store of this value to MMIO? */
bool stores(struct debug_vm *g, uint32_t value);
/* Does KVM_RUN end with KVM_EXIT_DEBUG at this PC, with this EC, FAR and MOE? */
bool stops(struct debug_vm *g, uint32_t pc, uint32_t ec, uint32_t far, uint32_t moe);
/* The same with this step in struct kvm_armv7_debug_exit; stops() expects 0. */
bool stops_at(struct debug_vm *g, uint32_t pc, uint32_t ec, uint32_t far, uint32_t moe,
	      uint32_t step);
/* KVM_ARMV7_SET_GUEST_DEBUG with at most one breakpoint and one watchpoint. */
int debug_set(struct debug_vm *g, uint32_t control);
int debug_break(struct debug_vm *g, uint32_t n, uint32_t value, uint32_t bcr);
int debug_watch(struct debug_vm *g, uint32_t n, uint32_t value, uint32_t wcr);

#endif
