// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process changes the mappings behind a guest's memory while the guest works with it.
 *
 *   pressure mappings SECONDS
 *
 * Private memory and a shared memfd, a vCPU for each.  Needs swap space for MADV_PAGEOUT.
 */
#include <sys/wait.h>
#include <time.h>

#include "pressure.h"

#define PAGES	 256u
#define AT_ONCE	 16u
#define POISON	 0xee
#define PAUSE_US 2000
#define LEAST	 200u

static struct small_vm vm;
static struct walker private, shared;
static uint32_t dropped_private, dropped_shared;
/* Pages that the guest no longer has: nothing may be written there. */
static uint8_t *gone;
static uint32_t gone_pages, gone_written;

static void check_gone(void)
{
	for (uint32_t n = 0; n < gone_pages * PAGE; n++)
		gone_written += gone[n] != POISON;
	gone_pages = 0;
}

/* One by one: a call may not reach from one mapping into the next, and each page can be its own. */
static void move(uint8_t *from, uint8_t *to, uint32_t count)
{
	for (uint32_t n = 0; n < count * PAGE; n += PAGE)
		if (mremap(from + n, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + n) ==
		    MAP_FAILED)
			must(-1, "mremap");
}

/* Other pages with the same contents take the place of these. */
static void replace(uint8_t *at, uint32_t count)
{
	uint8_t *new = pages_of(-1, count, MAP_PRIVATE | MAP_ANONYMOUS);

	check_gone();
	move(at, gone, count);
	memcpy(new, gone, count * PAGE);
	move(new, at, count);
	memset(gone, POISON, count * PAGE);
	gone_pages = count;
}

/* The guest can only read it, or not even that: KVM_RUN fails until it can again. */
static void protect(uint8_t *at, uint32_t count)
{
	static uint8_t before[AT_ONCE * PAGE];
	uint32_t size = count * PAGE;
	bool readable = below(2);

	must(mprotect(at, size, readable ? PROT_READ : PROT_NONE), "mprotect");
	if (readable)
		memcpy(before, at, size);
	usleep(PAUSE_US);
	if (readable)
		gone_written += memcmp(before, at, size) != 0;
	must(mprotect(at, size, PROT_READ | PROT_WRITE), "mprotect");
}

/* The child has what the parent had, whatever the guest writes meanwhile. */
static void fork_one(void)
{
	static uint8_t before[PAGES * PAGE];
	pid_t child = must(fork(), "fork");
	int status;

	if (!child) {
		memcpy(before, private.data, sizeof(before));
		for (unsigned int n = 0; n < 10; n++) {
			usleep(PAUSE_US);
			if (memcmp(before, private.data, sizeof(before)))
				_exit(1);
		}
		_exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	gone_written += status != 0;
}

/* Some pages of a walker. */
static uint8_t *choose(const struct walker *w, uint32_t *count)
{
	uint32_t first = below(PAGES);

	*count = some(1, AT_ONCE);
	if (*count > PAGES - first)
		*count = PAGES - first;
	return w->data + first * PAGE;
}

static void change_private(void)
{
	uint32_t count, size;
	uint8_t *at = choose(&private, &count);

	size = count * PAGE;
	switch (below(10)) {
	case 0 ... 1:
		replace(at, count);
		break;
	case 2:
		munmap(at, size);
		usleep(below(PAUSE_US));
		/* fall through */
	case 3:
		dropped_private += count;
		if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			 -1, 0) == MAP_FAILED)
			must(-1, "mmap");
		break;
	case 4:
		dropped_private += count;
		must(madvise(at, size, MADV_DONTNEED), "MADV_DONTNEED");
		break;
	case 5:
		dropped_private += count;
		must(madvise(at, size, MADV_FREE), "MADV_FREE");
		must(madvise(at, size, MADV_PAGEOUT), "MADV_PAGEOUT");
		break;
	case 6:
		must(madvise(at, size, MADV_PAGEOUT), "MADV_PAGEOUT");
		break;
	case 7:
		protect(at, count);
		break;
	case 8:
		fork_one();
		break;
	default:
		/* The code that the vCPUs execute, too. */
		if (below(2))
			replace(vm.ram, 1);
		else
			must(madvise(vm.ram, PAGE, MADV_PAGEOUT), "MADV_PAGEOUT");
	}
}

static void change_shared(void)
{
	uint32_t count, size;
	uint8_t *at = choose(&shared, &count);

	size = count * PAGE;
	switch (below(4)) {
	case 0:
		dropped_shared += count;
		must(madvise(at, size, MADV_REMOVE), "MADV_REMOVE");
		break;
	case 1:
		must(madvise(at, size, MADV_DONTNEED), "MADV_DONTNEED"); /* the file keeps them */
		break;
	case 2:
		must(madvise(at, size, MADV_PAGEOUT), "MADV_PAGEOUT");
		break;
	default:
		protect(at, count);
	}
}

/*
 * Pages that the process gives up lazily are lost, unless somebody writes them first, and the
 * guest has.
 */
static void lazily(void)
{
	walker_start(&private, 1, 1);
	walker_join(&private);
	walker_forget(&private);
	must(madvise(private.data, PAGES * PAGE, MADV_FREE), "MADV_FREE");
	walker_start(&private, 1, 1);
	walker_join(&private);
	must(madvise(private.data, PAGES * PAGE, MADV_PAGEOUT), "MADV_PAGEOUT");
	walker_claims(&private, 0, "MADV_FREE, and the guest writes");
}

void test_mappings(char **arg)
{
	time_t end = time(NULL) + atoi(arg[0]);
	int fd = memfd_create("shared", MFD_CLOEXEC);
	unsigned int changes = 0;

	must(ftruncate(fd, PAGES * PAGE), "ftruncate");
	gone = pages_of(-1, AT_ONCE, MAP_PRIVATE | MAP_ANONYMOUS);
	walkers_vm(&vm);
	walker_new(&private, &vm, 0, pages_of(-1, PAGES, MAP_PRIVATE | MAP_ANONYMOUS), PAGES, PAGE,
		   0x1234);
	walker_new(&shared, &vm, 1, pages_of(fd, PAGES, MAP_SHARED), PAGES, PAGE, 0x4321);
	walker_fill(&private);
	walker_fill(&shared);
	walker_start(&private, 1, 0);
	walker_start(&shared, 1, 0);
	claim(walker_moves(&private, 2, 60) && walker_moves(&shared, 2, 60), "two vCPUs run");
	for (; (time(NULL) < end || changes < LEAST) && !private.wrong[0] && !shared.wrong[0];
	     changes++) {
		change_private();
		change_shared();
		usleep(below(PAUSE_US));
	}
	claim(walker_moves(&private, 2, 60) && walker_moves(&shared, 2, 60),
	      "they still do after %u changes", changes);
	printf("# %u and %u rounds, %lu and %lu times without a page\n", private.rounds,
	       shared.rounds, private.absent, shared.absent);
	walker_stop(&private);
	walker_stop(&shared);
	check_gone();
	claim_is(gone_written, 0, "the guest writes nothing that it does not have");
	claim(private.absent && shared.absent, "KVM_RUN fails while there is no page");
	walker_claims(&private, dropped_private, "private memory");
	walker_claims(&shared, dropped_shared, "shared memory");
	lazily();
	walker_close(&private);
	walker_close(&shared);
	small_vm_close(&vm);
	close(fd);
}
