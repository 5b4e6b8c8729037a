// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's calls.  HYP answers an unknown number like the kernel's stub.
 */
#include "hyp.h"

/*
 * Invalidate all translations of one VMID on all CPUs.  ARMv7 has no operation by
 * intermediate physical address, and TLBIALLIS takes the VMID from VTTBR (B3.10.5).
 */
static void flush_vmid(uint64_t vttbr)
{
	/* Walks that begin after the invalidation see what the host wrote to the tables. */
	dsb(ish);
	write_sysreg64(VTTBR, vttbr);
	isb();
	write_sysreg(TLBIALLIS, 0);
	/* Complete on all CPUs before the host frees a page (B3.10.6).  The ERET synchronises. */
	dsb(ish);
	write_sysreg64(VTTBR, 0);
}

/* The same on this CPU only. */
static void flush_vmid_here(uint64_t vttbr)
{
	dsb(nsh);
	write_sysreg64(VTTBR, vttbr);
	isb();
	write_sysreg(TLBIALL, 0);
	dsb(nsh);
	write_sysreg64(VTTBR, 0);
}

/*
 * Drop the translations of all VMIDs on every CPU, before VMIDs are used again.  An
 * instruction cache may be tagged with the VMID as well (B2.2.5, AIVIVT).
 */
static void flush_guests(void)
{
	dsb(ish);
	write_sysreg(TLBIALLNSNHIS, 0);
	write_sysreg(ICIALLUIS, 0);
	dsb(ish);
}

static void flush_hyp(void)
{
	dsb(ish);
	write_sysreg(TLBIALLHIS, 0);
	dsb(ish);
}

/* CVE-2017-5715: see forgetful_vectors in vectors.S. */
static uint32_t guest_vectors(void)
{
	switch (MIDR_CPU(read_cp15(MIDR))) {
	case MIDR_CORTEX_A15:
		return (uint32_t)hyp_guest_vectors_iciallu;
	case MIDR_CORTEX_A12:
	case MIDR_CORTEX_A17:
		return (uint32_t)hyp_guest_vectors_bpiall;
	default:
		return (uint32_t)hyp_guest_vectors;
	}
}

uint32_t hyp_host_call(uint32_t fn, uint32_t a1, uint32_t a2)
{
	struct hyp_percpu *cpu = hyp_this_cpu();

	switch (fn) {
	case HYP_CALL_FLUSH_VMID:
		flush_vmid((uint64_t)a2 << 32 | a1);
		return 0;
	case HYP_CALL_FLUSH_HERE:
		flush_vmid_here((uint64_t)a2 << 32 | a1);
		return 0;
	case HYP_CALL_FLUSH_HYP:
		flush_hyp();
		return 0;
	case HYP_CALL_FLUSH_GUESTS:
		flush_guests();
		return 0;
	case HYP_CALL_NOTE_HOST:
		hyp_note_host(&cpu->found);
		return 0;
	case HYP_CALL_PROBE:
		cpu->guest_hvbar = guest_vectors();
		hyp_debug_probe(&cpu->id);
		return 0;
	case HYP_CALL_PROBE_DEVID:
		hyp_debug_probe_devid(&cpu->id);
		return 0;
	case HYP_CALL_PROBE_PMU:
		/* The emulator does not have them: there this call is lost. */
		cpu->pmceid[0] = read_cp15(PMCEID0);
		cpu->pmceid[1] = read_cp15(PMCEID1);
		return 0;
	case HYP_CALL_MISMATCH:
		return hyp_debug_mismatch_begin(cpu);
	case HYP_CALL_MISMATCH_END:
		return hyp_debug_mismatch_end(cpu);
	default:
		return HYP_STUB_ERR;
	}
}
