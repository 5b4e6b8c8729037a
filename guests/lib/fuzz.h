/* SPDX-License-Identifier: GPL-2.0-only */
/* Random programs: made from a seed by fuzz-make.c, run by fuzz-run.c. */
#ifndef GUEST_FUZZ_H
#define GUEST_FUZZ_H

#include "mmu.h"
#include "types.h"

enum fuzz_op {
	FUZZ_BREAK,	 /* breakpoint n: value, control */
	FUZZ_WATCH,	 /* watchpoint n: value, control */
	FUZZ_CONTEXT,	 /* breakpoint n as a linked context one */
	FUZZ_CLEAR,	 /* breakpoint n and watchpoint n */
	FUZZ_CONTEXTIDR, /* value */
	FUZZ_MONITOR,	 /* value: DBGDSCR.MDBGen */
	FUZZ_MOE,	 /* value: DBGDSCR.MOE */
	FUZZ_READ_BACK,	 /* slot n */
	FUZZ_CP14,	 /* value: an MRC; control: how */
	FUZZ_CP14_WRITE, /* value: an MRC, after the MCR of the same; data, control: how */
	FUZZ_ACCESS,	 /* n: which; value: the address */
	FUZZ_ACTION,	 /* n: which; value: the address that it is given */
	FUZZ_EXIT,	 /* leave to a hypervisor, if there is one */
	FUZZ_OPS
};

struct fuzz_step {
	enum fuzz_op op;
	u32 n, pl, value, control;
	u32 slot, data; /* of FUZZ_CP14_WRITE; n: opc2 & 6 where it is a slot, or 0 */
	bool device;	/* what an access loads is not logged */
};

struct fuzz_program {
	enum mmu_format format;
	bool high, thumb; /* SCTLR.V, SCTLR.TE */
	u32 count;
	struct fuzz_step steps[32];
};

/* run: how many were run before; it chooses the fresh pages, and nothing else. */
const struct fuzz_program *fuzz_generate(u32 seed, u32 run);
/* The steps of mask; returns the hash of all that happened. */
u32 fuzz_run(u32 seed, u32 mask, bool log);

extern struct fuzz_count {
	u32 breakpoints, watchpoints, others;
} fuzz_count;

/* Three pages; points and accesses meet around the last two page boundaries. */
extern u8 fuzz_area[3 * 4096];
/*
 * RAM that is not part of the image; a page of it for each step that asks, which no
 * run before has touched: 640 runs of 32 steps.
 */
#define FUZZ_FRESH	 0x42000000u
#define FUZZ_FRESH_PAGES 20480u

#endif
