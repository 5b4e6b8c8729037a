// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/utsname.h>

#include "check/check.h"
#include "cpu.h"

/*
 * The Virtualization Extensions come with the Large Physical Address Extension (DDI 0406C,
 * A1.4), which the kernel lists; itself it does not say whether they are there.
 */
static void judge_unknown(struct finding *finding, const struct cpu_info *info)
{
	if (info->lpae) {
		check_found(finding, FOUND_UNKNOWN,
			    "CPU implementer %#x part %#x, which the module does not know",
			    info->implementer, info->part);
		check_fix(finding,
			  "modprobe kvm_armv7 allow_unknown_cpu=1 tries it; if the CPU has no "
			  "Virtualization Extensions, dmesg then says so");
		return;
	}
	check_found(finding, FOUND_MISSING,
		    "CPU implementer %#x part %#x, which has no LPAE and so no virtualization",
		    info->implementer, info->part);
	check_fix(finding, "guests need a CPU with ARMv7 virtualization: Cortex-A7, A12, A15 or "
			   "A17");
}

void check_cpu(struct finding *finding)
{
	struct utsname uts;
	struct cpu_info info;
	const char *name;

	if (!uname(&uts) && (!strcmp(uts.machine, "aarch64") || !strcmp(uts.machine, "armv8l"))) {
		check_found(finding, FOUND_MISSING, "a 64-bit kernel or CPU (%s)", uts.machine);
		check_fix(finding, "use the KVM of a 64-bit kernel, which runs 32-bit guests too");
		return;
	}
	if (!cpu_read("/proc/cpuinfo", &info) || !info.implementer) {
		check_found(finding, FOUND_UNKNOWN, "/proc/cpuinfo shows no Arm CPU");
		check_fix(finding,
			  "mount /proc; under user-mode emulation there is nothing to find");
		return;
	}
	name = cpu_name(&info);
	if (!name) {
		judge_unknown(finding, &info);
		return;
	}
	if (info.mixed) {
		check_found(finding, FOUND_OK, "%u CPUs of several kinds, the first a %s",
			    info.cpus, name);
		check_fix(finding, "bind each guest to CPUs of one kind: taskset armvm run ...");
		return;
	}
	check_found(finding, FOUND_OK, "%u x Arm %s, which has virtualization", info.cpus, name);
}
