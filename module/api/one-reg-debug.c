// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG of the debug registers.
 */
#include "api/one-reg-access.h"
#include "api/one-reg-debug.h"
#include "core/vm.h"
#include "debug/guest-debug.h"

int one_reg_debug(struct vcpu *vcpu, struct reg_access *acc)
{
	u32 opc1 = (u32)(acc->id >> KVM_REG_ARM_OPC1_SHIFT) & 0xf;
	u32 crn = (u32)(acc->id >> KVM_REG_ARM_32_CRN_SHIFT) & 0xf;
	u32 crm = (u32)(acc->id >> KVM_REG_ARM_CRM_SHIFT) & 0xf;
	u32 opc2 = (u32)acc->id & 7, enc = V7DBG_ENC(opc1, crn, crm, opc2);
	u32 value = acc->value;
	enum v7dbg_error error;

	/* Of another size, or with a bit that means nothing here. */
	if (acc->id != ARM_CP14_REG32(opc1, crn, crm, opc2))
		return -ENOENT;
	if (acc->write) {
		guest_debug_write_begin(vcpu);
		error = v7dbg_set(&vcpu->hyp->debug, enc, value);
		guest_debug_write_end(vcpu);
	} else {
		error = v7dbg_get(&vcpu->hyp->debug, enc, &value);
		acc->value = value;
	}
	switch (error) {
	case V7DBG_OK:
		return 0;
	case V7DBG_ERR_CONSTANT: /* as reg_invariant() returns */
		return -EINVAL;
	default:
		return -ENOENT;
	}
}

void one_reg_list_debug(struct vcpu *vcpu, struct reg_list *list)
{
	u16 enc[160];
	u32 n, count;

	count = min_t(u32, v7dbg_list(&vcpu->hyp->debug, enc, ARRAY_SIZE(enc)), ARRAY_SIZE(enc));
	for (n = 0; n < count; n++)
		reg_list_add(list, ARM_CP14_REG32((enc[n] >> 11) & 0xf, (enc[n] >> 7) & 0xf,
						  (enc[n] >> 3) & 0xf, enc[n] & 7));
}
