// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "guest_name.h"

#define OF_SYSTEM "/run/armvm"

bool guest_name_is_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	return *name && *name != '.' && *name != '-' && !name[strspn(name, allowed)];
}

bool guest_name_directory(unsigned int n, char path[GUEST_PATH_SIZE])
{
	const char *own = geteuid() ? getenv("XDG_RUNTIME_DIR") : NULL;

	if (own && n == 0)
		return (size_t)snprintf(path, GUEST_PATH_SIZE, "%s/armvm", own) < GUEST_PATH_SIZE;
	snprintf(path, GUEST_PATH_SIZE, OF_SYSTEM);
	return n == (own != NULL);
}

static int make_directory(const char *path)
{
	return mkdir(path, 0755) < 0 && errno != EEXIST ? fail(errno, "--name: %s", path) : 0;
}

int guest_name_socket(const char *name, uid_t uid, char path[GUEST_PATH_SIZE])
{
	char directory[GUEST_PATH_SIZE];
	int err;

	if (geteuid() && !getenv("XDG_RUNTIME_DIR"))
		return fail(0, "--name %s: XDG_RUNTIME_DIR is not set: add --control PATH", name);
	if (!guest_name_directory(0, directory) ||
	    (size_t)snprintf(path, GUEST_PATH_SIZE, "%s/%s/control", directory, name) >=
		    GUEST_PATH_SIZE)
		return fail(ENAMETOOLONG, "--name %s", name);
	err = make_directory(directory);
	if (err)
		return err;
	*strrchr(path, '/') = '\0';
	err = make_directory(path);
	/* The last one may have been another user's. */
	if (!err && !geteuid() && lchown(path, uid, -1) < 0)
		err = fail(errno, "--name: %s", path);
	path[strlen(path)] = '/';
	return err;
}
