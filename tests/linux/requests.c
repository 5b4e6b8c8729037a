// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to a disk or over a network, one after the other, and the time that they took.
 *
 *   requests [random-]read|write DEVICE SIZE COUNT  of SIZE bytes, past the page cache; `random-`
 *                                                   at places of its own choice
 *   requests udp HOST PORT COUNT                    64 bytes to an echo, and back
 *   requests tcp HOST PORT COUNT                    COUNT times 64 KiB to a sink, until it has all
 *   requests echo PORT                              an echo of datagrams, for ever
 *   requests sink PORT                              reads what each client sends, for ever
 *
 * Prints `ns N`.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LARGEST (1u << 20)

static uint8_t data[LARGEST] __attribute__((aligned(4096)));

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void use_disk(const char *how, const char *path, size_t size, unsigned int count)
{
	int random = !strncmp(how, "random-", 7), write = !strcmp(how + 7 * random, "write");
	int fd = open(path, O_RDWR | O_DIRECT);
	off_t places = fd < 0 ? 0 : lseek(fd, 0, SEEK_END) / (off_t)size;
	uint32_t place = 1;

	if (places <= 0 || size > LARGEST)
		err(1, "%s", path);
	for (unsigned int i = 0; i < count; i++) {
		off_t at = (off_t)size * ((random ? place >> 8 : i) % places);
		ssize_t done = write ? pwrite(fd, data, size, at) : pread(fd, data, size, at);

		if (done != (ssize_t)size)
			err(1, "%s: %s", path, how);
		place = place * 1664525 + 1013904223;
	}
}

static int make_socket(int type, const char *host, const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	int fd = socket(AF_INET, type, 0), on = 1;

	if (fd < 0)
		err(1, "socket");
	if (host) {
		inet_pton(AF_INET, host, &address.sin_addr);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
			err(1, "%s", host);
	} else {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
			err(1, "port %s", port);
	}
	return fd;
}

static void ask(int fd, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (send(fd, data, 64, 0) != 64 || recv(fd, data, sizeof(data), 0) != 64)
			err(1, "udp");
	}
}

static void stream(int fd, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (send(fd, data, 65536, 0) != 65536)
			err(1, "tcp");
	}
	shutdown(fd, SHUT_WR);
	if (recv(fd, data, sizeof(data), 0) != 0)
		err(1, "tcp");
}

static void echo(int fd)
{
	struct sockaddr_in from;

	for (;;) {
		socklen_t length = sizeof(from);
		ssize_t got =
			recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &length);

		if (got >= 0)
			sendto(fd, data, got, 0, (struct sockaddr *)&from, length);
	}
}

static void sink(int fd)
{
	listen(fd, 4);
	for (;;) {
		int client = accept(fd, NULL, NULL);

		while (client >= 0 && recv(client, data, sizeof(data), 0) > 0)
			;
		close(client);
	}
}

int main(int argc, char **argv)
{
	uint64_t start;
	int fd = -1;

	if (argc == 3 && !strcmp(argv[1], "echo"))
		echo(make_socket(SOCK_DGRAM, NULL, argv[2]));
	if (argc == 3 && !strcmp(argv[1], "sink"))
		sink(make_socket(SOCK_STREAM, NULL, argv[2]));
	if (argc != 5)
		errx(1, "see the source");
	if (!strcmp(argv[1], "udp"))
		fd = make_socket(SOCK_DGRAM, argv[2], argv[3]);
	else if (!strcmp(argv[1], "tcp"))
		fd = make_socket(SOCK_STREAM, argv[2], argv[3]);
	start = now();
	if (fd < 0)
		use_disk(argv[1], argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (!strcmp(argv[1], "udp"))
		ask(fd, atoi(argv[4]));
	else
		stream(fd, atoi(argv[4]));
	printf("ns %llu\n", (unsigned long long)(now() - start));
	return 0;
}
