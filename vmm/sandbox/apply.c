// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "sandbox/apply.h"

static struct sock_fprog programs[SANDBOX_THREADS];

void sandbox_set(enum sandbox_thread kind, const struct sock_fprog *program)
{
	programs[kind] = *program;
}

bool sandbox_supported(void)
{
	/* A kernel with filters fails to read this one, with EFAULT. */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) == 0 ||
	       (errno != EINVAL && errno != ENOSYS);
}

int sandbox_apply(enum sandbox_thread kind)
{
	if (!programs[kind].filter)
		return 0;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &programs[kind]) < 0 ? -errno : 0;
}
