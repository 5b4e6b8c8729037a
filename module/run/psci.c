// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's calls by HVC: PSCI 0.1 to 1.0 (Arm DEN 0022), by the SMC Calling
 * Convention (Arm DEN 0028).
 */
#include <linux/arm-smccc.h>
#include <linux/psci.h>
#include <uapi/linux/psci.h>

#include "core/guest-regs.h"
#include "core/kick.h"
#include "core/kvm-trace.h"
#include "core/vm.h"
#include "hyp/calls.h"
#include "hyp/sysreg-bits.h"
#include "machine/errata.h"
#include "run/psci.h"
#include "run/wait.h"

#define VERSION_0_1 PSCI_VERSION(0, 1)
#define VERSION_0_2 PSCI_VERSION(0, 2)
#define VERSION_1_0 PSCI_VERSION(1, 0)

u32 psci_version(const struct vcpu *vcpu)
{
	if (!(vcpu->features & BIT(KVM_ARM_VCPU_PSCI_0_2)))
		return VERSION_0_1;
	return READ_ONCE(vcpu->vm->psci_0_2) ? VERSION_0_2 : VERSION_1_0;
}

int psci_set_version(struct vcpu *vcpu, u64 version)
{
	bool has_0_2 = vcpu->features & BIT(KVM_ARM_VCPU_PSCI_0_2);

	if (version == VERSION_0_1 && !has_0_2)
		return 0;
	if (!has_0_2 || (version != VERSION_0_2 && version != VERSION_1_0))
		return -EINVAL;
	WRITE_ONCE(vcpu->vm->psci_0_2, version == VERSION_0_2);
	return 0;
}

/* With PSCI 0.1 the calls have other numbers. */
void psci_begin_run(struct vcpu *vcpu)
{
	u32 version = psci_version(vcpu);

	BUILD_BUG_ON(CALL_SMCCC_VERSION != ARM_SMCCC_VERSION_FUNC_ID);
	BUILD_BUG_ON(CALL_PSCI_VERSION != PSCI_0_2_FN_PSCI_VERSION);
	BUILD_BUG_ON(CALL_CPU_SUSPEND != PSCI_0_2_FN_CPU_SUSPEND);
	BUILD_BUG_ON(CALL_CPU_OFF != PSCI_0_2_FN_CPU_OFF);
	BUILD_BUG_ON(CALL_CPU_ON != PSCI_0_2_FN_CPU_ON);
	BUILD_BUG_ON(CALL_AFFINITY_INFO != PSCI_0_2_FN_AFFINITY_INFO);
	BUILD_BUG_ON(CALL_MIGRATE_INFO_TYPE != PSCI_0_2_FN_MIGRATE_INFO_TYPE);
	BUILD_BUG_ON(CALL_SYSTEM_OFF != PSCI_0_2_FN_SYSTEM_OFF);
	BUILD_BUG_ON(CALL_SYSTEM_RESET != PSCI_0_2_FN_SYSTEM_RESET);
	BUILD_BUG_ON(CALL_PSCI_FEATURES != PSCI_1_0_FN_PSCI_FEATURES);
	BUILD_BUG_ON(CALL_NOT_SUPPORTED != (u32)PSCI_RET_NOT_SUPPORTED);
	BUILD_BUG_ON(CALL_PSCI_1_0 != VERSION_1_0);
	vcpu->hyp->answers.psci_version = version == VERSION_0_1 ? 0 : version;
}

/*
 * SMCCC_ARCH_WORKAROUND_1 (CVE-2017-5715): what the CPU on which an exit does least offers.  Where
 * exits flush branch predictions, an HVC does, and then the call is complete.
 */
u32 psci_workaround_1(void)
{
	switch (errata_branch_flush()) {
	case BRANCH_FLUSH_NOT_NEEDED:
		return KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_REQUIRED;
	case BRANCH_FLUSH_DONE:
		return KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_AVAIL;
	default:
		return KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_AVAIL;
	}
}

/* SMCCC_ARCH_FEATURES (DEN 0028 7.3, DEN 0070 2.2.5). */
static u32 arch_features(u32 fn)
{
	switch (fn) {
	case ARM_SMCCC_VERSION_FUNC_ID:
	case ARM_SMCCC_ARCH_FEATURES_FUNC_ID:
		return SMCCC_RET_SUCCESS;
	case ARM_SMCCC_ARCH_WORKAROUND_1:
		switch (psci_workaround_1()) {
		case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_REQUIRED:
			return SMCCC_ARCH_WORKAROUND_RET_UNAFFECTED;
		case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_AVAIL:
			return SMCCC_RET_SUCCESS;
		}
	}
	return SMCCC_RET_NOT_SUPPORTED;
}

static struct vcpu *find_vcpu(struct vm *vm, u32 affinity)
{
	u32 n;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n] && (vcpu_mpidr(vm->vcpus[n]) & MPIDR_AFF) == affinity)
			return vm->vcpus[n];
	return NULL;
}

/*
 * r1 to r3 are MPIDR, entry point and what the new CPU finds in r0.  As in KVM/arm, MPIDR may have
 * bit 31, as the register has it, and PSCI 0.1, which leaves r0 open, is no exception.
 * Bit 0 of the entry point selects Thumb state, the caller's CPSR.E the byte order (6.4).
 */
static u32 cpu_on(struct vcpu *vcpu)
{
	u32 affinity = *vcpu_reg(vcpu, 1) & ~MPIDR_MP;
	u32 entry = *vcpu_reg(vcpu, 2);
	struct vm *vm = vcpu->vm;
	u32 ret = PSCI_RET_SUCCESS;
	struct vcpu *target;

	if (affinity & ~MPIDR_AFF)
		return PSCI_RET_INVALID_PARAMS;
	mutex_lock(&vm->lock);
	target = find_vcpu(vm, affinity);
	if (!target || !target->initialized) {
		ret = PSCI_RET_INVALID_PARAMS;
	} else if (!target->power_off) {
		ret = PSCI_RET_ALREADY_ON;
	} else {
		target->reset_pc = entry & ~1;
		target->reset_cpsr = (entry & 1 ? PSR_T : 0) | (*vcpu_cpsr(vcpu) & PSR_E);
		target->reset_r0 = *vcpu_reg(vcpu, 3);
		/* pairs with vcpu_apply_reset(): the parameters are complete */
		smp_store_release(&target->reset_pending, true);
		WRITE_ONCE(target->power_off, false);
		vcpu_kick(target);
	}
	mutex_unlock(&vm->lock);
	return ret;
}

static u32 affinity_info(struct vcpu *vcpu, u32 affinity, u32 level)
{
	struct vm *vm = vcpu->vm;
	u32 mask, n, found = 0, ret = PSCI_0_2_AFFINITY_LEVEL_OFF;

	if (level > 3 || (affinity & ~(MPIDR_MP | MPIDR_AFF)))
		return PSCI_RET_INVALID_PARAMS;
	mask = level < 3 ? MPIDR_AFF & ~((1u << (8 * level)) - 1) : 0;
	mutex_lock(&vm->lock);
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		struct vcpu *other = vm->vcpus[n];

		if (!other || ((vcpu_mpidr(other) ^ affinity) & mask))
			continue;
		found++;
		if (!other->power_off)
			ret = PSCI_0_2_AFFINITY_LEVEL_ON;
	}
	mutex_unlock(&vm->lock);
	return found ? ret : PSCI_RET_INVALID_PARAMS;
}

static int system_event(struct vcpu *vcpu, u32 type)
{
	struct vm *vm = vcpu->vm;
	u32 n;

	/*
	 * The call does not return.  A VMM that runs the vCPU again without resetting
	 * it makes the call fail, as PSCI demands (5.9.3, 5.10.3).
	 */
	mutex_lock(&vm->lock);
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n])
			WRITE_ONCE(vm->vcpus[n]->power_off, true);
	mutex_unlock(&vm->lock);
	vm_kick_all(vm);
	*vcpu_reg(vcpu, 0) = PSCI_RET_INTERNAL_FAILURE;
	memset(&vcpu->run->system_event, 0, sizeof(vcpu->run->system_event));
	vcpu->run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	vcpu->run->system_event.type = type;
	return 0;
}

static int psci_0_1(struct vcpu *vcpu, u32 fn)
{
	u32 ret = PSCI_RET_NOT_SUPPORTED;

	switch (fn) {
	case KVM_PSCI_FN_CPU_OFF:
		WRITE_ONCE(vcpu->power_off, true);
		return 1;
	case KVM_PSCI_FN_CPU_ON:
		ret = cpu_on(vcpu);
		if (ret == PSCI_RET_ALREADY_ON)
			ret = PSCI_RET_INVALID_PARAMS; /* 0.1 has no such answer */
		break;
	}
	*vcpu_reg(vcpu, 0) = ret;
	return 1;
}

/* The PC is already past the HVC (B1.8.9). */
int psci_handle_hvc(struct vcpu *vcpu)
{
	u32 fn = *vcpu_reg(vcpu, 0);
	u32 ret = PSCI_RET_NOT_SUPPORTED; /* which is SMCCC's "unknown function", too */

	vcpu->hyp->answers.on = true; /* until the next entry finds a tracepoint enabled */
	stat_inc(&vcpu->stats.hvc_exit_stat);
	trace_kvm_hvc(*vcpu_pc(vcpu), fn, vcpu->hyp->hsr & 0xffff); /* HSR.ISS: imm16 */
	if (!(vcpu->features & BIT(KVM_ARM_VCPU_PSCI_0_2)))
		return psci_0_1(vcpu, fn);

	switch (fn) {
	case PSCI_0_2_FN_PSCI_VERSION:
		ret = psci_version(vcpu);
		break;
	case PSCI_0_2_FN_CPU_SUSPEND:
		/* Whatever the guest asked for, it gets a standby state, like WFI (5.4.2). */
		*vcpu_reg(vcpu, 0) = PSCI_RET_SUCCESS;
		return vcpu_halt(vcpu);
	case PSCI_0_2_FN_CPU_OFF:
		WRITE_ONCE(vcpu->power_off, true);
		return 1;
	case PSCI_0_2_FN_CPU_ON:
		ret = cpu_on(vcpu);
		break;
	case PSCI_0_2_FN_AFFINITY_INFO:
		ret = affinity_info(vcpu, *vcpu_reg(vcpu, 1), *vcpu_reg(vcpu, 2));
		break;
	case PSCI_0_2_FN_MIGRATE_INFO_TYPE:
		ret = PSCI_0_2_TOS_MP; /* there is no Trusted OS to migrate */
		break;
	case PSCI_0_2_FN_SYSTEM_OFF:
		return system_event(vcpu, KVM_SYSTEM_EVENT_SHUTDOWN);
	case PSCI_0_2_FN_SYSTEM_RESET:
		return system_event(vcpu, KVM_SYSTEM_EVENT_RESET);
	case PSCI_1_0_FN_PSCI_FEATURES:
		if (psci_version(vcpu) >= VERSION_1_0)
			ret = call_features(*vcpu_reg(vcpu, 1));
		break;
	case ARM_SMCCC_VERSION_FUNC_ID:
		ret = CALL_SMCCC_VERSION_VALUE;
		break;
	case ARM_SMCCC_ARCH_FEATURES_FUNC_ID:
		ret = arch_features(*vcpu_reg(vcpu, 1));
		break;
	case ARM_SMCCC_ARCH_WORKAROUND_1:
		if (psci_workaround_1())
			ret = SMCCC_RET_SUCCESS; /* the exit has done it */
		break;
	}
	*vcpu_reg(vcpu, 0) = ret;
	return 1;
}
