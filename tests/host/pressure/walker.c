// SPDX-License-Identifier: GPL-2.0-only
/* The guest, the thread that runs it, and what is claimed of its memory. */
#include <inttypes.h>
#include <signal.h>

#include "pressure.h"

#define WORD_LAST 0xffcu
#define AT_WRONG  (MMIO + 4)
#define WRONG	  (MMIO + 8)

/* The registers, as numbers of struct kvm_regs. */
enum {
	STEP,
	FIRST,
	DEVICE,
	END,
	SEED,
	ROUND,
	ZEROS,
	AT,
	STRIDE = 10,
	ROUNDS = 12
};

extern const char walk_start[], walk_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"walk_start:\n"
	"	mov	r7, r1\n"
	"1:	mov	r11, r7\n"
	"2:	eor	r9, r11, r4\n"
	"	add	r9, r9, r5\n"
	"	ldr	r8, [r11]\n"
	"	teq	r8, r9\n"
	"	beq	3f\n"
	"	teq	r8, #0\n"
	"	addeq	r6, r6, #1\n"
	"	strne	r11, [r2, #4]\n"
	"	strne	r8, [r2, #8]\n"
	"3:	add	r9, r9, r0\n"
	"	teq	r0, #0\n"
	"	strne	r9, [r11]\n"
	"	tst	r11, #4\n" /* the page's last word? */
	"	orreq	r11, r7, #0xff0\n"
	"	orreq	r11, r11, #0xc\n"
	"	beq	2b\n"
	"	add	r7, r7, r10\n"
	"	cmp	r7, r3\n"
	"	blo	1b\n"
	"	add	r5, r5, r0\n"
	"	add	r12, r12, #1\n"
	"	str	r12, [r2]\n"
	"	b	walk_start\n"
	"walk_end:\n"
	".popsection\n");

static uint32_t get_core(const struct small_vcpu *vcpu, unsigned int word)
{
	uint32_t value = 0;
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word,
		.addr = (uintptr_t)&value,
	};

	must(ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg), "KVM_GET_ONE_REG");
	return value;
}

void walkers_vm(struct small_vm *vm)
{
	small_vm_new(vm, kvm, PAGE, walk_start, walk_end);
}

void walker_new(struct walker *w, struct small_vm *vm, uint32_t id, uint8_t *data, uint32_t pages,
		uint32_t stride, uint32_t seed)
{
	*w = (struct walker){ .data = data, .pages = pages, .stride = stride, .seed = seed };
	w->ipa = DATA + id * pages * stride;
	must(set_slot(vm->fd, id + 1, w->ipa, data, pages * stride), "a slot for a walker");
	small_vcpu_new(&w->vcpu, vm, id, 0);
	set_core(&w->vcpu, FIRST, w->ipa);
	set_core(&w->vcpu, END, w->ipa + pages * stride);
	set_core(&w->vcpu, SEED, seed);
	set_core(&w->vcpu, STRIDE, stride);
	set_core(&w->vcpu, ROUND, 0);
	set_core(&w->vcpu, ZEROS, 0);
	set_core(&w->vcpu, AT, w->ipa);
}

static uint32_t *word_at(const struct walker *w, uint32_t page, uint32_t offset)
{
	return (uint32_t *)(w->data + page * w->stride + offset);
}

static uint32_t wanted(const struct walker *w, uint32_t page, uint32_t offset, uint32_t round)
{
	return ((w->ipa + page * w->stride + offset) ^ w->seed) + round;
}

void walker_fill(struct walker *w)
{
	for (uint32_t n = 0; n < w->pages; n++) {
		*word_at(w, n, 0) = wanted(w, n, 0, w->round);
		*word_at(w, n, WORD_LAST) = wanted(w, n, WORD_LAST, w->round);
	}
}

/* One exit.  False if it ends the walker. */
static bool one_exit(struct walker *w)
{
	const struct kvm_run *run = w->vcpu.run;
	uint32_t value;

	if (run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write) {
		snprintf(w->wrong, sizeof(w->wrong), "exit %u at %" PRIx64, run->exit_reason,
			 (uint64_t)run->mmio.phys_addr);
		return false;
	}
	memcpy(&value, run->mmio.data, 4);
	switch (run->mmio.phys_addr) {
	case MMIO:
		w->rounds = value;
		return !w->most || value < w->most;
	case AT_WRONG:
		snprintf(w->wrong, sizeof(w->wrong), "round %u, at %x", w->rounds, value);
		return true;
	default:
		snprintf(w->wrong + strlen(w->wrong), 40, " the guest found %x", value);
		return false;
	}
}

static void *walk(void *arg)
{
	struct walker *w = arg;

	while (!w->stop) {
		if (ioctl(w->vcpu.fd, KVM_RUN, 0) == 0) {
			if (!one_exit(w))
				break;
		} else if (errno == EFAULT) {
			w->absent++;
			usleep(500);
		} else if (errno != EINTR) {
			snprintf(w->wrong, sizeof(w->wrong), "KVM_RUN: %s", strerror(errno));
			break;
		}
	}
	return NULL;
}

static void on_signal(int number)
{
	(void)number;
}

/* All pages have the same round: the guest begins at the first one. */
static void begin_again(struct walker *w)
{
	/* The last exit, which KVM_RUN completes without running the guest. */
	w->vcpu.run->immediate_exit = 1;
	ioctl(w->vcpu.fd, KVM_RUN, 0);
	set_core(&w->vcpu, CORE_PC, RAM_BASE);
}

void walker_start(struct walker *w, uint32_t step, uint32_t most)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	if (step != get_core(&w->vcpu, STEP))
		begin_again(w);
	set_core(&w->vcpu, STEP, step);
	set_core(&w->vcpu, ROUNDS, 0);
	w->rounds = 0;
	w->most = most;
	w->stop = false;
	w->vcpu.run->immediate_exit = 0;
	if (pthread_create(&w->thread, NULL, walk, w))
		must(-1, "pthread_create");
}

void walker_join(struct walker *w)
{
	pthread_join(w->thread, NULL);
	w->round = get_core(&w->vcpu, ROUND);
}

void walker_stop(struct walker *w)
{
	w->stop = true;
	w->vcpu.run->immediate_exit = 1;
	pthread_kill(w->thread, SIGUSR1);
	walker_join(w);
}

void walker_close(struct walker *w)
{
	small_vcpu_close(&w->vcpu);
}

void walker_forget(struct walker *w)
{
	set_core(&w->vcpu, ZEROS, 0);
}

bool walker_moves(struct walker *w, uint32_t rounds, unsigned int seconds)
{
	uint32_t before = w->rounds;

	for (unsigned int n = 0; n < 100 * seconds && !w->wrong[0]; n++) {
		if (w->rounds - before >= rounds)
			return true;
		usleep(10000);
	}
	return false;
}

/*
 * Between two rounds AT is the end, and ROUND may be either one's; within one, the page at AT may
 * have either round's words.
 */
static bool is_one_of(const struct walker *w, uint32_t page, uint32_t offset, uint32_t at,
		      uint32_t step)
{
	uint32_t ipa = w->ipa + page * w->stride, value = *word_at(w, page, offset);
	bool is_old = value == wanted(w, page, offset, w->round);
	bool is_new = value == wanted(w, page, offset, w->round + step);

	if (at == w->ipa + w->pages * w->stride || ipa == at)
		return is_old || is_new;
	return ipa < at ? is_new : is_old;
}

bool walker_claims(struct walker *w, uint32_t dropped, const char *under)
{
	uint32_t at = get_core(&w->vcpu, AT), step = get_core(&w->vcpu, STEP);
	uint32_t empty = get_core(&w->vcpu, ZEROS), other = 0, offset, n;
	bool good;

	for (n = 0; n < 2 * w->pages; n++) {
		offset = n % 2 ? WORD_LAST : 0;
		if (*word_at(w, n / 2, offset) == 0)
			empty++;
		else if (!is_one_of(w, n / 2, offset, at, step))
			other++;
	}
	good = claim(!w->wrong[0], "%s: the guest finds what it wrote %s", under, w->wrong);
	good &= claim_is(other, 0, "%s: the process has what the guest has", under);
	good &= claim(empty <= 2 * dropped, "%s: no more is lost than was dropped (%u of %u words)",
		      under, empty, 2 * dropped);
	return good;
}
