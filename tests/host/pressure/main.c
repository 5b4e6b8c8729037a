// SPDX-License-Identifier: GPL-2.0-only
/* `pressure SUBJECT [ARG ..]` runs one of these. */
#include <stdio.h>

#include "pressure.h"

int kvm;
static uint64_t numbers = 88172645463325252ull;

uint32_t below(uint32_t limit)
{
	numbers ^= numbers << 13;
	numbers ^= numbers >> 7;
	numbers ^= numbers << 17;
	return (uint32_t)((numbers >> 32) * limit >> 32);
}

uint32_t some(uint32_t first, uint32_t last)
{
	return first + below(last - first + 1);
}

void *pages_of(int fd, uint32_t count, int flags)
{
	void *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (at == MAP_FAILED)
		must(-1, "mmap");
	return at;
}

void only_small_pages(void *at, uint32_t size)
{
	if (madvise(at, size, MADV_NOHUGEPAGE) && errno != EINVAL)
		must(-1, "MADV_NOHUGEPAGE");
}

unsigned long number_in(const char *path, const char *word)
{
	FILE *file = fopen(path, "r");
	unsigned long number = ~0ul;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		size_t length = word ? strlen(word) : 0;

		if (word && (strncmp(line, word, length) || !strchr(" :\t", line[length])))
			continue;
		number = strtoul(line + length + strspn(line + length, " :\t"), NULL, 10);
		break;
	}
	if (file)
		fclose(file);
	return number;
}

bool write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

uint64_t frame_of(const void *at)
{
	int fd = must(open("/proc/self/pagemap", O_RDONLY), "pagemap");
	uint64_t entry = 0;

	if (pread(fd, &entry, 8, (off_t)((uintptr_t)at / PAGE) * 8) != 8)
		must(-1, "pagemap");
	close(fd);
	return entry >> 63 ? entry & 0x7fffffffffffffull : 0;
}

static const struct {
	const char *name;
	int args;
	void (*test)(char **arg);
} subjects[] = {
	{ "mappings", 1, test_mappings }, { "files", 1, test_files }, { "same", 0, test_same },
	{ "huge", 0, test_huge },	  { "moved", 0, test_moved }, { "walk", 4, test_walk },
	{ "lock", 2, test_lock },
};

int main(int argc, char **argv)
{
	unsigned int n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	for (n = 0; n < sizeof(subjects) / sizeof(subjects[0]); n++) {
		if (argc < 2 || strcmp(argv[1], subjects[n].name) || argc != 2 + subjects[n].args)
			continue;
		subjects[n].test(argv + 2);
		return claims_end();
	}
	return 2;
}
