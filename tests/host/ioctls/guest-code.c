// SPDX-License-Identifier: GPL-2.0-only
/* See guest-debug.h. */
#include "guest-debug.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

/*
 * `at NAME` defines the address AT(NAME).  r1 is DATA, r3 STORE, and r9 MMIO; code reports by a
 * store to MMIO.
 */
__asm__(".pushsection .rodata\n"
	".macro at name\n"
	".global g_\\name\n"
	"g_\\name:\n"
	".endm\n"
	".arm\n"
	".balign 4\n"
	".global guest_code, guest_code_end\n"
	"guest_code:\n"
	/* Each kind of instruction to stop at. */
	"at load\n"
	"	ldr	r2, [r1]\n"
	"at store\n"
	"	str	r2, [r3]\n"
	"at plain\n"
	"	nop\n"
	"at device\n"
	"	str	r8, [r9]\n"
	"	b	g_load\n"
	/* A BKPT, in ARM and in Thumb. */
	"at bkpt\n"
	"	bkpt	#5\n"
	"	str	r8, [r9]\n"
	"	b	.\n"
	".thumb\n"
	"at bkpt_thumb\n"
	"	bkpt	#5\n"
	"	str	r0, [r7]\n"
	"	b	.\n"
	".arm\n"
	".balign 4\n"
	/* A load from MMIO, then another instruction. */
	"at device_load\n"
	"	ldr	r2, [r9]\n"
	"at device_next\n"
	"	nop\n"
	"	str	r8, [r9]\n"
	"	b	.\n"
	/* Instructions that make several accesses to MMIO, and one that cannot be emulated. */
	"at device_stm\n"
	"	stm	r9!, {r1, r3, r8}\n"
	"at device_stm_next\n"
	"	str	r9, [r7]\n"
	"	b	.\n"
	"at device_ldm\n"
	"	ldmib	r9!, {r4, r5, r6}\n"
	"at device_ldm_next\n"
	"	str	r6, [r7]\n"
	"	b	.\n"
	/* FCSEIDR with a process ID; after an exit, what is left of it. */
	"at fcse\n"
	"	mov	r1, #0x42000000\n"
	"	mcr	p15, 0, r1, c13, c0, 0\n"
	"	isb\n"
	"	str	r8, [r7]\n"
	"	mrc	p15, 0, r1, c13, c0, 0\n"
	"	str	r1, [r7]\n"
	"	b	.\n"
	"at device_ldrex\n"
	"	ldrex	r2, [r9]\n"
	"	str	r8, [r7]\n"
	"	b	.\n"
	/* The guest debugs itself: it reads DBGBCR0 into r4 and writes r5 to DBGBCR1. */
	"at own\n"
	"	mrc	p14, 0, r4, c0, c0, 5\n"
	"	mcr	p14, 0, r5, c0, c1, 5\n"
	"	isb\n"
	"	str	r8, [r9]\n"
	"	b	.\n"
	/* A PSCI call with the arguments in r0 to r3. */
	"at psci\n"
	"	.inst	0xe1400070\n" /* hvc #0 */
	"	str	r8, [r9]\n"
	"	b	.\n"
	/* The entry point of PSCI CPU_ON, with r0 = MMIO; then PSCI CPU_OFF. */
	"at started\n"
	"	str	r0, [r0]\n"
	"	movw	r0, #0x0002\n"
	"	movt	r0, #0x8400\n"
	"	.inst	0xe1400070\n"
	"	b	.\n"
	/* Takes asynchronous aborts from here on. */
	"at unmask\n"
	"	cpsie	a\n"
	"	isb\n"
	"	str	r8, [r9]\n"
	"	b	.\n"
	/* In Thumb state, a store; and a BXJ to r2. */
	".thumb\n"
	".balign 4\n"
	"at store_thumb\n"
	"	str	r0, [r7]\n"
	"	b	.\n"
	".arm\n"
	".balign 4\n"
	"at bxj\n"
	"	bxj	r2\n"
	"	b	.\n"
	"at wfi\n"
	"	wfi\n"
	"	str	r8, [r9]\n"
	"	b	.\n"
	/* Stores identification registers to r1, in the order of linux-registers.c. */
	"at read_ids\n"
	"	.irp	opc2, 0, 1, 2, 3, 5, 6\n"
	"	mrc	p15, 0, r4, c0, c0, \\opc2\n"
	"	str	r4, [r1], #4\n"
	"	.endr\n"
	"	.irp	opc2, 0, 1, 2, 3, 4, 5, 6, 7\n"
	"	mrc	p15, 0, r4, c0, c1, \\opc2\n"
	"	str	r4, [r1], #4\n"
	"	.endr\n"
	"	.irp	opc2, 0, 1, 2, 3, 4, 5\n"
	"	mrc	p15, 0, r4, c0, c2, \\opc2\n"
	"	str	r4, [r1], #4\n"
	"	.endr\n"
	"	.irp	opc2, 1, 7\n"
	"	mrc	p15, 1, r4, c0, c0, \\opc2\n"
	"	str	r4, [r1], #4\n"
	"	.endr\n"
	"	mrc	p15, 0, r4, c1, c0, 1\n" /* ACTLR */
	"	str	r4, [r1], #4\n"
	"	mrc	p15, 1, r4, c9, c0, 2\n" /* L2CTLR */
	"	str	r4, [r1], #4\n"
	/* CCSIDR of the caches whose CSSELR are in r5 and r6. */
	"	mcr	p15, 2, r5, c0, c0, 0\n"
	"	isb\n"
	"	mrc	p15, 1, r4, c0, c0, 0\n"
	"	str	r4, [r1], #4\n"
	"	mcr	p15, 2, r6, c0, c0, 0\n"
	"	isb\n"
	"	mrc	p15, 1, r4, c0, c0, 0\n"
	"	str	r4, [r1], #4\n"
	"	str	r8, [r9]\n"
	"	b	.\n"
	".balign 32\n"
	"at vectors\n"
	"	b	.\n"
	"	b	g_undef\n"
	"	b	.\n"
	"	b	g_prefetch\n"
	"	b	g_data_abort\n"
	"	b	.\n"
	"	b	.\n"
	"	b	.\n"
	"at undef\n"
	"	mov	r8, #0x04\n"
	"	str	r8, [r9]\n"
	"	b	.\n"
	"at prefetch\n"
	"	mov	r8, #0x0c\n"
	"	str	r8, [r9]\n"
	"	b	.\n"
	"at data_abort\n"
	"	mov	r8, #0x10\n"
	"	str	r8, [r7]\n"
	"	b	.\n"
	"guest_code_end:\n"
	".popsection\n");

static void on_alarm(int number)
{
	(void)number;
}

static void alarm_in(unsigned int milliseconds)
{
	struct timeval time = { milliseconds / 1000, milliseconds % 1000 * 1000 };
	struct itimerval timer = { time, time };

	setitimer(ITIMER_REAL, &timer, NULL);
}

uint32_t reg(const struct debug_vm *g, uint64_t id)
{
	uint32_t value = 0xdeadc0de;

	get_reg(g->vcpu, id, &value);
	return value;
}

bool put(const struct debug_vm *g, uint64_t id, uint32_t value)
{
	return !set_reg(g->vcpu, id, &value);
}

uint32_t core(const struct debug_vm *g, uint32_t word)
{
	return reg(g, KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word);
}

void debug_vm_open(struct debug_vm *g)
{
	debug_vm_open_with(g, 1u << KVM_ARM_VCPU_PSCI_0_2);
}

void debug_vm_open_with(struct debug_vm *g, uint32_t features)
{
	struct sigaction action = { .sa_handler = on_alarm };
	uint32_t *code = pages(1);

	sigaction(SIGALRM, &action, NULL);
	g->data = pages(1);
	memcpy(code, guest_code, (size_t)(guest_code_end - guest_code));
	g->vm = new_vm();
	g->vcpu = new_vcpu(g->vm, features, &g->run);
	if (set_slot(g->vm, 0, 0, CODE, PAGE, (uintptr_t)code) ||
	    set_slot(g->vm, 1, 0, DATA, PAGE, (uintptr_t)g->data)) {
		perror("set_slot");
		exit(1);
	}
	put(g, ARM_CP15_REG32(0, 12, 0, 0), AT(vectors)); /* VBAR */
}

void debug_vm_close(struct debug_vm *g)
{
	munmap(g->run, PAGE);
	close(g->vcpu);
	close(g->vm);
}

void debug_vm_reset(struct debug_vm *g)
{
	struct kvm_vcpu_init init;

	ioctl(g->vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	ioctl(g->vcpu, KVM_ARM_VCPU_INIT, &init);
	put(g, ARM_CP15_REG32(0, 12, 0, 0), AT(vectors)); /* VBAR */
}

void begin(struct debug_vm *g, uint32_t pc, uint32_t cpsr)
{
	g->run->immediate_exit = 1;
	while (!ioctl(g->vcpu, KVM_RUN, 0))
		;
	g->run->immediate_exit = 0;
	set_core(g->vcpu, 1, DATA);
	set_core(g->vcpu, 2, 0x2222);
	set_core(g->vcpu, 3, STORE);
	set_core(g->vcpu, 7, MMIO);
	set_core(g->vcpu, 8, REACHED);
	set_core(g->vcpu, 9, MMIO);
	set_core(g->vcpu, 0, REACHED);
	set_core(g->vcpu, LR_ABT, 0);
	set_core(g->vcpu, SPSR_ABT, 0);
	set_core(g->vcpu, 15, pc);
	set_core(g->vcpu, 16, cpsr);
	g->data[0] = 0x1111;
	g->data[2] = 0;
}

int go(struct debug_vm *g)
{
	return go_for(g, 10000);
}

int go_for(struct debug_vm *g, unsigned int milliseconds)
{
	int ret;

	g->run->exit_reason = ~0u;
	alarm_in(milliseconds);
	ret = ioctl(g->vcpu, KVM_RUN, 0) ? -errno : (int)g->run->exit_reason;
	alarm_in(0);
	return ret;
}

bool goes_off(struct debug_vm *g)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	int n;

	for (n = 0; n < 50 && state.mp_state != KVM_MP_STATE_STOPPED; n++)
		if (go_for(g, 200) != -EINTR || ioctl(g->vcpu, KVM_GET_MP_STATE, &state))
			return false;
	return state.mp_state == KVM_MP_STATE_STOPPED;
}

bool stores(struct debug_vm *g, uint32_t value)
{
	uint32_t data;
	int reason = go(g);

	memcpy(&data, g->run->mmio.data, sizeof(data));
	if (reason == KVM_EXIT_MMIO && g->run->mmio.is_write && g->run->mmio.phys_addr == MMIO &&
	    data == value)
		return true;
	printf("# exit %d, PC 0x%08x, MMIO of 0x%x\n", reason, core(g, 15), data);
	return false;
}

bool stops_at(struct debug_vm *g, uint32_t pc, uint32_t ec, uint32_t far, uint32_t moe,
	      uint32_t step)
{
	struct kvm_armv7_debug_exit exit;
	int reason;

	if (g->run->exit_reason != KVM_EXIT_MMIO) /* it may hold the value of a load */
		memset(&g->run->debug, 0xa5, sizeof(exit));
	reason = go(g);
	memcpy(&exit, (char *)g->run + offsetof(struct kvm_run, debug.arch), sizeof(exit));
	if (reason == KVM_EXIT_DEBUG && core(g, 15) == pc && exit.hsr >> 26 == ec &&
	    (exit.hsr & 0x3f) == 0x22 && exit.far == far && exit.moe == moe && exit.step == step)
		return true;
	printf("# exit %d, PC 0x%08x, HSR 0x%08x, FAR 0x%08x, MOE %u, step %u\n", reason,
	       core(g, 15), exit.hsr, exit.far, exit.moe, exit.step);
	return false;
}

bool stops(struct debug_vm *g, uint32_t pc, uint32_t ec, uint32_t far, uint32_t moe)
{
	return stops_at(g, pc, ec, far, moe, 0);
}

int debug_set(struct debug_vm *g, uint32_t control)
{
	struct kvm_guest_debug debug = { .control = control };

	return ioctl(g->vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

int debug_break(struct debug_vm *g, uint32_t n, uint32_t value, uint32_t bcr)
{
	struct kvm_armv7_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE |
							  KVM_GUESTDBG_USE_HW };

	debug.dbgbvr[n] = value;
	debug.dbgbcr[n] = bcr;
	return ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &debug);
}

int debug_watch(struct debug_vm *g, uint32_t n, uint32_t value, uint32_t wcr)
{
	struct kvm_armv7_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE |
							  KVM_GUESTDBG_USE_HW };

	debug.dbgwvr[n] = value;
	debug.dbgwcr[n] = wcr;
	return ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &debug);
}
