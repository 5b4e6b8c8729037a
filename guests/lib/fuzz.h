/* SPDX-License-Identifier: GPL-2.0-only */
/* Random programs: made from a seed by fuzz-make.c, run by fuzz-run.c. */
#ifndef GUEST_FUZZ_H
#define GUEST_FUZZ_H

#include "mmu.h"
#include "types.h"

enum fuzz_op {
	FUZZ_BREAK,	 /* breakpoint n: value, control */
	FUZZ_WATCH,	 /* watchpoint n: value, control */
	FUZZ_CONTEXT,	 /* breakpoint n becomes a linked context breakpoint for value */
	FUZZ_CLEAR,	 /* breakpoint n and watchpoint n */
	FUZZ_CONTEXTIDR, /* value */
	FUZZ_MONITOR,	 /* value: DBGDSCR.MDBGen */
	FUZZ_MOE,	 /* value: DBGDSCR.MOE */
	FUZZ_READ_BACK,	 /* slot n */
	FUZZ_CP14,	 /* value: the MRC; control: enum insn_flags */
	FUZZ_CP14_WRITE, /* data to the MCR that matches value, an MRC, which then reads back */
	FUZZ_ACCESS,	 /* n: which access; value: the address */
	FUZZ_ACTION,	 /* n: which action; value: the address to pass */
	FUZZ_EXIT,	 /* exit to the hypervisor, if there is one */
	FUZZ_OPS
};

struct fuzz_step {
	enum fuzz_op op;
	u32 n, pl, value, control;
	u32 slot, data; /* for FUZZ_CP14_WRITE, where n is opc2 & 6 for a slot, else 0 */
	bool device;	/* the value that the access loads is not hashed */
};

struct fuzz_program {
	enum mmu_format format;
	bool high, thumb; /* SCTLR.V, SCTLR.TE */
	u32 count;
	struct fuzz_step steps[32];
};

/* run: the number of earlier runs; it only selects the fresh pages. */
const struct fuzz_program *fuzz_generate(u32 seed, u32 run);
/* Run the steps in mask; returns the hash of everything that happened. */
u32 fuzz_run(u32 seed, u32 mask, bool log);

extern struct fuzz_count {
	u32 breakpoints, watchpoints, others;
} fuzz_count;

/* Three pages; points and accesses meet around the two boundaries between them. */
extern u8 fuzz_area[3 * 4096];
/*
 * RAM outside the image.  Each step that needs one gets a page that no earlier run has touched:
 * enough for 640 runs of 32 steps.
 */
#define FUZZ_FRESH	 0x42000000u
#define FUZZ_FRESH_PAGES 20480u

#endif
