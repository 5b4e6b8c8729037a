// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs of cp14 accesses, break- and watchpoints, memory accesses and instructions
 * that trap, one program from each seed.  Everything that happens goes into a hash, which is
 * printed as one line per seed.  Command line, all numbers decimal:
 *
 *	from=S seeds=N	the seeds S to S + N - 1
 *	group=N		one line for N seeds: in a guest, printing costs more than running them
 *	steps=MASK	run only these steps: bit n is step n
 *	log=1		print each step and everything that it hashes
 *	drop=1		run seed S without each of its steps in turn, for tools/fuzz-board
 */
#include "lib/fuzz.h"

#include "lib/bootargs.h"
#include "lib/debug.h"
#include "lib/report.h"

static u32 mask_of(const struct fuzz_program *program)
{
	return program->count < 32 ? (1u << program->count) - 1 : ~0u;
}

/* The same seed without one of its steps, once for each step. */
static void drop_each(u32 seed, u32 mask)
{
	u32 n;

	for (n = 0; n < 32; n++)
		if (mask >> n & 1)
			say("seed %u without step %u = 0x%08x", seed, n,
			    fuzz_run(seed, mask & ~(1u << n), false));
}

void guest_main(void)
{
	u32 from = bootargs_number("from", 1), seeds = bootargs_number("seeds", 20);
	u32 mask = bootargs_number("steps", ~0u), group = bootargs_number("group", 1);
	u32 seed, steps = 0, hash = 0;
	bool log = bootargs_number("log", 0);

	report(debug_enable(), "monitor mode can be turned on");
	if (bootargs_number("drop", 0)) {
		drop_each(from, mask & mask_of(fuzz_generate(from, 0)));
		return;
	}
	for (seed = from; seed < from + seeds; seed++) {
		u32 used = mask & mask_of(fuzz_generate(seed, 0));

		steps += __builtin_popcount(used);
		hash = (hash << 5 | hash >> 27) ^ fuzz_run(seed, used, log);
		if ((seed - from) % group != group - 1 && seed != from + seeds - 1)
			continue;
		say("seed %u = 0x%08x", seed, hash);
		hash = 0;
	}
	say("steps = %u", steps);
	say("breakpoints = %u", fuzz_count.breakpoints);
	say("watchpoints = %u", fuzz_count.watchpoints);
	say("other exceptions = %u", fuzz_count.others);
}
