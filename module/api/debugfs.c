// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/kvm/PID-FD/vcpuN/debug: a vCPU's debug registers as v7dbg has
 * them; and kvm/cpus.  docs/uapi.md has the formats.
 *
 * The reader does not own the vCPU.  While the vCPU is in the guest, HYP owns its
 * state: an interrupt on that CPU takes it out, as any kick does, and the handler makes
 * the copy while it holds up the vCPU's thread.  While the vCPU is not in the guest, the
 * reader makes the copy itself, and makes it again if the vCPU entered the guest
 * meanwhile (hyp->runs) or the kernel changed something (debug_seq).
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "../v7dbg/v7dbg_fields.h"
#include "api/debugfs.h"
#include "core/vm.h"
#include "machine/errata.h"
#include "machine/hyp-map.h"
#include "run/vcpu-init.h"

static struct dentry *root;
static DEFINE_MUTEX(names_lock); /* from looking up a name to creating it */

/*
 * A copy of a vCPU's state.  cpu: the CPU that it was running on, or -1.  ran_on: the
 * CPU that the state is from, or -1 if the vCPU never ran.
 */
struct snapshot {
	struct vcpu *vcpu;
	bool taken;
	int cpu;
	int ran_on;
	u32 runs;
	struct hyp_debug_seen seen;
	struct v7dbg_vcpu debug;
};

static void snapshot_copy(struct snapshot *s)
{
	const struct hyp_vcpu *hyp = s->vcpu->hyp_page;

	s->runs = READ_ONCE(hyp->runs);
	s->ran_on = READ_ONCE(s->vcpu->ran_on);
	s->seen = hyp->seen;
	s->debug = hyp->debug;
}

/* On the vCPU's CPU: if it was in the guest, this interrupt has just taken it out. */
static void snapshot_copy_running(void *data)
{
	struct snapshot *s = data;

	if (!READ_ONCE(s->vcpu->in_guest) || READ_ONCE(s->vcpu->cpu) != smp_processor_id())
		return;
	snapshot_copy(s);
	s->cpu = smp_processor_id();
	s->taken = true;
}

/*
 * vcpu_enter_guest() sets in_guest, then increments runs, then lets HYP write, then
 * clears in_guest.  So if in_guest was clear after runs was read, and runs is still the
 * same after the copy, HYP wrote nothing in between.
 */
static void snapshot_copy_stopped(struct snapshot *s)
{
	u32 runs = READ_ONCE(s->vcpu->hyp_page->runs);
	unsigned int seq;

	smp_rmb(); /* pairs with the barrier before runs++ */
	if (smp_load_acquire(&s->vcpu->in_guest))
		return;
	do {
		seq = read_seqcount_begin(&s->vcpu->debug_seq);
		snapshot_copy(s);
	} while (read_seqcount_retry(&s->vcpu->debug_seq, seq));
	smp_rmb(); /* pairs with the barrier after runs++ */
	s->cpu = -1;
	s->taken = READ_ONCE(s->vcpu->hyp_page->runs) == runs;
}

static int snapshot_take(struct snapshot *s)
{
	int cpu;

	for (;;) {
		snapshot_copy_stopped(s);
		if (s->taken)
			return 0;
		cpu = READ_ONCE(s->vcpu->cpu);
		if (cpu >= 0)
			smp_call_function_single(cpu, snapshot_copy_running, s, 1);
		if (s->taken)
			return 0;
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/*
 * One line for each slot.  at: the physical slot it is loaded to, or NOWHERE.  Of the
 * VMM's slots only those in use are shown.
 */
#define NOWHERE (-1)
static void show_slot(struct seq_file *m, const char *kind, unsigned int n,
		      const struct v7dbg_bank *bank, u32 effective, int at)
{
	seq_printf(m, "%s %u value 0x%08x control 0x%08x effective %u physical ", kind, n,
		   bank->value[n], bank->control[n], effective >> n & 1);
	if (at == NOWHERE)
		seq_puts(m, "-\n");
	else
		seq_printf(m, "%d\n", at);
}

/* The physical slot of breakpoint n on the copy's CPU; a CPU with fewer slots has none. */
static int brp_place(const struct snapshot *s, unsigned int n)
{
	const struct v7dbg_cpu *cpu = &hyp_percpu(s->ran_on)->debug;

	return cpu->brp.count < s->debug.caps.nr_brps ? NOWHERE
						      : v7dbg_physical_brp(&s->debug.caps, cpu, n);
}

static void show_slots(struct seq_file *m, const struct snapshot *s)
{
	const struct v7dbg_vcpu *d = &s->debug;
	bool placed = s->ran_on >= 0 && !d->held;
	unsigned int n;

	for (n = 0; n < d->caps.nr_brps; n++)
		show_slot(m, "brp", n, &d->regs.brp, d->eff.brp,
			  placed && !d->user_on ? brp_place(s, n) : NOWHERE);
	for (n = 0; n < d->caps.nr_wrps; n++)
		show_slot(m, "wrp", n, &d->regs.wrp, d->eff.wrp,
			  placed && !d->user_on ? (int)n : NOWHERE);
	for (n = 0; n < d->caps.nr_brps; n++)
		if (d->user.brp.control[n])
			show_slot(m, "user_brp", n, &d->user.brp, d->user_eff.brp,
				  placed ? brp_place(s, n) : NOWHERE);
	for (n = 0; n < d->caps.nr_wrps; n++)
		if (d->user.wrp.control[n])
			show_slot(m, "user_wrp", n, &d->user.wrp, d->user_eff.wrp,
				  placed ? (int)n : NOWHERE);
}

static void show_stats(struct seq_file *m, const struct v7dbg_stats *stats)
{
	const char *name;
	unsigned int n;
	u32 value;

	for (n = 0; (name = v7dbg_stat(stats, n, &value)); n++)
		seq_printf(m, "%s %u\n", name, value);
}

static int debug_show(struct seq_file *m, void *unused)
{
	static const char *const owners[] = {
		[V7DBG_OWNER_HOST] = "host",
		[V7DBG_OWNER_PARKED] = "parked",
		[V7DBG_OWNER_GUEST] = "guest",
		[V7DBG_OWNER_USER] = "user",
	};
	struct snapshot *s = kzalloc(sizeof(*s), GFP_KERNEL);
	const struct v7dbg_vcpu *d;
	bool active_exit;
	int ret;

	if (!s)
		return -ENOMEM;
	s->vcpu = m->private;
	/*
	 * If an ioctl holds the mutex, it applies the reset itself.  Without a reset do not take
	 * it: an access to the GIC at the same time would be EBUSY.
	 */
	if (READ_ONCE(s->vcpu->reset_pending) && mutex_trylock(&s->vcpu->mutex)) {
		vcpu_apply_reset(s->vcpu);
		mutex_unlock(&s->vcpu->mutex);
	}
	ret = snapshot_take(s);
	if (ret)
		goto free;
	d = &s->debug;
	active_exit = s->runs && s->seen.run == s->runs;
	seq_printf(m, "owner %s\n", owners[active_exit ? s->seen.owner & 3 : V7DBG_OWNER_HOST]);
	if (s->cpu < 0)
		seq_puts(m, "cpu -\n");
	else
		seq_printf(m, "cpu %d\n", s->cpu);
	seq_printf(m, "moe %u\n", d->moe);
	if (s->seen.dscr)
		seq_printf(m, "moe_cpu %u\n", DBGDSCR_MOE(s->seen.dscr));
	else
		seq_puts(m, "moe_cpu -\n");
	seq_printf(m, "tde %u\n", active_exit ? s->seen.tde : true);
	seq_printf(m, "active %u\n", d->active);
	seq_printf(m, "held %u\n", d->held);
	seq_printf(m, "user %u\n", d->user_on);
	seq_printf(m, "mdbgen %u\n", !!(d->dscr & DBGDSCR_MDBGEN));
	seq_printf(m, "oslock %u\n", d->oslock);
	seq_printf(m, "vcr 0x%08x effective 0x%08x\n", d->regs.vcr, d->eff.vcr);
	show_slots(m, s);
	show_stats(m, &d->stats);
free:
	kfree(s);
	return ret;
}
DEFINE_SHOW_ATTRIBUTE(debug);

/*
 * A duplicate of a VM's descriptor keeps the VM while the number is used again, so two
 * VMs may have the same name.  The first one keeps it; the second is not shown.
 */
void vm_debugfs_create(struct vm *vm, int fd)
{
	char name[24];
	struct dentry *old;

	snprintf(name, sizeof(name), "%d-%d", task_tgid_nr(current), fd);
	mutex_lock(&names_lock);
	old = debugfs_lookup(name, root);
	if (IS_ERR_OR_NULL(old)) {
		vm->debugfs = debugfs_create_dir(name, root);
	} else {
		dput(old);
		vm->debugfs = ERR_PTR(-EEXIST);
	}
	mutex_unlock(&names_lock);
}

/* Waits for readers, which never block for long. */
void vm_debugfs_remove(struct vm *vm)
{
	debugfs_remove(vm->debugfs);
}

/* The VM destroys its vCPUs only after it has removed these files. */
void vcpu_debugfs_create(struct vcpu *vcpu)
{
	struct dentry *dir;
	char name[16];

	if (IS_ERR_OR_NULL(vcpu->vm->debugfs))
		return;
	snprintf(name, sizeof(name), "vcpu%u", vcpu->id);
	dir = debugfs_create_dir(name, vcpu->vm->debugfs);
	debugfs_create_file("debug", 0400, dir, vcpu, &debug_fops);
}

/* The host's CPUs: what of them user space cannot read. */
static int cpus_show(struct seq_file *m, void *unused)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		const struct errata_ids *ids = errata_ids_of(cpu);

		seq_printf(m, "cpu %u midr 0x%08x revidr 0x%08x actlr 0x%08x\n", cpu, ids->midr,
			   ids->revidr, ids->actlr);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cpus);

void vm_debugfs_init(void)
{
	root = debugfs_create_dir("kvm", NULL);
	debugfs_create_file("cpus", 0400, root, NULL, &cpus_fops);
}

void vm_debugfs_exit(void)
{
	debugfs_remove(root);
}
