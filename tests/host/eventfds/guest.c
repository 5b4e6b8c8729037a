// SPDX-License-Identifier: GPL-2.0-only
/* The two guests. */
#include "eventfds.h"

#include <signal.h>

/*
 * store_start: r1 = struct store[], r2 = MMIO.  An entry of kind END is a store to MMIO.
 *
 * count_start: r0 = GICC, r1 = counts, r2 = MMIO, r3 = GICD, r4 = KICK.  counts[0] is a
 * command: 1 stores to MMIO, 2 to KICK.  counts[1] is 1 when the GIC is configured.  The
 * handler has r8 to r12 for itself.
 */
extern const char store_start[], store_end[], count_start[], count_end[];
__asm__(".pushsection .rodata\n"
	".arch armv7-a\n"
	".arm\n"
	".balign 32\n"
	"store_start:\n"
	"1:	ldr	r5, [r1]\n"
	"	ldr	r6, [r1, #4]\n"
	"	ldr	r7, [r1, #8]\n"
	"	add	r1, r1, #12\n"
	"	cmp	r7, #0\n"
	"	streq	r6, [r2]\n"
	"	cmp	r7, #1\n"
	"	strbeq	r6, [r5]\n"
	"	cmp	r7, #2\n"
	"	strheq	r6, [r5]\n"
	"	cmp	r7, #4\n"
	"	streq	r6, [r5]\n"
	"	cmp	r7, #8\n"
	"	ldreq	r6, [r5]\n"
	"	cmp	r7, #16\n"
	"	bne	1b\n"
	"	setend	be\n"
	"	str	r6, [r5]\n"
	"	setend	le\n"
	"	b	1b\n"
	"store_end:\n"

	".balign 32\n"
	"count_start:\n"
	"	adr	r5, 8f\n"
	"	mcr	p15, 0, r5, c12, c0, 0\n" /* VBAR */
	"	mov	r5, #1\n"
	"	str	r5, [r3]\n" /* GICD_CTLR */
	"	mvn	r5, #0\n"
	"	str	r5, [r3, #0x104]\n" /* GICD_ISENABLER1, 2 */
	"	str	r5, [r3, #0x108]\n"
	"	movw	r5, #0xaaaa\n"
	"	movt	r5, #0xaaaa\n"
	"	add	r6, r3, #0xc00\n"
	"	str	r5, [r6, #0x10]\n" /* GICD_ICFGR4, 5: INTIDs 64 to 95 */
	"	str	r5, [r6, #0x14]\n"
	"	movw	r5, #0x0101\n"
	"	movt	r5, #0x0101\n"
	"	add	r6, r3, #0x820\n"
	"	add	r7, r6, #64\n"
	"1:	str	r5, [r6]\n" /* GICD_ITARGETSR8 to 23 */
	"	add	r6, r6, #4\n"
	"	cmp	r6, r7\n"
	"	bne	1b\n"
	"	mov	r5, #0xf0\n"
	"	str	r5, [r0, #4]\n" /* GICC_PMR */
	"	mov	r5, #1\n"
	"	str	r5, [r0]\n"	/* GICC_CTLR */
	"	str	r5, [r1, #4]\n" /* READY */
	"	cpsie	i\n"
	"2:	cpsid	i\n" /* an interrupt between test and WFI ends the WFI */
	"	ldr	r5, [r1]\n"
	"	cmp	r5, #0\n"
	"	beq	3f\n"
	"	mov	r6, #0\n"
	"	str	r6, [r1]\n"
	"	cmp	r5, #1\n"
	"	streq	r5, [r2]\n"
	"	strne	r5, [r4]\n"
	"	cpsie	i\n"
	"	b	2b\n"
	"3:	wfi\n"
	"	cpsie	i\n"
	"	b	2b\n"
	".balign 32\n"
	"8:	b	.\n"
	"	b	.\n"
	"	b	.\n"
	"	b	.\n"
	"	b	.\n"
	"	b	.\n"
	"	ldr	r8, [r0, #0xc]\n" /* GICC_IAR */
	"	ubfx	r9, r8, #0, #10\n"
	"	add	r10, r1, r9, lsl #2\n"
	"	ldr	r11, [r10]\n"
	"	add	r11, r11, #1\n"
	"	str	r11, [r10]\n"
	"	cmp	r9, #1020\n"
	"	strlo	r8, [r0, #0x10]\n" /* GICC_EOIR */
	"	subs	pc, lr, #4\n"
	"count_end:\n"
	".popsection\n");

void storer_new(struct storer *s)
{
	memset(s, 0, sizeof(*s));
	small_vm_new(&s->vm, kvm, RAM_SIZE, store_start, store_end);
	small_vcpu_new(&s->vcpu, &s->vm, 0, 0);
}

void storer_close(struct storer *s)
{
	small_vcpu_close(&s->vcpu);
	small_vm_close(&s->vm);
}

unsigned int run_stores(struct storer *s, const struct store *stores, unsigned int count)
{
	struct store *table = (struct store *)(s->vm.ram + STORES);
	struct kvm_run *run = s->vcpu.run;
	unsigned int exits;

	memcpy(table, stores, count * sizeof(*stores));
	table[count] = (struct store){ .kind = END };
	/* Completes the last store of the previous run, before r1 changes. */
	run->immediate_exit = 1;
	ioctl(s->vcpu.fd, KVM_RUN, 0);
	run->immediate_exit = 0;
	set_core(&s->vcpu, 1, RAM_BASE + STORES);
	for (exits = 0;; exits++) {
		must(ioctl(s->vcpu.fd, KVM_RUN, 0), "KVM_RUN");
		if (run->exit_reason != KVM_EXIT_MMIO || run->mmio.phys_addr == MMIO)
			return exits;
		if (exits >= sizeof(s->seen) / sizeof(s->seen[0]))
			continue;
		s->seen[exits] = (struct seen){ .addr = run->mmio.phys_addr,
						.len = run->mmio.len,
						.write = run->mmio.is_write };
		memcpy(&s->seen[exits].value, run->mmio.data, 4);
	}
}

unsigned int run_store(struct storer *s, uint32_t addr, uint32_t value, enum kind kind,
		       unsigned int times)
{
	struct store stores[1000];
	unsigned int n;

	for (n = 0; n < times; n++)
		stores[n] = (struct store){ addr, value, kind };
	return run_stores(s, stores, times);
}

static void gic_attr(struct counter *c, uint32_t group, uint64_t attr, uint64_t *value)
{
	struct kvm_device_attr args = { .group = group, .attr = attr, .addr = (uintptr_t)value };

	must(ioctl(c->gic, KVM_SET_DEVICE_ATTR, &args), "an attribute of the GIC");
}

void counter_new(struct counter *c)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	uint64_t dist = GICD, cpu = GICC;

	memset(c, 0, sizeof(*c));
	small_vm_new(&c->vm, kvm, RAM_SIZE, count_start, count_end);
	small_vcpu_new(&c->vcpu, &c->vm, 0, 0);
	must(ioctl(c->vm.fd, KVM_CREATE_DEVICE, &gic), "KVM_CREATE_DEVICE");
	c->gic = (int)gic.fd;
	gic_attr(c, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST, &dist);
	gic_attr(c, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU, &cpu);
	gic_attr(c, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	set_core(&c->vcpu, 0, GICC);
	set_core(&c->vcpu, 1, RAM_BASE + COUNTS);
	set_core(&c->vcpu, 3, GICD);
	set_core(&c->vcpu, 4, KICK);
	c->counts = (volatile uint32_t *)(c->vm.ram + COUNTS);
	c->wake = new_eventfd();
	must(irqfd(c->vm.fd, c->wake, WAKE_SPI - 32, 0, 0), "KVM_IRQFD");
}

static void *run_counter(void *data)
{
	struct counter *c = data;

	while (ioctl(c->vcpu.fd, KVM_RUN, 0) < 0)
		if (errno != EINTR || c->stopped)
			return NULL;
	return c->vcpu.run->exit_reason == KVM_EXIT_MMIO && c->vcpu.run->mmio.phys_addr == MMIO
		       ? c
		       : NULL;
}

void counter_start(struct counter *c)
{
	must(pthread_create(&c->thread, NULL, run_counter, c) ? -1 : 0, "a thread");
	count_reaches(c, READY, 1);
}

static void command(struct counter *c, uint32_t what)
{
	c->counts[0] = what;
	signal_fd(c->wake);
}

void counter_kick(struct counter *c)
{
	int tries;

	command(c, 2);
	for (tries = 0; tries < patience && c->counts[0]; tries++)
		usleep(1000);
	give_up(tries);
}

uint32_t count_reaches(struct counter *c, uint32_t intid, uint32_t wanted)
{
	int tries;

	for (tries = 0; tries < patience && c->counts[intid] < wanted; tries++)
		usleep(1000);
	give_up(tries);
	return c->counts[intid];
}

uint32_t count_settles(struct counter *c, uint32_t intid, uint32_t wanted)
{
	count_reaches(c, intid, wanted);
	usleep(20000); /* it must not come once more */
	return c->counts[intid];
}

bool counter_stop(struct counter *c)
{
	void *result;
	int tries;

	command(c, 1);
	for (tries = 0; tries < patience && c->counts[0]; tries++)
		usleep(1000);
	give_up(tries);
	usleep(1000);
	c->stopped = true;
	while (pthread_tryjoin_np(c->thread, &result)) {
		pthread_kill(c->thread, SIGUSR1);
		usleep(1000);
	}
	return result;
}

void counter_close(struct counter *c)
{
	close(c->gic);
	small_vcpu_close(&c->vcpu);
	small_vm_close(&c->vm);
	close(c->wake);
}
