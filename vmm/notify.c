// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"

int notify_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path ? strlen(path) : 0;
	int fd;

	if (!length || length > sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, length);
	/* An abstract socket: its name begins with a zero byte, and has no other end. */
	if (*path == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* The variable may be left of another service, whose shell has started armvm. */
	if (connect(fd, (struct sockaddr *)&address,
		    offsetof(struct sockaddr_un, sun_path) + length) == 0)
		return fd;
	close(fd);
	return -1;
}

void notify_ready(int fd)
{
	static const char ready[] = "READY=1";
	ssize_t sent;

	if (fd < 0)
		return;
	sent = write(fd, ready, sizeof(ready) - 1);
	/* A manager that is gone waits for nothing. */
	(void)sent;
	close(fd);
}
