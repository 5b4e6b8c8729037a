// SPDX-License-Identifier: GPL-2.0-only
/*
 * The HYP mode of a CPU belongs to the kernel's stub.  While the module is loaded and
 * the CPU is online, it is ours.  We give it back exactly as found before the CPU goes
 * offline, enters a low-power state that loses it, or reboots, and before the module is
 * unloaded: the code that uses HYP mode after us expects the stub.
 */
#define pr_fmt(fmt) "kvm_armv7: " fmt

#include <linux/cpu_pm.h>
#include <linux/cpuhotplug.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/smp.h>

#include "machine/errata.h"
#include "machine/hyp-call.h"
#include "machine/hyp-cpu.h"
#include "machine/hyp-map.h"
#include "machine/machine.h"
#include "machine/ppi.h"

static bool guests_have_debug = true;
module_param_named(debug, guests_have_debug, bool, 0444);
MODULE_PARM_DESC(debug, "give guests debug registers (default: yes)");

static int cpuhp_state;
/* Has this CPU its interrupts enabled?  It may have lost its HYP mode since, in hyp_cpu_pm(). */
static DEFINE_PER_CPU(bool, irqs_enabled);
static bool caps_fixed; /* guests may exist: what they see must not change */

/*
 * Does this CPU's HVC reach the kernel's stub?  Nothing else proves it: firmware decides it
 * for each CPU, and the kernel exports only traces of what it found on the first one.
 */
static bool hyp_cpu_has_stub(void)
{
	u32 answer = hyp_ask(HYP_CALL_NOBODY);

	if (answer == HYP_STUB_ERR)
		return true;
	pr_err("CPU%u was not started in HYP mode (%s); the boot loader must start every CPU "
	       "there (U-Boot: CONFIG_ARMV7_NONSEC and CONFIG_ARMV7_VIRT, and not "
	       "bootm_boot_mode=sec)\n",
	       smp_processor_id(),
	       answer == HYP_ASK_SECURE	     ? "it runs in Secure state"
	       : answer == HYP_ASK_UNDEFINED ? "HVC is UNDEFINED"
					     : "other software serves HVC");
	return false;
}

/* Has firmware put this CPU's interrupts into the group that the kernel can use? */
static bool hyp_cpu_owns_ppis(void)
{
	bool vtimer = ppi_is_ours(machine.vtimer_irq);

	if (vtimer && ppi_is_ours(machine.maint_irq))
		return true;
	pr_err("CPU%u's %s interrupt belongs to Secure state; firmware must put it into Group 1 "
	       "(GICD_IGROUPR0; U-Boot does with CONFIG_ARMV7_NONSEC)\n",
	       smp_processor_id(), vtimer ? "GIC maintenance" : "virtual timer");
	return false;
}

/*
 * Returns false, after one line in the log, if this CPU has no HYP mode.  Call with
 * interrupts off, or with preemption off while nothing else uses HYP here.
 */
static bool hyp_cpu_install(void)
{
	int cpu = smp_processor_id();
	struct hyp_percpu *percpu = hyp_percpu(cpu);
	struct hyp_install_args args = {
		.httbr_low = lower_32_bits(hyp_map_httbr()),
		.httbr_high = upper_32_bits(hyp_map_httbr()),
		.hvbar = hyp_map_image(hyp_map_header(HYP_HDR_VECTORS)).va,
		.htpidr = hyp_map_percpu(cpu).va,
		.sp = hyp_map_stack_top(cpu).va,
	};
	u32 found[2];

	if (hyp_call_ready())
		return true;
	if (!hyp_cpu_has_stub())
		return false;
	machine_clear_gich();
	percpu->idmap = hyp_map_idmap();
	percpu->dregs = machine.dregs;
	hyp_install_call(hyp_map_idmap() + hyp_map_header(HYP_HDR_ENTER), &args, found);
	percpu->stub_hvbar = found[0];
	percpu->stub_hsctlr = found[1];
	hyp_call(HYP_CALL_NOTE_HOST, 0, 0);
	cpumask_set_cpu(cpu, &hyp_call_cpus);
	__this_cpu_write(hyp_call_here_ready, true);
	return true;
}

static void hyp_cpu_leave(void)
{
	if (!hyp_call_ready())
		return;
	cpumask_clear_cpu(smp_processor_id(), &hyp_call_cpus);
	__this_cpu_write(hyp_call_here_ready, false);
	hyp_call(HYP_CALL_LEAVE, 0, 0);
}

static void hyp_cpu_probe(struct v7dbg_cpu_id *id)
{
	struct hyp_percpu *percpu = hyp_percpu(smp_processor_id());

	hyp_call(HYP_CALL_PROBE, 0, 0);
	hyp_call(HYP_CALL_PROBE_DEVID, 0, 0);
	hyp_call(HYP_CALL_PROBE_PMU, 0, 0);
	if (!machine.debug.absent)
		hyp_probe_mismatch();
	v7dbg_cpu_init(&percpu->debug, &percpu->id);
	if (percpu->debug.brp.count != HYP_STRAIGHT_BRPS ||
	    percpu->debug.wrp.count != HYP_STRAIGHT_WRPS)
		percpu->debug.layout = 0;
	*id = percpu->id;
}

/* Does this CPU have everything that guests see?  If not, they would notice a migration. */
static bool hyp_cpu_has_caps(const struct v7dbg_cpu_id *id)
{
	struct v7dbg_caps with = machine.debug;

	return v7dbg_caps_add(&with, id) == V7DBG_OK && with.nr_brps == machine.debug.nr_brps &&
	       with.nr_wrps == machine.debug.nr_wrps && with.nr_ctx == machine.debug.nr_ctx &&
	       with.dbgdevid == machine.debug.dbgdevid && with.monitor == machine.debug.monitor &&
	       with.mismatch == machine.debug.mismatch;
}

static int hyp_cpu_online(unsigned int cpu)
{
	struct v7dbg_cpu_id id;
	unsigned long flags;
	bool installed;

	local_irq_save(flags);
	errata_probe();
	installed = hyp_cpu_owns_ppis() && hyp_cpu_install();
	if (installed)
		hyp_cpu_probe(&id);
	local_irq_restore(flags);

	/* Once guests may exist, a CPU without HYP or its interrupts comes online and runs none. */
	if (!installed)
		return caps_fixed ? 0 : -ENODEV;
	if (!caps_fixed) {
		if (v7dbg_caps_add(&machine.debug, &id) != V7DBG_OK) {
			pr_err("CPU%u has debug architecture %u, not v7.1, so guests cannot have "
			       "debug registers; load with debug=0 to accept that\n",
			       cpu, (id.dbgdidr >> 16) & 0xf);
			goto refuse;
		}
	} else if (!hyp_cpu_has_caps(&id)) {
		pr_err("CPU%u has fewer debug registers than the others, is not in monitor mode, "
		       "or lacks their mismatch breakpoints; it will not run guests\n",
		       cpu);
		goto refuse;
	}
	enable_percpu_irq(machine.maint_irq, IRQ_TYPE_NONE);
	enable_percpu_irq(machine.vtimer_irq, IRQ_TYPE_NONE);
	this_cpu_write(irqs_enabled, true);
	return 0;

refuse:
	local_irq_save(flags);
	hyp_cpu_leave();
	local_irq_restore(flags);
	return caps_fixed ? 0 : -ENODEV;
}

static int hyp_cpu_offline(unsigned int cpu)
{
	unsigned long flags;

	if (this_cpu_read(irqs_enabled)) {
		disable_percpu_irq(machine.maint_irq);
		disable_percpu_irq(machine.vtimer_irq);
		this_cpu_write(irqs_enabled, false);
	}
	local_irq_save(flags);
	if (hyp_call_ready()) {
		ppi_set_active(false);
		hyp_cpu_leave();
	}
	local_irq_restore(flags);
	return 0;
}

/* A low-power state may lose HYP's state; the kernel's resume code restores its stub. */
static int hyp_cpu_pm(struct notifier_block *nb, unsigned long action, void *unused)
{
	static DEFINE_PER_CPU(bool, was_installed);

	switch (action) {
	case CPU_PM_ENTER:
		__this_cpu_write(was_installed, hyp_call_ready());
		if (!hyp_call_ready())
			break;
		ppi_set_active(false);
		hyp_cpu_leave();
		break;
	case CPU_PM_ENTER_FAILED:
	case CPU_PM_EXIT:
		if (__this_cpu_read(was_installed))
			hyp_cpu_install();
		break;
	}
	return NOTIFY_OK;
}

/*
 * Run before the GIC driver, whose priority is 0: at CPU_PM_ENTER it saves which PPIs
 * are active, and at CPU_PM_EXIT it makes them active again, so the virtual timer's must
 * be inactive by then.  At CPU_PM_EXIT we run first as well, but hyp_cpu_install()
 * depends on nothing that other notifiers restore.
 */
static struct notifier_block cpu_pm_nb = { .notifier_call = hyp_cpu_pm, .priority = 1 };

static void hyp_cpu_leave_ipi(void *unused)
{
	hyp_cpu_leave();
}

/* A kernel started by kexec expects the stub; a boot ROM must not find our HVBAR. */
static int hyp_cpu_reboot(struct notifier_block *nb, unsigned long action, void *unused)
{
	on_each_cpu(hyp_cpu_leave_ipi, NULL, 1);
	return NOTIFY_OK;
}

static struct notifier_block reboot_nb = { .notifier_call = hyp_cpu_reboot };

int hyp_cpu_init(void)
{
	int ret;

	v7dbg_caps_init(&machine.debug, !guests_have_debug);
	caps_fixed = false;
	/* Register first: no CPU may enter a low-power state with our HYP and no notifier. */
	cpu_pm_register_notifier(&cpu_pm_nb);
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "kvm_armv7:online", hyp_cpu_online,
				hyp_cpu_offline);
	if (ret < 0) {
		cpu_pm_unregister_notifier(&cpu_pm_nb);
		return ret;
	}
	cpuhp_state = ret;
	caps_fixed = true;
	register_reboot_notifier(&reboot_nb);
	return 0;
}

void hyp_cpu_exit(void)
{
	unregister_reboot_notifier(&reboot_nb);
	cpuhp_remove_state(cpuhp_state);
	/* Last: a CPU that wakes up is ours again before hyp_cpu_offline() gives it back. */
	cpu_pm_unregister_notifier(&cpu_pm_nb);
}
