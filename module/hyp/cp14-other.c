// SPDX-License-Identifier: GPL-2.0-only
/*
 * CP14 that is not debug, trapped by HSTR and HCPTR.  The registers stay the
 * host's, so nothing of them is ever switched:
 *
 *  - trace (opc1 1) is not there.
 *  - ThumbEE (opc1 6): ID_PFR0.State3 says that there is none, but an emulated
 *    CPU may not trap ID_PFR0, and Linux then writes TEEHBR at every context
 *    switch.  Both registers read as zero and ignore writes (A2.10, B4.1).
 *  - Jazelle (opc1 7): the trivial one; JIDR, JOSCR and JMCR are RAZ/WI (A2.10.2).
 */
#include "hyp.h"

/* Returns false for UNDEFINED. */
bool hyp_cp14_other(const struct v7dbg_access *acc, uint32_t *value)
{
	if (acc->form != V7DBG_FORM_MRC_MCR || acc->crm || acc->opc2)
		return false;
	*value = 0;
	switch (acc->opc1) {
	case 6:
		/* TEECR is 0, read-only at PL0; TEEHBR 1, open to PL0 as TEECR.XED is 0 */
		return acc->crn == 1 || (acc->crn == 0 && !(acc->pl0 && acc->write));
	case 7:
		/* JIDR is 0 and read-only; JOSCR 1 and JMCR 2 are PL1's */
		return (acc->crn == 0 && !acc->write) || (acc->crn && acc->crn <= 2 && !acc->pl0);
	default:
		return false;
	}
}
