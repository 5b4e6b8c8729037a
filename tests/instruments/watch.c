// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU's TCG, for tools/harness/instruments.py: it reports what the emulator
 * forgives and a CPU's TLBs do not.
 *
 *   out=FILE,orders=FILE
 *
 * Orders are lines in a file that the test replaces; they are read at the next system call:
 *
 *   function START SIZE AGES NAME	what has to be true when it returns: see tables.c
 *   free START				the kernel's free_pages()
 *   stores				look at all stores of the host, from now on
 *   counts LABEL			write what was counted so far
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugin-api.h"
#include "watch.h"

#define KERNEL_START 0xc0000000u

int qemu_plugin_version = 4;
uint64_t now = 1;
unsigned int nr_cpus;

static qemu_plugin_id_t self;
static const char *orders;
static struct g_array *buffer;
static uint8_t *ram;
static uint64_t ram_size;
static struct {
	struct qemu_plugin_register *r[16], *cpsr, *ttbr1, *ttbcr;
} handles[MAX_CPUS];

/* ---- registers and memory -------------------------------------------------------- */

static uint64_t read_register(struct qemu_plugin_register *handle)
{
	uint64_t value = 0;
	int size;

	g_byte_array_set_size(buffer, 0);
	size = qemu_plugin_read_register(handle, buffer);
	if (size != 4 && size != 8)
		abort();
	memcpy(&value, buffer->data, (unsigned int)size);
	return value;
}

uint32_t cpu_reg(unsigned int cpu, unsigned int n)
{
	return (uint32_t)read_register(handles[cpu].r[n]);
}

uint32_t cpu_cpsr(unsigned int cpu)
{
	return (uint32_t)read_register(handles[cpu].cpsr);
}

uint32_t cpu_thread(unsigned int cpu)
{
	return cpu_reg(cpu, 13) & ~0x1fffu; /* THREAD_SIZE */
}

void *ram_at(uint64_t pa, unsigned int size)
{
	if (pa < RAM_BASE || pa - RAM_BASE + size > ram_size)
		return NULL;
	return ram + (pa - RAM_BASE);
}

/* Long descriptors.  A kernel with 3 GB for processes lets TTBR1 begin at level 2 (B3.6.6). */
static uint64_t walk_long(uint64_t table, bool from_level_2, uint32_t va)
{
	const uint64_t *entry;
	unsigned int level, shift;

	for (level = from_level_2 ? 2 : 1; level <= 3; level++) {
		shift = 39 - 9 * level;
		entry = ram_at(table + (va >> shift & (level == 1 ? 3 : 511)) * 8, 8);
		if (!entry || !(*entry & 1))
			return 0;
		if (level == 3 || !(*entry & 2))
			return (*entry & 0xfffffff000ull & ~((1ull << shift) - 1)) |
			       (va & ((1u << shift) - 1));
		table = *entry & 0xfffffff000ull;
	}
	return 0;
}

/* Short descriptors (B3.5.1).  All that Linux's own tables have: sections, and pages of 4 KB. */
static uint64_t walk_short(uint32_t table, uint32_t va)
{
	const uint32_t *entry = ram_at(table + (va >> 20) * 4, 4);

	if (entry && (*entry & 3) == 2)
		return (*entry & 0xfff00000) | (va & 0xfffff);
	if (!entry || (*entry & 3) != 1)
		return 0;
	entry = ram_at((*entry & 0xfffffc00) + (va >> 12 & 255) * 4, 4);
	if (!entry || !(*entry & 2))
		return 0;
	return (*entry & 0xfffff000) | (va & 0xfff);
}

/* TTBR1 has the kernel's own addresses, also where TTBCR.N is 0 and no walk uses it (B3.5.4). */
uint64_t kernel_pa(unsigned int cpu, uint32_t va)
{
	uint32_t ttbcr = (uint32_t)read_register(handles[cpu].ttbcr);
	uint64_t ttbr1 = read_register(handles[cpu].ttbr1);

	if (va < KERNEL_START)
		return 0;
	if (ttbcr >> 31)
		return walk_long(ttbr1 & 0xffffffffe0ull, (ttbcr >> 16 & 7) > 1, va);
	return walk_short(ttbr1 & 0xffffc000, va);
}

/* The board's RAM is a file of its own in QEMU's memory (memory-backend-memfd). */
static void find_ram(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps)) {
		if (!strstr(line, "memfd:memory-backend-memfd") ||
		    sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		ram = (uint8_t *)start;
		ram_size = end - start;
	}
	if (maps)
		fclose(maps);
	if (!ram) {
		fputs("watch: the board needs a memory-backend-memfd\n", stderr);
		exit(1);
	}
}

static void cpu_found(qemu_plugin_id_t id, unsigned int cpu)
{
	const struct g_array *registers = qemu_plugin_get_registers();
	const struct qemu_plugin_reg_descriptor *all = (const void *)registers->data;
	unsigned int n, number;
	char end;

	(void)id;
	if (cpu >= MAX_CPUS)
		abort();
	if (!ram)
		find_ram();
	for (n = 0; n < registers->len; n++) {
		if (sscanf(all[n].name, "r%u%c", &number, &end) == 1 && number < 16)
			handles[cpu].r[number] = all[n].handle;
		else if (!strcmp(all[n].name, "sp"))
			handles[cpu].r[13] = all[n].handle;
		else if (!strcmp(all[n].name, "lr"))
			handles[cpu].r[14] = all[n].handle;
		else if (!strcmp(all[n].name, "cpsr"))
			handles[cpu].cpsr = all[n].handle;
		else if (!strcmp(all[n].name, "TTBR1"))
			handles[cpu].ttbr1 = all[n].handle;
		else if (!strcmp(all[n].name, "TTBCR"))
			handles[cpu].ttbcr = all[n].handle;
	}
	if (!handles[cpu].cpsr || !handles[cpu].ttbr1 || !handles[cpu].ttbcr ||
	    !handles[cpu].r[12] || !handles[cpu].r[13] || !handles[cpu].r[14]) {
		fputs("watch: the emulator does not name the registers\n", stderr);
		exit(1);
	}
	if (cpu >= nr_cpus)
		nr_cpus = cpu + 1;
}

/* ---- orders ---------------------------------------------------------------------- */

static void translated(qemu_plugin_id_t id, void *tb)
{
	(void)id;
	insn_translated(tb);
}

static void start_again(qemu_plugin_id_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
}

static bool obey(const char *line)
{
	unsigned int start, size, ages;
	char name[48];

	if (sscanf(line, "function %x %x %u %47s", &start, &size, &ages, name) == 4)
		insn_mark_function(start, size, ages, name);
	else if (sscanf(line, "free %x", &start) == 1)
		insn_mark_free(start);
	else if (sscanf(line, "flush %x", &start) == 1)
		insn_mark_flush(start);
	else if (sscanf(line, "counts %47s", name) == 1)
		report_counts(name);
	else if (!strncmp(line, "stores", 6))
		cache_watch_stores();
	return !strncmp(line, "function ", 9) || !strncmp(line, "free ", 5) ||
	       !strncmp(line, "flush ", 6) || !strncmp(line, "stores", 6);
}

void watch_poll(void)
{
	static struct stat seen;
	bool marks = false;
	struct stat is;
	char line[256];
	FILE *file;

	if (stat(orders, &is) || (is.st_ino == seen.st_ino && is.st_size == seen.st_size &&
				  is.st_mtim.tv_nsec == seen.st_mtim.tv_nsec))
		return;
	seen = is;
	file = fopen(orders, "r");
	while (file && fgets(line, sizeof(line), file))
		marks |= obey(line);
	if (file)
		fclose(file);
	/* Code with marks is translated again. */
	if (marks)
		qemu_plugin_reset(self, start_again);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	int n;

	(void)info;
	for (n = 0; n < argc; n++) {
		if (!strncmp(argv[n], "out=", 4))
			report_open(argv[n] + 4);
		else if (!strncmp(argv[n], "orders=", 7))
			orders = strdup(argv[n] + 7);
	}
	if (!orders)
		return -1;
	self = id;
	buffer = g_byte_array_new();
	qemu_plugin_register_vcpu_init_cb(id, cpu_found);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
