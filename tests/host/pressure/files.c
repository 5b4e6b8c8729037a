// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's memory is a file, which somebody truncates, extends and punches holes into.
 *
 *   pressure files FILE
 *
 * While the file is too short, KVM_RUN fails with EFAULT, as the process itself would get SIGBUS.
 */
#include <sys/stat.h>

#include "pressure.h"

#define PAGES  256u
#define ROUNDS 40u

static struct small_vm vm;
static struct walker w;
static uint32_t dropped;

static void shorter(int fd)
{
	/* A page that is cut in two keeps what is before the cut; the guest has the rest as 0. */
	uint32_t keep = below(PAGES * 2 - 2) * (PAGE / 2), rounds;
	unsigned long absent = w.absent;
	unsigned int n;

	must(ftruncate(fd, keep), "ftruncate");
	for (n = 0; n < 3000 && w.absent < absent + 2 && !w.wrong[0]; n++)
		usleep(10000);
	claim(w.absent >= absent + 2, "a file of %u bytes: KVM_RUN fails", keep);
	rounds = w.rounds;
	usleep(20000);
	claim_is(w.rounds, rounds, "a file of %u bytes: the guest waits", keep);
	must(ftruncate(fd, PAGES * PAGE), "ftruncate");
	dropped += PAGES - keep / PAGE;
	claim(walker_moves(&w, 1, 60), "a file that is extended again: it goes on");
}

static void punch(int fd)
{
	uint32_t first = below(PAGES), count = some(1, PAGES - first);

	must(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, first * PAGE, count * PAGE),
	     "fallocate");
	dropped += count;
	usleep(below(5000));
}

/*
 * All pages are written back, and clean; what the guest writes then is written back, too: once
 * nobody maps the file and no cache has it, it is read from the disk.
 */
static void written_back(const char *path, const char *what)
{
	static uint8_t copy[PAGES * PAGE], page[PAGE];
	uint32_t unequal = 0, n;
	int fd;

	sync();
	walker_start(&w, 1, 2);
	walker_join(&w);
	walker_claims(&w, dropped, "when all pages are clean");
	memcpy(copy, w.data, PAGES * PAGE);
	munmap(w.data, PAGES * PAGE);
	sync();
	claim(write_to("/proc/sys/vm/drop_caches", "3"), "%s: it leaves the caches", what);
	fd = must(open(path, O_RDONLY), path);
	for (n = 0; n < PAGES; n++)
		unequal += pread(fd, page, PAGE, n * PAGE) != PAGE ||
			   memcmp(page, copy + n * PAGE, PAGE) != 0;
	close(fd);
	claim_is(unequal, 0, "%s: it has what the guest wrote", what);
}

static void run(const char *path, int flags, const char *what)
{
	int fd = must(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), path);

	must(ftruncate(fd, PAGES * PAGE), "ftruncate");
	dropped = 0;
	walkers_vm(&vm);
	walker_new(&w, &vm, 0, pages_of(fd, PAGES, flags), PAGES, PAGE, 0x77);
	walker_fill(&w);
	walker_start(&w, 1, 0);
	claim(walker_moves(&w, 1, 60), "%s: the guest runs", what);
	for (unsigned int n = 0; n < ROUNDS && !w.wrong[0]; n++) {
		if (n % 8 == 7)
			shorter(fd);
		else if (n % 2)
			punch(fd);
		else
			sync();
	}
	claim(walker_moves(&w, 2, 60), "%s: it still does", what);
	printf("# %s: %u rounds, %lu times without a page\n", what, w.rounds, w.absent);
	walker_stop(&w);
	walker_claims(&w, dropped, what);
	if (flags == MAP_SHARED)
		written_back(path, what);
	walker_close(&w);
	small_vm_close(&vm);
	if (flags != MAP_SHARED)
		munmap(w.data, PAGES * PAGE);
	close(fd);
	unlink(path);
}

void test_files(char **arg)
{
	run(arg[0], MAP_SHARED, "a shared file");
	run(arg[0], MAP_PRIVATE, "a private file");
}
