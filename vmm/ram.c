// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "ram.h"

/* A KVM with 2M blocks at stage 2 needs host and guest addresses with equal low 21 bits. */
#define BLOCK 0x200000ul

int ram_map(struct ram *ram, uint64_t base, uint64_t size)
{
	size_t length = size + BLOCK;
	uintptr_t start, skip;
	void *map;

	if (size > SIZE_MAX - BLOCK)
		return fail(ENOMEM, "cannot map %llu MiB of guest memory",
			    (unsigned long long)(size >> 20));
	map = mmap(NULL, length, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return fail(errno, "cannot map %llu MiB of guest memory",
			    (unsigned long long)(size >> 20));
	start = ((uintptr_t)map + BLOCK - 1) & ~(BLOCK - 1);
	skip = start - (uintptr_t)map;
	if (skip)
		munmap(map, skip);
	if (BLOCK - skip)
		munmap((void *)(start + (size_t)size), BLOCK - skip);
	/* This fails on a host without huge pages, which is harmless. */
	madvise((void *)start, size, MADV_HUGEPAGE);
	/* Keep the guest's memory out of core dumps of armvm. */
	madvise((void *)start, size, MADV_DONTDUMP);
	*ram = (struct ram){ .host = (uint8_t *)start, .base = base, .size = size };
	return 0;
}

void ram_unmap(struct ram *ram)
{
	if (ram->host)
		munmap(ram->host, ram->size);
	ram->host = NULL;
}

int ram_discard(const struct ram *ram)
{
	if (madvise(ram->host, ram->size, MADV_DONTNEED) < 0)
		return fail(errno, "cannot discard the guest's memory");
	return 0;
}

/*
 * The guest may execute this memory at another virtual address, or with its
 * caches off.  The cacheflush system call cleans to the point of unification
 * and invalidates the instruction cache at our address only: the guest's alias
 * in a VIPT instruction cache (Cortex-A7), and memory itself, keep the old
 * contents (B2.2.8).  KVM does all that is needed when it maps a page into a
 * guest: clean and invalidate to the point of coherency, and invalidate the
 * whole instruction cache of every CPU.  So take the pages away from the guest
 * by changing their protection; the guest's next access maps them again.
 */
int ram_changed(const struct ram *ram, uint64_t address, uint64_t size)
{
	uintptr_t page = sysconf(_SC_PAGESIZE);
	uintptr_t start = (uintptr_t)ram_at(ram, address, size) & ~(page - 1);
	uintptr_t end = ((uintptr_t)ram_at(ram, address, size) + size + page - 1) & ~(page - 1);

	if (mprotect((void *)start, end - start, PROT_READ) < 0 ||
	    mprotect((void *)start, end - start, PROT_READ | PROT_WRITE) < 0)
		return fail(errno, "cannot make a change of guest memory visible to the guest");
	return 0;
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
