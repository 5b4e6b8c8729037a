// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG of coprocessor 15: one case for each row of hyp/cp15.def that has a register, and
 * the cache size ids, which have an id for each value of CSSELR.
 */
#include <linux/nospec.h>

#include "api/one-reg-access.h"
#include "api/one-reg-cp15.h"
#include "api/one-reg-pmu.h"
#include "core/vm.h"
#include "irq/ptimer.h"
#include "irq/vtimer.h"
#include "machine/cpu-ids.h"
#include "run/coproc.h"

#define ID_CCSIDR(n) \
	(KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX | KVM_REG_ARM_DEMUX_ID_CCSIDR | (n))

/* There is one counter for the whole VM, kept as its offset from the host's. */
static int move_count(struct vcpu *vcpu, struct reg_access *acc)
{
	if (acc->write)
		vcpu->vm->cntvoff = vtimer_host_count() - acc->value;
	else
		acc->value = vtimer_host_count() - vcpu->vm->cntvoff;
	return 0;
}

static int move_vcpu_reg(struct vcpu *vcpu, struct reg_access *acc, u32 key)
{
	if (acc->write)
		coproc_set_vcpu_reg(vcpu, key, acc->value);
	else
		acc->value = coproc_get_vcpu_reg(vcpu, key);
	return 0;
}

static int move_ptimer(struct vcpu *vcpu, struct reg_access *acc, enum ptimer_reg reg)
{
	if (acc->write)
		ptimer_write(vcpu, reg, acc->value);
	else
		acc->value = ptimer_read(vcpu, reg);
	return 0;
}

/* For each word in cp15.def's column user: a register's case, and its entry in the list. */
#define CASE_NONE(id, how)
#define CASE_STATE(id, how) \
	case id:            \
		return how;
#define CASE_CONST	    CASE_STATE
#define CASE_COUNT(id, how) CASE_STATE(id, move_count(vcpu, acc))
#define CASE_READ(id, how)  CASE_STATE(id, acc->write ? -EINVAL : how)
#define LIST_NONE(id)
#define LIST_STATE(id) id,
#define LIST_CONST(id) id,
#define LIST_COUNT(id) id,
#define LIST_READ(id)

int one_reg_cp15(struct vcpu *vcpu, struct reg_access *acc)
{
	struct hyp_vcpu *hyp = vcpu->hyp;

	switch (acc->id) {
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	CASE_##user(ARM_CP15_REG32(opc1, crn, crm, opc2), reg_move_u32(acc, &hyp->cp15.member))
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) \
	CASE_##user(ARM_CP15_REG64(opc1, crm), reg_move_u64(acc, &hyp->cp15.member))
#define CP15_TIMER32(name, opc1, crn, crm, opc2, access, trap, member, user) \
	CASE_##user(ARM_CP15_REG32(opc1, crn, crm, opc2), reg_move_u32(acc, &hyp->timer.member))
#define CP15_TIMER64(name, opc1, crm, access, trap, member, user) \
	CASE_##user(ARM_CP15_REG64(opc1, crm), reg_move_u64(acc, &hyp->timer.member))
#define CP15_PTIMER32(name, opc1, crn, crm, opc2, access, trap, reg, user) \
	CASE_##user(ARM_CP15_REG32(opc1, crn, crm, opc2), move_ptimer(vcpu, acc, PTIMER_##reg))
#define CP15_PTIMER64(name, opc1, crm, access, trap, reg, user) \
	CASE_##user(ARM_CP15_REG64(opc1, crm), move_ptimer(vcpu, acc, PTIMER_##reg))
#define CP15_ID32(name, opc1, crn, crm, opc2, access, trap, user) \
	CASE_##user(ARM_CP15_REG32(opc1, crn, crm, opc2),         \
		    reg_invariant(acc, coproc_read_id(vcpu, CP15_KEY32_##name)))
#define CP15_VCPU32(name, opc1, crn, crm, opc2, access, trap, handler, user) \
	CASE_##user(ARM_CP15_REG32(opc1, crn, crm, opc2),                    \
		    move_vcpu_reg(vcpu, acc, CP15_KEY32_##name))
#include "hyp/cp15.def"
	default:
		return one_reg_pmu(vcpu, acc);
	}
}

void one_reg_list_cp15(struct reg_list *list)
{
	static const u64 ids[] = {
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	LIST_##user(ARM_CP15_REG32(opc1, crn, crm, opc2))
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) \
	LIST_##user(ARM_CP15_REG64(opc1, crm))
#define CP15_TIMER32(name, opc1, crn, crm, opc2, access, trap, member, user) \
	LIST_##user(ARM_CP15_REG32(opc1, crn, crm, opc2))
#define CP15_TIMER64(name, opc1, crm, access, trap, member, user) \
	LIST_##user(ARM_CP15_REG64(opc1, crm))
#define CP15_PTIMER32(name, opc1, crn, crm, opc2, access, trap, reg, user) \
	LIST_##user(ARM_CP15_REG32(opc1, crn, crm, opc2))
#define CP15_PTIMER64(name, opc1, crm, access, trap, reg, user) \
	LIST_##user(ARM_CP15_REG64(opc1, crm))
#define CP15_ID32(name, opc1, crn, crm, opc2, access, trap, user) \
	LIST_##user(ARM_CP15_REG32(opc1, crn, crm, opc2))
#define CP15_VCPU32(name, opc1, crn, crm, opc2, access, trap, handler, user) \
	LIST_##user(ARM_CP15_REG32(opc1, crn, crm, opc2))
#include "hyp/cp15.def"
	};
	u32 n;

	for (n = 0; n < ARRAY_SIZE(ids); n++)
		reg_list_add(list, ids[n]);
}

int one_reg_demux(struct reg_access *acc)
{
	u32 n = (u32)acc->id & KVM_REG_ARM_DEMUX_VAL_MASK;

	if (acc->id != ID_CCSIDR(n) || n >= CSSELR_COUNT)
		return -ENOENT;
	n = array_index_nospec(n, CSSELR_COUNT);
	if (!(cpu_ids.caches & BIT(n)))
		return -ENOENT;
	return reg_invariant(acc, cpu_ids.ccsidr[n]);
}

void one_reg_list_demux(struct reg_list *list)
{
	u32 n;

	for (n = 0; n < CSSELR_COUNT; n++)
		if (cpu_ids.caches & BIT(n))
			reg_list_add(list, ID_CCSIDR(n));
}
