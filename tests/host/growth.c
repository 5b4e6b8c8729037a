// SPDX-License-Identifier: GPL-2.0-only
/*
 * How what a VM costs grows.  For a board with one CPU under -icount, where CLOCK_MONOTONIC's
 * nanoseconds are instructions.
 *
 *   growth vcpus COUNT     a VM with COUNT vCPUs that have all run: an exit of the first one
 *   growth slots COUNT     with COUNT memory slots: an exit, a slot added, a page absent
 *   growth vms COUNT CPUS  COUNT VMs with CPUS vCPUs: to make one, and its memory, by MemFree
 *                          and so by what the later half of them takes
 *   growth ram MIB         a guest that writes each page of its RAM: a page, its tables
 *   growth command ARG ..  what a command takes
 *
 * Each prints lines `growth NAME VALUE`: instructions, or bytes where NAME ends in -bytes.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "meminfo.h"

#define ROUNDS	  64
#define SMALL_RAM (64u << 10)
#define SLOTS	  0x80000000u /* where the slots that are only there are */

/* Stores r1 to MMIO; then writes r6 pages from r1 on, if r6 is not 0. */
extern const char guest_start[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"	str	r1, [r2]\n"
	"1:	cmp	r6, #0\n"
	"	strne	r1, [r1]\n"
	"	addne	r1, r1, #4096\n"
	"	subne	r6, r6, #1\n"
	"	bne	1b\n"
	"	b	guest_start\n"
	"guest_end:\n"
	".popsection\n");

static int kvm;

static uint64_t now(void)
{
	struct timespec time;

	must(clock_gettime(CLOCK_MONOTONIC, &time), "clock_gettime");
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void say(const char *name, uint64_t value)
{
	printf("growth %s %llu\n", name, (unsigned long long)value);
}

/* The least of a few: no tick of the host fell into it. */
static uint64_t exit_cost(const struct small_vcpu *vcpu)
{
	uint64_t least = ~0ull;
	unsigned int n;

	for (n = 0; n < ROUNDS; n++) {
		uint64_t start = now(), time;

		next_word(vcpu);
		time = now() - start;
		least = time < least ? time : least;
	}
	return least;
}

static void vcpus(unsigned int count)
{
	struct small_vcpu *all = calloc(count, sizeof(*all));
	struct small_vm vm;
	uint64_t start;
	unsigned int n;

	small_vm_new(&vm, kvm, SMALL_RAM, guest_start, guest_end);
	start = now();
	for (n = 0; n < count; n++)
		small_vcpu_new(&all[n], &vm, n, 0);
	say("make-vcpu", (now() - start) / count);
	for (n = 0; n < count; n++)
		next_word(&all[n]);
	say("exit", exit_cost(&all[0]));
}

static void slots(unsigned int count)
{
	uint8_t *page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start, added = 0, least = ~0ull;
	struct small_vcpu vcpu;
	struct small_vm vm;
	unsigned int n;

	if (page == MAP_FAILED)
		must(-1, "mmap");
	*page = 1;
	small_vm_new(&vm, kvm, SMALL_RAM, guest_start, guest_end);
	small_vcpu_new(&vcpu, &vm, 0, 0);
	for (n = 1; n < count; n++) {
		start = now();
		must(set_slot(vm.fd, n, SLOTS + n * 2 * PAGE, page, PAGE), "a slot");
		added = now() - start;
	}
	say("exit", exit_cost(&vcpu));
	if (added)
		say("add-slot", added);
	/* The last slot's page, which the process has, with stage 2 tables of its own. */
	for (n = 0; count > 1 && n < 8; n++) {
		uint32_t ipa = SLOTS + (count - 1) * 2 * PAGE;

		set_core(&vcpu, 1, ipa);
		set_core(&vcpu, 6, 0);
		next_word(&vcpu);
		set_core(&vcpu, 6, 1);
		start = now();
		next_word(&vcpu);
		start = now() - start;
		least = start < least ? start : least;
		must(set_slot(vm.fd, count - 1, ipa, page, 0), "a slot taken away");
		must(set_slot(vm.fd, count - 1, ipa, page, PAGE), "a slot given again");
	}
	if (count > 1)
		say("page", least);
}

static void vms(unsigned int count, unsigned int cpus)
{
	struct small_vm *all = calloc(count, sizeof(*all));
	struct small_vcpu *each = calloc(count * cpus, sizeof(*each));
	unsigned long before = 0;
	uint64_t start, least = ~0ull;
	unsigned int n, id;

	memset(all, 0, count * sizeof(*all));
	memset(each, 0, count * cpus * sizeof(*each));
	for (n = 0; n < count; n++) {
		if (n == count / 2)
			before = meminfo_kb("MemFree");
		start = now();
		small_vm_new(&all[n], kvm, PAGE, guest_start, guest_end);
		for (id = 0; id < cpus; id++)
			small_vcpu_new(&each[n * cpus + id], &all[n], id, 0);
		start = now() - start;
		least = start < least ? start : least;
		for (id = 0; id < cpus; id++)
			next_word(&each[n * cpus + id]);
	}
	say("make-vm", least);
	say("vm-bytes", (before - meminfo_kb("MemFree")) * 1024ull / (count - count / 2));
}

static void ram(unsigned int mib)
{
	uint32_t size = mib << 20, pages = size / PAGE - 1;
	unsigned long tables;
	struct small_vcpu vcpu;
	struct small_vm vm;
	uint64_t start;

	small_vm_new(&vm, kvm, size, guest_start, guest_end);
	tables = meminfo_kb("SecPageTables");
	small_vcpu_new(&vcpu, &vm, 0, 0);
	set_core(&vcpu, 1, RAM_BASE + PAGE);
	next_word(&vcpu);
	set_core(&vcpu, 6, pages);
	start = now();
	next_word(&vcpu);
	say("page-absent", (now() - start) / pages);
	say("tables-bytes", (meminfo_kb("SecPageTables") - tables) * 1024ull);
}

static int command(char **argv)
{
	uint64_t start = now();
	pid_t child = must(fork(), "fork");
	int status;

	if (!child) {
		execvp(argv[0], argv);
		_exit(127);
	}
	must(waitpid(child, &status, 0), "waitpid");
	say("command", now() - start);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	const struct rlimit most = { .rlim_cur = 65536, .rlim_max = 65536 };
	unsigned int count = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;

	setrlimit(RLIMIT_NOFILE, &most);
	if (argc > 2 && !strcmp(argv[1], "command"))
		return command(argv + 2);
	kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm");
	if (argc == 3 && !strcmp(argv[1], "vcpus"))
		vcpus(count);
	else if (argc == 3 && !strcmp(argv[1], "slots"))
		slots(count);
	else if (argc == 4 && !strcmp(argv[1], "vms"))
		vms(count, strtoul(argv[3], NULL, 0));
	else if (argc == 3 && !strcmp(argv[1], "ram"))
		ram(count);
	else
		return 2;
	return 0;
}
