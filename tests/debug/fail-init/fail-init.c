// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lets allocations in kvm_armv7's init function fail, by the kernel's own fault injection, and none
 * in the rest of a load.  Linux's module loader does not survive a failure of each of its own: in
 * Linux 6.1, module_finalize() of arch/arm does not check what unwind_table_add() returns.
 *
 * /proc/fail_init: write N, and in the next load the N-th fails; 0, and none does; -1, and all do.
 * It reads as what was left of N when the function returned.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define PROBED "kvm_armv7"

/* Only the task that loads the module has these while it does. */
static int left;
static struct kretprobe init_probe;
static bool probed;

static int init_begins(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	if (left > 0)
		current->fail_nth = left;
	current->make_it_fail = left < 0;
	return 0;
}
NOKPROBE_SYMBOL(init_begins);

static int init_ends(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	if (left > 0)
		left = current->fail_nth;
	current->fail_nth = 0;
	current->make_it_fail = 0;
	return 0;
}
NOKPROBE_SYMBOL(init_ends);

static void add_probe(const struct module *module)
{
	int ret;

	init_probe = (struct kretprobe){
		.kp.addr = (kprobe_opcode_t *)module->init,
		.entry_handler = init_begins,
		.handler = init_ends,
		.maxactive = 1,
	};
	ret = register_kretprobe(&init_probe);
	probed = !ret;
	if (ret)
		pr_err("fail_init: no probe (%d)\n", ret);
}

/* By the time that a module is live or going, its init function has returned. */
static int module_changes(struct notifier_block *block, unsigned long state, void *data)
{
	const struct module *module = data;

	if (strcmp(module->name, PROBED))
		return NOTIFY_DONE;
	if (state == MODULE_STATE_COMING) {
		add_probe(module);
	} else if (probed) {
		unregister_kretprobe(&init_probe);
		probed = false;
	}
	return NOTIFY_DONE;
}

static struct notifier_block module_block = { .notifier_call = module_changes };

static int init_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%d\n", left);
	return 0;
}

static int init_open(struct inode *inode, struct file *file)
{
	return single_open(file, init_show, NULL);
}

static ssize_t init_write(struct file *file, const char __user *user, size_t size, loff_t *pos)
{
	int ret = kstrtoint_from_user(user, size, 10, &left);

	return ret ? ret : size;
}

static const struct proc_ops init_ops = {
	.proc_open = init_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = init_write,
};

static int __init fail_init_init(void)
{
	int ret;

	if (!proc_create("fail_init", 0600, NULL, &init_ops))
		return -ENOMEM;
	ret = register_module_notifier(&module_block);
	if (ret)
		remove_proc_entry("fail_init", NULL);
	return ret;
}

/* A load of kvm_armv7 holds nothing of this module: end this one only when none is under way. */
static void __exit fail_init_exit(void)
{
	unregister_module_notifier(&module_block);
	remove_proc_entry("fail_init", NULL);
}

module_init(fail_init_init);
module_exit(fail_init_exit);
MODULE_DESCRIPTION("Test only: allocations in the load of kvm_armv7 that fail");
MODULE_LICENSE("GPL v2");
