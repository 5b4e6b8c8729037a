/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the gdb stub share: stub.c is when, command.c is what. */
#ifndef ARMVM_GDB_STATE_H
#define ARMVM_GDB_STATE_H

#include "gdb/stub.h"
#include "gdb/link.h"
#include "gdb/points.h"
#include "gdb/regs.h"

struct gdb {
	struct vm *vm;
	const struct ram *ram;
	enum {
		GDB_FREE, /* no client; the guest runs, or waits for the first one */
		GDB_RUNNING,
		GDB_STOPPING, /* not all vCPUs are parked yet */
		GDB_STOPPED
	} state;
	bool reply_due;	       /* the client waits for a stop reply */
	bool leaving;	       /* it is gone: clean up behind it */
	bool next_waits;       /* it closed with things left to do; the next one is there */
	bool interrupted;      /* it sent 0x03 */
	atomic_bool event;     /* a vCPU stopped by itself */
	bool names_reasons;    /* it knows swbreak and hwbreak */
	unsigned int current;  /* the vCPU that registers and memory are those of */
	unsigned int selected; /* Hc: whom c resumes; ALL_VCPUS for all */
	unsigned int reported; /* the vCPU of the last stop reply */
	bool can_step;	       /* KVM_GUESTDBG_SINGLESTEP is offered */
	uint32_t stepping;     /* vCPUs that the client lets go for one instruction */
	/* What KVM was last told, for each vCPU. */
	struct kvm_armv7_guest_debug applied[MAX_CPUS];
	struct gdb_points points;
	struct gdb_regs regs;
	struct gdb_link link;
	struct gdb_reply reply; /* the answer to one packet, or one stop reply */
};

#define ALL_VCPUS ~0u

/* command.c: obey one packet. */
void gdb_command(struct gdb *gdb, const char *packet, size_t length);

/* memory.c: by the virtual addresses of the current vCPU; return how many bytes it was possible for. */
bool gdb_memory_translate(const struct gdb *gdb, const struct vcpu *vcpu, uint32_t va,
			  uint64_t *pa);
size_t gdb_memory_read(struct gdb *gdb, uint32_t va, uint8_t *data, size_t length);
size_t gdb_memory_write(struct gdb *gdb, uint32_t va, const uint8_t *data, size_t length);

/*
 * stub.c: tell KVM about the points and who steps.  0 or a negative errno, of the first
 * vCPU that failed; called again it brings all to what is to be then.
 */
int gdb_apply(struct gdb *gdb);
/* Let the vCPUs in the mask run, with what gdb_apply() has told KVM. */
void gdb_resume(struct gdb *gdb, uint32_t vcpus);
/* The client goes: take its points away and let the guest run. */
void gdb_release_guest(struct gdb *gdb);
/* The last stop reply (again). */
void gdb_stop_reply(struct gdb *gdb, struct gdb_reply *reply);

#endif
