// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "listener.h"

/* A socket that nobody listens on is left over from an armvm that was killed. */
static bool is_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool stale;

	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
		errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static int listener_bind(struct listener *listener, const char *option, int clients)
{
	const struct sockaddr *address = (const struct sockaddr *)&listener->address;
	const char *path = listener->address.sun_path;
	struct stat found;
	int err;

	if (!lstat(path, &found) && S_ISSOCK(found.st_mode) && is_stale(&listener->address))
		unlink(path);
	/* The file gets the mode that the socket has now: at no time may others connect. */
	if (fchmod(listener->fd, 0600) < 0 ||
	    bind(listener->fd, address, sizeof(listener->address)) < 0) {
		if (errno == EADDRINUSE)
			return fail(0, "%s %s: exists; another armvm may be using it", option,
				    path);
		return fail(errno, "%s %s", option, path);
	}
	if (lstat(path, &listener->bound) < 0 || listen(listener->fd, clients) < 0) {
		err = fail(errno, "%s %s", option, path);
		unlink(path);
		return err;
	}
	return 0;
}

int listener_open(struct listener *listener, const char *option, const char *path, int clients)
{
	int err;

	*listener = (struct listener){ .fd = -1, .address.sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(listener->address.sun_path))
		return fail(0, "%s %s: the path is longer than %zu bytes", option, path,
			    sizeof(listener->address.sun_path) - 1);
	strcpy(listener->address.sun_path, path);
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return fail(errno, "%s: socket", option);
	err = listener_bind(listener, option, clients);
	if (err) {
		close(listener->fd);
		listener->fd = -1;
	}
	return err;
}

void listener_close(struct listener *listener)
{
	const char *path = listener->address.sun_path;
	struct stat found;

	if (listener->fd < 0)
		return;
	close(listener->fd);
	listener->fd = -1;
	if (!lstat(path, &found) && found.st_dev == listener->bound.st_dev &&
	    found.st_ino == listener->bound.st_ino)
		unlink(path);
}

int listener_accept(const struct listener *listener)
{
	return accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
