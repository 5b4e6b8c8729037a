/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the gdb stub share.  stub.c decides when packets are handled, command.c how. */
#ifndef ARMVM_GDB_STATE_H
#define ARMVM_GDB_STATE_H

#include "gdb/stub.h"
#include "gdb/link.h"
#include "gdb/next.h"
#include "gdb/points.h"
#include "gdb/regs.h"

struct gdb {
	struct vm *vm;
	const struct ram *ram;
	enum {
		GDB_FREE, /* no client; the guest runs, or waits for the first client */
		GDB_RUNNING,
		GDB_STOPPING, /* not all vCPUs have paused yet */
		GDB_STOPPED
	} state;
	bool reply_due;	       /* the client waits for a stop reply */
	bool leaving;	       /* the client is gone: remove its points when stopped */
	bool next_waits;       /* the client closed with input left; the next one waits */
	bool interrupted;      /* the client sent 0x03 */
	bool refuses;	       /* nobody may connect now */
	atomic_bool event;     /* a vCPU stopped on its own */
	bool names_reasons;    /* the client understands swbreak and hwbreak */
	unsigned int current;  /* Hg: the vCPU whose registers and memory are accessed */
	unsigned int selected; /* Hc: the vCPU that c resumes, or ALL_VCPUS */
	unsigned int reported; /* the vCPU of the last stop reply */
	bool can_step;	       /* KVM_GUESTDBG_SINGLESTEP is offered */
	uint32_t stepping;     /* vCPUs that execute one instruction only */
	/* Where the step of each vCPU ends, if breakpoints end it; otherwise empty. */
	struct gdb_next next[MAX_CPUS];
	/* What KVM was last given for each vCPU. */
	struct kvm_armv7_guest_debug applied[MAX_CPUS];
	struct gdb_points points;
	struct gdb_regs regs;
	struct gdb_link link;
	struct gdb_reply reply; /* the reply under construction */
};

#define ALL_VCPUS ~0u

/* command.c: handle one packet. */
void gdb_command(struct gdb *gdb, const char *packet, size_t length);

/*
 * memory.c: translate a vCPU's virtual address; read and write by its virtual
 * addresses, returning how many bytes could be accessed.
 */
bool gdb_memory_translate(const struct gdb *gdb, const struct vcpu *vcpu, uint32_t va,
			  uint64_t *pa);
size_t gdb_memory_read(struct gdb *gdb, const struct vcpu *vcpu, uint32_t va, uint8_t *data,
		       size_t length);
size_t gdb_memory_write(struct gdb *gdb, const struct vcpu *vcpu, uint32_t va, const uint8_t *data,
			size_t length);

/*
 * step.c: end a step by breakpoints.  gdb_step_aim() adds them to debug, which
 * has the client's points; the vCPU must be paused.  Returns 0, -ENOSPC without
 * enough free slots, -EFAULT if the next instruction cannot be found, or what
 * reading a register returned.
 */
int gdb_step_aim(struct gdb *gdb, unsigned int n, struct kvm_armv7_guest_debug *debug);
/* Does the vCPU's step end at pc? */
bool gdb_step_ends(const struct gdb *gdb, unsigned int n, uint32_t pc);

/*
 * stub.c: give KVM the points and the single steps of each vCPU.  Returns 0 or
 * the negative errno of the first vCPU that failed.  It tries all vCPUs, so a
 * later call, with other points, brings all of them in line.
 */
int gdb_apply(struct gdb *gdb);
/* Resume the vCPUs in the mask, with what gdb_apply() gave KVM. */
void gdb_resume(struct gdb *gdb, uint32_t vcpus);
/* The client leaves: remove its points and resume the guest. */
void gdb_release_guest(struct gdb *gdb);
/* Append the last stop reply. */
void gdb_stop_reply(struct gdb *gdb, struct gdb_reply *reply);

#endif
