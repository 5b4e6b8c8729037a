/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the fake KVM (fake_*.c) share. */
#ifndef TESTS_VMM_FAKE_H
#define TESTS_VMM_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kvm_armv7.h>

#include "memmap.h"

/* What the guest's thread wants KVM_RUN to return; exit_reason ~0 means -1 and an errno. */
extern struct kvm_run fake_request;
/* Pass fake_request to the vCPU's thread and wait for its next KVM_RUN. */
void fake_exit(void);
/* Sleep until the interrupt with this id is raised. */
void fake_wait_irq(unsigned int id);
/* Sleep until it has risen since the last call. */
void fake_wait_edge(unsigned int id);
/* Does KVM_IOEVENTFD take this store of 4 bytes? */
bool fake_ioeventfd(uint32_t address, uint32_t value);

/* The state of a vCPU behind ONE_REG and KVM_ARMV7_SET_GUEST_DEBUG. */
struct fake_vcpu {
	uint32_t core[128]; /* the offsets of this machine's struct pt_regs count */
	uint64_t d[32];
	uint32_t fpscr;
	uint32_t sctlr, ttbcr;
	uint64_t ttbr0, ttbr1;
	struct kvm_armv7_guest_debug debug;
	bool inject; /* KVM_GUESTDBG_INJECT_BP, once */
	bool begun;  /* KVM_GUESTDBG_SINGLESTEP: from step_pc */
	uint32_t step_pc;
	uint32_t dbgwcr0; /* the guest's own, for ONE_REG only */
	uint32_t timer_ctl;
	uint64_t timer_cval;
	bool early; /* the timer was enabled when its time had passed: KVM_RUN fails */
	bool off;
	bool serror;
	bool mmio; /* an access to a device is not completed yet */
	bool pmu;  /* KVM_ARM_VCPU_PMU_V3; KVM_RUN wants pmu_ready then */
	bool pmu_ready;
	int pmu_irq;
};

/* KVM_CAP_SET_GUEST_DEBUG2. */
uint32_t fake_debug_controls(void);

extern struct fake_vcpu fake_vcpus[MAX_CPUS];
extern uint8_t *fake_ram;

/* The read-only slots, as they were set. */
#define FAKE_ROMS 4
extern struct kvm_userspace_memory_region fake_roms[FAKE_ROMS];
extern unsigned int fake_nr_roms;

/* fake_cpu.c: execute instructions from fake_ram until KVM_RUN has something to return. */
int fake_cpu_run(unsigned int index, struct kvm_run *run);
/*
 * fake_cache.c: the RAM as a CPU sees it, which is fake_ram unless FAKE_UNCACHED is set; and the
 * process unmaps a range of it, which need not be RAM.
 */
void fake_cache_init(uint64_t size);
uint32_t fake_cache_load(uint32_t address);
void fake_cache_store(uint32_t address, uint32_t value);
int fake_cache_log(const struct kvm_dirty_log *log);
void fake_cache_unmap(const void *host, size_t length);

/* fake_regs.c; both return -1 and set errno, as an ioctl does. */
int fake_one_reg(struct fake_vcpu *vcpu, const struct kvm_one_reg *reg, bool set);
int fake_guest_debug(struct fake_vcpu *vcpu, const struct kvm_armv7_guest_debug *debug);

/* A constant of the CPU, which FAKE_MIDR can set; and a debug register. */
#define FAKE_MIDR    ARM_CP15_REG32(0, 0, 0, 0)
#define FAKE_DBGWCR0 0x40200000000e0007ull

/* fake_state.c; -1 and errno. */
int fake_state_ioctl(struct fake_vcpu *vcpu, unsigned long number, void *arg);
int fake_gic_ioctl(unsigned long number, const struct kvm_device_attr *attr);
/* Is a vCPU in KVM_RUN? */
bool fake_anyone_runs(void);

/* fake_vhost.c; -1 and errno. */
int fake_vhost_open(void);
int fake_vhost_ioctl(unsigned long request, void *arg);

/* fake_sandbox.c: what FAKE_ESCAPE asks of this thread. */
void fake_escape(void);

/* The guest, on a thread of its own; does not return. */
void fake_guest(void);

#endif
