// SPDX-License-Identifier: GPL-2.0-only
/*
 * What caches do to a guest that runs with its own off, as far as a VMM can see it: fake_ram is
 * what the process's loads and stores find, through its caches; memory is what the guest's find.
 * A line of fake_ram stays as old as it is until KVM cleans and invalidates its page: when the
 * guest first accesses the page, and when the process unmaps it after that.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#define LINE 64u
#define PAGE 4096u

static uint8_t *memory; /* NULL: without FAKE_UNCACHED */
static uint8_t *loaded; /* each line when the caches took it in; a dirty one differs */
static bool *mapped;	/* each page: at stage 2 */
static size_t ram_size;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void fake_cache_init(uint64_t size)
{
	ram_size = size;
	if (!getenv("FAKE_UNCACHED"))
		return;
	memory = calloc(1, size);
	loaded = calloc(1, size);
	mapped = calloc(size / PAGE, sizeof(*mapped));
}

static void clean_and_invalidate(size_t page)
{
	for (size_t at = page * PAGE; at < (page + 1) * PAGE; at += LINE) {
		if (memcmp(fake_ram + at, loaded + at, LINE))
			memcpy(memory + at, fake_ram + at, LINE);
		else
			memcpy(fake_ram + at, memory + at, LINE);
		memcpy(loaded + at, fake_ram + at, LINE);
	}
}

/* The word as the guest finds it.  The lock is held. */
static uint32_t *guest_word(uint32_t address)
{
	size_t at = address - RAM_BASE;

	if (!memory)
		return (uint32_t *)(fake_ram + at);
	if (!mapped[at / PAGE]) {
		clean_and_invalidate(at / PAGE);
		mapped[at / PAGE] = true;
	}
	return (uint32_t *)(memory + at);
}

uint32_t fake_cache_load(uint32_t address)
{
	uint32_t value;

	pthread_mutex_lock(&lock);
	value = *guest_word(address);
	pthread_mutex_unlock(&lock);
	return value;
}

/* A bit for each page that the CPUs have written. */
static atomic_uint written[MAX_MEMORY / 4096 / 32 + 2];

void fake_cache_store(uint32_t address, uint32_t value)
{
	pthread_mutex_lock(&lock);
	*guest_word(address) = value;
	atomic_fetch_or(&written[(address - RAM_BASE) / 4096 / 32],
			1u << (address - RAM_BASE) / 4096 % 32);
	pthread_mutex_unlock(&lock);
}

static void add_first(uint32_t *bitmap, const char *pages)
{
	for (uint64_t i = 0; pages && i < strtoul(pages, NULL, 10); i++)
		bitmap[i / 32] |= 1u << i % 32;
}

int fake_cache_log(const struct kvm_dirty_log *log)
{
	static bool stood_still, was_read;
	uint32_t *bitmap = log->dirty_bitmap;

	for (uint64_t i = 0; i < (ram_size / 4096 + 63) / 64 * 2; i++)
		bitmap[i] = atomic_exchange(&written[i], 0);
	add_first(bitmap, getenv("FAKE_DIRTY"));
	if (!was_read)
		add_first(bitmap, getenv("FAKE_DIRTY_BEFORE"));
	was_read = true;
	if (!stood_still && !fake_anyone_runs()) {
		stood_still = true;
		add_first(bitmap, getenv("FAKE_DIRTY_STOPPED"));
	}
	return 0;
}

void fake_cache_unmap(const void *host, size_t length)
{
	size_t first = (const uint8_t *)host - fake_ram;

	if (!memory || (const uint8_t *)host < fake_ram || first >= ram_size)
		return;
	pthread_mutex_lock(&lock);
	for (size_t page = first / PAGE; page * PAGE < first + length; page++) {
		if (mapped[page])
			clean_and_invalidate(page);
		mapped[page] = false;
	}
	pthread_mutex_unlock(&lock);
}
