/* SPDX-License-Identifier: GPL-2.0-only */
/* The world of search.c: its state, what may happen in it, and what always holds. */
#ifndef SEARCH_H
#define SEARCH_H

#include "sim.h"

#define HOST_VALUE     0x10000u
#define GUEST_VALUE(v) (0x20000u + 0x10000u * (v))
#define USER_VALUE     0x70000u
#define BCR_ON	       0x1e7u
#define WCR_ON	       0x1fffu
#define BCR_HW	       0x41e7u
#define WCR_HW	       0x5fffu
/* Left by the host with E clear: bit-exact means these too. */
#define BCR_REST 0x1e6u
#define WCR_REST 0x1fe0u

struct world {
	struct sim cpu[2];
	int8_t on[2];		   /* the vCPU that runs there, or -1: the host runs */
	struct v7dbg_regs host[2]; /* the truth: what the host wrote */
	struct v7dbg_vcpu vcpu[2];
	uint8_t moe[2]; /* the truth: what the guest has to read */
};

/* What may happen in a search; all of it at once would be too many states. */
struct universe {
	const char *name;
	bool breakpoints; /* guests use breakpoints too */
	bool user;	  /* the VMM debugs vCPUs, CPUs leave and enter monitor mode */
};

enum action {
	HOST_POINTS, /* switches its points on or off */
	HOST_MOE_1,  /* takes a debug exception */
	HOST_MOE_3,
	HOST_MOE_10,
	HOST_MONITOR, /* MDBGen changes under us */
	ENTER_0,
	ENTER_1,
	EXIT,
	READ_MOE,
	SWITCH_BCR,
	SWITCH_WCR,
	WRITE_MOE_0,
	WRITE_MOE_3,
	HIT_BREAKPOINT,
	HIT_WATCHPOINT,
	HIT_BKPT,
	HIT_MMIO, /* emulated in HYP */
	CPU_ACTIONS,
	/* Of a vCPU that is not running. */
	SET_MOE_3 = CPU_ACTIONS,
	USER_SWITCH,
	TAKE_MMIO, /* emulated by the host */
	ACTIONS,
};

/* How often the interesting things happened: a search without them proves nothing. */
struct seen {
	unsigned int reflected, resumed, to_user, direct, rearmed, held;
};
extern struct seen seen;

/* Print the steps that led here, and fail. */
_Noreturn void broken(const char *invariant);
#define CHECK(condition, invariant)        \
	do {                               \
		if (!(condition))          \
			broken(invariant); \
	} while (0)

/* One step of a CPU, or of a vCPU that is not running.  False if it is not possible now. */
bool cpu_step(struct world *w, const struct universe *u, unsigned int c, enum action action);
bool vcpu_step(struct world *w, const struct universe *u, unsigned int v, enum action action);
/* Every invariant. */
void check(const struct world *w);

/* The VMM's points, the same for each vCPU. */
extern const struct v7dbg_regs user_points;

#endif
