// SPDX-License-Identifier: GPL-2.0-only
/*
 * CP14 registers other than debug registers, which HSTR and HCPTR trap.  They remain the
 * host's and are never switched:
 *
 *  - Trace (opc1 1) is UNDEFINED.
 *  - ThumbEE (opc1 6): ID_PFR0.State3 says that there is none.  But an emulated CPU may
 *    not trap ID_PFR0, and then Linux writes TEEHBR at every context switch.  So both
 *    registers are RAZ/WI (A2.10, B4.1).
 *  - Jazelle (opc1 7): the trivial implementation; JIDR, JOSCR and JMCR are RAZ/WI
 *    (A2.10.2).
 */
#include "hyp.h"

bool hyp_cp14_other(const struct v7dbg_access *acc, uint32_t *value)
{
	if (acc->form != V7DBG_FORM_MRC_MCR || acc->crm || acc->opc2)
		return false;
	*value = 0;
	switch (acc->opc1) {
	case 6:
		/* CRn 0: TEECR, read-only at PL0.  1: TEEHBR, PL0 may write it: TEECR.XED is 0. */
		return acc->crn == 1 || (acc->crn == 0 && !(acc->pl0 && acc->write));
	case 7:
		/* CRn 0: JIDR, read-only.  1, 2: JOSCR and JMCR, PL1 only. */
		return (acc->crn == 0 && !acc->write) || (acc->crn && acc->crn <= 2 && !acc->pl0);
	default:
		return false;
	}
}
