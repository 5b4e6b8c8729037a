// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN on a kernel that restarts it with work pending (tests/modules/notify-again.c).
 * Prints `interrupted N times`, how often KVM_RUN returned EINTR before the guest stored to
 * MMIO, and what it stored, which is 7.
 */
#include <errno.h>
#include <signal.h>

#include "small-vm.h"

extern const char guest_start[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"	mov	r5, #7\n"
	"	str	r5, [r2]\n"
	"	b	guest_start\n"
	"guest_end:\n"
	".popsection\n");

static void on_signal(int number)
{
	(void)number;
}

int main(void)
{
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	int kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm"), interrupted = 0;
	struct small_vcpu vcpu;
	struct small_vm vm;
	uint32_t value;

	sigaction(SIGUSR1, &action, NULL);
	small_vm_new(&vm, kvm, PAGE, guest_start, guest_end);
	small_vcpu_new(&vcpu, &vm, 0, 0);
	while (ioctl(vcpu.fd, KVM_RUN, 0) < 0) {
		if (errno != EINTR || vcpu.run->exit_reason != KVM_EXIT_INTR)
			must(-1, "KVM_RUN");
		interrupted++;
	}
	if (vcpu.run->exit_reason != KVM_EXIT_MMIO)
		return 1;
	memcpy(&value, vcpu.run->mmio.data, 4);
	printf("interrupted %d times, the guest stored %u\n", interrupted, value);
	return 0;
}
