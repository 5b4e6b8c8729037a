// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMIDs in generations.  struct vmid holds generation and number in one 64-bit word;
 * number 0 is the host's, generation 0 means that the VM has never run.
 *
 * A new generation begins only after every CPU has left its guest.  A vCPU compares the
 * generation with interrupts off before it enters, so none enters with an old VMID: it
 * compares after the generation has changed, or the interrupt takes it out again.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/smp.h>

#include "machine/hyp-call.h"
#include "memory/vmid.h"

/* For tests: a new generation is rare otherwise. */
static unsigned int vmids = VMID_MASK;
module_param(vmids, uint, 0444);
MODULE_PARM_DESC(vmids, "VMIDs to use, 1 to 255 (default: 255); fewer are for tests");

static DEFINE_MUTEX(vmid_lock);
static u64 vmid_generation = 1;
u32 vmid_epoch = 1;
static unsigned int vmid_last; /* the last number assigned in this generation */

static void leave_guest_ipi(void *unused)
{
}

static void vmid_next_generation(void)
{
	vmid_generation++;
	WRITE_ONCE(vmid_epoch, vmid_generation);
	vmid_last = 0;
	/* Pairs with vcpu_enter_guest(): it sees the new generation, or gets this interrupt. */
	on_each_cpu(leave_guest_ipi, NULL, 1);
	hyp_flush_everywhere(HYP_CALL_FLUSH_GUESTS, 0, 0);
}

u32 vmid_update(struct stage2 *s2, u64 *vttbr)
{
	u32 epoch;

	mutex_lock(&vmid_lock);
	if (atomic64_read(&s2->vmid.id) >> VMID_BITS != vmid_generation) {
		if (vmid_last >= clamp(vmids, 1U, VMID_MASK))
			vmid_next_generation();
		vmid_last++;
		atomic64_set(&s2->vmid.id, vmid_generation << VMID_BITS | vmid_last);
	}
	*vttbr = stage2_vttbr(s2);
	epoch = vmid_epoch;
	mutex_unlock(&vmid_lock);
	return epoch;
}
