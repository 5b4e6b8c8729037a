// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets a breakpoint and a watchpoint of the host on every CPU, as a kernel tracer would:
 * `insmod wide_point.ko code=ADDR data=ADDR any=1`.
 *
 *   code, data   the addresses of the breakpoint and of the watchpoint for stores; 0: none
 *   any          let them match at PL0 and PL1.  At a user address the kernel sets only PL0, but
 *                a guest's PL1 code may also run there.
 *
 * The kernel does not single-step for a custom handler.  So the handler switches the point off by
 * cp14, and a timer on the same CPU switches it on again once the instruction must have completed:
 * the task that hit it sleeps, or its PC has moved.  A task that was preempted in between still
 * has the PC of the hit in its saved registers, and would hit again.
 *
 * /proc/wide_point has one line per CPU and point: CPU, kind, slot, value, control, hits, times it
 * was switched on again.
 */
#include <linux/hrtimer.h>
#include <linux/hw_breakpoint.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <asm/irq_regs.h>
#include <asm/ptrace.h>

#include "cp14.h"

#define OFF_NS	  2000000
#define BAS_WORD  (0xfu << 5)
#define NOT_FOUND (~0u)

static ulong code;
module_param(code, ulong, 0400);
static ulong data;
module_param(data, ulong, 0400);
static bool any;
module_param(any, bool, 0400);

enum kind {
	CODE,
	DATA,
	KINDS
};

/* One CPU's point; only that CPU touches it. */
struct point {
	struct hrtimer timer;
	unsigned int slot;
	u32 control;		  /* the value that switches it on again */
	struct task_struct *task; /* who hit it, with a reference, and at which pc */
	unsigned long pc;
	bool user; /* the pc is at PL0 */
	unsigned int hits, rearms;
};

static DEFINE_PER_CPU(struct point[KINDS], points);
static struct perf_event *__percpu *events[KINDS];
static bool stopping; /* a point that is hit now stays off */

static ulong address(enum kind kind)
{
	return kind == CODE ? code : data;
}

static u32 control_read(enum kind kind, unsigned int n)
{
	return kind == CODE ? bcr_read(n) : wcr_read(n);
}

static void control_write(enum kind kind, unsigned int n, u32 val)
{
	if (kind == CODE)
		bcr_write(n, val);
	else
		wcr_write(n, val);
	isb();
}

static u32 value_read(enum kind kind, unsigned int n)
{
	return kind == CODE ? bvr_read(n) : wvr_read(n);
}

/* Finds the slot that the kernel chose on this CPU. */
static unsigned int find_slot(enum kind kind)
{
	unsigned int n, count = kind == CODE ? nr_brps() : nr_wrps();

	for (n = 0; n < count; n++)
		if ((control_read(kind, n) & 1) && value_read(kind, n) == (u32)address(kind))
			return n;
	return NOT_FOUND;
}

static void count_hit(enum kind kind, const struct pt_regs *regs)
{
	struct point *p = &(*this_cpu_ptr(&points))[kind];

	p->hits++;
	if (p->task)
		put_task_struct(p->task);
	p->task = get_task_struct(current);
	p->pc = instruction_pointer(regs);
	p->user = user_mode(regs);
	if (p->slot == NOT_FOUND) /* hit between registration and setup_points() */
		p->slot = find_slot(kind);
	if (p->slot == NOT_FOUND)
		return;
	p->control = control_read(kind, p->slot) | 1;
	control_write(kind, p->slot, p->control & ~1u);
	if (!READ_ONCE(stopping))
		hrtimer_start(&p->timer, ns_to_ktime(OFF_NS), HRTIMER_MODE_REL_PINNED_HARD);
}

static void hit_code(struct perf_event *event, struct perf_sample_data *sample,
		     struct pt_regs *regs)
{
	count_hit(CODE, regs);
}

static void hit_data(struct perf_event *event, struct perf_sample_data *sample,
		     struct pt_regs *regs)
{
	count_hit(DATA, regs);
}

/* Has the instruction that hit completed?  In an interrupt on the CPU of the hit. */
static bool insn_completed(struct point *p)
{
	const struct pt_regs *regs = get_irq_regs();

	if (current == p->task)
		return regs && user_mode(regs) && instruction_pointer(regs) != p->pc;
	/* Asleep, it has entered the kernel; at PL1, only that says anything. */
	if (!p->user || READ_ONCE(p->task->__state) != TASK_RUNNING ||
	    READ_ONCE(p->task->flags) & PF_EXITING)
		return true;
	/* It has not begun to exit, so its stack outlives this interrupt. */
	return instruction_pointer(task_pt_regs(p->task)) != p->pc;
}

static enum hrtimer_restart rearm_point(struct hrtimer *timer)
{
	struct point *p = container_of(timer, struct point, timer);
	enum kind kind = p == &(*this_cpu_ptr(&points))[DATA] ? DATA : CODE;

	if (!insn_completed(p)) {
		hrtimer_forward_now(timer, ns_to_ktime(OFF_NS));
		return HRTIMER_RESTART;
	}
	p->rearms++;
	control_write(kind, p->slot, p->control);
	return HRTIMER_NORESTART;
}

static void setup_points(void *unused)
{
	enum kind kind;

	for (kind = CODE; kind < KINDS; kind++) {
		struct point *p = &(*this_cpu_ptr(&points))[kind];

		if (!address(kind))
			continue;
		p->slot = find_slot(kind);
		if (any && p->slot != NOT_FOUND)
			control_write(kind, p->slot, control_read(kind, p->slot) | 3 << 1);
	}
}

struct line {
	u32 value, control;
};

static void read_line(void *out)
{
	struct line *line = out;
	enum kind kind;

	for (kind = CODE; kind < KINDS; kind++, line++) {
		struct point *p = &(*this_cpu_ptr(&points))[kind];

		if (!address(kind) || p->slot == NOT_FOUND)
			continue;
		line->value = value_read(kind, p->slot);
		line->control = control_read(kind, p->slot);
	}
}

static int wide_point_show(struct seq_file *m, void *unused)
{
	unsigned int cpu;
	enum kind kind;

	for_each_online_cpu(cpu) {
		struct line lines[KINDS] = {};

		if (smp_call_function_single(cpu, read_line, lines, 1))
			return -EIO;
		for (kind = CODE; kind < KINDS; kind++) {
			struct point *p = &(*per_cpu_ptr(&points, cpu))[kind];

			if (address(kind))
				seq_printf(m, "%u %s %d %08x %08x %u %u\n", cpu,
					   kind == CODE ? "code" : "data", (int)p->slot,
					   lines[kind].value, lines[kind].control, p->hits,
					   p->rearms);
		}
	}
	return 0;
}

static void wait_for_handler(void *unused)
{
}

/* First stop the timers: none may switch on a point that is no longer ours. */
static void unregister_points(void)
{
	unsigned int cpu;
	enum kind kind;

	WRITE_ONCE(stopping, true);
	on_each_cpu(wait_for_handler, NULL, 1);
	for_each_possible_cpu(cpu)
		for (kind = CODE; kind < KINDS; kind++)
			hrtimer_cancel(&(*per_cpu_ptr(&points, cpu))[kind].timer);
	for (kind = CODE; kind < KINDS; kind++)
		if (events[kind])
			unregister_wide_hw_breakpoint(events[kind]);
	/* No handler runs any more. */
	for_each_possible_cpu(cpu)
		for (kind = CODE; kind < KINDS; kind++) {
			struct task_struct *task = (*per_cpu_ptr(&points, cpu))[kind].task;

			if (task)
				put_task_struct(task);
		}
}

static int __init wide_point_init(void)
{
	static const perf_overflow_handler_t handlers[KINDS] = { hit_code, hit_data };
	struct perf_event_attr attr;
	unsigned int cpu;
	enum kind kind;

	for_each_possible_cpu(cpu)
		for (kind = CODE; kind < KINDS; kind++) {
			struct point *p = &(*per_cpu_ptr(&points, cpu))[kind];

			p->slot = NOT_FOUND;
			hrtimer_init(&p->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
			p->timer.function = rearm_point;
		}
	for (kind = CODE; kind < KINDS; kind++) {
		struct perf_event *__percpu *event;

		if (!address(kind))
			continue;
		hw_breakpoint_init(&attr);
		attr.bp_addr = address(kind);
		attr.bp_len = HW_BREAKPOINT_LEN_4;
		attr.bp_type = kind == CODE ? HW_BREAKPOINT_X : HW_BREAKPOINT_W;
		event = register_wide_hw_breakpoint(&attr, handlers[kind], NULL);
		if (IS_ERR((void __force *)event)) {
			unregister_points();
			return PTR_ERR((void __force *)event);
		}
		events[kind] = event;
	}
	on_each_cpu(setup_points, NULL, 1);
	if (!proc_create_single("wide_point", 0400, NULL, wide_point_show)) {
		unregister_points();
		return -ENOMEM;
	}
	return 0;
}

static void __exit wide_point_exit(void)
{
	remove_proc_entry("wide_point", NULL);
	unregister_points();
}

module_init(wide_point_init);
module_exit(wide_point_exit);
MODULE_DESCRIPTION("Test only: break- and watchpoints of the host on every CPU");
MODULE_LICENSE("GPL v2");
