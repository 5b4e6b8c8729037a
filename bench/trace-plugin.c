// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU's TCG for bench/trace: logs the address of each instruction from one pass
 * of a mark to the next one.
 *
 *   out=FILE,mark=ADDRESS,mark=ADDRESS,..
 *
 * Of each mark the first SKIP passes are left out and the next SAMPLES are logged: its number,
 * the count, and so many addresses, as words of 32 bits.  Until a mark is passed first, only
 * marks are watched, so that the board boots fast.
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
void qemu_plugin_reset(qemu_plugin_id_t id, simple_cb cb);
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

#define MARKS	64
#define SKIP	4
#define SAMPLES 12
#define LONGEST 65536u

static struct {
	uint32_t address;
	unsigned int passes;
} marks[MARKS];
static unsigned int nr_marks;
static qemu_plugin_id_t self;
static FILE *out;
static uint32_t log_pc[LONGEST];
static uint32_t used;
static int logged = -1; /* the mark whose pass is being logged */
static bool all;

static void end_sample(void)
{
	uint32_t head[2] = { (uint32_t)logged, used };

	fwrite(head, sizeof(head), 1, out);
	fwrite(log_pc, sizeof(log_pc[0]), used, out);
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

static void executed(unsigned int vcpu, void *data)
{
	uint32_t pc = (uint32_t)(uintptr_t)data;
	unsigned int n;

	(void)vcpu;
	for (n = 0; n < nr_marks; n++)
		if (marks[n].address == pc)
			pass(n);
	if (logged >= 0 && used < LONGEST)
		log_pc[used++] = pc;
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
			qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, 0,
							       (void *)(uintptr_t)pc);
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
