// SPDX-License-Identifier: GPL-2.0-only
/*
 * Was the kernel started in HYP mode?  No file says so, but there are two
 * traces.  One is a line in the kernel's log, which may be restricted or
 * overwritten.  The other is the timer interrupt that the kernel took for
 * itself: if it was started in HYP mode, the physical timer's (PPIs, ids 29 and
 * 30), because a hypervisor gives the virtual timer (27) to guests; otherwise
 * the virtual timer's.  A device tree can force the physical timer; then the
 * second trace proves nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"

enum started {
	STARTED_UNKNOWN,
	STARTED_HYP,
	STARTED_SVC,
	STARTED_MIXED
};

static enum started judge_line(const char *line)
{
	if (strstr(line, "CPU: All CPU(s) started in HYP mode"))
		return STARTED_HYP;
	if (strstr(line, "CPU: All CPU(s) started in SVC mode"))
		return STARTED_SVC;
	if (strstr(line, "CPU: WARNING: CPU(s) started in wrong/inconsistent modes"))
		return STARTED_MIXED;
	return STARTED_UNKNOWN;
}

/* Each read of /dev/kmsg returns one record; EPIPE means that records were overwritten. */
static enum started read_kernel_log(void)
{
	enum started answer = STARTED_UNKNOWN;
	char record[8192];
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return STARTED_UNKNOWN;
	while (answer == STARTED_UNKNOWN) {
		ssize_t got = read(fd, record, sizeof(record) - 1);

		if (got < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (got <= 0)
			break;
		record[got] = 0;
		answer = judge_line(record);
	}
	close(fd);
	return answer;
}

/* "16:  2345  2311  GICv2  30 Level  arch_timer"; returns the number before the trigger, or 0. */
static unsigned int parse_timer_interrupt(const char *line)
{
	const char *chip = strstr(line, "GIC");

	if (!chip || !strstr(line, "arch_timer"))
		return 0;
	chip = strpbrk(chip, " \t");
	return chip ? strtoul(chip, NULL, 10) : 0;
}

static unsigned int find_timer_interrupt(void)
{
	FILE *file = fopen("/proc/interrupts", "re");
	unsigned int number = 0;
	char line[4096];

	if (!file)
		return 0;
	while (!number && fgets(line, sizeof(line), file))
		number = parse_timer_interrupt(line);
	fclose(file);
	return number;
}

#define FORCED "/proc/device-tree/timer/arm,cpu-registers-not-fw-configured"

static void fix_boot_loader(struct finding *finding)
{
	check_fix(finding,
		  "the boot loader must start the kernel in HYP mode: build U-Boot with "
		  "CONFIG_ARMV7_NONSEC=y, CONFIG_ARMV7_VIRT=y and without "
		  "CONFIG_ARMV7_BOOT_SEC_DEFAULT, or enter `setenv bootm_boot_mode nonsec` "
		  "at its prompt; start QEMU with -M virt,virtualization=on");
}

void check_boot_mode(struct finding *finding)
{
	unsigned int timer;

	switch (read_kernel_log()) {
	case STARTED_HYP:
		check_found(finding, FOUND_OK, "HYP, according to the kernel's log");
		return;
	case STARTED_SVC:
		check_found(finding, FOUND_MISSING, "SVC, according to the kernel's log");
		fix_boot_loader(finding);
		return;
	case STARTED_MIXED:
		check_found(finding, FOUND_MISSING,
			    "not the same on every CPU, according to the kernel's log");
		check_fix(finding, "the boot loader or firmware must start every CPU in HYP mode, "
				   "secondary ones too (its PSCI or spin table)");
		return;
	case STARTED_UNKNOWN:
		break;
	}
	timer = find_timer_interrupt();
	if ((timer == 29 || timer == 30) && access(FORCED, F_OK)) {
		check_found(finding, FOUND_OK, "HYP: the kernel left the virtual timer to guests");
	} else if (timer == 27) {
		check_found(finding, FOUND_MISSING,
			    "not HYP: the kernel uses the virtual timer itself");
		fix_boot_loader(finding);
	} else {
		check_found(finding, FOUND_UNKNOWN,
			    "neither the kernel's log nor /proc/interrupts tells");
		check_fix(finding, "run as root, soon after boot: dmesg | grep 'CPU(s) started'");
	}
}
