// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests of random instructions at PL1: with handlers that resume after each exception, with
 * random code as vectors, or without any.
 *
 *   fuzz-guest SEED PROGRAMS [FROM]   programs FROM to FROM + PROGRAMS - 1 of that seed
 *
 * After each KVM_RUN this process must have its registers as before and its clocks in order, and
 * KVM must not report an error of its own.  The last line counts what ran; a failure names the
 * program, which `fuzz-guest SEED 1 PROGRAM` runs again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fuzz-guest.h"

#define RAM_BASE  0x40000000u
#define COUNTER	  0x50000000u /* a page that no code of ours points to */
#define LAP	  0x0b000000u /* stored to at the end of the code */
#define GICD	  0x08000000u
#define GICC	  0x08010000u
#define PAGE	  4096u
#define MAX_EXITS 100u
#define MAX_TICKS 8u /* after each it goes on elsewhere: it may hang */
#define TICK_NS	  3000000
#define VM_LIFE	  64u /* programs */

/* ---- the guest's fixed code ---- */

extern const char vectors[], vectors_end[], arm_tail[], thumb_tail[], tails_end[];
__asm__(".pushsection .rodata\n"
	".syntax unified\n"
	".arm\n"
	".balign 16\n"
	"vectors:\n"
	"	b	1f\n" /* reset */
	"	b	1f\n" /* undefined */
	"	b	1f\n" /* SVC */
	"	b	2f\n" /* prefetch abort */
	"	b	3f\n" /* data abort */
	"	b	1f\n"
	"	b	2f\n" /* IRQ */
	"	b	2f\n" /* FIQ */
	/* LR becomes the address of the instruction or one in the same block. */
	"1:	sub	lr, lr, #2\n"
	"	b	4f\n"
	"2:	sub	lr, lr, #4\n"
	"	b	4f\n"
	"3:	sub	lr, lr, #8\n"
	"4:	movw	sp, #0xff00\n"
	"	movt	sp, #0x4000\n"
	"	push	{r0-r2}\n"
	"	mov	r0, #0x50000000\n"
	"	ldr	r1, [r0]\n"
	"	add	r1, r1, #1\n"
	"	str	r1, [r0]\n"
	"	bic	lr, lr, #15\n"
	"	add	lr, lr, #16\n"
	/* Outside of the code, resume somewhere in it. */
	"	sub	r0, lr, #0x40000000\n"
	"	sub	r0, r0, #0x1000\n"
	"	cmp	r0, #0x2000\n"
	"	ubfxhs	r0, r1, #0, #9\n"
	"	lsl	r0, r0, #4\n"
	"	addhs	lr, r0, #0x40000000\n"
	"	addhs	lr, lr, #0x1000\n"
	"	mrs	r0, spsr\n"
	"	bic	r0, r0, #0x07000000\n" /* J, IT */
	"	bic	r0, r0, #0xfc00\n"
	"	bic	r0, r0, #0x3f\n"
	"	tst	lr, #0x2000\n"
	"	orrne	r0, r0, #0x20\n"
	"	tst	r1, #0x10\n"
	"	orrne	r0, r0, #0xc0\n"
	"	adr	r2, 5f\n"
	"	and	r1, r1, #7\n"
	"	ldrb	r1, [r2, r1]\n"
	"	orr	r0, r0, r1\n"
	"	msr	spsr_fsxc, r0\n"
	"	pop	{r0-r2}\n"
	"	movs	pc, lr\n"
	"5:	.byte	0x13, 0x1f, 0x12, 0x11, 0x17, 0x1b, 0x13, 0x10\n"
	"vectors_end:\n"
	".balign 16\n"
	"arm_tail:\n" /* the last block of the A32 page: on to the T32 page */
	"	movw	r0, #0x2001\n"
	"	movt	r0, #0x4000\n"
	"	bx	r0\n"
	"	nop\n"
	".thumb\n"
	"thumb_tail:\n" /* the last block of the T32 page: the end */
	"	mov.w	r0, #0x0b000000\n"
	"	str.w	r0, [r0]\n"
	"	b.w	.\n"
	"	nop.w\n"
	"tails_end:\n"
	".popsection\n");

/*
 * KVM_RUN with known values in d0 to d31 and TPIDRURW; in[32] and out[32] are the latter.
 * Returns what the system call did.
 */
long run_with_registers(int fd, const uint64_t *in, uint64_t *out);
__asm__(".pushsection .text\n"
	".syntax unified\n"
	".fpu neon\n"
	".arm\n"
	".type run_with_registers, %function\n"
	"run_with_registers:\n"
	"	push	{r4-r8, lr}\n"
	"	vpush	{d8-d15}\n"
	"	mov	r5, r2\n"
	"	vldmia	r1!, {d0-d15}\n"
	"	vldmia	r1!, {d16-d31}\n"
	"	ldr	r6, [r1]\n"
	"	mrc	p15, 0, r4, c13, c0, 2\n"
	"	mcr	p15, 0, r6, c13, c0, 2\n"
	"	mov	r7, #54\n" /* ioctl(fd, KVM_RUN, 0) */
	"	movw	r1, #0xae80\n"
	"	mov	r2, #0\n"
	"	svc	#0\n"
	"	vstmia	r5!, {d0-d15}\n"
	"	vstmia	r5!, {d16-d31}\n"
	"	mrc	p15, 0, r6, c13, c0, 2\n"
	"	str	r6, [r5]\n"
	"	mcr	p15, 0, r4, c13, c0, 2\n"
	"	vpop	{d8-d15}\n"
	"	pop	{r4-r8, pc}\n"
	".popsection\n");

/* ---- one VM ---- */

static uint32_t seed, program;
static unsigned long exits, exceptions, laps, hangs, ends;
static int kvm = -1, vm = -1, vcpu = -1;
static struct kvm_run *run;
static uint8_t *ram;
static uint32_t *counter;

static void failed(const char *what, long value)
{
	printf("FAIL seed %u program %u: %s: %ld (%#lx), errno %d\n", seed, program, what, value,
	       value, errno);
	exit(1);
}

static long must(long ret, const char *what)
{
	if (ret < 0)
		failed(what, ret);
	return ret;
}

static void set_slot(uint32_t slot, uint32_t ipa, void *at, uint32_t size)
{
	struct kvm_userspace_memory_region region = { .slot = slot,
						      .guest_phys_addr = ipa,
						      .memory_size = size,
						      .userspace_addr = (uintptr_t)at };

	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
}

static void set_device_address(int gic, uint64_t type, uint64_t address)
{
	struct kvm_device_attr attr = { .group = KVM_DEV_ARM_VGIC_GRP_ADDR,
					.attr = type,
					.addr = (uintptr_t)&address };

	must(ioctl(gic, KVM_SET_DEVICE_ATTR, &attr), "the GIC's address");
}

static void vm_new(void)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	struct kvm_device_attr init = { .group = KVM_DEV_ARM_VGIC_GRP_CTRL,
					.attr = KVM_DEV_ARM_VGIC_CTRL_INIT };

	vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	set_slot(0, RAM_BASE, ram, RAM_BYTES);
	set_slot(1, COUNTER, counter, PAGE);
	must(ioctl(vm, KVM_CREATE_DEVICE, &gic), "KVM_CREATE_DEVICE");
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	set_device_address(gic.fd, KVM_VGIC_V2_ADDR_TYPE_DIST, GICD);
	set_device_address(gic.fd, KVM_VGIC_V2_ADDR_TYPE_CPU, GICC);
	must(ioctl(gic.fd, KVM_SET_DEVICE_ATTR, &init), "KVM_DEV_ARM_VGIC_CTRL_INIT");
	close(gic.fd);
	run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		failed("mmap of kvm_run", -1);
}

static void vm_close(void)
{
	munmap(run, PAGE);
	close(vcpu);
	close(vm);
	vm = vcpu = -1;
}

static void set_reg(uint64_t id, uint32_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	must(ioctl(vcpu, KVM_SET_ONE_REG, &reg), "KVM_SET_ONE_REG");
}

#define CORE(word) (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | (word))
#define CPSR	   16u
#define CORE_WORDS 38u /* r0 - r14, PC, CPSR, and the banks, of which each third word is an SPSR */
#define VBAR	   ARM_CP15_REG32(0, 12, 0, 0)

/*
 * The guest's count begins far from 0.  If CNTV_TVAL makes CNTV_CVAL negative, the emulated board
 * hangs (docs/emulator.md).
 */
static void set_count(void)
{
	uint64_t count = 1ull << 40;
	struct kvm_one_reg reg = { .id = KVM_REG_ARM_TIMER_CNT, .addr = (uintptr_t)&count };

	must(ioctl(vcpu, KVM_SET_ONE_REG, &reg), "KVM_REG_ARM_TIMER_CNT");
}

static void set_place(struct rng *rng)
{
	bool thumb = rng_below(rng, 2);

	set_reg(CORE(15),
		RAM_BASE + (thumb ? CODE_THUMB : CODE_ARM) + BLOCK_BYTES * rng_below(rng, 254));
	set_reg(CORE(CPSR), (random_psr(rng) & ~0x20u) | (thumb ? 0x20 : 0));
}

static void start_program(struct rng *rng)
{
	struct kvm_vcpu_init init;

	must(ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	must(ioctl(vcpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
	memset(ram + CODE_END, 0, RAM_BYTES - CODE_END);
	for (size_t i = 0; i < 0x400; i += 4) {
		uint32_t word = interesting_word(rng);

		memcpy(ram + DATA + i, &word, 4);
	}
	memcpy(ram, vectors, vectors_end - vectors);
	make_arm(rng, (uint32_t *)(ram + CODE_ARM));
	make_thumb(rng, (uint16_t *)(ram + CODE_THUMB));
	memcpy(ram + CODE_THUMB - (thumb_tail - arm_tail), arm_tail, thumb_tail - arm_tail);
	memcpy(ram + CODE_END - (tails_end - thumb_tail), thumb_tail, tails_end - thumb_tail);
	*counter = 0;
	for (unsigned int word = 0; word < 15; word++)
		set_reg(CORE(word), interesting_word(rng));
	for (unsigned int word = CPSR + 2; word < CORE_WORDS; word++)
		set_reg(CORE(word), word % 3 == 2 || word == CORE_WORDS - 1
					    ? random_psr(rng)
					    : interesting_word(rng));
	set_place(rng);
	set_count();
	/* Of four programs two have handlers, one has random vectors, one has none. */
	if (program % 4 < 3)
		set_reg(VBAR, RAM_BASE + (program % 4 == 2 ? CODE_ARM : 0));
}

/* ---- running ---- */

static void check_registers(struct rng *rng)
{
	static uint64_t in[33], out[33];
	long ret;

	/* They differ among themselves; one of them changes each time. */
	if (!in[0])
		for (unsigned int n = 0; n < 32; n++)
			in[n] = (n + 1) * 0x0102030405060708ull;
	in[rng_next(rng) % 32] ^= rng_next(rng);
	in[32] = rng_next(rng);
	out[32] = 0;
	ret = run_with_registers(vcpu, in, out);
	if (ret < 0) {
		errno = -ret;
		if (errno != EINTR && errno != EAGAIN)
			failed("KVM_RUN", ret);
		run->exit_reason = KVM_EXIT_INTR;
	}
	for (unsigned int n = 0; n < 33; n++) {
		if (in[n] != out[n])
			failed(n < 32 ? "a VFP register of the host changed"
				      : "TPIDRURW of the host changed",
			       n);
	}
}

/* The vDSO reads the counter itself: it must agree with the kernel. */
static void check_clock(void)
{
	struct timespec before, vdso, after;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &before);
	clock_gettime(CLOCK_MONOTONIC, &vdso);
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &after);
#define NS(t) ((t).tv_sec * 1000000000ll + (t).tv_nsec)
	if (NS(vdso) < NS(before) || NS(vdso) > NS(after))
		failed("the vDSO's clock is off, in ms", (NS(vdso) - NS(before)) / 1000000);
}

static void run_program(struct rng *rng)
{
	unsigned int ticks = 0, count;

	for (count = 0; count < MAX_EXITS; count++) {
		check_registers(rng);
		switch (run->exit_reason) {
		case KVM_EXIT_INTR:
			if (++ticks == MAX_TICKS) {
				hangs++;
				goto done;
			}
			set_place(rng);
			break;
		case KVM_EXIT_MMIO:
			if (run->mmio.phys_addr == LAP) {
				laps++;
				goto done;
			}
			for (unsigned int n = 0; n < 8; n++)
				run->mmio.data[n] = rng_next(rng);
			break;
		case KVM_EXIT_SYSTEM_EVENT:
			ends++;
			goto done;
		default:
			failed("exit reason", run->exit_reason);
		}
	}
done:
	exits += count;
	/* Random stores may have hit the counter. */
	if (*counter < 100000)
		exceptions += *counter;
	check_clock();
}

static void on_tick(int signal)
{
	(void)signal;
}

int main(int argc, char **argv)
{
	struct itimerspec tick = { .it_interval.tv_nsec = TICK_NS, .it_value.tv_nsec = TICK_NS };
	const struct itimerspec never = { 0 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct sigaction action = { .sa_handler = on_tick };
	uint32_t from = argc == 4 ? strtoul(argv[3], NULL, 0) : 0, programs;
	struct rng rng;
	timer_t timer;

	if (argc < 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = strtoul(argv[1], NULL, 0);
	programs = strtoul(argv[2], NULL, 0);
	kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	ram = mmap(NULL, RAM_BYTES + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0);
	if (ram == MAP_FAILED)
		failed("mmap", -1);
	counter = (uint32_t *)(ram + RAM_BYTES);
	must(sigaction(SIGUSR1, &action, NULL), "sigaction");
	must(timer_create(CLOCK_MONOTONIC, &event, &timer), "timer_create");
	for (program = from; program - from < programs; program++) {
		if ((program - from) % VM_LIFE == 0) {
			/* KVM_CREATE_VM may say EINTR. */
			must(timer_settime(timer, 0, &never, NULL), "timer_settime");
			/* A crash of the board is then known to 64 programs. */
			printf("seed %u program %u\n", seed, program);
			if (vm >= 0)
				vm_close();
			vm_new();
			must(timer_settime(timer, 0, &tick, NULL), "timer_settime");
		}
		rng_seed(&rng, seed, program);
		start_program(&rng);
		run_program(&rng);
	}
	vm_close();
	printf("%u programs, %lu exits, %lu exceptions, %lu laps, %lu hangs, %lu ends\n", programs,
	       exits, exceptions, laps, hangs, ends);
	return 0;
}
