// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <malloc.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "error.h"
#include "sandbox/apply.h"
#include "sandbox/filter.h"
#include "sandbox/sandbox.h"

/*
 * All but CAP_KILL, if passt was started: root's passt runs as nobody, and is killed if it does
 * not end by itself.  The filter lets armvm send a signal to nothing else.
 */
static int drop_capabilities(const struct options *options)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, has) < 0)
		return fail(errno, "capget");
	for (unsigned int i = 0; i < options->nr_nets; i++) {
		if (!options->nets[i].tap && !options->nets[i].vhost_user)
			data[0].permitted = has[0].permitted & 1u << CAP_KILL;
	}
	data[0].effective = data[0].permitted;
	if (syscall(SYS_capset, &header, data) < 0)
		return fail(errno, "capset");
	return 0;
}

static bool uses_vhost_user(const struct options *options)
{
	bool any = options->nr_vhost_user_blks;

	for (unsigned int i = 0; i < options->nr_nets; i++)
		any |= options->nets[i].vhost_user != NULL;
	return any;
}

/* What a thread of this kind does in a machine with these options. */
static uint32_t thread_parts(enum sandbox_thread kind, const struct options *options)
{
	uint32_t net = options->nr_nets ? ~0u : 0, gdb = options->gdb ? ~0u : 0;
	uint32_t user = uses_vhost_user(options) ? ~0u : 0;

	switch (kind) {
	case SANDBOX_VCPU:
		return BASE | VCPU | (VCPU_NET & net) | (VCPU_GDB & gdb) |
		       (VCPU_VHOST_USER & user) | (options->vsock ? VCPU_VSOCK : 0);
	case SANDBOX_DISK:
		return options->nr_disks ? BASE | DISK : 0;
	case SANDBOX_RNG:
		return options->rng ? BASE | RNG : 0;
	case SANDBOX_NET:
		return (BASE | NET) & net;
	case SANDBOX_VHOST_USER:
		return (BASE | VHOST_USER) & user;
	case SANDBOX_CONSOLE:
		return options->nr_ports ? BASE | CONSOLE : 0;
	case SANDBOX_VSOCK:
		return options->vsock ? BASE : 0;
	case SANDBOX_BALLOON:
		return options->balloon ? BASE : 0;
	case SANDBOX_RELAY:
		return BASE | RELAY;
	default:
		return BASE | LOOP | (LOOP_NET & net) |
		       (options->control ? CONTROL | LOOP_SOCKET : 0) |
		       (options->control && options->nr_disks ? ATTACH : 0) |
		       (options->nr_ports ? LOOP_SOCKET : 0) | (GDB & gdb) |
		       (options->restore ? RESTORE : 0) | (options->migratable ? MIGRATE : 0);
	}
}

static int compile(enum sandbox_thread kind, uint32_t parts)
{
	struct sock_fprog program;
	int err = filter_compile(&program, parts, getpid(), SCMP_ARCH_NATIVE);

	if (err)
		return fail(-err, "cannot make a filter of system calls");
	sandbox_set(kind, &program);
	return 0;
}

static int compile_all(const struct options *options)
{
	uint32_t all = thread_parts(SANDBOX_MAIN, options);

	for (enum sandbox_thread kind = SANDBOX_MAIN + 1; kind < SANDBOX_THREADS; kind++) {
		uint32_t parts = thread_parts(kind, options);
		int err = parts ? compile(kind, parts) : 0;

		if (err)
			return err;
		all |= parts;
	}
	/* The kernel runs a thread's program and, after it, those of the thread that started it. */
	return compile(SANDBOX_MAIN, all);
}

int sandbox_enter(const struct options *options, const struct user *user)
{
	int err = user_become(user);

	/* Who is no longer root must not have what only root has. */
	if (!err && options->no_sandbox && user->changes)
		return drop_capabilities(options);
	if (err || options->no_sandbox)
		return err;
	/*
	 * A thread would get a heap of its own at its first free(), and some C libraries open a
	 * file in /sys for that, to count CPUs.  Threads allocate too little to need one.
	 */
	mallopt(M_ARENA_MAX, 1);
	err = drop_capabilities(options);
	/* For such a kernel libseccomp makes no filters either, and does not say why. */
	if (!err && !sandbox_supported())
		return fail(0,
			    "this kernel has no filters of system calls (CONFIG_SECCOMP_FILTER), "
			    "which confine armvm: --sandbox=off runs without");
	if (!err)
		err = compile_all(options);
	if (err)
		return err;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(errno, "PR_SET_NO_NEW_PRIVS");
	err = sandbox_apply(SANDBOX_MAIN);
	return err ? fail(-err, "cannot confine armvm (seccomp)") : 0;
}
