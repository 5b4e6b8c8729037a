// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_ARM_VCPU_INIT and reset.
 */
#include <linux/string.h>

#include "core/guest-regs.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "hyp/guest-insn.h"
#include "hyp/sysreg-bits.h"
#include "irq/ptimer.h"
#include "irq/vgic-init.h"
#include "irq/vgic.h"
#include "irq/vpmu.h"
#include "irq/vtimer.h"
#include "machine/machine.h"
#include "memory/stage2.h"
#include "run/coproc.h"
#include "run/vcpu-init.h"

static u32 vcpu_features(void)
{
	return BIT(KVM_ARM_VCPU_POWER_OFF) | BIT(KVM_ARM_VCPU_PSCI_0_2) |
	       (vpmu_available() ? BIT(KVM_ARM_VCPU_PMU_V3) : 0);
}

#define HCR_GUEST                                                                          \
	(HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU_IS | \
	 HCR_TWI | HCR_TWE | HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TAC | HCR_TSW | HCR_TVM)

static const struct hyp_cp15 cp15_reset = {
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	.member = reset,
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) .member = reset,
#include "hyp/cp15.def"
};

/* The state after a cold reset (B1.9.1), in Supervisor mode; PC and r0 to r14 are 0. */
void vcpu_reset(struct vcpu *vcpu)
{
	struct hyp_vcpu *hyp = vcpu->hyp;

	memset(&hyp->regs, 0, sizeof(hyp->regs));
	hyp->regs.usr[HYP_REG_CPSR] = PSR_SVC | PSR_A | PSR_I | PSR_F;
	hyp->cp15 = cp15_reset;
	memset(&hyp->vfp, 0, sizeof(hyp->vfp));
	hyp->hcr = HCR_GUEST;
	hyp->vmpidr = vcpu_mpidr(vcpu);
	coproc_reset_answers(vcpu);
	vcpu->l2ctlr_set = false;
	memset(vcpu->fpinst, 0, sizeof(vcpu->fpinst));
	vtimer_vcpu_reset(vcpu);
	ptimer_vcpu_reset(vcpu);
	vpmu_vcpu_reset(vcpu);
	vgic_vcpu_reset(vcpu);
	guest_debug_write_begin(vcpu);
	v7dbg_reset(&hyp->debug);
	guest_debug_write_end(vcpu);
	vcpu->mmio.active = false;
	vcpu->inject_bkpt = false;
}

int vcpu_init(struct vcpu *vcpu, const struct kvm_vcpu_init *init)
{
	unsigned int n;
	int ret;

	if (init->target != machine.target)
		return -EINVAL;
	for (n = 1; n < ARRAY_SIZE(init->features); n++)
		if (init->features[n])
			return -ENOENT;
	if (init->features[0] & ~vcpu_features())
		return -ENOENT;
	/* A second call is a reset; it cannot change the features. */
	if (vcpu->initialized && vcpu->features != init->features[0])
		return -EINVAL;
	if (init->features[0] & BIT(KVM_ARM_VCPU_PMU_V3)) {
		ret = vpmu_vcpu_create(vcpu);
		if (ret)
			return ret;
	}

	/*
	 * A VMM that resets its guest writes its memory again, through its own caches.
	 * The new guest starts with caches off: map each page again, which cleans it.
	 */
	if (vcpu->initialized)
		stage2_unmap_slots(vcpu->vm);
	vcpu->features = init->features[0];
	vcpu_reset(vcpu);
	guest_debug_pc_moved(vcpu);
	mutex_lock(&vcpu->vm->lock);
	vcpu->reset_pending = false;
	vcpu->power_off = vcpu->features & BIT(KVM_ARM_VCPU_POWER_OFF);
	vcpu->initialized = true;
	mutex_unlock(&vcpu->vm->lock);
	return 0;
}

/* The vCPU starts where PSCI CPU_ON said (DEN 0022, 6.4). */
void vcpu_reset_from_cpu_on(struct vcpu *vcpu)
{
	mutex_lock(&vcpu->vm->lock);
	if (vcpu->reset_pending) {
		vcpu_reset(vcpu);
		*vcpu_pc(vcpu) = vcpu->reset_pc;
		*vcpu_cpsr(vcpu) |= vcpu->reset_cpsr;
		*vcpu_reg(vcpu, 0) = vcpu->reset_r0;
		vcpu->reset_pending = false;
	}
	mutex_unlock(&vcpu->vm->lock);
}
