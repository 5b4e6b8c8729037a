// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel: is it one that the module is for?  module/compat/kernel.mk refuses the same
 * ones when it is built.  The kernel's options are in a file that distributions install
 * beside it, or in the kernel itself.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/check.h"
#include "check/kernel_options.h"

/* In kernels with CONFIG_IKCONFIG_PROC; those of distributions with a file have none. */
#define PACKED "/proc/config.gz"

extern char **environ;

static const char *const places[] = {
	"/boot/config-%s",
	"/lib/modules/%s/config",
	"/lib/modules/%s/build/.config",
};

/* gzip's output, or NULL if it cannot be had whole: what is missing would look like "not set". */
static FILE *unpack(void)
{
	static char *const argv[] = { "gzip", "-dc", NULL };
	int fd = memfd_create("options", MFD_CLOEXEC), status = -1;
	posix_spawn_file_actions_t files;
	FILE *file = NULL;
	pid_t child;

	if (fd < 0)
		return NULL;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, PACKED, O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, fd, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!posix_spawnp(&child, argv[0], &files, NULL, argv, environ) &&
	    waitpid(child, &status, 0) == child && !status && !lseek(fd, 0, SEEK_SET))
		file = fdopen(fd, "r");
	posix_spawn_file_actions_destroy(&files);
	if (!file)
		close(fd);
	return file;
}

FILE *kernel_options_open(void)
{
	char path[sizeof(((struct utsname *)0)->release) + 40];
	struct utsname uts;
	FILE *file = NULL;

	if (uname(&uts))
		return NULL;
	for (size_t i = 0; !file && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), places[i], uts.release);
		file = fopen(path, "re");
	}
	if (!file && !access(PACKED, R_OK))
		file = unpack();
	return file;
}

struct options {
	bool virt_ext, mmu_notifier, big_endian, bl_switcher, thumb, rt;
};

static void read_options(FILE *config, struct options *options)
{
	const struct {
		const char *line;
		bool *on;
	} known[] = {
		{ "CONFIG_ARM_VIRT_EXT=y", &options->virt_ext },
		{ "CONFIG_MMU_NOTIFIER=y", &options->mmu_notifier },
		{ "CONFIG_CPU_BIG_ENDIAN=y", &options->big_endian },
		{ "CONFIG_BL_SWITCHER=y", &options->bl_switcher },
		{ "CONFIG_THUMB2_KERNEL=y", &options->thumb },
		{ "CONFIG_PREEMPT_RT=y", &options->rt },
	};
	char line[512];

	while (fgets(line, sizeof(line), config)) {
		line[strcspn(line, "\n")] = 0;
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			if (!strcmp(line, known[i].line))
				*known[i].on = true;
		}
	}
}

static void judge_options(struct finding *finding, const char *release,
			  const struct options *options)
{
	const char *lacks = NULL;

	if (!options->virt_ext)
		lacks = "CONFIG_ARM_VIRT_EXT";
	else if (!options->mmu_notifier)
		lacks = "CONFIG_MMU_NOTIFIER";
	if (lacks) {
		check_found(finding, FOUND_MISSING, "Linux %s has no %s", release, lacks);
		check_fix(finding,
			  "install a kernel with %s; Debian's armmp and armmp-lpae have it", lacks);
	} else if (options->big_endian) {
		check_found(finding, FOUND_MISSING, "Linux %s is big-endian", release);
		check_fix(finding, "install a little-endian kernel");
	} else if (options->bl_switcher) {
		check_found(finding, FOUND_MISSING, "Linux %s has CONFIG_BL_SWITCHER", release);
		check_fix(finding,
			  "install a kernel without it, such as Debian's armmp or armmp-lpae");
	} else {
		check_found(finding, FOUND_OK, "Linux %s%s%s", release,
			    options->rt ? ", PREEMPT_RT" : "", options->thumb ? ", Thumb-2" : "");
	}
}

void check_kernel(struct finding *finding)
{
	unsigned int major, minor;
	struct options options = { 0 };
	struct utsname uts;
	FILE *config;

	if (uname(&uts) || sscanf(uts.release, "%u.%u", &major, &minor) != 2) {
		check_found(finding, FOUND_UNKNOWN, "uname gives no version");
		return;
	}
	if (major < 6 || (major == 6 && minor < 1)) {
		check_found(finding, FOUND_MISSING, "Linux %s is too old", uts.release);
		check_fix(finding, "install Linux 6.1 or newer");
		return;
	}
	config = kernel_options_open();
	if (!config) {
		check_found(finding, FOUND_UNKNOWN, "Linux %s, without a file of its options",
			    uts.release);
		check_fix(finding,
			  "the module needs CONFIG_ARM_VIRT_EXT and CONFIG_MMU_NOTIFIER; "
			  "building it says whether they are there%s",
			  access(PACKED, R_OK) ? "" : ", and so does " PACKED " with gzip");
		return;
	}
	read_options(config, &options);
	fclose(config);
	judge_options(finding, uts.release, &options);
}
