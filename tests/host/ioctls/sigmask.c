// SPDX-License-Identifier: GPL-2.0-only
/* KVM_SET_SIGNAL_MASK: which signals end KVM_RUN, and which of them are handled. */
#include "guest-debug.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>

static volatile sig_atomic_t handled;

static void on_signal(int number)
{
	(void)number;
	handled++;
}

/* The mask as the kernel has it, 64 bits. */
static int set_mask(const struct debug_vm *g, uint64_t blocked)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8];
	} __attribute__((packed)) mask = { .head.len = 8 };

	memcpy(mask.head.sigset, &blocked, sizeof(blocked));
	return ioctl(g->vcpu, KVM_SET_SIGNAL_MASK, &mask);
}

static void refused_masks(const struct debug_vm *g)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[16];
	} __attribute__((packed)) mask = { .head.len = 8 };
	static const uint32_t lengths[] = { 0, 4, 7, 9, 16, 128, ~0u };
	uint32_t n;

	REFUSED(EFAULT, ioctl(g->vcpu, KVM_SET_SIGNAL_MASK, NOWHERE),
		"KVM_SET_SIGNAL_MASK of a kernel address");
	REFUSED(EFAULT, ioctl(g->vcpu, KVM_SET_SIGNAL_MASK, cut_off(&mask, 12)),
		"KVM_SET_SIGNAL_MASK of all but one byte");
	for (n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
		mask.head.len = lengths[n];
		REFUSED(EINVAL, ioctl(g->vcpu, KVM_SET_SIGNAL_MASK, &mask),
			"KVM_SET_SIGNAL_MASK of %u bytes", lengths[n]);
	}
	WORKS(ioctl(g->vcpu, KVM_SET_SIGNAL_MASK, NULL), "KVM_SET_SIGNAL_MASK of NULL");
}

static bool pending(int number)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, number);
}

/* The thread blocks SIGUSR1; KVM_RUN does not. */
static void unblocked(struct debug_vm *g)
{
	struct timespec none = { 0 };
	sigset_t set;

	signal(SIGUSR1, on_signal);
	handled = 0;
	raise(SIGUSR1);
	claim(go(g) == -EINTR && !handled && pending(SIGUSR1) &&
		      g->run->exit_reason == KVM_EXIT_INTR,
	      "a signal that only KVM_RUN unblocks ends it, and stays pending");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	claim(sigtimedwait(&set, NULL, &none) == SIGUSR1 && !pending(SIGUSR1),
	      "the thread takes it by sigtimedwait");
	claim(go(g) == KVM_EXIT_MMIO, "the next KVM_RUN runs the guest");
}

/* The thread does not block SIGUSR2; KVM_RUN does. */
static void blocked(struct debug_vm *g)
{
	signal(SIGUSR2, on_signal);
	handled = 0;
	raise(SIGUSR2);
	claim(handled == 1, "a signal is handled where it is not blocked");
	claim(!set_mask(g, 1ull << (SIGUSR2 - 1)), "KVM_RUN blocks SIGUSR2");
	begin(g, AT(device), PSR_SVC_IF);
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR2);
	claim(go(g) == KVM_EXIT_MMIO && handled == 1 && pending(SIGUSR2),
	      "a signal that KVM_RUN blocks does not end it");
	sigprocmask(SIG_SETMASK, &old, NULL);
	claim(handled == 2, "it is handled when the thread unblocks it");
	claim(!set_mask(g, ~0ull), "KVM_RUN blocks all signals");
	begin(g, AT(device), PSR_SVC_IF);
	claim(go(g) == KVM_EXIT_MMIO, "a guest runs with all signals blocked");
}

void test_sigmask(void)
{
	struct debug_vm g;
	sigset_t set, old, now;

	debug_vm_open(&g);
	refused_masks(&g);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	claim(!set_mask(&g, 0), "KVM_RUN blocks no signal");
	begin(&g, AT(device), PSR_SVC_IF);
	unblocked(&g);
	sigprocmask(SIG_BLOCK, NULL, &now);
	claim(sigismember(&now, SIGUSR1) && !sigismember(&now, SIGUSR2),
	      "the thread's own mask is as it was");
	sigprocmask(SIG_SETMASK, &old, NULL);
	blocked(&g);
	WORKS(ioctl(g.vcpu, KVM_SET_SIGNAL_MASK, NULL), "back to the thread's own mask");
	signal(SIGUSR1, on_signal);
	handled = 0;
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR1);
	begin(&g, AT(device), PSR_SVC_IF);
	claim(go(&g) == KVM_EXIT_MMIO && !handled, "KVM_RUN has that one");
	sigprocmask(SIG_SETMASK, &old, NULL);
	claim(handled == 1, "and leaves the signal to the thread");
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
	debug_vm_close(&g);
}
