// SPDX-License-Identifier: GPL-2.0-only
/* TLB maintenance for a VM, by calls to HYP: it needs the VM's VMID in VTTBR. */
#include <linux/irqflags.h>

#include "core/vm.h"
#include "machine/hyp-call.h"
#include "memory/stage2-tlb.h"
#include "memory/vmid.h"

void stage2_flush_tlb(struct stage2 *s2)
{
	u64 vttbr = stage2_vttbr(s2);

	atomic64_inc(&container_of(s2, struct vm, stage2)->stats.remote_tlb_flush);
	hyp_flush_everywhere(HYP_CALL_FLUSH_VMID, lower_32_bits(vttbr), upper_32_bits(vttbr));
}

void stage2_flush_tlb_here(struct stage2 *s2)
{
	u64 vttbr = stage2_vttbr(s2);
	unsigned long flags;

	local_irq_save(flags);
	if (hyp_call_ready())
		hyp_call(HYP_CALL_FLUSH_HERE, lower_32_bits(vttbr), upper_32_bits(vttbr));
	local_irq_restore(flags);
}
