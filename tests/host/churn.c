// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves every thread of the given processes from CPU to CPU until the processes have ended, then
 * prints how often the kernel migrated each thread.
 *
 *   churn PID.. +PID..   with +: the children of that process
 */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_THREADS 64

struct thread {
	int tid;
	char name[32];
	unsigned long migrations;
};

static struct thread threads[MAX_THREADS];
static unsigned int nr_threads;

static struct thread *find_thread(int tid)
{
	unsigned int n;

	for (n = 0; n < nr_threads; n++)
		if (threads[n].tid == tid)
			return &threads[n];
	if (nr_threads == MAX_THREADS)
		return NULL;
	threads[nr_threads].tid = tid;
	return &threads[nr_threads++];
}

/* Takes the kernel's count, which omits moves to the CPU where the thread already is. */
static void read_migrations(int pid, int tid)
{
	char path[64], line[160], *colon;
	struct thread *thread = find_thread(tid);
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/sched", pid, tid);
	file = thread ? fopen(path, "r") : NULL;
	if (!file)
		return;
	/* The first line begins with the thread's name. */
	if (fgets(line, sizeof(line), file))
		sscanf(line, "%31[^ ]", thread->name);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "se.nr_migrations", 16) && (colon = strchr(line, ':')))
			thread->migrations = strtoul(colon + 1, NULL, 10);
	fclose(file);
}

/* Returns how many threads the process has. */
static unsigned int move_threads(int pid, unsigned int cpus)
{
	char path[64];
	struct dirent *entry;
	unsigned int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		int tid = atoi(entry->d_name);
		cpu_set_t set;

		if (!tid)
			continue;
		count++;
		CPU_ZERO(&set);
		CPU_SET((unsigned int)rand() % cpus, &set);
		/* May fail: the thread may have ended, the CPU may be offline. */
		sched_setaffinity(tid, sizeof(set), &set);
		read_migrations(pid, tid);
	}
	closedir(dir);
	return count;
}

static unsigned int move_children(int pid, unsigned int cpus)
{
	unsigned int count = 0;
	char path[64];
	FILE *file;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	while (fscanf(file, "%d", &child) == 1)
		count += move_threads(child, cpus);
	fclose(file);
	/* Count the process itself until it ends, although it is not moved. */
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	return count + !access(path, F_OK);
}

int main(int argc, char **argv)
{
	unsigned int cpus = (unsigned int)sysconf(_SC_NPROCESSORS_CONF), count, n;
	int i;

	do {
		for (count = 0, i = 1; i < argc; i++)
			count += argv[i][0] == '+' ? move_children(atoi(argv[i] + 1), cpus)
						   : move_threads(atoi(argv[i]), cpus);
		usleep(2000);
	} while (count);
	for (n = 0; n < nr_threads; n++)
		printf("%s = %lu migrations\n", threads[n].name, threads[n].migrations);
	return 0;
}
