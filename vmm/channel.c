// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "channel.h"
#include "error.h"

static int connect_socket(const char *option, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return fail(ENAMETOOLONG, "%s %s", option, path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(errno, "%s %s", option, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		err = fail(errno, "%s %s", option, path);
		goto close_fd;
	}
	return fd;

close_fd:
	close(fd);
	return err;
}

static int open_inherited(const char *option, const char *name)
{
	char *end;
	long fd;

	errno = 0;
	fd = strtol(name + 3, &end, 10);
	if (name[3] < '0' || name[3] > '9' || *end || errno || fd > 1 << 20)
		return fail(0, "%s %s: give fd:N, where N is an open descriptor", option, name);
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR)
		return fail(EBADF, "%s %s: not open for reading and writing", option, name);
	if (fd <= STDERR_FILENO)
		return fail(0, "%s %s: descriptors 0 to 2 belong to the console", option, name);
	return fd;
}

/* A terminal must pass every byte unchanged. */
static int make_terminal_raw(int fd, const char *option, const char *name)
{
	struct termios mode;

	if (!isatty(fd))
		return 0;
	if (tcgetattr(fd, &mode) < 0)
		return fail(errno, "%s %s", option, name);
	cfmakeraw(&mode);
	if (tcsetattr(fd, TCSANOW, &mode) < 0)
		return fail(errno, "%s %s", option, name);
	return 0;
}

static int open_path(const char *option, const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) < 0)
		return fail(errno, "%s %s", option, path);
	if (S_ISSOCK(st.st_mode))
		return connect_socket(option, path);
	if (!S_ISCHR(st.st_mode))
		return fail(0, "%s %s: not a character device or a socket", option, path);
	fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? fail(errno, "%s %s", option, path) : fd;
}

int channel_open(const char *option, const char *name)
{
	int fd = strncmp(name, "fd:", 3) ? open_path(option, name) : open_inherited(option, name),
	    err;

	if (fd < 0)
		return fd;
	err = make_terminal_raw(fd, option, name);
	if (err)
		goto close_fd;
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0) {
		err = fail(errno, "%s %s", option, name);
		goto close_fd;
	}
	return fd;

close_fd:
	close(fd);
	return err;
}
