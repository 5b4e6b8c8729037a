// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does one of the things that the debug kernel (tests/kernels/debug.config) is there to find.
 *
 *   kind   which one: the table at the end
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

static char *kind = "";
module_param(kind, charp, 0400);

/* Known only at run time, so that the compiler does not see what happens. */
static int one = 1;
module_param(one, int, 0400);

static void lose(void)
{
	char *lost = kmalloc(100, GFP_KERNEL);

	if (lost)
		strscpy(lost, "lost", 100);
	OPTIMIZER_HIDE_VAR(lost);
}

static void use_after_free(void)
{
	volatile char *freed = kmalloc(100, GFP_KERNEL);

	kfree((void *)freed);
	if (!ZERO_OR_NULL_PTR((void *)freed))
		freed[one]++;
}

static void slab_out_of_bounds(void)
{
	volatile char *at = kmalloc(100, GFP_KERNEL);

	if (at)
		at[99 + one]++;
	kfree((void *)at);
}

static void vmalloc_out_of_bounds(void)
{
	volatile char *at = vmalloc(100);

	if (at)
		at[99 + one]++;
	vfree((void *)at);
}

static void sleep_in_atomic(void)
{
	preempt_disable();
	might_sleep();
	preempt_enable();
}

static void cpu_while_preemptible(void)
{
	one += smp_processor_id() & 0;
}

static void lock_twice(void)
{
	static DEFINE_SPINLOCK(outer);
	static DEFINE_SPINLOCK(inner);

	spin_lock(&outer);
	spin_lock(&inner);
	spin_unlock(&inner);
	spin_unlock(&outer);
	spin_lock(&inner);
	spin_lock(&outer);
	spin_unlock(&outer);
	spin_unlock(&inner);
}

static void without_rcu(void)
{
	static int __rcu *pointer;

	one += rcu_dereference(pointer) != NULL;
}

static void shift_too_far(void)
{
	one += (1 << (31 + one)) == 3;
}

static void past_bound(void)
{
	static int array[4];

	array[3 + one]++;
}

static void list_twice(void)
{
	static LIST_HEAD(list);
	static LIST_HEAD(entry);

	list_add(&entry, &list);
	list_add(&entry, &list);
}

static void never(struct timer_list *timer)
{
}

static void free_active(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, never, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer); /* which also takes the timer off its list */
}

static const struct {
	const char *name;
	void (*act)(void);
} kinds[] = {
	{ "leak", lose },
	{ "use-after-free", use_after_free },
	{ "slab-out-of-bounds", slab_out_of_bounds },
	{ "vmalloc-out-of-bounds", vmalloc_out_of_bounds },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "preemptible", cpu_while_preemptible },
	{ "lock-order", lock_twice },
	{ "without-rcu", without_rcu },
	{ "shift", shift_too_far },
	{ "bound", past_bound },
	{ "list", list_twice },
	{ "free-active", free_active },
};

static int __init splat_init(void)
{
	size_t n;

	for (n = 0; n < ARRAY_SIZE(kinds); n++)
		if (!strcmp(kind, kinds[n].name)) {
			kinds[n].act();
			return 0;
		}
	return -EINVAL;
}

static void __exit splat_exit(void)
{
}

module_init(splat_init);
module_exit(splat_exit);
MODULE_DESCRIPTION("Test only: what a debug kernel finds");
MODULE_LICENSE("GPL v2");
