// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "error.h"
#include "hints.h"

/* Of less than this, what Debian's kernels reserve is more than an eighth. */
#define SMALL (128ull << 20)

/* Is there a word on the command line that begins like this? */
static bool has_parameter(const char *append, const char *name)
{
	for (const char *at = append; at && (at = strstr(at, name)); at++) {
		if (at == append || at[-1] == ' ')
			return true;
	}
	return false;
}

void hints_print(const struct options *options, const struct host *host, const struct user *user,
		 bool zimage)
{
	if (!error_has_reader())
		return;
	if (host->cpus && options->cpus > host->cpus)
		error("hint: %u vCPUs share %u of this machine's CPUs: the guest may be slower "
		      "than with --cpus %u",
		      options->cpus, host->cpus, host->cpus);
	if (host->mixed)
		error("hint: this machine has CPUs of several kinds: bind the guest to those of "
		      "one kind with taskset");
	if (!options->hugepages && host->available && options->memory > host->available)
		error("hint: --memory is %llu MiB, and this machine has %llu MiB left: it may "
		      "swap, or end armvm, when the guest uses more",
		      (unsigned long long)options->memory >> 20,
		      (unsigned long long)host->available >> 20);
	if (zimage && options->memory < SMALL && !has_parameter(options->append, "cma="))
		error("hint: Linux may set memory aside for DMA (CMA), Debian's kernels 16 MiB, "
		      "which no device here needs: cma=0 in --append gives it to the guest");
	if (user->missing)
		error("hint: this machine has no user " OWN_USER ", so armvm stays root: make the "
		      "user (useradd --system " OWN_USER "), or say --user root");
}
