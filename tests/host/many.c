// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one process can make the kernel hold.
 *
 *   many tables VMS MOVES   each VM moves one page MOVES times through its address
 *                           space, 1 MiB further each time, and its guest reads it there
 *   many turns COUNT        COUNT VMs, one after the other, each of which runs once
 *   many vms COUNT ROUNDS   COUNT VMs at once run in turn, and each reads its own number
 *   many vcpus VMS          VMs with 8 vCPUs each, which all run once
 *
 * Prints `kB of page tables: BEFORE DURING AFTER` (SecPageTables), or `N runs`.
 */
#include <sys/resource.h>

#include "meminfo.h"

#define NUMBER	  0x800u /* in the RAM: what the guest reads */
#define MOVING	  0x80000000u
#define MOVE_STEP 0x100000u

/* Stores the word at r1 to MMIO, again and again. */
extern const char guest_start[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"	ldr	r5, [r1]\n"
	"	str	r5, [r2]\n"
	"	b	guest_start\n"
	"guest_end:\n"
	".popsection\n");

static int kvm;

static void expect(uint32_t got, uint32_t wanted)
{
	if (got == wanted)
		return;
	fprintf(stderr, "a guest read %u instead of %u\n", got, wanted);
	exit(1);
}

static void tables(unsigned int count, unsigned int moves)
{
	struct small_vm *vms = calloc(count, sizeof(*vms));
	struct small_vcpu *vcpus = calloc(count, sizeof(*vcpus));
	unsigned long before = meminfo_kb("SecPageTables"), during = 0, now;
	uint32_t *page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int n, move;

	for (n = 0; n < count; n++) {
		small_vm_new(&vms[n], kvm, PAGE, guest_start, guest_end);
		small_vcpu_new(&vcpus[n], &vms[n], 0, 0);
		for (move = 0; move < moves; move++) {
			uint32_t ipa = MOVING + move * MOVE_STEP;

			*page = ipa;
			must(set_slot(vms[n].fd, 1, ipa, page, PAGE), "moving a slot");
			set_core(&vcpus[n], 1, ipa);
			expect(next_word(&vcpus[n]), ipa);
		}
		now = meminfo_kb("SecPageTables");
		if (now > during)
			during = now;
	}
	for (n = 0; n < count; n++) {
		small_vcpu_close(&vcpus[n]);
		small_vm_close(&vms[n]);
	}
	printf("kB of page tables: %lu %lu %lu\n", before, during, meminfo_kb("SecPageTables"));
}

static void vms(unsigned int count, unsigned int rounds)
{
	struct small_vm *all = calloc(count, sizeof(*all));
	struct small_vcpu *vcpus = calloc(count, sizeof(*vcpus));
	unsigned int n, round, runs = 0;

	for (n = 0; n < count; n++) {
		small_vm_new(&all[n], kvm, PAGE, guest_start, guest_end);
		memcpy(all[n].ram + NUMBER, &n, 4);
		small_vcpu_new(&vcpus[n], &all[n], 0, 0);
		set_core(&vcpus[n], 1, RAM_BASE + NUMBER);
	}
	for (round = 0; round < rounds; round++)
		for (n = 0; n < count; n++, runs++)
			expect(next_word(&vcpus[n]), n);
	printf("%u runs\n", runs);
}

static void turns(unsigned int count)
{
	struct small_vm vm;
	struct small_vcpu vcpu;
	unsigned int n;

	for (n = 0; n < count; n++) {
		small_vm_new(&vm, kvm, PAGE, guest_start, guest_end);
		memcpy(vm.ram + NUMBER, &n, 4);
		small_vcpu_new(&vcpu, &vm, 0, 0);
		set_core(&vcpu, 1, RAM_BASE + NUMBER);
		expect(next_word(&vcpu), n);
		small_vcpu_close(&vcpu);
		small_vm_close(&vm);
	}
	printf("%u runs\n", n);
}

static void vcpus(unsigned int count)
{
	struct small_vcpu *all = calloc(count * 8, sizeof(*all));
	unsigned int n, id, runs = 0;
	struct small_vm vm;

	for (n = 0; n < count; n++) {
		small_vm_new(&vm, kvm, PAGE, guest_start, guest_end);
		memcpy(vm.ram + NUMBER, &n, 4);
		for (id = 0; id < 8; id++) {
			small_vcpu_new(&all[n * 8 + id], &vm, id, 0);
			set_core(&all[n * 8 + id], 1, RAM_BASE + NUMBER);
		}
	}
	for (id = 0; id < count * 8; id++, runs++)
		expect(next_word(&all[id]), id / 8);
	printf("%u runs\n", runs);
}

int main(int argc, char **argv)
{
	struct rlimit files = { 8192, 8192 };

	kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	must(setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	if (argc == 4 && !strcmp(argv[1], "tables"))
		tables(atoi(argv[2]), atoi(argv[3]));
	else if (argc == 3 && !strcmp(argv[1], "turns"))
		turns(atoi(argv[2]));
	else if (argc == 4 && !strcmp(argv[1], "vms"))
		vms(atoi(argv[2]), atoi(argv[3]));
	else if (argc == 3 && !strcmp(argv[1], "vcpus"))
		vcpus(atoi(argv[2]));
	else
		return 2;
	return 0;
}
