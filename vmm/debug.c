// SPDX-License-Identifier: GPL-2.0-only
/* `armvm debug PID`: find the guest's files in debugfs, or report why there are none. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "commands.h"
#include "debug.h"
#include "error.h"

#define DEBUGFS	      "/sys/kernel/debug"
#define DEBUGFS_MAGIC 0x64626720 /* linux/magic.h */

/* Returns n for the name "PREFIXn", -1 for any other name. */
static long parse_numbered_name(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);
	char *end;
	long n;

	if (strncmp(name, prefix, length) || name[length] < '0' || name[length] > '9')
		return -1;
	errno = 0;
	n = strtol(name + length, &end, 10);
	return *end || errno ? -1 : n;
}

/*
 * Find the entry "PREFIXn" of dir with the lowest n above *n.  Returns 1 if
 * there is one, 0 if there is none, or a negative errno.
 */
static int next_entry(const char *dir, const char *prefix, long *n)
{
	const struct dirent *entry;
	long after = *n, best = -1;
	DIR *stream = opendir(dir);

	if (!stream)
		return -errno;
	while ((entry = readdir(stream))) {
		long number = parse_numbered_name(entry->d_name, prefix);

		if (number > after && (best < 0 || number < best))
			best = number;
	}
	closedir(stream);
	if (best < 0)
		return 0;
	*n = best;
	return 1;
}

static int print_vcpu(FILE *out, const char *dir, long fd, long vcpu)
{
	char path[512], name[64], text[16384];
	size_t length;
	FILE *file;
	int err = 0;

	snprintf(path, sizeof(path), "%s/vcpu%ld/debug", dir, vcpu);
	file = fopen(path, "re");
	if (!file)
		return fail(errno, "%s", path);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	if (ferror(file)) {
		err = fail(EIO, "%s", path);
		goto close_file;
	}
	snprintf(name, sizeof(name), "vCPU %ld (VM of descriptor %ld)", vcpu, fd);
	debug_print(out, name, text);
close_file:
	fclose(file);
	return err;
}

/* Returns the number of vCPUs (0 if the VM was closed meanwhile) or a negative errno. */
static int print_vm(FILE *out, const char *dir, long fd)
{
	long vcpu = -1;
	int count = 0;

	for (; next_entry(dir, "vcpu", &vcpu) > 0; count++) {
		int err = print_vcpu(out, dir, fd, vcpu);

		if (err)
			return err;
	}
	return count;
}

int debug_print_process(FILE *out, const char *dir, long pid)
{
	char prefix[32], path[256];
	int total = 0, err;
	long fd = -1;

	snprintf(prefix, sizeof(prefix), "%ld-", pid);
	while ((err = next_entry(dir, prefix, &fd)) > 0) {
		int count;

		snprintf(path, sizeof(path), "%s/%s%ld", dir, prefix, fd);
		count = print_vm(out, path, fd);
		if (count < 0)
			return count;
		total += count;
	}
	return err ? fail(-err, "%s", dir) : total;
}

/* Can there be anything to print?  Returns 0 or, after one message, a negative errno. */
static int check_prerequisites(long pid)
{
	struct statfs fs;

	/* Do not look at /proc/PID: it can be missing or hidden although the process exists. */
	if (pid > INT_MAX || (kill(pid, 0) < 0 && errno == ESRCH))
		return fail(0, "debug: there is no process %ld", pid);
	if (access("/sys/module", F_OK) < 0)
		return fail(0, "debug: no sysfs: mount -t sysfs none /sys");
	if (access("/sys/module/kvm_armv7", F_OK) < 0)
		return fail(0,
			    "debug: the module kvm_armv7 is not loaded; `armvm check` says more");
	if (geteuid() != 0)
		return fail(0, "debug: only root can read " DEBUGFS);
	if (statfs(DEBUGFS, &fs) < 0 || fs.f_type != DEBUGFS_MAGIC)
		return fail(0, "debug: no debugfs: mount -t debugfs none " DEBUGFS);
	return 0;
}

int command_debug(int argc, char *const *argv)
{
	long pid = argc == 1 ? parse_numbered_name(argv[0], "") : -1;
	int count;

	if (argc != 1) {
		error("debug: give the process id of one armvm");
		return STATUS_SETUP;
	}
	if (pid < 1) {
		error("debug: %s: not a process id", argv[0]);
		return STATUS_SETUP;
	}
	if (check_prerequisites(pid))
		return STATUS_SETUP;
	count = debug_print_process(stdout, DEBUGFS "/kvm", pid);
	if (!count)
		error("debug: process %ld runs no virtual machine", pid);
	if (count <= 0)
		return STATUS_SETUP;
	if (ferror(stdout) || fflush(stdout)) {
		error("cannot write to standard output");
		return STATUS_SETUP;
	}
	return 0;
}
