// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the module loaded, and if not, why?  It may be installed for this kernel, built for
 * another one, or not there at all.  depmod lists a kernel's modules in modules.dep.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check/check.h"
#include "check/headers.h"

#define MODULES "/lib/modules"
#define DKMS	"/var/lib/dkms/kvm-armv7"
#define FILE_OF "kvm_armv7.ko"

/* Find the module's path below /lib/modules/RELEASE.  Returns false if depmod has none. */
static bool find_module(const char *release, char *found, size_t size)
{
	char path[512], line[4096];
	bool is_there = false;
	FILE *file;

	snprintf(path, sizeof(path), MODULES "/%s/modules.dep", release);
	file = fopen(path, "re");
	while (file && !is_there && fgets(line, sizeof(line), file)) {
		const char *name;

		line[strcspn(line, ":\n")] = 0;
		name = strrchr(line, '/');
		name = name ? name + 1 : line;
		/* A suffix says that it is compressed. */
		if (strncmp(name, FILE_OF, strlen(FILE_OF)))
			continue;
		is_there = snprintf(found, size, MODULES "/%s/%s", release, line) < (int)size;
	}
	if (file)
		fclose(file);
	return is_there;
}

/*
 * Read the release that the module was built for: the word after "vermagic=".  Returns
 * false if the file does not say, as a compressed one.
 */
static bool read_vermagic(const char *path, char *release, size_t size)
{
	static const char tag[] = "vermagic=";
	FILE *file = fopen(path, "re");
	size_t matched = 0, length = 0;
	int c;

	if (!file)
		return false;
	while (matched < sizeof(tag) - 1 && (c = getc(file)) != EOF)
		matched = c == tag[matched] ? matched + 1 : c == tag[0];
	while (matched == sizeof(tag) - 1 && length + 1 < size && (c = getc(file)) > ' ')
		release[length++] = c;
	release[length] = 0;
	fclose(file);
	return length;
}

/* Find another kernel that has the module. */
static bool find_elsewhere(const char *release, char *other, size_t size)
{
	DIR *stream = opendir(MODULES);
	struct dirent *entry;
	bool found = false;
	char path[1024];

	while (stream && !found && (entry = readdir(stream))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, release) ||
		    !find_module(entry->d_name, path, sizeof(path)))
			continue;
		found = snprintf(other, size, "%s", entry->d_name) < (int)size;
	}
	if (stream)
		closedir(stream);
	return found;
}

static bool has_headers(const char *release)
{
	char path[512];

	snprintf(path, sizeof(path), MODULES "/%s/build", release);
	return !access(path, F_OK);
}

/* There is no module for this kernel: have it built, by DKMS or by hand. */
static void fix_by_building(struct finding *finding, const char *release, bool dkms)
{
	char advice[200];
	bool packaged = headers_advice(release, advice, sizeof(advice));

	if (dkms && has_headers(release))
		check_fix(finding, "dkms autoinstall; its log is in /var/lib/dkms/kvm-armv7");
	else if (dkms && packaged)
		check_fix(finding, "%s, for which DKMS builds it", advice);
	else if (has_headers(release))
		check_fix(finding, "%sbuild module/ (docs/boards.md)",
			  headers_use_apt() ? "install the package kvm-armv7-dkms, or " : "");
	else
		check_fix(finding, "%s, then %sbuild module/ (docs/boards.md)", advice,
			  packaged && headers_use_apt() ? "install the package kvm-armv7-dkms, or "
							: "");
}

static void explain_not_loaded(struct finding *finding)
{
	char path[1024], other[256];
	struct utsname uts;

	if (uname(&uts)) {
		check_found(finding, FOUND_MISSING, "kvm_armv7 is not loaded");
		check_fix(finding, "modprobe kvm_armv7; if that fails, dmesg says why");
		return;
	}
	if (find_module(uts.release, path, sizeof(path))) {
		if (read_vermagic(path, other, sizeof(other)) && strcmp(other, uts.release)) {
			check_found(finding, FOUND_MISSING, "kvm_armv7 was built for Linux %s",
				    other);
			check_fix(finding, "build it for this kernel, %s", uts.release);
			return;
		}
		check_found(finding, FOUND_MISSING, "kvm_armv7 is installed, but not loaded");
		check_fix(finding, "modprobe kvm_armv7; if that fails, dmesg says why");
	} else if (find_elsewhere(uts.release, other, sizeof(other))) {
		check_found(finding, FOUND_MISSING, "kvm_armv7 is for Linux %s, not for this %s",
			    other, uts.release);
		fix_by_building(finding, uts.release, !access(DKMS, F_OK));
	} else {
		check_found(finding, FOUND_MISSING, "kvm_armv7 is not installed");
		fix_by_building(finding, uts.release, false);
	}
}

void check_module(struct finding *finding)
{
	FILE *file;
	char version[64] = "";

	if (access("/sys", F_OK) || access("/sys/module", F_OK)) {
		check_found(finding, FOUND_UNKNOWN, "/sys is not mounted");
		return;
	}
	if (access("/sys/module/kvm_armv7", F_OK)) {
		explain_not_loaded(finding);
		return;
	}
	file = fopen("/sys/module/kvm_armv7/version", "re");
	if (file) {
		if (fgets(version, sizeof(version), file))
			version[strcspn(version, "\n")] = 0;
		fclose(file);
	}
	check_found(finding, FOUND_OK, "kvm_armv7%s%s is loaded", *version ? " " : "", version);
}
