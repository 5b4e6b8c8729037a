// SPDX-License-Identifier: GPL-2.0-only
#include "watched.h"

#include "cpu.h"
#include "debug.h"
#include "mmu.h"
#include "report.h"

struct seen seen;

static void hook(struct frame *frame)
{
	const struct exc *exc = &this_cpu()->exc;
	u32 n;

	if (exc->type == EXC_DABT && is_debug_fsr(exc->dfsr) && exc->moe == MOE_WATCHPOINT) {
		seen.hits++;
		seen.dfar = exc->dfar;
		seen.at = exc->pc;
		if (exc->lr != exc->pc + 8)
			seen.others++;
		for (n = 0; n < debug_wrps(); n++)
			wcr_write(n, 0);
		isb();
		if (seen.skip)
			exc_skip(frame);
		return;
	}
	if (exc->type == EXC_DABT && exc->dfar >> 20 == UNMAPPED_ADDRESS >> 20 && seen.map) {
		seen.faults++;
		seen.fault_first = !seen.hits;
		mmu_alias(seen.map);
		return;
	}
	seen.others++;
	exc_skip(frame);
}

void watched_access(const struct memory_access *access, u32 pl, u32 addr)
{
	seen = (struct seen){ .map = seen.map, .skip = seen.skip };
	exc_expect(hook);
	seen.loaded = call_at(pl, access->fn, addr);
	exc_done();
	debug_clear();
}

u32 watched_control(u32 pl, u32 dir, u32 bas)
{
	return CR_E | (pl ? CR_PL1 : CR_PL0) | dir << 3 | WCR_BAS(bas);
}

bool watched_hit(const struct memory_access *access, u32 addr)
{
	bool good = seen.hits == 1 && !seen.others && seen.at == access->at && seen.dfar == addr;

	if (!good)
		note("%s at 0x%x: %u hits, %u faults, %u others, pc %+d, dfar 0x%x", access->name,
		     addr, seen.hits, seen.faults, seen.others, (int)(seen.at - access->at),
		     seen.dfar);
	return good;
}

bool watched_no_hit(void)
{
	return !seen.hits && !seen.others;
}
