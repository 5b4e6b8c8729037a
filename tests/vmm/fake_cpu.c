// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fake CPU for a debugger.  It knows only the instructions of loop.S, and its
 * break- and watchpoints are those of the VMM.  r7 counts the BKPTs that the
 * guest itself takes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"

#define PC 15

/* Slow enough that a CPU in a loop uses hardly any time. */
#define PACE_US 50

static int debug_exit(struct fake_vcpu *vcpu, struct kvm_run *run, uint32_t moe, uint32_t hsr,
		      uint32_t far)
{
	struct kvm_armv7_debug_exit exit = { .hsr = hsr, .far = far, .moe = moe };

	exit.step = moe == 1 && vcpu->begun && vcpu->core[PC] != vcpu->step_pc;
	vcpu->begun = false;
	run->exit_reason = KVM_EXIT_DEBUG;
	memcpy(&run->debug.arch, &exit, sizeof(exit));
	return 0;
}

static bool breaks(const struct fake_vcpu *vcpu, uint32_t pc)
{
	const struct kvm_armv7_guest_debug *debug = &vcpu->debug;

	for (unsigned int i = 0; debug->control & KVM_GUESTDBG_USE_HW && i < 6; i++) {
		if (debug->dbgbcr[i] & 1 && debug->dbgbvr[i] == (pc & ~3u) &&
		    debug->dbgbcr[i] >> 5 & 1u << (pc & 3))
			return true;
	}
	return false;
}

/* Is one of the four bytes of the access watched in this direction? */
static bool watches(const struct fake_vcpu *vcpu, uint32_t va, bool write)
{
	const struct kvm_armv7_guest_debug *debug = &vcpu->debug;

	for (unsigned int i = 0; debug->control & KVM_GUESTDBG_USE_HW && i < 4; i++) {
		uint32_t wcr = debug->dbgwcr[i], wvr = debug->dbgwvr[i], mask = wcr >> 24 & 31;

		if (!(wcr & 1) || !(wcr >> 3 & (write ? 2 : 1)))
			continue;
		for (uint32_t at = va; at < va + 4; at++) {
			if (mask ? (at ^ wvr) >> mask == 0
				 : at - wvr < 8 && wcr >> 5 & 1u << (at - wvr))
				return true;
		}
	}
	return false;
}

static int failed(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = 99;
	return 0;
}

/* LDR or STR with an immediate offset.  Returns 1 to continue. */
static int access_word(struct fake_vcpu *vcpu, struct kvm_run *run, uint32_t insn)
{
	uint32_t *r = vcpu->core, address = r[insn >> 16 & 15] + (insn & 0xfff);
	bool write = !(insn & 1u << 20);
	const char *slow = getenv("FAKE_SLOW_MMIO");

	if (watches(vcpu, address, write))
		return debug_exit(vcpu, run, 10, 0x24u << 26 | (uint32_t)write << 6, address);
	if (address < RAM_BASE) {
		run->exit_reason = KVM_EXIT_MMIO;
		run->mmio.phys_addr = address;
		run->mmio.len = 4;
		run->mmio.is_write = write;
		memcpy(run->mmio.data, &r[insn >> 12 & 15], write ? 4 : 0);
		vcpu->mmio = true;
		if (slow)
			usleep(1000 * atoi(slow));
		return 0;
	}
	if (write)
		fake_cache_store(address, r[insn >> 12 & 15]);
	else
		r[insn >> 12 & 15] = fake_cache_load(address);
	r[PC] += 4;
	return 1;
}

/* The exception, as far as this CPU has any. */
static void take_bkpt(uint32_t *r)
{
	r[7]++;
	r[PC] += 4;
}

static int step(struct fake_vcpu *vcpu, struct kvm_run *run)
{
	uint32_t *r = vcpu->core, insn = fake_cache_load(r[PC]);

	if (breaks(vcpu, r[PC]) || (vcpu->begun && r[PC] != vcpu->step_pc))
		return debug_exit(vcpu, run, 1, 0x20u << 26, 0);
	if ((insn & 0xfff000f0) == 0xe1200070) { /* BKPT */
		if (vcpu->debug.control & KVM_GUESTDBG_USE_SW_BP)
			return debug_exit(vcpu, run, 3, 0x20u << 26, 0);
		take_bkpt(r);
	} else if ((insn & 0xffe00000) == 0xe5800000 || (insn & 0xfff00000) == 0xe5900000) {
		return access_word(vcpu, run, insn);
	} else if ((insn & 0xfff00000) == 0xe2800000) { /* ADD with an immediate */
		r[insn >> 12 & 15] = r[insn >> 16 & 15] + (insn & 0xff);
		r[PC] += 4;
	} else if ((insn & 0xff000000) == 0xea000000) { /* B */
		r[PC] += 8 + (uint32_t)((int32_t)(insn << 8) >> 6);
	} else if ((insn & 0xffff0000) == 0xe3a00000) { /* MOV r0, #n: the guest's power switch */
		run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
		run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
		return 0;
	} else {
		return failed(run);
	}
	return 1;
}

int fake_cpu_run(unsigned int index, struct kvm_run *run)
{
	struct fake_vcpu *vcpu = &fake_vcpus[index];
	uint32_t *r = vcpu->core;
	int ret;

	/* All vCPUs begin at the same place; each has 16 bytes of data after the program. */
	if (!r[PC])
		r[PC] = 0x40010000;
	if (!r[0])
		r[0] = 0x40010100 + 16 * index;
	if (vcpu->debug.control & KVM_GUESTDBG_SINGLESTEP && !vcpu->begun) {
		vcpu->begun = true;
		vcpu->step_pc = r[PC];
	}
	/* As in KVM, the access completes here, even if no other instruction may execute. */
	if (vcpu->mmio) {
		uint32_t insn = fake_cache_load(r[PC]);

		if (!run->mmio.is_write)
			memcpy(&r[insn >> 12 & 15], run->mmio.data, 4);
		r[PC] += 4;
		vcpu->mmio = false;
	}
	/* KVM_GUESTDBG_INJECT_BP does not look at the instruction. */
	if (vcpu->inject && !run->immediate_exit) {
		vcpu->inject = false;
		take_bkpt(r);
	}
	do {
		if (*(volatile uint8_t *)&run->immediate_exit) {
			errno = EINTR;
			return -1;
		}
		usleep(PACE_US);
		ret = step(vcpu, run);
	} while (ret == 1);
	return ret;
}
