// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The virtual DBGDSCR, C11.11.20.  The CPU's own is never written: it decides over debug
 * of the whole CPU, the host's too.
 *
 * Implemented for the guest:
 *   MOE [5:2]        M, as hardware or a write left it
 *   UDCCdis [12]     as written
 *   MDBGen [15]      as written where caps.monitor, else 0
 *   SPIDdis [16], SPNIDdis [17]  1: no Secure debug, as DBGAUTHSTATUS says
 *   NS [18]          1: a guest is Non-secure
 *   TXfull [29]      1 after a write to DBGDTRTXint; no debugger ever empties it.
 *                    Reset clears it.  While the OS lock is set it is RW here
 *                    (C11.11.20)
 * All else reads 0 and ignores writes.  There is no external debugger, so HDBGen, ITRen,
 * the DCC modes, the latched flags, the Debug state bits and RXfull are never set.
 */
#include "v7dbg_int.h"
#include "v7dbg_quick.h"

uint32_t v7dbg_dscr_read(const struct v7dbg_vcpu *vcpu)
{
	return V7DBG_DSCR_FIXED | vcpu->dscr | (uint32_t)vcpu->moe << DBGDSCR_MOE_SHIFT;
}

void v7dbg_dscr_write(struct v7dbg_vcpu *vcpu, uint32_t value, bool txfull_too)
{
	uint32_t bits = DBGDSCR_UDCCDIS;

	/* Guests read this bit back, and use no points if it did not stick. */
	if (vcpu->caps.monitor)
		bits |= DBGDSCR_MDBGEN;
	if (txfull_too)
		bits |= DBGDSCR_TXFULL;
	vcpu->dscr = (vcpu->dscr & ~bits) | (value & bits);
	vcpu->moe = DBGDSCR_MOE(value);
}
