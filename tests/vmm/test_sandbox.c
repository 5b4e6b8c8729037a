// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs that the kernel runs at each system call, for 32-bit Arm: every call is decided
 * here as the kernel decides it, and the calls of each thread are these and no others.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <linux/audit.h>
#include <linux/fs.h>
#include <linux/kvm_armv7.h>
#include <linux/seccomp.h>
#include <linux/vhost.h>

#include "sandbox/filter.h"

#define PID 4711
/* 32-bit Arm's own calls, such as cacheflush(), are elsewhere: 0x0f0000. */
#define LAST_CALL 600

#define EVERY                                                                                   \
	"brk clock_gettime clock_gettime64 close exit exit_group futex futex_time64 "           \
	"getpgrp getpid gettid gettimeofday ioctl? madvise mmap2? mprotect? mremap munmap "     \
	"poll read restart_syscall rt_sigaction rt_sigprocmask rt_sigreturn sigreturn tgkill? " \
	"write "

static struct sock_fprog program;
static uint32_t program_arch;
static unsigned int steps; /* the instructions of the last decide() */

static void compile(uint32_t parts, uint32_t arch)
{
	free(program.filter);
	assert_int_equal(filter_compile(&program, parts, PID, arch), 0);
	program_arch = arch == SCMP_ARCH_ARM ? AUDIT_ARCH_ARM : AUDIT_ARCH_X86_64;
}

static bool jumps(const struct sock_filter *op, uint32_t a)
{
	switch (BPF_OP(op->code)) {
	case BPF_JA:
		return true;
	case BPF_JEQ:
		return a == op->k;
	case BPF_JGT:
		return a > op->k;
	case BPF_JGE:
		return a >= op->k;
	case BPF_JSET:
		return a & op->k;
	}
	fail_msg("jump %x", op->code);
	return false;
}

/* What the kernel would do: SECCOMP_RET_*. */
static uint32_t decide(const struct seccomp_data *data)
{
	uint32_t a = 0, at = 0;

	for (steps = 1;; steps++) {
		const struct sock_filter *op = &program.filter[at++];

		assert_true(at <= program.len);
		switch (BPF_CLASS(op->code)) {
		case BPF_LD:
			assert_int_equal(op->code, BPF_LD | BPF_W | BPF_ABS);
			memcpy(&a, (const uint8_t *)data + op->k, sizeof(a));
			break;
		case BPF_ALU:
			assert_int_equal(op->code, BPF_ALU | BPF_AND | BPF_K);
			a &= op->k;
			break;
		case BPF_JMP:
			if (BPF_OP(op->code) == BPF_JA)
				at += op->k;
			else
				at += jumps(op, a) ? op->jt : op->jf;
			break;
		case BPF_RET:
			return op->k;
		default:
			fail_msg("instruction %x", op->code);
		}
	}
}

/* With any arguments: follow both branches where an argument decides.  Sets what can happen. */
static void explore(int nr, uint32_t at, uint32_t a, bool known, bool *allows, bool *refuses)
{
	for (;;) {
		const struct sock_filter *op = &program.filter[at++];

		switch (BPF_CLASS(op->code)) {
		case BPF_LD:
			known = op->k < offsetof(struct seccomp_data, instruction_pointer);
			a = op->k ? program_arch : (uint32_t)nr;
			break;
		case BPF_JMP:
			if (BPF_OP(op->code) == BPF_JA) {
				at += op->k;
			} else if (known) {
				at += jumps(op, a) ? op->jt : op->jf;
			} else {
				explore(nr, at + op->jt, a, known, allows, refuses);
				at += op->jf;
			}
			break;
		case BPF_RET:
			*allows |= op->k == SECCOMP_RET_ALLOW;
			*refuses |= op->k != SECCOMP_RET_ALLOW;
			return;
		}
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All calls that can be allowed, in alphabetical order; a ? says that an argument decides. */
static char *list(uint32_t parts, uint32_t arch)
{
	static char text[4096];
	char *names[LAST_CALL];
	unsigned int count = 0;

	compile(parts, arch);
	for (int nr = 0; nr < LAST_CALL; nr++) {
		bool allows = false, refuses = false;
		char *name;

		explore(nr, 0, 0, false, &allows, &refuses);
		if (!allows)
			continue;
		name = seccomp_syscall_resolve_num_arch(arch, nr);
		assert_non_null(name);
		names[count] = malloc(strlen(name) + 2);
		sprintf(names[count++], "%s%s", name, refuses ? "?" : "");
		free(name);
	}
	qsort(names, count, sizeof(names[0]), by_name);
	*text = '\0';
	for (unsigned int i = 0; i < count; i++) {
		strcat(strcat(text, names[i]), " ");
		free(names[i]);
	}
	return text;
}

/* The words of EVERY and of `more`, in alphabetical order. */
static char *expect(const char *more)
{
	static char text[4096], words[4096];
	char *names[LAST_CALL], *rest = words;
	unsigned int count = 0;

	snprintf(words, sizeof(words), "%s%s", EVERY, more);
	for (char *word; (word = strtok_r(rest, " ", &rest));)
		names[count++] = word;
	qsort(names, count, sizeof(names[0]), by_name);
	*text = '\0';
	for (unsigned int i = 0; i < count; i++)
		strcat(strcat(text, names[i]), " ");
	return text;
}

static void each_thread_has_its_list(void **state)
{
	static const struct {
		uint32_t parts;
		const char *calls;
	} threads[] = {
		{ BASE, "" },
		{ BASE | VCPU, "pread64 sched_getaffinity sched_setaffinity?" },
		{ BASE | VCPU | VCPU_VSOCK, "pread64 sched_getaffinity sched_setaffinity?" },
		{ BASE | VCPU | VCPU_NET | VCPU_GDB,
		  "pread64 sched_getaffinity sched_setaffinity?" },
		{ BASE | DISK, "fallocate fcntl? fcntl64? fdatasync fstat fstat64 fstatat64? "
			       "preadv2 pwritev2 statx?" },
		{ BASE | RNG, "getrandom" },
		{ BASE | CONSOLE, "accept4 readv writev" },
		{ BASE | NET, "readv recv recvfrom? send sendmsg sendto? writev" },
		{ BASE | RELAY, "" },
		{ BASE | VHOST_USER, "recv recvfrom?" },
		{ BASE | VCPU_VHOST_USER, "recv recvfrom? sendmsg" },
		{ BASE | LOOP, "clock_nanosleep clock_nanosleep_time64 clone? getrandom nanosleep "
			       "prctl? pread64 recv recvfrom? rseq seccomp? send sendto? "
			       "set_robust_list" },
		{ BASE | LOOP_NET, "pidfd_send_signal wait4" },
		{ BASE | CONTROL, "_llseek accept4 fstat fstat64 fstatat64? lseek recv recvfrom? "
				  "recvmsg send sendto? statx?" },
		{ BASE | RESTORE, "fcntl? fcntl64?" },
		{ BASE | MIGRATE, "fcntl? fcntl64?" },
		{ BASE | ATTACH, "fcntl? fcntl64? fdatasync" },
		{ BASE | LOOP_SOCKET, "fstatat64 lstat lstat64 statx unlink" },
		{ BASE | GDB, "accept4 recv recvfrom? send sendto? setsockopt" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
		assert_string_equal(list(threads[i].parts, SCMP_ARCH_ARM),
				    expect(threads[i].calls));
}

static uint32_t call(const char *name, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3,
		     uint64_t a4)
{
	struct seccomp_data data = {
		.arch = AUDIT_ARCH_ARM,
		.nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_ARM, name),
		.args = { a0, a1, a2, a3, a4 },
	};

	assert_true(data.nr >= 0);
	return decide(&data);
}

static uint32_t request(uint32_t number)
{
	return call("ioctl", 5, number, 0, 0, 0);
}

static void arguments_decide(void **state)
{
	const uint32_t no = SECCOMP_RET_KILL_PROCESS, yes = SECCOMP_RET_ALLOW;
	const uint32_t thread = CLONE_THREAD | CLONE_VM | CLONE_SIGHAND | CLONE_SETTLS;

	(void)state;
	compile(BASE | VCPU, SCMP_ARCH_ARM);
	assert_int_equal(request(KVM_RUN), yes);
	assert_int_equal(request(KVM_IRQ_LINE), yes);
	assert_int_equal(request(TCSETS), yes);
	assert_int_equal(request(TIOCSTI), no);
	assert_int_equal(request(KVM_CREATE_VM), no);
	assert_int_equal(request(KVM_SET_USER_MEMORY_REGION), no);
	assert_int_equal(request(KVM_GET_ONE_REG), no);
	assert_int_equal(call("mmap2", 0, 4096, PROT_READ | PROT_WRITE, 0, 0), yes);
	assert_int_equal(call("mmap2", 0, 4096, PROT_READ | PROT_EXEC, 0, 0), no);
	assert_int_equal(call("mprotect", 4096, 4096, PROT_READ, 0, 0), yes);
	assert_int_equal(call("mprotect", 4096, 4096, PROT_EXEC, 0, 0), no);
	assert_int_equal(call("tgkill", PID, PID + 1, 10, 0, 0), yes);
	assert_int_equal(call("tgkill", PID - 1, PID - 1, 10, 0, 0), no);
	assert_int_equal(call("sched_setaffinity", 0, 4, 4096, 0, 0), yes);
	assert_int_equal(call("sched_setaffinity", 1, 4, 4096, 0, 0), no);
	assert_int_equal(call("clone3", 4096, 88, 0, 0, 0), no);
	assert_int_equal(request(VHOST_VSOCK_SET_RUNNING), no);
	compile(BASE | VCPU | VCPU_VSOCK, SCMP_ARCH_ARM);
	assert_int_equal(request(VHOST_VSOCK_SET_RUNNING), yes);
	assert_int_equal(request(VHOST_SET_VRING_ADDR), yes);
	assert_int_equal(request(VHOST_SET_MEM_TABLE), no);
	assert_int_equal(request(VHOST_NET_SET_BACKEND), no);
	compile(BASE | VCPU | VCPU_GDB, SCMP_ARCH_ARM);
	assert_int_equal(request(KVM_GET_ONE_REG), yes);
	assert_int_equal(request(KVM_ARMV7_SET_GUEST_DEBUG), yes);
	compile(BASE | LOOP, SCMP_ARCH_ARM);
	assert_int_equal(request(KVM_RUN), no);
	assert_int_equal(call("clone", thread, 0, 0, 0, 0), yes);
	assert_int_equal(call("clone", CLONE_VM | CLONE_VFORK | 17, 0, 0, 0, 0), no);
	assert_int_equal(call("clone", 17, 0, 0, 0, 0), no);
	assert_int_equal(call("clone3", 4096, 88, 0, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(call("prctl", PR_SET_NAME, 4096, 0, 0, 0), yes);
	assert_int_equal(call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0), no);
	assert_int_equal(call("sendto", 5, 4096, 10, 0x4000, 0), yes);
	assert_int_equal(call("sendto", 5, 4096, 10, 0x4000, 4096), no);
	assert_int_equal(request(KVM_SET_MP_STATE), no);
	assert_int_equal(request(KVM_GET_REG_LIST), no);
	compile(BASE | CONTROL, SCMP_ARCH_ARM);
	assert_int_equal(request(KVM_GET_REG_LIST), yes);
	assert_int_equal(request(KVM_GET_MP_STATE), yes);
	assert_int_equal(request(KVM_SET_MP_STATE), no);
	compile(BASE | RESTORE, SCMP_ARCH_ARM);
	assert_int_equal(request(KVM_GET_REG_LIST), yes);
	assert_int_equal(request(KVM_SET_MP_STATE), yes);
	assert_int_equal(request(KVM_GET_MP_STATE), no);
	assert_int_equal(request(KVM_GET_DIRTY_LOG), no);
	compile(BASE | MIGRATE, SCMP_ARCH_ARM);
	assert_int_equal(request(KVM_GET_DIRTY_LOG), yes);
	assert_int_equal(request(KVM_SET_USER_MEMORY_REGION), no);
	compile(BASE | ATTACH, SCMP_ARCH_ARM);
	assert_int_equal(request(BLKGETSIZE64), yes);
	assert_int_equal(request(BLKDISCARD), no);
	assert_int_equal(call("fcntl64", 5, F_GETFL, 0, 0, 0), yes);
	assert_int_equal(call("fcntl64", 5, F_OFD_SETLK, 4096, 0, 0), yes);
	assert_int_equal(call("fcntl64", 5, F_DUPFD, 0, 0, 0), no);
	compile(BASE | DISK, SCMP_ARCH_ARM);
	assert_int_equal(call("fcntl64", 5, F_SETFL, O_DIRECT, 0, 0), yes);
	assert_int_equal(call("fcntl64", 5, F_DUPFD, 0, 0, 0), no);
	assert_int_equal(call("statx", 5, 4096, AT_EMPTY_PATH, 0, 0), yes);
	assert_int_equal(call("statx", 5, 4096, 0, 0, 0), no);
	assert_int_equal(request(KVM_RUN), no);
}

/* Nothing of another architecture's, whatever its number. */
static void another_architecture_is_refused(void **state)
{
	struct seccomp_data data = { .arch = AUDIT_ARCH_ARM };

	(void)state;
	compile(BASE | VCPU | LOOP, SCMP_ARCH_NATIVE);
	for (data.nr = 0; data.nr < LAST_CALL; data.nr++)
		assert_int_equal(decide(&data), SECCOMP_RET_KILL_PROCESS);
	compile(BASE | VCPU | LOOP, SCMP_ARCH_ARM);
	data.arch = AUDIT_ARCH_X86_64;
	for (data.nr = 0; data.nr < LAST_CALL; data.nr++)
		assert_int_equal(decide(&data), SECCOMP_RET_KILL_PROCESS);
}

/* Each exit to armvm is one KVM_RUN, for which the kernel runs both programs of the thread. */
static void kvm_run_is_decided_early(void **state)
{
	const uint32_t one = BASE | VCPU, both = one | DISK | RNG | RELAY | LOOP;

	(void)state;
	compile(one, SCMP_ARCH_ARM);
	assert_int_equal(request(KVM_RUN), SECCOMP_RET_ALLOW);
	assert_int_equal(steps, 7);
	compile(both, SCMP_ARCH_ARM);
	assert_int_equal(request(KVM_RUN), SECCOMP_RET_ALLOW);
	assert_int_equal(steps, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_thread_has_its_list),
		cmocka_unit_test(arguments_decide),
		cmocka_unit_test(another_architecture_is_refused),
		cmocka_unit_test(kvm_run_is_decided_early),
	};

	RUN_TESTS("sandbox", tests);
}
