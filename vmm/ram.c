// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "ram.h"

/* A KVM with 2M blocks at stage 2 needs host and guest addresses with equal low 21 bits. */
#define BLOCK 0x200000ul

#define FREE_HUGE "/sys/kernel/mm/hugepages/hugepages-%lukB/free_hugepages"

static int no_room(uint64_t size)
{
	return fail(errno, "cannot make a file of %llu MiB for guest memory",
		    (unsigned long long)(size >> 20));
}

/* Huge pages are reserved by the administrator, and are not taken from other memory. */
static int too_few_huge(uint64_t size, unsigned long page)
{
	unsigned long available = 0, needed = (size + page - 1) / page;
	char path[sizeof(FREE_HUGE) + 20];
	FILE *file;

	snprintf(path, sizeof(path), FREE_HUGE, page >> 10);
	file = fopen(path, "re");
	if (file && fscanf(file, "%lu", &available) != 1)
		available = 0;
	if (file)
		fclose(file);
	return fail(0,
		    "--hugepages: the guest needs %lu huge pages of %lu KiB, and %lu are free: add "
		    "to /proc/sys/vm/nr_hugepages",
		    needed, page >> 10, available);
}

/* Sealed, so that nobody who is given the descriptor can take memory away from the guest. */
static int make_memory(struct ram *ram, bool huge)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING | (huge ? MFD_HUGETLB : 0);
	struct stat st;

	ram->fd = memfd_create("guest-ram", flags);
	if (ram->fd < 0 && huge)
		return fail(0, "--hugepages: this kernel has none (CONFIG_HUGETLBFS)");
	if (ram->fd < 0)
		return fail(errno, "memfd_create");
	if (fstat(ram->fd, &st) < 0)
		return no_room(ram->size);
	/* Of a file of huge pages this is their size. */
	ram->page = huge ? st.st_blksize : sysconf(_SC_PAGESIZE);
	if (ram->size % ram->page)
		return fail(0, "--hugepages: --memory must be a multiple of %llu KiB",
			    (unsigned long long)ram->page >> 10);
	if (ftruncate(ram->fd, ram->size) < 0 ||
	    fcntl(ram->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return no_room(ram->size);
	return 0;
}

/* Map the file at an address that is good for blocks. */
static int map_memory(struct ram *ram, bool huge)
{
	size_t length = ram->size + BLOCK;
	uintptr_t start;
	void *map;

	/* Find room for an aligned start, then map the memory there and give back the rest. */
	map = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		goto failed;
	start = ((uintptr_t)map + BLOCK - 1) & ~(BLOCK - 1);
	if (mmap((void *)start, ram->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, ram->fd,
		 0) == MAP_FAILED) {
		munmap(map, length);
		if (huge && errno == ENOMEM)
			return too_few_huge(ram->size, ram->page);
		goto failed;
	}
	if (start != (uintptr_t)map)
		munmap(map, start - (uintptr_t)map);
	munmap((void *)(start + (size_t)ram->size), (uintptr_t)map + BLOCK - start);
	ram->host = (uint8_t *)start;
	return 0;

failed:
	return fail(errno, "cannot map %llu MiB of guest memory",
		    (unsigned long long)(ram->size >> 20));
}

int ram_map(struct ram *ram, uint64_t base, uint64_t size, bool huge)
{
	int err;

	if (size > SIZE_MAX - BLOCK)
		return fail(ENOMEM, "cannot map %llu MiB of guest memory",
			    (unsigned long long)(size >> 20));
	*ram = (struct ram){ .base = base, .size = size, .fd = -1 };
	err = make_memory(ram, huge);
	if (!err)
		err = map_memory(ram, huge);
	if (err) {
		if (ram->fd >= 0)
			close(ram->fd);
		return err;
	}
	/* This fails on a host without huge pages, which is harmless. */
	madvise(ram->host, size, MADV_HUGEPAGE);
	/* Keep the guest's memory out of core dumps of armvm. */
	madvise(ram->host, size, MADV_DONTDUMP);
	return 0;
}

void ram_unmap(struct ram *ram)
{
	if (!ram->host)
		return;
	munmap(ram->host, ram->size);
	close(ram->fd);
	free(ram->written);
	ram->written = NULL;
	ram->host = NULL;
}

int ram_discard(const struct ram *ram)
{
	/* MADV_DONTNEED would only unmap: the contents are the file's. */
	if (madvise(ram->host, ram->size, MADV_REMOVE) < 0)
		return fail(errno, "cannot discard the guest's memory");
	return 0;
}

void ram_release(const struct ram *ram, uint64_t address, uint64_t size)
{
	uintptr_t page = ram->page;
	uintptr_t start = (uintptr_t)ram_at(ram, address, size), end = start + size;

	start = (start + page - 1) & ~(page - 1);
	end &= ~(page - 1);
	/* If the host cannot do it, it keeps the pages, and the guest their contents. */
	if (start < end) {
		ram_wrote(ram, (void *)start, end - start);
		madvise((void *)start, end - start, MADV_REMOVE);
	}
}

/* Unmap pages here: stage 2 loses them, and KVM cleans and invalidates what stage 2 loses. */
static int take_pages(const struct ram *ram, uint64_t address, uint64_t size)
{
	uintptr_t page = ram->page;
	uintptr_t start = (uintptr_t)ram_at(ram, address, size) & ~(page - 1);
	uintptr_t end = ((uintptr_t)ram_at(ram, address, size) + size + page - 1) & ~(page - 1);

	return madvise((void *)start, end - start, MADV_DONTNEED);
}

/*
 * The guest may execute this memory at another virtual address, or with its
 * caches off.  The cacheflush system call cleans to the point of unification
 * and invalidates the instruction cache at our address only: the guest's alias
 * in a VIPT instruction cache (Cortex-A7), and memory itself, keep the old
 * contents (B2.2.8).  KVM does all that is needed when it maps a page into a
 * guest: clean and invalidate to the point of coherency, and invalidate the
 * whole instruction cache of every CPU.  So take the pages away from the guest
 * by unmapping them here: the memory is a file's, which keeps the contents, and
 * the next access, the guest's or a device's, maps them again.
 */
int ram_changed(const struct ram *ram, uint64_t address, uint64_t size)
{
	if (take_pages(ram, address, size) < 0)
		return fail(errno, "cannot make a change of guest memory visible to the guest");
	return 0;
}

/*
 * A guest whose caches are off, or that maps a page Non-cacheable, writes past them.  A line
 * that this process's mapping brought in before is older than memory then (A3.5.7): a load
 * here would find the old contents, and a store would later write the old neighbours back.
 */
void *ram_fresh_at(const struct ram *ram, uint64_t address, uint64_t size)
{
	void *at = ram_at(ram, address, size);

	return at && take_pages(ram, address, size) == 0 ? at : NULL;
}

bool ram_covers(const struct ram *ram, uint64_t address, uint64_t size)
{
	return address >= ram->base && address - ram->base <= ram->size &&
	       size <= ram->size - (address - ram->base);
}

void *ram_at(const struct ram *ram, uint64_t address, uint64_t size)
{
	return ram_covers(ram, address, size) ? ram->host + (address - ram->base) : NULL;
}

/* ---- what devices write ---- */

#define NOTED 4096u /* bytes for each bit */

static uint64_t nr_words(const struct ram *ram)
{
	return (ram->size / NOTED + 31) / 32;
}

int ram_note_writes(struct ram *ram)
{
	ram->written = calloc(nr_words(ram), sizeof(ram->written[0]));
	return ram->written ? 0 : fail(ENOMEM, "--migratable");
}

void ram_wrote(const struct ram *ram, const void *host, uint64_t size)
{
	uint64_t start = (const uint8_t *)host - ram->host;

	if (!ram->written || !size)
		return;
	for (uint64_t n = start / NOTED; n <= (start + size - 1) / NOTED; n++)
		atomic_fetch_or(&ram->written[n / 32], 1u << n % 32);
}

void ram_take_written(const struct ram *ram, uint32_t *bitmap)
{
	for (uint64_t i = 0; ram->written && i < nr_words(ram); i++)
		bitmap[i] |= atomic_exchange(&ram->written[i], 0);
}

void ram_existing(const struct ram *ram, uint32_t *bitmap)
{
	off_t at = 0, end;

	while ((at = lseek(ram->fd, at, SEEK_DATA)) >= 0) {
		end = lseek(ram->fd, at, SEEK_HOLE);
		for (; at < end; at += NOTED)
			bitmap[at / NOTED / 32] |= 1u << at / NOTED % 32;
	}
}
