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

#include "machine/errata.h"
#include "machine/hyp-call.h"
#include "memory/vmid.h"

/* For tests: a new generation is rare otherwise. */
static unsigned int vmids = VMID_MASK;
module_param(vmids, uint, 0444);
MODULE_PARM_DESC(vmids, "VMIDs to use, 1 to 255 (default: 255); fewer are for tests");

static DEFINE_MUTEX(vmid_lock);
atomic64_t vmid_generation = ATOMIC64_INIT(1ULL << VMID_BITS);
static unsigned int vmid_last; /* the last number assigned in this generation */

static void leave_guest_ipi(void *unused)
{
}

static void vmid_next_generation(void)
{
	atomic64_add(1ULL << VMID_BITS, &vmid_generation);
	vmid_last = 0;
	/* Pairs with vcpu_enter_guest(): it sees the new generation, or gets this interrupt. */
	on_each_cpu(leave_guest_ipi, NULL, 1);
	hyp_call_anywhere(HYP_CALL_FLUSH_GUESTS, 0, 0);
	errata_tlb_complete();
}

void vmid_update(struct vmid *vmid)
{
	if (vmid_is_current(vmid))
		return;
	mutex_lock(&vmid_lock);
	if (!vmid_is_current(vmid)) {
		if (vmid_last >= clamp(vmids, 1U, VMID_MASK))
			vmid_next_generation();
		vmid_last++;
		atomic64_set(&vmid->id, atomic64_read(&vmid_generation) | vmid_last);
	}
	mutex_unlock(&vmid_lock);
}
