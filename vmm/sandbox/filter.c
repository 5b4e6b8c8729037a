// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/if_tun.h>
#include <linux/kvm_armv7.h>
#include <linux/seccomp.h>
#include <linux/vhost.h>

#include "sandbox/filter.h"

/* Arguments that matter here are 32-bit ones, also on machines with wider registers. */
#define ALL_BITS 0xffffffffu
/* Stands for the process's id, which is not known here. */
#define OWN_PID (1ull << 32)

struct rule {
	uint32_t parts;
	int call;
	bool compares;
	unsigned int argument;
	uint64_t mask;
	uint64_t value;
};

#define ANY(parts, name) { (parts), SCMP_SYS(name), false, 0, 0, 0 },
#define WITH(parts, name, argument, mask, value) \
	{ (parts), SCMP_SYS(name), true, (argument), (mask), (value) },
#define IOCTL(parts, request) WITH(parts, ioctl, 1, ALL_BITS, (request))

static const struct rule rules[] = {
#include "sandbox/syscalls.def"
};

static int add_rule(scmp_filter_ctx filter, const struct rule *rule, pid_t pid)
{
	uint64_t value = rule->value == OWN_PID ? (uint64_t)pid : rule->value;
	struct scmp_arg_cmp compare =
		SCMP_CMP64(rule->argument, SCMP_CMP_MASKED_EQ, rule->mask, value);
	int err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rule->call, rule->compares,
					 rule->compares ? &compare : NULL);

	/* Two parts may have the same row. */
	return err == -EEXIST ? 0 : err;
}

static int add_rules(scmp_filter_ctx filter, uint32_t parts, pid_t pid)
{
	int err;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!(rules[i].parts & parts))
			continue;
		err = add_rule(filter, &rules[i], pid);
		if (err)
			return err;
	}
	if (!(parts & LOOP))
		return 0;
	/* clone3()'s flags are in memory, where no filter sees them; clone() comes then. */
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int set_arch(scmp_filter_ctx filter, uint32_t arch)
{
	int err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (err || arch == seccomp_arch_native())
		return err;
	err = seccomp_arch_add(filter, arch);
	return err ? err : seccomp_arch_remove(filter, SCMP_ARCH_NATIVE);
}

/*
 * What a program begins with: KVM_RUN is allowed.  Each exit to armvm costs one, and the kernel
 * interprets both programs of a vCPU's thread for it, which is most of what the sandbox costs;
 * libseccomp would compare KVM_RUN last of all requests.
 */
static unsigned int put_shortcut(struct sock_filter *to, uint32_t arch)
{
	const uint32_t number = seccomp_syscall_resolve_name_arch(arch, "ioctl");
	const struct sock_filter shortcut[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
		/* The low half of the second argument, which has all of a request. */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KVM_RUN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	if (to)
		memcpy(to, shortcut, sizeof(shortcut));
	return sizeof(shortcut) / sizeof(shortcut[0]);
}

/* libseccomp writes programs to descriptors only. */
static int export_program(scmp_filter_ctx filter, struct sock_fprog *program, unsigned int start)
{
	int fd = memfd_create("filter", MFD_CLOEXEC), err;
	off_t size;

	if (fd < 0)
		return -errno;
	err = seccomp_export_bpf(filter, fd);
	if (err)
		goto close_fd;
	size = lseek(fd, 0, SEEK_END);
	program->len = start + size / sizeof(program->filter[0]);
	program->filter = calloc(program->len, sizeof(program->filter[0]));
	if (!program->filter)
		err = -ENOMEM;
	else if (pread(fd, program->filter + start, size, 0) != size)
		err = -EIO;

close_fd:
	close(fd);
	return err;
}

int filter_compile(struct sock_fprog *program, uint32_t parts, pid_t pid, uint32_t arch)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	unsigned int start;
	int err;

	/* The tokens are the kernel's AUDIT_ARCH_* of the architectures here. */
	if (arch == SCMP_ARCH_NATIVE)
		arch = seccomp_arch_native();
	start = parts & VCPU ? put_shortcut(NULL, arch) : 0;
	if (!filter)
		return -ENOMEM;
	err = set_arch(filter, arch);
	if (!err)
		err = add_rules(filter, parts, pid);
	if (!err)
		err = export_program(filter, program, start);
	if (!err && start)
		put_shortcut(program->filter, arch);
	seccomp_release(filter);
	return err;
}
