/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each call that the module offers, while the kernel's n-th allocation or copy fails, for
 * n = 1, 2, 3 and so on until the call needs no n-th one.
 *
 * What may fail is set before, by tests/host/fail_sites.py or, on the debug kernel, by
 * tests/debug/fail_nth.py.
 */
#ifndef FAIL_NTH_H
#define FAIL_NTH_H

#include <errno.h>
#include <linux/kvm_armv7.h>
#include <stdbool.h>

#include "../claims/claims.h"
#include "../small-vm.h"

#define DATA	   0x50000000u /* slot 1 */
#define DATA_PAGES 100u
#define GICD	   0x08000000u
#define GICC	   0x08010000u
#define CODE	   "/lib/kvm_armv7.ko"

/* What a call finds. */
enum {
	HAS_KVM = 1 << 0,   /* /dev/kvm; without it the module is not loaded */
	HAS_VM = 1 << 1,    /* with RAM, which has the guest's code, in slot 0 */
	HAS_VCPU = 1 << 2,  /* not initialised */
	HAS_INIT = 1 << 3,  /* KVM_ARM_VCPU_INIT, and struct kvm_run is mapped */
	HAS_PMU = 1 << 4,   /* with KVM_ARM_VCPU_PMU_V3 */
	HAS_GIC = 1 << 5,   /* with its addresses; not initialised */
	HAS_READY = 1 << 6, /* initialised */
	HAS_DATA = 1 << 7,  /* slot 1 */
	HAS_LOG = 1 << 8,   /* slot 1 has a dirty log */
	HAS_DIRTY = 1 << 9, /* and the guest has written pages 0 and 64 */

	VM = HAS_KVM | HAS_VM,
	VCPU = VM | HAS_VCPU,
	INIT = VCPU | HAS_INIT,
	GIC = INIT | HAS_GIC,
	READY = GIC | HAS_READY,
};

struct world {
	int kvm, vm, vcpu, gic;
	int event[2];
	int made; /* what the call has made, or -1 */
	struct kvm_run *run;
	uint8_t *ram, *data;
	void *map;
	uint32_t map_size;
	uint32_t value[256];
};

struct call {
	const char *name;
	unsigned int has;
	/* What nothing may fail in, once in each world. */
	void (*before)(struct world *w);
	/* As ioctl(): -1 and errno, or not negative. */
	int (*call)(struct world *w);
	/* .. and what is called instead, without a failure, once it has failed; or NULL. */
	int (*again)(struct world *w);
	/* It worked: what it was for is there. */
	bool (*worked)(struct world *w);
	/* The error that it gives if nothing fails, or 0. */
	int refused;
	/* It cannot fail: user space never learns of it. */
	bool never_fails;
	/* Not with every allocation failing: the kernel repeats a page fault until it is served. */
	bool only_nth;
	/* It loads the module. */
	bool is_load;
};

#define CALL(name_, has_, call_, ...)                                    \
	{                                                                \
		.name = name_, .has = has_, .call = call_, ##__VA_ARGS__ \
	}

/* Stores to MMIO what it has loaded; stores what is in r5; LDM of two words of a device. */
enum {
	PC_LOAD,
	PC_STORE,
	PC_LDM
};

void world_new(struct world *w, unsigned int has);
void world_end(struct world *w);
void world_add_data(struct world *w, uint32_t flags);
/* The vCPU's next KVM_RUN begins there, with r1. */
void world_set_pc(struct world *w, int pc, uint32_t r1, uint32_t r5);
int set_reg(struct world *w, uint64_t id, void *value);
/* Into w->value. */
int get_reg(struct world *w, uint64_t id);
int set_slot_1(struct world *w, uint32_t ipa, uint32_t pages, uint32_t flags);

extern const struct call vm_calls[], vcpu_calls[], run_calls[], device_calls[];

#endif
