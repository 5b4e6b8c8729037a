// SPDX-License-Identifier: GPL-2.0-only
/* The listening socket of --gdb, and clients that connect to it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "gdb/link.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/*
 * Parse [HOST:]PORT, where HOST is an IPv4 address, an IPv6 address in
 * brackets, or localhost.  Resolving other names takes libraries that a static
 * program cannot count on.
 */
static int parse_address(const char *where, union address *address, socklen_t *length)
{
	const char *colon = strrchr(where, ':'), *port = colon ? colon + 1 : where;
	char host[64] = "127.0.0.1", *end;
	size_t host_length = colon ? colon - where : 0;
	unsigned long number;

	errno = 0;
	number = strtoul(port, &end, 10);
	if (*port < '0' || *port > '9' || *end || errno || number > 65535 ||
	    host_length >= sizeof(host) || (colon && !host_length))
		return fail(0, "--gdb %s: give [HOST:]PORT", where);
	if (colon) {
		memcpy(host, where, host_length);
		host[host_length] = '\0';
	}
	if (!strcmp(host, "localhost"))
		strcpy(host, "127.0.0.1");
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons(number);
		*length = sizeof(address->v4);
		return 0;
	}
	host_length = strlen(host);
	if (host[0] == '[' && host[host_length - 1] == ']') {
		host[host_length - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &address->v6.sin6_addr) == 1) {
			address->v6.sin6_family = AF_INET6;
			address->v6.sin6_port = htons(number);
			*length = sizeof(address->v6);
			return 0;
		}
	}
	return fail(0, "--gdb %s: the host must be an IP address or localhost", where);
}

static bool is_loopback(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

/* Print the address, with the port that the kernel chose, and who can reach it. */
static int announce_address(int fd, const char *where)
{
	union address address;
	socklen_t length = sizeof(address);
	char host[INET6_ADDRSTRLEN] = "?";

	if (getsockname(fd, &address.any, &length) < 0)
		return fail(errno, "--gdb %s", where);
	if (address.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address.v4.sin_addr, host, sizeof(host));
		error("gdb: listening on %s:%u", host, ntohs(address.v4.sin_port));
	} else {
		inet_ntop(AF_INET6, &address.v6.sin6_addr, host, sizeof(host));
		error("gdb: listening on [%s]:%u", host, ntohs(address.v6.sin6_port));
	}
	if (!is_loopback(&address))
		error("gdb: anyone who can connect can read and change all of the guest");
	return 0;
}

int gdb_link_open(struct gdb_link *link, const char *where)
{
	union address address;
	const int on = 1;
	socklen_t length = 0;
	int err = parse_address(where, &address, &length), fd;

	memset(link, 0, sizeof(*link));
	link->listener = link->client = -1;
	if (err)
		return err;
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(errno, "--gdb %s", where);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &address.any, length) < 0 || listen(fd, 1) < 0) {
		err = fail(errno, "--gdb %s", where);
		goto close_fd;
	}
	err = announce_address(fd, where);
	if (err)
		goto close_fd;
	link->listener = fd;
	return 0;

close_fd:
	close(fd);
	return err;
}

bool gdb_link_accept(struct gdb_link *link)
{
	const int on = 1;
	int fd = accept4(link->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return false;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	link->client = fd;
	link->ack = true;
	link->in_start = link->in_end = link->out_start = link->out_end = link->last = 0;
	link->parser.state = GDB_BETWEEN;
	return true;
}

void gdb_link_refuse(const struct gdb_link *link)
{
	int fd = accept4(link->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		close(fd);
}

bool gdb_link_ended(const struct gdb_link *link)
{
	struct pollfd fd = { .fd = link->client, .events = POLLRDHUP };

	return poll(&fd, 1, 0) > 0;
}

void gdb_link_drop(struct gdb_link *link)
{
	if (link->client >= 0)
		close(link->client);
	link->client = -1;
}

void gdb_link_close(struct gdb_link *link)
{
	gdb_link_drop(link);
	if (link->listener >= 0)
		close(link->listener);
	link->listener = -1;
}
