// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lets calls in kvm_armv7 fail, on a kernel without fault injection: a probe on the call skips it
 * and leaves what the function returns when it fails.
 *
 * /proc/fail_sites: each line FUNCTION+OFFSET=VALUE that is written names a call, and what it
 * returns when it fails.  They have to be there before kvm_armv7 is loaded.  Then write N, and the
 * N-th call from now on fails; 0, and none does; -1, and all do.  It reads as what is left of N,
 * and then a line for each call: its name, and how often it has failed.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define PROBED "kvm_armv7"
#define MOST   160

struct site {
	struct kprobe probe;
	char name[64]; /* kvm_armv7:FUNCTION */
	unsigned int offset;
	int value;
	unsigned int failed;
	bool probed;
};

static struct site site[MOST];
static unsigned int count;
static DEFINE_RAW_SPINLOCK(lock);
static int left;

static bool fails(void)
{
	unsigned long flags;
	bool now;

	raw_spin_lock_irqsave(&lock, flags);
	now = left < 0;
	if (left > 0)
		now = !--left;
	raw_spin_unlock_irqrestore(&lock, flags);
	return now;
}

static int call_begins(struct kprobe *probe, struct pt_regs *regs)
{
	struct site *at = container_of(probe, struct site, probe);

	if (!fails())
		return 0;
	at->failed++;
	regs->ARM_r0 = at->value;
	regs->ARM_pc = (unsigned long)probe->addr + 4;
	return 1;
}

/* With this the probe is not optimized: an optimized one cannot skip the call. */
static void call_stepped(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static int add_probe(struct site *at)
{
	int ret;

	at->probe = (struct kprobe){
		.symbol_name = at->name,
		.offset = at->offset,
		.pre_handler = call_begins,
		.post_handler = call_stepped,
	};
	ret = register_kprobe(&at->probe);
	at->probed = !ret;
	if (ret)
		pr_err("fail_sites: no probe at %s+%#x (%d)\n", at->name, at->offset, ret);
	return ret;
}

/* All at once: each call waits for all CPUs. */
static void remove_probes(void)
{
	static struct kprobe *probed[MOST];
	unsigned int n, number = 0;

	for (n = 0; n < count; n++) {
		if (site[n].probed)
			probed[number++] = &site[n].probe;
		site[n].probed = false;
	}
	unregister_kprobes(probed, number);
}

static void add_probes(void)
{
	unsigned int n;

	for (n = 0; n < count; n++)
		add_probe(&site[n]);
}

/* Calls that load it are probed, too. */
static int module_changes(struct notifier_block *block, unsigned long state, void *data)
{
	const struct module *module = data;

	if (strcmp(module->name, PROBED))
		return NOTIFY_DONE;
	if (state == MODULE_STATE_COMING)
		add_probes();
	else if (state == MODULE_STATE_GOING)
		remove_probes();
	return NOTIFY_DONE;
}

static struct notifier_block module_block = { .notifier_call = module_changes };

static int sites_show(struct seq_file *m, void *unused)
{
	unsigned int n;

	seq_printf(m, "%d\n", READ_ONCE(left));
	for (n = 0; n < count; n++)
		seq_printf(m, "%s+%#x %u\n", site[n].name + sizeof(PROBED), site[n].offset,
			   site[n].failed);
	return 0;
}

static int sites_open(struct inode *inode, struct file *file)
{
	return single_open(file, sites_show, NULL);
}

static int add_site(const char *line)
{
	struct site *at = &site[count];

	if (count == MOST ||
	    sscanf(line, "%48[^+]+%x=%d", at->name + sizeof(PROBED), &at->offset, &at->value) != 3)
		return -EINVAL;
	memcpy(at->name, PROBED ":", sizeof(PROBED));
	count++;
	return 0;
}

static ssize_t sites_write(struct file *file, const char __user *user, size_t size, loff_t *pos)
{
	unsigned long flags;
	char line[80] = "";
	int value, ret = 0;

	if (size >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, user, size))
		return -EFAULT;
	if (kstrtoint(strim(line), 10, &value)) {
		ret = add_site(line);
	} else {
		raw_spin_lock_irqsave(&lock, flags);
		left = value;
		raw_spin_unlock_irqrestore(&lock, flags);
	}
	return ret ? ret : size;
}

static const struct proc_ops sites_ops = {
	.proc_open = sites_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = sites_write,
};

static int __init fail_sites_init(void)
{
	int ret;

	if (!proc_create("fail_sites", 0600, NULL, &sites_ops))
		return -ENOMEM;
	ret = register_module_notifier(&module_block);
	if (ret)
		remove_proc_entry("fail_sites", NULL);
	return ret;
}

static void __exit fail_sites_exit(void)
{
	unregister_module_notifier(&module_block);
	remove_proc_entry("fail_sites", NULL);
	remove_probes();
}

module_init(fail_sites_init);
module_exit(fail_sites_exit);
MODULE_DESCRIPTION("Test only: calls of kvm_armv7 that fail");
MODULE_LICENSE("GPL v2");
