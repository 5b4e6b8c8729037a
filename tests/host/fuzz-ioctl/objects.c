// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz-ioctl.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

_Thread_local uint64_t rng_state;
struct counts *counts;
uint8_t *arena;

/* Threads read and write these without locks: they may take and close what others use. */
static volatile struct {
	int kind, fd;
} objects[MAX_OBJECTS];
static uint8_t *volatile maps[MAX_MAPS];
static int out, in;

static _Thread_local sigjmp_buf escape;
static _Thread_local volatile bool guarded;

uint32_t rnd(void)
{
	rng_state ^= rng_state >> 12;
	rng_state ^= rng_state << 25;
	rng_state ^= rng_state >> 27;
	return (uint32_t)((rng_state * 0x2545f4914f6cdd1dull) >> 32);
}

uint32_t below(uint32_t limit)
{
	return (uint32_t)((uint64_t)rnd() * limit >> 32);
}

static void on_fault(int signal)
{
	if (guarded)
		siglongjmp(escape, 1);
	_exit(100 + signal);
}

bool survives(void (*body)(void))
{
	bool good = !sigsetjmp(escape, 1);

	guarded = true;
	if (good)
		body();
	guarded = false;
	return good;
}

void objects_init(int socket_out, int socket_in)
{
	struct sigaction action = { .sa_handler = on_fault };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	out = socket_out;
	in = socket_in;
	for (unsigned int n = 0; n < MAX_OBJECTS; n++)
		objects[n].fd = -1;
}

int object_pick(enum kind kind)
{
	int fd = -1;

	if (!below(64))
		return (int)below(80) - 2;
	for (unsigned int n = 0; n < 8 * MAX_OBJECTS; n++) {
		unsigned int at = below(MAX_OBJECTS);

		if (objects[at].fd < 0)
			continue;
		fd = objects[at].fd;
		if (objects[at].kind == (int)kind || !below(200))
			break;
	}
	if (fd >= 0 || kind != SYSTEM)
		return fd;
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	object_add(SYSTEM, fd);
	return fd;
}

void object_add(enum kind kind, int fd)
{
	unsigned int at = kind == SYSTEM ? 0 : 1 + below(MAX_OBJECTS - 1);
	int old;

	if (fd < 0)
		return;
	old = objects[at].fd;
	objects[at].fd = fd;
	objects[at].kind = kind;
	/* Only ours: 0 to 2 are what messages go to, and the sockets are above them. */
	if (old > in) {
		close(old);
		count(&counts->closes);
	}
}

/* Words that load, store to MMIO, call PSCI, wait, branch back, and read registers that trap. */
void arena_fill(void)
{
	uint32_t word[PAGE / 4];

	for (size_t n = 0; n < PAGE / 4; n++)
		word[n] = n % 64 == 63 ? 0xeafffff0 + below(14)
				       : ONE_OF(0xe5915000, 0xe5825000, 0xe1c250b0, 0xe5d23000,
						0xe1400070, 0xe2811a01, 0xe320f000, 0xe320f003,
						0xee100e10, 0xee1e0f31, 0xee070f15, 0xe3a00321,
						0xe5815000, 0xe2800001, 0xe3811101, 0xee190f1d);
	for (size_t n = 0; n < ARENA_PAGES; n++)
		memcpy(arena + n * PAGE, word, PAGE);
}

/* ---- other threads' memory ---- */

static void write_run(void)
{
	uint8_t *run = maps[below(MAX_MAPS)];

	if (!run)
		return;
	if (below(2))
		run[1] = below(2); /* immediate_exit */
	else
		run[below(2) ? below(64) : below(PAGE)] = rnd();
}

/* Signal an eventfd, which may be an irqfd; or read a file of counters. */
static void use_other(void)
{
	const uint64_t one = 1;
	int fd = object_pick(OTHER);
	uint8_t room[256];

	if (fd <= in)
		return;
	if (write(fd, &one, sizeof(one)) < 0)
		(void)!pread(fd, room, below(sizeof(room)), below(4096));
}

static void refill(void)
{
	arena_fill();
}

static void map_run(void)
{
	unsigned int at = below(MAX_MAPS);
	void *map, *old = maps[at];

	if (below(4) && old) {
		maps[at] = NULL;
		munmap(old, PAGE);
		count(&counts->unmaps);
		return;
	}
	map = mmap(NULL, below(8) ? PAGE : PAGE * below(4), PROT_READ | PROT_WRITE,
		   below(8) ? MAP_SHARED : MAP_PRIVATE, object_pick(VCPU),
		   below(8) ? 0 : PAGE * below(4));
	count(&counts->calls);
	if (map == MAP_FAILED)
		return;
	count(&counts->worked);
	count(&counts->maps);
	maps[at] = map;
}

void arena_renew(void)
{
	mmap(arena, PAGE * ARENA_PAGES, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	survives(refill);
}

static void change_arena(void)
{
	uint8_t *at = arena + PAGE * below(ARENA_PAGES);
	size_t size = PAGE * (1 + below(8)), left = arena + PAGE * ARENA_PAGES - at;

	if (size > left)
		size = left;
	switch (below(6)) {
	case 0:
		madvise(at, size, MADV_DONTNEED);
		break;
	case 1:
		mprotect(at, size, ONE_OF(PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE));
		break;
	case 2:
		munmap(at, size);
		break;
	case 3:
		mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		     0);
		break;
	case 4:
		mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       arena + PAGE * below(ARENA_PAGES));
		break;
	default:
		if (!below(64))
			arena_renew();
	}
}

/* ---- other processes ---- */

union control {
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(int))];
};

static void send_fd(void)
{
	unsigned int at = below(MAX_OBJECTS);
	char kind = objects[at].kind;
	struct iovec data = { &kind, 1 };
	union control control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
					    .cmsg_level = SOL_SOCKET,
					    .cmsg_type = SCM_RIGHTS } };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int fd = objects[at].fd;

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (sendmsg(out, &message, MSG_DONTWAIT) == 1)
		count(&counts->sent);
}

static void receive_fd(void)
{
	char kind;
	struct iovec data = { &kind, 1 };
	union control control;
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(in, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1 ||
	    message.msg_controllen < CMSG_LEN(sizeof(int)))
		return;
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	count(&counts->passed);
	object_add(kind, fd);
}

static void fork_one(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return;
	if (!pid) {
		for (unsigned int n = below(16); n; n--)
			call_any();
		if (below(2)) {
			count(&counts->execs);
			execl("/bin/true", "true", NULL);
		}
		_exit(0);
	}
	count(&counts->forks);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		if (!below(4))
			kill(pid, SIGKILL);
}

void object_disturb(void)
{
	unsigned int at = 1 + below(MAX_OBJECTS - 1);
	cpu_set_t cpus;
	int fd;

	switch (below(16)) {
	case 0 ... 1:
		fd = objects[at].fd;
		objects[at].fd = -1;
		if (fd > in) {
			close(fd);
			count(&counts->closes);
		}
		break;
	case 2:
		fd = objects[at].fd;
		object_add(objects[at].kind, fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, in + 1));
		break;
	case 3 ... 4:
		map_run();
		break;
	case 5 ... 7:
		survives(write_run);
		break;
	case 8:
		use_other();
		break;
	case 9 ... 11:
		change_arena();
		break;
	case 12:
		send_fd();
		break;
	case 13:
		receive_fd();
		break;
	case 14:
		CPU_ZERO(&cpus);
		CPU_SET(below(2), &cpus);
		if (below(2))
			CPU_SET(1 - CPU_ISSET(1, &cpus), &cpus);
		sched_setaffinity(0, sizeof(cpus), &cpus);
		break;
	default:
		if (!below(16))
			fork_one();
	}
}
