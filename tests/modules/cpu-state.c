// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shows the state that a hypervisor must leave unchanged, for each online CPU:
 *
 *   /proc/cpu_state/hyp     HDCR, HVBAR and others.  Read it only while the kernel's stub owns
 *                           HYP, that is while kvm_armv7 is not loaded.
 *   /proc/cpu_state/debug   the debug registers, at any time.
 *
 * Writing to the latter gives each slot that is off a distinct value and nonzero control bits with
 * E clear, so that a hypervisor cannot restore it by luck.
 */
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <asm/cacheflush.h>

#include "cp14.h"

#define SLOTS 16

struct debug_state {
	u32 didr, dscr, vcr;
	u32 brps, wrps;
	u32 bvr[SLOTS], bcr[SLOTS], wvr[SLOTS], wcr[SLOTS];
};

static const char *const hyp_names[] = { "HDCR",       "HVBAR",	   "HSCTLR",  "HCR",
					 "HCPTR",      "HSTR",	   "CNTHCTL", "CNTVOFF.lo",
					 "CNTVOFF.hi", "VTTBR.lo", "VTTBR.hi" };

extern const char hyp_read_code[], hyp_read_code_end[];
void hyp_read(u32 physical, u32 *out);

static struct proc_dir_entry *dir;
static void *code;

static void read_hyp(void *out)
{
	hyp_read(virt_to_phys(code), out);
}

static void read_debug(void *out)
{
	struct debug_state *s = out;
	unsigned int n;

	s->didr = dbgdidr();
	/* MOE records the CPU's last event, whoever caused it, and nobody may restore it. */
	s->dscr = dbgdscr_read() & ~DBGDSCR_MOE;
	s->vcr = dbgvcr_read();
	s->brps = nr_brps();
	s->wrps = nr_wrps();
	for (n = 0; n < s->brps; n++) {
		s->bvr[n] = bvr_read(n);
		s->bcr[n] = bcr_read(n);
	}
	for (n = 0; n < s->wrps; n++) {
		s->wvr[n] = wvr_read(n);
		s->wcr[n] = wcr_read(n);
	}
}

static void fill_slots(void *unused)
{
	u32 cpu = smp_processor_id() + 1, n;

	for (n = 0; n < nr_brps(); n++) {
		if (bcr_read(n) & 1)
			continue;
		bcr_write(n, 0x1e6);
		bvr_write(n, cpu << 28 | 0x00b00000 | n << 4);
	}
	for (n = 0; n < nr_wrps(); n++) {
		if (wcr_read(n) & 1)
			continue;
		wcr_write(n, 0x1ffe);
		wvr_write(n, cpu << 28 | 0x00a00000 | n << 4);
	}
	isb();
}

static int hyp_show(struct seq_file *m, void *unused)
{
	u32 out[ARRAY_SIZE(hyp_names)];
	unsigned int cpu, n;

	for_each_online_cpu(cpu) {
		if (smp_call_function_single(cpu, read_hyp, out, 1))
			return -EIO;
		for (n = 0; n < ARRAY_SIZE(out); n++)
			seq_printf(m, "cpu%u %s %08x\n", cpu, hyp_names[n], out[n]);
	}
	return 0;
}

static int debug_show(struct seq_file *m, void *unused)
{
	struct debug_state s;
	unsigned int cpu, n;

	for_each_online_cpu(cpu) {
		if (smp_call_function_single(cpu, read_debug, &s, 1))
			return -EIO;
		seq_printf(m, "cpu%u DBGDIDR %08x\ncpu%u DBGDSCR %08x\ncpu%u DBGVCR %08x\n", cpu,
			   s.didr, cpu, s.dscr, cpu, s.vcr);
		for (n = 0; n < s.brps; n++)
			seq_printf(m, "cpu%u DBGBVR%u %08x\ncpu%u DBGBCR%u %08x\n", cpu, n,
				   s.bvr[n], cpu, n, s.bcr[n]);
		for (n = 0; n < s.wrps; n++)
			seq_printf(m, "cpu%u DBGWVR%u %08x\ncpu%u DBGWCR%u %08x\n", cpu, n,
				   s.wvr[n], cpu, n, s.wcr[n]);
	}
	return 0;
}

static int hyp_open(struct inode *inode, struct file *file)
{
	return single_open(file, hyp_show, NULL);
}

static int debug_open(struct inode *inode, struct file *file)
{
	return single_open(file, debug_show, NULL);
}

static ssize_t debug_write(struct file *file, const char __user *user, size_t size, loff_t *pos)
{
	on_each_cpu(fill_slots, NULL, 1);
	return size;
}

static const struct proc_ops hyp_ops = {
	.proc_open = hyp_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static const struct proc_ops debug_ops = {
	.proc_open = debug_open,
	.proc_read = seq_read,
	.proc_write = debug_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static int __init cpu_state_init(void)
{
	size_t size = hyp_read_code_end - hyp_read_code;

	code = (void *)__get_free_page(GFP_KERNEL);
	if (!code)
		return -ENOMEM;
	memcpy(code, hyp_read_code, size);
	/* With its MMU off, HYP fetches from memory, so clean to the point of coherency. */
	flush_icache_range((unsigned long)code, (unsigned long)code + size);
	__cpuc_flush_dcache_area(code, size);
	dir = proc_mkdir("cpu_state", NULL);
	if (!dir || !proc_create("hyp", 0400, dir, &hyp_ops) ||
	    !proc_create("debug", 0600, dir, &debug_ops)) {
		proc_remove(dir);
		free_page((unsigned long)code);
		return -ENOMEM;
	}
	return 0;
}

static void __exit cpu_state_exit(void)
{
	proc_remove(dir);
	free_page((unsigned long)code);
}

module_init(cpu_state_init);
module_exit(cpu_state_exit);
MODULE_DESCRIPTION("Test only: each CPU's HYP and debug registers");
MODULE_LICENSE("GPL v2");
