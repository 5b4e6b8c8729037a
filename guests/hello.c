// SPDX-License-Identifier: GPL-2.0-only
/* The smallest program: it is entered, prints and powers off. */
#include "lib/arm.h"
#include "lib/report.h"

void guest_main(void)
{
	report((cpsr() & PSR_MODE) == MODE_SVC, "runs in SVC mode");
	report((cpsr() & (PSR_I | PSR_F | PSR_A)) == (PSR_I | PSR_F | PSR_A),
	       "interrupts and aborts masked");
	report(!(MRC(REG_SCTLR) & (SCTLR_M | SCTLR_C)), "MMU and data cache off");
	say("cpu number = %u", MRC(REG_MPIDR) & 0xff);
}
