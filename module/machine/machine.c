// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check that this machine can run guests.  Each refusal is one line in the log that says
 * what is missing and how to fix it.
 */
#define pr_fmt(fmt) "kvm_armv7: " fmt

#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_irq.h>
#include <asm/cputype.h>
#include <asm/hwcap.h>

#include "hyp/gich.h"
#include "hyp/sysreg-bits.h"
#include "machine/cpu-ids.h"
#include "machine/machine.h"

#define GICV_SIZE    0x2000
#define VTIMER_INDEX 2 /* of the interrupts of an arm,armv7-timer node */

struct machine machine;
DEFINE_STATIC_KEY_FALSE(machine_has_vfp);

static DEFINE_PER_CPU(int, irq_cookie);

static bool allow_unknown_cpu;
module_param(allow_unknown_cpu, bool, 0444);
MODULE_PARM_DESC(allow_unknown_cpu, "load on a CPU that is no Cortex-A7, A12, A15 or A17");

/*
 * Both interrupts only have to end the guest's turn: vgic_sync() and vtimer_sync() do
 * the rest.  CNTV is off before the host takes interrupts, so a timer interrupt that
 * gets here is a level that was already on its way.
 */
static irqreturn_t guest_irq_handler(int irq, void *cookie)
{
	return IRQ_HANDLED;
}

static int probe_cpu(void)
{
	cpu_ids_read();
	switch (cpu_ids.MIDR & ARM_CPU_PART_MASK) {
	case ARM_CPU_PART_CORTEX_A7:
		machine.target = KVM_ARM_TARGET_CORTEX_A7;
		break;
	case ARM_CPU_PART_CORTEX_A12:
	case ARM_CPU_PART_CORTEX_A15:
	case ARM_CPU_PART_CORTEX_A17:
		machine.target = KVM_ARM_TARGET_CORTEX_A15;
		break;
	default:
		if (!allow_unknown_cpu) {
			pr_err("this CPU (MIDR %08x) is not a Cortex-A7, A12, A15 or A17; to "
			       "try it anyway, load with allow_unknown_cpu=1\n",
			       cpu_ids.MIDR);
			return -ENODEV;
		}
		machine.target = KVM_ARM_TARGET_CORTEX_A15;
	}
	if (!(cpu_ids.ID_PFR1 & ID_PFR1_VIRTUALIZATION)) {
		pr_err("this CPU has no Virtualization Extensions (ID_PFR1 %08x); no software can "
		       "change that\n",
		       cpu_ids.ID_PFR1);
		return -ENODEV;
	}
	if (elf_hwcap & HWCAP_VFP) {
		machine.dregs = MVFR0_A_SIMD(cpu_ids.MVFR0) == MVFR0_A_SIMD_32 ? 32 : 16;
		static_branch_enable(&machine_has_vfp);
	}
	return 0;
}

/*
 * CNTFRQ is only what firmware wrote there (B8.1.1), and some firmware writes nothing.
 * Ask the device tree first, as Linux does, so that guests and host agree on time.
 */
static int probe_frequency(const struct device_node *node)
{
	if (!of_property_read_u32(node, "clock-frequency", &machine.cntfrq) && machine.cntfrq)
		return 0;
	asm("mrc p15, 0, %0, c14, c0, 0" : "=r"(machine.cntfrq));
	if (machine.cntfrq)
		return 0;
	pr_err("the timer's frequency is unknown, CNTFRQ is 0; the boot loader must set CNTFRQ "
	       "on every CPU, or the device tree's timer node needs clock-frequency\n");
	return -ENODEV;
}

/*
 * The virtual timer must be free for guests.  The kernel uses it itself if it was not
 * started in HYP mode, so in most cases this shows that it was not.  Not in all: where the
 * timer node has arm,cpu-registers-not-fw-configured the interrupt is always free, and
 * hyp_cpu_init() finds out, CPU by CPU.
 */
static int probe_timer(void)
{
	static const struct of_device_id match[] = {
		{ .compatible = "arm,armv7-timer" },
		{ .compatible = "arm,armv8-timer" },
		{},
	};
	struct device_node *node = of_find_matching_node(NULL, match);
	int irq, ret;

	irq = node ? irq_of_parse_and_map(node, VTIMER_INDEX) : 0;
	ret = irq ? probe_frequency(node) : 0;
	of_node_put(node);
	if (ret)
		return ret;
	if (!irq) {
		pr_err("the device tree has no arm,armv7-timer node with a virtual timer "
		       "interrupt; add it\n");
		return -ENODEV;
	}
	ret = request_percpu_irq(irq, guest_irq_handler, "kvm_armv7 virtual timer", &irq_cookie);
	if (ret == -ENOMEM)
		return ret;
	if (ret) {
		pr_err("the kernel was not started in HYP mode; the boot loader must start it "
		       "there (U-Boot: CONFIG_ARMV7_NONSEC and CONFIG_ARMV7_VIRT, and not "
		       "bootm_boot_mode=sec)\n");
		return -ENODEV;
	}
	machine.vtimer_irq = irq;
	machine.vtimer_hwirq = irq_get_irq_data(irq)->hwirq;
	return 0;
}

static int probe_gic(void)
{
	static const struct of_device_id match[] = {
		{ .compatible = "arm,cortex-a15-gic" },
		{ .compatible = "arm,cortex-a7-gic" },
		{ .compatible = "arm,gic-400" },
		{},
	};
	struct device_node *node = of_find_matching_node(NULL, match);
	struct resource gicd, gich, gicv;
	int irq, ret;

	if (!node) {
		pr_err("the device tree has no GICv2 (arm,cortex-a15-gic, arm,cortex-a7-gic or "
		       "arm,gic-400), the only interrupt controller that is supported\n");
		return -ENODEV;
	}
	irq = irq_of_parse_and_map(node, 0);
	if (of_address_to_resource(node, 0, &gicd) || of_address_to_resource(node, 2, &gich) ||
	    of_address_to_resource(node, 3, &gicv) || !irq) {
		of_node_put(node);
		pr_err("the device tree's GIC node lacks GICH, GICV or the maintenance "
		       "interrupt; if the chip has them, add them to its reg and interrupts "
		       "properties\n");
		return -ENODEV;
	}
	of_node_put(node);
	if (!PAGE_ALIGNED(gicv.start) || resource_size(&gicv) < GICV_SIZE) {
		pr_err("GICV at %pR is not page aligned or is smaller than 8 KiB, so a guest "
		       "cannot have it safely\n",
		       &gicv);
		return -ENODEV;
	}
	if (offset_in_page(gich.start) + HYP_GICH_SIZE > PAGE_SIZE) {
		pr_err("GICH at %pR crosses a page boundary, which is not supported\n", &gich);
		return -ENODEV;
	}
	ret = request_percpu_irq(irq, guest_irq_handler, "kvm_armv7 GIC maintenance", &irq_cookie);
	if (ret == -ENOMEM)
		return ret;
	if (ret) {
		pr_err("the GIC's maintenance interrupt is in use; is another hypervisor "
		       "loaded?\n");
		return -ENODEV;
	}
	machine.maint_irq = irq;
	/* 4 KiB, and always aligned (IHI 0048B 4.1.2); if not, the kernel serves every timer. */
	machine.gicd = PAGE_ALIGNED(gicd.start) ? gicd.start : 0;
	machine.gich = gich.start;
	machine.gicv = gicv.start;
	machine.gich_base = ioremap(gich.start, HYP_GICH_SIZE);
	if (!machine.gich_base)
		return -ENOMEM;
	machine.nr_lrs = min(GICH_VTR_LISTREGS(readl_relaxed(machine.gich_base + GICH_VTR)),
			     (u32)HYP_MAX_LRS);
	return 0;
}

void machine_clear_gich(void)
{
	u32 n;

	/* Disable it first: list registers must not signal while they change. */
	writel_relaxed(0, machine.gich_base + GICH_HCR);
	for (n = 0; n < machine.nr_lrs; n++)
		writel_relaxed(0, machine.gich_base + GICH_LR(n));
}

/* Undo what machine_probe() did, even if it failed half-way. */
void machine_release(void)
{
	if (machine.gich_base)
		iounmap(machine.gich_base);
	if (machine.maint_irq)
		free_percpu_irq(machine.maint_irq, &irq_cookie);
	if (machine.vtimer_irq)
		free_percpu_irq(machine.vtimer_irq, &irq_cookie);
}

int machine_probe(void)
{
	int ret;

	ret = probe_cpu();
	if (!ret)
		ret = probe_timer();
	if (!ret)
		ret = probe_gic();
	if (ret)
		machine_release();
	return ret;
}
