// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU's TCG for bench/tracing.py: logs each instruction, and each access to the
 * interrupt controller, from one pass of a mark to the next one.
 *
 *   out=FILE,mark=ADDRESS,mark=ADDRESS,..
 *
 * Of each mark the first SKIP passes are left out and the next SAMPLES are logged: its number,
 * the count, and so many entries of two words of 32 bits: an address and what is there, or
 * ACCESS + n for the memory region n of region_names, and 1 for a store.  Until a mark is passed
 * first, only marks are watched, so that the board boots fast.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is used of QEMU's <qemu-plugin.h>, which Debian does not package. */
typedef uint64_t qemu_plugin_id_t;
typedef void (*udata_cb)(unsigned int vcpu, void *data);
typedef void (*tb_trans_cb)(qemu_plugin_id_t id, void *tb);
typedef void (*simple_cb)(qemu_plugin_id_t id);
int qemu_plugin_version = 1;
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb cb);
void qemu_plugin_register_vcpu_insn_exec_cb(void *insn, udata_cb cb, int flags, void *data);
size_t qemu_plugin_tb_n_insns(const void *tb);
void *qemu_plugin_tb_get_insn(const void *tb, size_t n);
uint64_t qemu_plugin_insn_vaddr(const void *insn);
size_t qemu_plugin_insn_size(const void *insn);
const void *qemu_plugin_insn_data(const void *insn);
typedef uint32_t meminfo_t;
typedef void (*mem_cb)(unsigned int vcpu, meminfo_t info, uint64_t vaddr, void *data);
void qemu_plugin_register_vcpu_mem_cb(void *insn, mem_cb cb, int flags, int rw, void *data);
bool qemu_plugin_mem_is_store(meminfo_t info);
void *qemu_plugin_get_hwaddr(meminfo_t info, uint64_t vaddr);
bool qemu_plugin_hwaddr_is_io(const void *haddr);
const char *qemu_plugin_hwaddr_device_name(const void *haddr);
void qemu_plugin_reset(qemu_plugin_id_t id, simple_cb cb);
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

#define MARKS		 64
#define SKIP		 4
#define SAMPLES		 12
#define LONGEST		 65536u
#define ACCESS		 0xfffffff0u
#define LOADS_AND_STORES 3

static struct {
	uint32_t address;
	unsigned int passes;
} marks[MARKS];
static unsigned int nr_marks;
static qemu_plugin_id_t self;
static FILE *out;
static struct {
	uint32_t pc;
	uint32_t code;
} entries[LONGEST];
static uint32_t used;
static int logged = -1; /* the mark whose pass is being logged */
static bool all;

static void end_sample(void)
{
	uint32_t head[2] = { (uint32_t)logged, used };

	fwrite(head, sizeof(head), 1, out);
	fwrite(entries, sizeof(entries[0]), used, out);
	fflush(out);
}

static void pass(unsigned int n)
{
	if (logged == (int)n && used < LONGEST)
		end_sample();
	logged = -1;
	used = 0;
	marks[n].passes++;
	if (marks[n].passes > SKIP && marks[n].passes <= SKIP + SAMPLES)
		logged = (int)n;
}

static void note(uint32_t pc, uint32_t code)
{
	if (logged < 0 || used == LONGEST)
		return;
	entries[used].pc = pc;
	entries[used++].code = code;
}

/* What QEMU calls the parts of a GICv2. */
static const char *const region_names[] = { "gic_dist", "gic_cpu", "gic_viface", "gic_vcpu" };

static void accessed(unsigned int vcpu, meminfo_t info, uint64_t vaddr, void *data)
{
	const void *haddr = logged < 0 ? NULL : qemu_plugin_get_hwaddr(info, vaddr);
	const char *name;
	uint32_t n;

	(void)vcpu;
	(void)data;
	if (!haddr || !qemu_plugin_hwaddr_is_io(haddr))
		return;
	name = qemu_plugin_hwaddr_device_name(haddr);
	for (n = 0; n < sizeof(region_names) / sizeof(region_names[0]); n++)
		if (!strncmp(name, region_names[n], strlen(region_names[n])))
			note(ACCESS + n, qemu_plugin_mem_is_store(info));
}

/* An instruction, by its address and by its first word. */
static void executed(unsigned int vcpu, void *data)
{
	uint64_t both = *(const uint64_t *)data;
	uint32_t pc = (uint32_t)both;
	unsigned int n;

	(void)vcpu;
	for (n = 0; n < nr_marks; n++)
		if (marks[n].address == pc)
			pass(n);
	note(pc, (uint32_t)(both >> 32));
}

/* Blocks are translated again and again: what is kept of an instruction is never freed. */
static void watch(void *insn, uint32_t pc)
{
	uint64_t *both = malloc(sizeof(*both));
	uint32_t code = 0;

	if (!both)
		abort();
	memcpy(&code, qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));
	*both = pc | (uint64_t)code << 32;
	qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, 0, both);
	qemu_plugin_register_vcpu_mem_cb(insn, accessed, 0, LOADS_AND_STORES, NULL);
}

static void first_mark(unsigned int vcpu, void *data);

static void translated(qemu_plugin_id_t id, void *tb)
{
	size_t i, count = qemu_plugin_tb_n_insns(tb);
	unsigned int n;

	(void)id;
	for (i = 0; i < count; i++) {
		void *insn = qemu_plugin_tb_get_insn(tb, i);
		uint32_t pc = (uint32_t)qemu_plugin_insn_vaddr(insn);

		if (all)
			watch(insn, pc);
		for (n = 0; !all && n < nr_marks; n++)
			if (marks[n].address == pc)
				qemu_plugin_register_vcpu_insn_exec_cb(insn, first_mark, 0, NULL);
	}
}

static void watch_all(qemu_plugin_id_t id)
{
	all = true;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
}

static void first_mark(unsigned int vcpu, void *data)
{
	static bool asked;

	(void)vcpu;
	(void)data;
	if (!asked)
		qemu_plugin_reset(self, watch_all);
	asked = true;
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	int n;

	(void)info;
	for (n = 0; n < argc; n++) {
		if (!strncmp(argv[n], "out=", 4))
			out = fopen(argv[n] + 4, "wb");
		else if (!strncmp(argv[n], "mark=", 5) && nr_marks < MARKS)
			marks[nr_marks++].address = (uint32_t)strtoul(argv[n] + 5, NULL, 0);
	}
	if (!out || !nr_marks)
		return -1;
	self = id;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
