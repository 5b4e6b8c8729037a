// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each distribution has its own name for the headers of a kernel.  Which one it is, os-release(5)
 * says; whose kernel runs, the kernel's release does: a board's owner often has built it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/headers.h"

/* Read a value of os-release, without its quotes; it is empty if there is none. */
static void read_os(const char *key, char *value, size_t size)
{
	FILE *file = fopen("/etc/os-release", "re");
	size_t length = strlen(key);
	char line[256];

	*value = 0;
	if (!file)
		file = fopen("/usr/lib/os-release", "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, length) || line[length] != '=')
			continue;
		line[strcspn(line, "\n")] = 0;
		snprintf(value, size, "%s", line + length + 1 + strspn(line + length + 1, "\"'"));
		value[strcspn(value, "\"'")] = 0;
	}
	if (file)
		fclose(file);
}

/* Is word one of the words in list? */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length) {
		if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	}
	return false;
}

/* Is the system, or what it is derived from, of this kind? */
static bool is_like(const char *kind)
{
	char id[128], like[128];

	read_os("ID", id, sizeof(id));
	read_os("ID_LIKE", like, sizeof(like));
	return has_word(id, kind) || has_word(like, kind);
}

/* Armbian calls itself Debian or Ubuntu, but has kernels of its own. */
static bool is_armbian(void)
{
	char name[128];

	read_os("ARMBIAN_PRETTY_NAME", name, sizeof(name));
	return *name || !access("/etc/armbian-release", F_OK);
}

bool headers_use_apt(void)
{
	return is_like("debian") || is_like("ubuntu");
}

/* Debian's own kernels for 32-bit Arm, and those of Debian for the Raspberry Pi. */
static bool is_debians(const char *release)
{
	return strstr(release, "-armmp") || strstr(release, "-rpi");
}

bool headers_advice(const char *release, char *text, size_t size)
{
	/* "6.6.44-current-sunxi": "current-sunxi" and "sunxi". */
	const char *first = strchr(release, '-'), *last = strrchr(release, '-');
	char id[128];

	read_os("ID", id, sizeof(id));
	if (first && is_armbian() &&
	    (!strncmp(first, "-current-", 9) || !strncmp(first, "-edge-", 6) ||
	     !strncmp(first, "-legacy-", 8)))
		snprintf(text, size, "apt install linux-headers-%s", first + 1);
	else if (!is_armbian() && headers_use_apt() &&
		 (strcmp(id, "debian") != 0 || is_debians(release)))
		snprintf(text, size, "apt install linux-headers-%s", release);
	else if (last && is_like("alpine"))
		snprintf(text, size, "apk add linux-%s-dev", last + 1);
	else if (last && is_like("arch") && !strcmp(last, "-ARCH"))
		snprintf(text, size, "pacman -S linux-armv7-headers");
	else if (last && is_like("suse"))
		snprintf(text, size, "zypper install kernel-%s-devel", last + 1);
	else {
		snprintf(text, size,
			 "get the headers of Linux %s, or the tree that it was built in", release);
		return false;
	}
	return true;
}
