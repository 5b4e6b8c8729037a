// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_VCPU_EVENTS and KVM_SET_VCPU_EVENTS.  What Linux calls an SError is the virtual
 * asynchronous abort here (DDI 0406C B1.9.9): HCR.VA, which the CPU clears when the guest
 * takes it.
 */
#include <linux/string.h>

#include "api/vcpu-events.h"
#include "core/guest-regs.h"
#include "core/vm.h"
#include "hyp/sysreg-bits.h"

void vcpu_get_events(struct vcpu *vcpu, struct kvm_vcpu_events *events)
{
	memset(events, 0, sizeof(*events));
	events->exception.serror_pending = !!(vcpu->hyp->hcr & HCR_VA);
}

/*
 * The external abort is for the access of the last KVM_EXIT_MMIO: it takes the place of the
 * access, and HDFAR is still that of the exit.
 */
int vcpu_set_events(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	/* An asynchronous abort has no syndrome. */
	if (events->exception.serror_pending && events->exception.serror_has_esr)
		return -EINVAL;
	if (memchr_inv(events->exception.pad, 0, sizeof(events->exception.pad)) ||
	    memchr_inv(events->reserved, 0, sizeof(events->reserved)))
		return -EINVAL;
	if (events->exception.serror_pending)
		vcpu->hyp->hcr |= HCR_VA;
	if (events->exception.ext_dabt_pending) {
		vcpu->mmio.active = false;
		vcpu_inject(vcpu, V7DBG_EXC_DATA_EXT, vcpu->hyp->hdfar);
	}
	return 0;
}
