// SPDX-License-Identifier: GPL-2.0-only
/*
 * Talk over a socket, of kinds that no program of the initramfs knows.
 *
 *   talk PATH COUNT            send standard input to who listens on this Unix socket, then print
 *                              the COUNT bytes that come back
 *   talk vsock:CID:PORT COUNT  the same over AF_VSOCK
 *   talk echo:PORT             send back what the first client on this port of AF_VSOCK sends
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

static void move(int from, int to, size_t count)
{
	static char data[65536];

	while (count) {
		ssize_t got = read(from, data, count < sizeof(data) ? count : sizeof(data));

		if (got < 0)
			err(1, "read");
		if (!got)
			return;
		for (ssize_t done = 0; done < got;) {
			ssize_t put = write(to, data + done, got - done);

			if (put < 0)
				err(1, "write");
			done += put;
		}
		count -= got;
	}
}

static int new_socket(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

static int dial(const char *target)
{
	struct sockaddr_vm vsock = { .svm_family = AF_VSOCK };
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	int fd;

	if (sscanf(target, "vsock:%u:%u", &vsock.svm_cid, &vsock.svm_port) == 2) {
		fd = new_socket(AF_VSOCK);
		if (connect(fd, (struct sockaddr *)&vsock, sizeof(vsock)) < 0)
			err(1, "%s", target);
		return fd;
	}
	if (strlen(target) >= sizeof(path.sun_path))
		errx(2, "%s: too long", target);
	strcpy(path.sun_path, target);
	fd = new_socket(AF_UNIX);
	if (connect(fd, (struct sockaddr *)&path, sizeof(path)) < 0)
		err(1, "%s", target);
	return fd;
}

static void echo(unsigned int port)
{
	const struct sockaddr_vm own = { .svm_family = AF_VSOCK,
					 .svm_cid = VMADDR_CID_ANY,
					 .svm_port = port };
	int listener = new_socket(AF_VSOCK), fd;

	if (bind(listener, (const struct sockaddr *)&own, sizeof(own)) < 0 ||
	    listen(listener, 1) < 0)
		err(1, "port %u", port);
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	move(fd, fd, SIZE_MAX);
}

int main(int argc, char **argv)
{
	unsigned int port;
	int fd;

	if (argc == 2 && sscanf(argv[1], "echo:%u", &port) == 1) {
		echo(port);
		return 0;
	}
	if (argc != 3)
		errx(2, "usage: talk TARGET COUNT, or talk echo:PORT");
	fd = dial(argv[1]);
	move(STDIN_FILENO, fd, SIZE_MAX);
	shutdown(fd, SHUT_WR);
	move(fd, STDOUT_FILENO, strtoul(argv[2], NULL, 10));
	return 0;
}
