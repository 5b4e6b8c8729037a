// SPDX-License-Identifier: GPL-2.0-only
/* The guest, and what the tests share.  `memory SUBJECT..` runs these tests. */
#include "memory.h"

int kvm;

void *pages(uint32_t count)
{
	void *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	if (at == MAP_FAILED)
		must(-1, "mmap");
	return at;
}

extern const char guest_start[], guest_write_start[], guest_count_start[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"	ldr	r5, [r1]\n"
	"	str	r5, [r2]\n"
	"	b	guest_start\n"
	"guest_write_start:\n"
	"	str	r5, [r1]\n"
	"	str	r5, [r2]\n"
	"	b	guest_write_start\n"
	"guest_count_start:\n"
	"	mov	r7, r1\n"
	"	mov	r8, r3\n"
	"1:	ldr	r5, [r7]\n"
	"	add	r5, r5, #1\n"
	"	str	r5, [r7]\n"
	"	add	r7, r7, #4096\n"
	"	subs	r8, r8, #1\n"
	"	bne	1b\n"
	"	subs	r6, r6, #1\n"
	"	bne	guest_count_start\n"
	"	str	r5, [r2]\n"
	"	b	guest_count_start\n"
	"guest_end:\n"
	".popsection\n");

uint32_t entry_of(int program)
{
	static const char *const at[] = { guest_start, guest_write_start, guest_count_start };

	return (uint32_t)(at[program] - guest_start);
}

void guest_new(struct guest *guest)
{
	small_vm_new(&guest->vm, kvm, PAGE, guest_start, guest_end);
	small_vcpu_new(&guest->vcpu, &guest->vm, 0, 0);
}

void guest_close(struct guest *guest)
{
	small_vcpu_close(&guest->vcpu);
	small_vm_close(&guest->vm);
}

/* Complete the last exit without running the guest. */
static void complete(struct small_vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	ioctl(vcpu->fd, KVM_RUN, 0);
	vcpu->run->immediate_exit = 0;
}

static bool stored(struct small_vcpu *vcpu, uint32_t *value)
{
	must(ioctl(vcpu->fd, KVM_RUN, 0), "KVM_RUN");
	memcpy(value, vcpu->run->mmio.data, 4);
	return vcpu->run->exit_reason == KVM_EXIT_MMIO && vcpu->run->mmio.phys_addr == MMIO;
}

uint32_t guest_read(struct guest *guest, uint32_t ipa)
{
	uint32_t value;

	complete(&guest->vcpu);
	set_core(&guest->vcpu, CORE_PC, RAM_BASE + entry_of(READ));
	set_core(&guest->vcpu, 1, ipa);
	return stored(&guest->vcpu, &value) ? value : ~0u;
}

bool guest_write(struct guest *guest, uint32_t ipa, uint32_t value)
{
	complete(&guest->vcpu);
	set_core(&guest->vcpu, CORE_PC, RAM_BASE + entry_of(WRITE));
	set_core(&guest->vcpu, 1, ipa);
	set_core(&guest->vcpu, 5, value);
	return stored(&guest->vcpu, &value);
}

static const struct {
	const char *name;
	void (*test)(void);
} subjects[] = {
	{ "blocked", test_blocked },	 { "slots", test_slots },
	{ "dirty", test_dirty },	 { "young", test_young },
	{ "driver", test_driver },	 { "blocks", test_blocks },
	{ "block-log", test_block_log }, { "block-young", test_block_young },
	{ "moving", test_moving },
};

int main(int argc, char **argv)
{
	unsigned int n;
	int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	for (n = 0; n < sizeof(subjects) / sizeof(subjects[0]); n++) {
		bool wanted = false;

		for (i = 1; i < argc; i++)
			wanted |= !strcmp(argv[i], subjects[n].name);
		if (wanted)
			subjects[n].test();
	}
	return claims_end();
}
