// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vDSO's clock and the system call's clock must agree on every CPU.  The vDSO reads CNTVCT and
 * the kernel CNTPCT, so they differ if a hypervisor leaves CNTVOFF set, and nothing else would
 * show that.
 *
 *   clocks SECONDS     prints for each CPU how many readings agreed; exits with 1 at the first
 *                      that did not
 */
#include <elf.h>
#include <link.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef int (*clock_function)(clockid_t, struct timespec *);

/* libc may silently fall back to the system call, so look the function up in the vDSO itself. */
static clock_function vdso_clock(void)
{
	const uint8_t *base = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *header = (const void *)base;
	const ElfW(Phdr) * segment;
	const ElfW(Dyn) *dynamic = NULL;
	const ElfW(Sym) *symbols = NULL;
	const char *names = NULL;
	const uint32_t *hash = NULL;

	if (!base)
		return NULL;
	segment = (const void *)(base + header->e_phoff);
	for (int i = 0; i < header->e_phnum; i++)
		if (segment[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(base + segment[i].p_offset);
	for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
		const void *at = base + dynamic->d_un.d_ptr;

		if (dynamic->d_tag == DT_SYMTAB)
			symbols = at;
		else if (dynamic->d_tag == DT_STRTAB)
			names = at;
		else if (dynamic->d_tag == DT_HASH)
			hash = at;
	}
	if (!symbols || !names || !hash)
		return NULL;
	for (uint32_t i = 0; i < hash[1]; i++)
		if (symbols[i].st_value &&
		    !strcmp(names + symbols[i].st_name, "__vdso_clock_gettime"))
			return (clock_function)(uintptr_t)(base + symbols[i].st_value);
	return NULL;
}

static int64_t by_call(void)
{
	struct timespec now;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t by_vdso(clock_function clock)
{
	struct timespec now;

	clock(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int main(int argc, char **argv)
{
	clock_function clock = vdso_clock();
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t end, seconds = argc > 1 ? atoi(argv[1]) : 1;
	unsigned long agreed[64] = { 0 };

	if (!clock) {
		printf("the vDSO has no clock\n");
		return 2;
	}
	end = by_call() + seconds * 1000000000;
	while (by_call() < end) {
		for (long cpu = 0; cpu < cpus; cpu++) {
			cpu_set_t set;

			CPU_ZERO(&set);
			CPU_SET(cpu, &set);
			if (sched_setaffinity(0, sizeof(set), &set))
				continue;
			for (int i = 0; i < 500; i++) {
				int64_t before = by_call(), vdso = by_vdso(clock),
					after = by_call();

				if (vdso < before || vdso > after) {
					printf("cpu %ld: vDSO %lld ns outside %lld to %lld\n", cpu,
					       (long long)vdso, (long long)before,
					       (long long)after);
					return 1;
				}
				agreed[cpu]++;
			}
		}
	}
	for (long cpu = 0; cpu < cpus; cpu++)
		printf("cpu %ld: %lu readings agree\n", cpu, agreed[cpu]);
	return 0;
}
