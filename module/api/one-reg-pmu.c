// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG of the performance monitors.  On ARMv7 PMXEVCNTR and PMXEVTYPER are windows to the
 * counter that PMSELR selects.  Here each counter and its type have ids of their own, those of
 * the encodings that ARMv8 gives them in AArch32: PMEVCNTRn, PMEVTYPERn and PMCCFILTR.
 */
#include "api/one-reg-access.h"
#include "api/one-reg-pmu.h"
#include "core/vm.h"
#include "irq/vpmu.h"

#define ID_VALUE(n) ARM_CP15_REG32(0, 14, 8 + ((n) >> 3), (n)&7)
#define ID_TYPE(n)  ARM_CP15_REG32(0, 14, 12 + ((n) >> 3), (n)&7)

#define REG_NONE(...)
#define REG_STATE(...) { __VA_ARGS__ },
static const struct {
	u64 id;
	enum vpmu_reg reg;
} regs[] = {
#define CP15_PMU32(name, opc1, crn, crm, opc2, access, trap, user) \
	REG_##user(ARM_CP15_REG32(opc1, crn, crm, opc2), PMU_##name)
#include "hyp/cp15.def"
};

static int move_counter(struct vcpu *vcpu, struct reg_access *acc)
{
	u32 n;

	for (n = 0; n < PMU_NR_COUNTERS; n++) {
		if (!vpmu_has_counter(n))
			continue;
		/* PMCCNTR is in the list above. */
		if (acc->id == ID_VALUE(n) && n != PMU_CYCLES)
			return reg_move_u32(acc, vpmu_user_value(vcpu, n));
		if (acc->id != ID_TYPE(n))
			continue;
		if (acc->write)
			vpmu_user_set_type(vcpu, n, acc->value);
		else
			acc->value = vpmu_user_get_type(vcpu, n);
		return 0;
	}
	return -ENOENT;
}

int one_reg_pmu(struct vcpu *vcpu, struct reg_access *acc)
{
	u32 n;

	if (!vcpu->vpmu)
		return -ENOENT;
	for (n = 0; n < ARRAY_SIZE(regs); n++) {
		if (regs[n].id != acc->id)
			continue;
		if (acc->write)
			return vpmu_user_set(vcpu, regs[n].reg, acc->value);
		acc->value = vpmu_read(vcpu, regs[n].reg);
		return 0;
	}
	return move_counter(vcpu, acc);
}

void one_reg_list_pmu(const struct vcpu *vcpu, struct reg_list *list)
{
	u32 n;

	if (!vcpu->vpmu)
		return;
	for (n = 0; n < ARRAY_SIZE(regs); n++)
		reg_list_add(list, regs[n].id);
	for (n = 0; n < PMU_NR_COUNTERS; n++) {
		if (!vpmu_has_counter(n))
			continue;
		reg_list_add(list, ID_TYPE(n));
		if (n != PMU_CYCLES)
			reg_list_add(list, ID_VALUE(n));
	}
}
