// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that has nothing to run, halted by WFI or switched off by PSCI, or that may not run now.
 */
#include <linux/sched/signal.h>

#include "compat/compat.h"
#include "core/vm.h"
#include "hyp/sysreg-bits.h"
#include "irq/vgic-lr.h"
#include "irq/vtimer.h"
#include "run/vcpu-init.h"
#include "run/wait.h"

static bool has_something_to_run(struct vcpu *vcpu)
{
	vtimer_update(vcpu);
	return vgic_pending(vcpu) || (vcpu->hyp->hcr & HCR_VA) || READ_ONCE(vcpu->reset_pending) ||
	       READ_ONCE(vcpu->power_off) || compat_immediate_exit(vcpu->run);
}

int vcpu_halt(struct vcpu *vcpu)
{
	int ret;

	vtimer_block(vcpu);
	ret = rcuwait_wait_event(&vcpu->wait, has_something_to_run(vcpu), TASK_INTERRUPTIBLE);
	vtimer_unblock(vcpu);
	if (!ret)
		stat_inc(&vcpu->stats.halt_wakeup);
	return 1;
}

int vcpu_wait_powered_on(struct vcpu *vcpu)
{
	int ret;

	ret = rcuwait_wait_event(&vcpu->wait,
				 !READ_ONCE(vcpu->power_off) || compat_immediate_exit(vcpu->run),
				 TASK_INTERRUPTIBLE);
	vcpu_apply_reset(vcpu);
	return ret || compat_immediate_exit(vcpu->run) ? -EINTR : 0;
}

void vcpu_wait_resumed(struct vcpu *vcpu)
{
	rcuwait_wait_event(&vcpu->wait,
			   !atomic_read(&vcpu->vm->pause) || compat_immediate_exit(vcpu->run),
			   TASK_INTERRUPTIBLE);
}
