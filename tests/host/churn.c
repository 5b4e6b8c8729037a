// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves every thread of some processes from CPU to CPU, until they have ended;
 * then prints how often.
 *
 *   churn PID..
 */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned int moves;

/* Returns false once the process has no threads. */
static int move_threads(const char *pid, unsigned int cpus)
{
	char path[64];
	struct dirent *entry;
	int threads = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		int tid = atoi(entry->d_name);
		cpu_set_t set;

		if (!tid)
			continue;
		threads++;
		CPU_ZERO(&set);
		CPU_SET((unsigned int)rand() % cpus, &set);
		/* A CPU that is offline, or a thread that has ended: no move. */
		moves += !sched_setaffinity(tid, sizeof(set), &set);
	}
	closedir(dir);
	return threads;
}

int main(int argc, char **argv)
{
	unsigned int cpus = (unsigned int)sysconf(_SC_NPROCESSORS_CONF);
	int n, threads;

	do {
		for (threads = 0, n = 1; n < argc; n++)
			threads += move_threads(argv[n], cpus);
		usleep(2000);
	} while (threads);
	printf("%u moves\n", moves);
	return 0;
}
