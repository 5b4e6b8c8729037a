// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* One register by its encoding, from outside the guest: v7dbg_get() in v7dbg.h. */
#include "v7dbg_int.h"

static bool find_register(const struct v7dbg_vcpu *vcpu, uint16_t enc, struct v7dbg_row *row)
{
	return !vcpu->caps.absent && v7dbg_find(enc, false, row) &&
	       v7dbg_has_slot(&vcpu->caps, row);
}

enum v7dbg_error v7dbg_get(const struct v7dbg_vcpu *vcpu, uint16_t enc, uint32_t *value)
{
	struct v7dbg_row row;

	if (!find_register(vcpu, enc, &row))
		return V7DBG_ERR_NO_REGISTER;
	switch (row.id) {
	case V7DBG_ROW_DBGCLAIMSET:
		*value = vcpu->claim;
		break;
	case V7DBG_ROW_DBGOSLAR:
		*value = vcpu->oslock ? DBGOSLAR_KEY : 0;
		break;
	default:
		*value = v7dbg_read(vcpu, &row);
		break;
	}
	return V7DBG_OK;
}

enum v7dbg_error v7dbg_set(struct v7dbg_vcpu *vcpu, uint16_t enc, uint32_t value)
{
	struct v7dbg_row row;

	if (!find_register(vcpu, enc, &row))
		return V7DBG_ERR_NO_REGISTER;
	switch (row.id) {
	case V7DBG_ROW_DBGCLAIMSET:
	case V7DBG_ROW_DBGCLAIMCLR:
		vcpu->claim = (uint8_t)value;
		break;
	case V7DBG_ROW_DBGOSLSR:
		vcpu->oslock = value & DBGOSLSR_OSLK;
		break;
	case V7DBG_ROW_DBGDSCRext:
		v7dbg_dscr_write(vcpu, value, true);
		break;
	case V7DBG_ROW_DBGDIDR:
	case V7DBG_ROW_DBGAUTHSTATUS:
	case V7DBG_ROW_DBGDEVID:
	case V7DBG_ROW_DBGDEVID1:
	case V7DBG_ROW_DBGDEVID2:
		return value == v7dbg_read(vcpu, &row) ? V7DBG_OK : V7DBG_ERR_CONSTANT;
	default:
		if (row.flags & V7DBG_ACCESS_WRITE)
			v7dbg_write(vcpu, &row, value);
		break;
	}
	v7dbg_refresh(vcpu);
	V7DBG_CHECK_VCPU(vcpu);
	return V7DBG_OK;
}
