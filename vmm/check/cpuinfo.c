// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/utsname.h>

#include "check/check.h"
#include "cpu.h"

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
		check_found(finding, FOUND_MISSING, "CPU implementer %#x part %#x",
			    info.implementer, info.part);
		check_fix(finding,
			  "guests need a CPU with ARMv7 virtualization: Cortex-A7, A12, A15 or "
			  "A17; for another one that has it, load the module with "
			  "allow_unknown_cpu=1");
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
