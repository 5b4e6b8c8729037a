// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every section names the words that may appear in it, so that what a kernel or a board adds
 * stays out.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check/kernel_options.h"
#include "check/report.h"
#include "check/tree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void print_section(const char *name)
{
	printf("\n== %s\n", name);
}

static void print_kernel(void)
{
	struct utsname uts;

	print_section("kernel");
	if (!uname(&uts))
		printf("%s %s %s\n", uts.release, uts.version, uts.machine);
}

/* ---- lines of files ---- */

static bool has_word(const char *line, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strstr(line, words[i]))
			return true;
	}
	return false;
}

static void print_lines(const char *path, const char *const *words, size_t count)
{
	FILE *file = fopen(path, "re");
	char line[4096];

	if (!file) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		if (has_word(line, words, count))
			fputs(line, stdout);
	}
	fclose(file);
}

static void print_cpus(void)
{
	/* Not all of it: there is the board's serial number, too. */
	static const char *const words[] = {
		"processor",	    "model name",  "Features", "CPU implementer",
		"CPU architecture", "CPU variant", "CPU part", "CPU revision",
	};

	print_section("/proc/cpuinfo");
	print_lines("/proc/cpuinfo", words, COUNT(words));
}

static void print_interrupts(void)
{
	static const char *const words[] = { "arch_timer", "kvm_armv7", "arm-pmu" };

	print_section("/proc/interrupts");
	print_lines("/proc/interrupts", words, COUNT(words));
}

static void print_options(void)
{
	static const char *const words[] = {
		"CONFIG_ARM_VIRT_EXT",	 "CONFIG_ARM_LPAE",	  "CONFIG_MMU_NOTIFIER",
		"CONFIG_THUMB2_KERNEL",	 "CONFIG_PREEMPT",	  "CONFIG_NO_HZ_FULL",
		"CONFIG_VMSPLIT",	 "CONFIG_HW_PERF_EVENTS", "CONFIG_HAVE_HW_BREAKPOINT",
		"CONFIG_CPU_BIG_ENDIAN", "CONFIG_HARDEN_BRANCH",  "CONFIG_HIGHMEM",
		"CONFIG_ARM_ERRATA_",	 "CONFIG_MODULE_SIG",	  "CONFIG_CPU_IDLE",
		"CONFIG_SUSPEND",	 "CONFIG_ARM_PSCI",	  "CONFIG_TRANSPARENT_HUGEPAGE",
		"CONFIG_BL_SWITCHER",	 "CONFIG_SECCOMP",
	};
	char line[512];
	FILE *file = kernel_options_open();

	print_section("kernel options");
	if (!file) {
		puts("no file of them");
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		if (has_word(line, words, COUNT(words)))
			fputs(line, stdout);
	}
	fclose(file);
}

/* ---- the device tree ---- */

static void print_value(const char *data, ssize_t length)
{
	bool text = length > 1 && !data[length - 1];

	for (ssize_t i = 0; i < length && text; i++)
		text = isprint((unsigned char)data[i]) || (!data[i] && i && data[i - 1]);
	for (ssize_t i = 0; i < length; i++) {
		if (text)
			putchar(data[i] ? data[i] : i + 1 < length ? ' ' : '\n');
		else
			printf("%02x%s", (uint8_t)data[i],
			       i + 1 == length ? "\n"
			       : i % 4 == 3    ? " "
					       : "");
	}
	if (!length)
		putchar('\n');
}

static void print_properties(int dir, const char *path, const char *const *names, size_t count)
{
	char data[512];

	printf("%s\n", path);
	for (size_t i = 0; i < count; i++) {
		ssize_t length = tree_read(dir, names[i], data, sizeof(data));

		if (length < 0)
			continue;
		printf("    %s: ", names[i]);
		print_value(data, length);
	}
}

static bool print_node(void *arg, const struct tree_node *node)
{
	static const char *const kinds[] = {
		"arm,gic",	   "arm,cortex-a",    "arm,pl390",
		"arm,armv7-timer", "arm,armv8-timer", "arm,psci",
	};
	static const char *const names[] = {
		"compatible",
		"status",
		"reg",
		"interrupts",
		"interrupts-extended",
		"clock-frequency",
		"arm,cpu-registers-not-fw-configured",
		"always-on",
		"method",
		"enable-method",
		"device_type",
		"#address-cells",
		"#size-cells",
	};
	char buffer[256];

	(void)arg;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!tree_compatible(node->dir, kinds[i], buffer, sizeof(buffer)))
			continue;
		print_properties(node->dir, node->path, names, COUNT(names));
		break;
	}
	return false;
}

static void print_tree(void)
{
	static const char *const names[] = { "model", "compatible", "#address-cells",
					     "#size-cells" };
	int root = open(TREE_ROOT "/.", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	print_section("device tree");
	if (root < 0) {
		puts("none");
		return;
	}
	print_properties(root, "/", names, COUNT(names));
	close(root);
	tree_walk(print_node, NULL);
}

/* ---- the module, and what it and the kernel said ---- */

static void print_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256];

	if (file && fgets(line, sizeof(line), file))
		printf("%s: %s", strrchr(path, '/') + 1, line);
	if (file)
		fclose(file);
}

/* MIDR is in /proc/cpuinfo; of REVIDR and ACTLR only the kernel can tell. */
static void print_cpu_ids(void)
{
	static const char path[] = "/sys/kernel/debug/kvm/cpus";
	static const char *const words[] = { "revidr" };

	print_section(path);
	if (access(path, R_OK))
		printf("MISSING: %s; REVIDR of each CPU takes root, the loaded module and debugfs "
		       "(mount -t debugfs none /sys/kernel/debug)\n",
		       strerror(errno));
	else
		print_lines(path, words, COUNT(words));
}

static void print_module(void)
{
	static const char *const files[] = {
		"/sys/module/kvm_armv7/version",
		"/sys/module/kvm_armv7/parameters/debug",
		"/sys/module/kvm_armv7/parameters/selftest",
		"/sys/module/kvm_armv7/parameters/allow_unknown_cpu",
		"/sys/module/kvm_armv7/parameters/vmids",
	};

	print_section("module");
	if (access("/sys/module/kvm_armv7", F_OK))
		puts("not loaded");
	for (size_t i = 0; i < COUNT(files); i++)
		print_file(files[i]);
}

/* Each read of /dev/kmsg returns one record, "numbers;message"; EPIPE: some were overwritten. */
static void print_log(void)
{
	static const char *const words[] = {
		"kvm_armv7:",	  "CPU(s) started", "started in wrong", "Virtualization extensions",
		"CPU: ARMv7",	  "Booting Linux",  "hw-breakpoint:",	"arch_timer:",
		"GIC:",		  "psci:",	    "Spectre",		"CPU: div",
		"hw perfevents:",
	};
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];

	print_section("kernel's log");
	if (fd < 0) {
		printf("%s%s\n", strerror(errno),
		       errno == EPERM || errno == EACCES ? "; run as root" : "");
		return;
	}
	for (;;) {
		ssize_t got = read(fd, record, sizeof(record) - 1);
		char *message;

		if (got < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (got <= 0)
			break;
		record[got] = 0;
		message = strchr(record, ';');
		if (!message || !has_word(message, words, COUNT(words)))
			continue;
		message[strcspn(message, "\n")] = 0;
		puts(message + 1);
	}
	close(fd);
}

void report_print(void)
{
	print_kernel();
	print_cpus();
	print_cpu_ids();
	print_tree();
	print_options();
	print_interrupts();
	print_module();
	print_log();
}
