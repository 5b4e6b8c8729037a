// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The guest's exceptions, as a guest's debugger takes them. */
#include "guest.h"

#define LIMIT 200

volatile struct taken taken;

volatile unsigned int yields_before_moe;

void guest_exception(enum kind kind, uint32_t *frame)
{
	if (++taken.count > LIMIT) {
		report(false, "exceptions without end, the last at %x, MOE %u", taken.pc,
		       taken.moe);
		hypervisor_done();
	}
	taken.kind = kind;
	taken.pc = frame[13];
	if (kind == KIND_UNDEF) {
		taken.undefined++;
		frame[13] += 4;
		return;
	}
	for (; yields_before_moe; yields_before_moe--)
		yield();
	taken.moe = DBGDSCR_MOE(CP14_READ(DBGDSCRint));
	taken.fsr = kind == KIND_DATA ? READ(DFSR) : READ(IFSR);
	taken.far = READ(DFAR);
	/* Continue after a BKPT, else at the same instruction without the point. */
	if (taken.moe == V7DBG_MOE_BKPT)
		frame[13] += 4;
	else
		disarm();
}
