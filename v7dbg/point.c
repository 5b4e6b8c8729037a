// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "point.h"

bool v7dbg_quick_point(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t hsr, uint32_t value,
		       uint32_t dscr, struct v7dbg_move *move)
{
	if (V7DBG_IS_WRITE_OF(hsr, V7DBG_HSR_DBGWCR))
		return v7dbg_make_point(vcpu, cpu, true, hsr, value, dscr, move);
	return V7DBG_IS_WRITE_OF(hsr, V7DBG_HSR_DBGBCR) &&
	       v7dbg_make_point(vcpu, cpu, false, hsr, value, dscr, move);
}
