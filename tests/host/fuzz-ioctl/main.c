// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes and threads that call every ioctl with arguments that look valid, while others close,
 * unmap, fork, exec and pass on what the call works with, and while processes are killed.
 *
 *   fuzz-ioctl SEED CALLS [TICK [PROCESSES [THREADS [LIFE]]]]
 *
 * Each thread gets a signal every TICK ms, by default 5, so that nothing stays in KVM_RUN.  A
 * kernel that needs longer than that for a call cannot answer it.
 * A process is killed or ends after about LIFE calls, and another takes its place, with a seed of
 * its own, which is printed.  Equal seeds make equal calls; when they happen is up to the
 * scheduler.  At the end, a line for each call of calls.def says how often it was made and got the
 * answer that it should get; the last lines count what else was done.
 */
#include "fuzz-ioctl.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_PROCESSES 16
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static unsigned long life;
static long tick_ns;
static uint32_t process_seed;

static void on_tick(int signal)
{
	(void)signal;
}

static void *thread(void *arg)
{
	struct itimerspec tick = { .it_interval.tv_nsec = tick_ns, .it_value.tv_nsec = tick_ns };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	timer_t timer;

	rng_state = ((uint64_t)process_seed << 8 | (uintptr_t)arg) * 0x9e3779b97f4a7c15ull + 1;
	rnd();
	event.sigev_notify_thread_id = syscall(SYS_gettid);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
		return NULL;
	timer_settime(timer, 0, &tick, NULL);
	for (unsigned long n = 0; n < life; n++) {
		if (!below(100))
			call_whole_vm();
		else if (!below(4))
			object_disturb();
		else
			call_any();
	}
	timer_delete(timer);
	return NULL;
}

static void process(unsigned int threads, int socket_out, int socket_in)
{
	struct sigaction action = { .sa_handler = on_tick };
	pthread_t ids[8];
	unsigned int n;

	sigaction(SIGUSR1, &action, NULL);
	rng_state = process_seed * 0x9e3779b97f4a7c15ull + 7;
	arena = mmap(NULL, PAGE * ARENA_PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	if (arena == MAP_FAILED)
		_exit(1);
	arena_fill();
	objects_init(socket_out, socket_in);
	for (n = 0; n < threads; n++)
		if (pthread_create(&ids[n], NULL, thread, (void *)(uintptr_t)n))
			_exit(1);
	for (n = 0; n < threads; n++)
		pthread_join(ids[n], NULL);
	_exit(0);
}

static pid_t start(uint32_t seed, unsigned int threads, const int *sockets)
{
	pid_t pid;

	printf("seed %u\n", seed);
	process_seed = seed;
	pid = fork();
	if (!pid)
		process(threads, sockets[0], sockets[1]);
	if (pid < 0) {
		perror("fork");
		exit(1);
	}
	return pid;
}

static void print_counts(void)
{
	calls_print();
	printf("%lu closes, %lu maps, %lu unmaps, %lu forks, %lu execs, %lu descriptors sent, "
	       "%lu received\n",
	       counts->closes, counts->maps, counts->unmaps, counts->forks, counts->execs,
	       counts->sent, counts->passed);
	printf("%lu calls, %lu worked, %lu guest exits, %lu kills\n", counts->calls, counts->worked,
	       counts->entered, counts->kills);
}

int main(int argc, char **argv)
{
	unsigned int processes = argc > 4 ? atoi(argv[4]) : 3,
		     threads = argc > 5 ? atoi(argv[5]) : 3;
	struct rlimit no_core = { 0, 0 };
	pid_t pids[MAX_PROCESSES];
	unsigned long wanted;
	int sockets[2], status;
	uint32_t seed;

	if (argc < 3 || processes > MAX_PROCESSES || !processes || threads > 8)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = strtoul(argv[1], NULL, 0);
	wanted = strtoul(argv[2], NULL, 0);
	tick_ns = (argc > 3 ? strtol(argv[3], NULL, 0) : 5) * 1000000;
	life = argc > 6 ? strtoul(argv[6], NULL, 0) : 2000;
	setrlimit(RLIMIT_CORE, &no_core);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (counts == MAP_FAILED || socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) < 0)
		return 1;
	rng_state = seed * 0x9e3779b97f4a7c15ull + 3;
	for (unsigned int n = 0; n < processes; n++)
		pids[n] = start(seed++, threads, sockets);
	while (counts->calls < wanted) {
		unsigned int n = below(processes);

		usleep(below(100000));
		if (!below(16)) {
			kill(pids[n], SIGKILL);
			counts->kills++;
		}
		for (n = 0; n < processes; n++) {
			if (waitpid(pids[n], &status, WNOHANG) != pids[n])
				continue;
			/* 107 and 111: it had unmapped what it needed itself. */
			pids[n] = start(seed++, threads, sockets);
		}
	}
	for (unsigned int n = 0; n < processes; n++) {
		kill(pids[n], SIGKILL);
		waitpid(pids[n], NULL, 0);
	}
	print_counts();
	return 0;
}
