// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file of options of anything: the input is the file, or chooses the words of its lines.  The
 * oracle: armvm takes it, or refuses it with one message, and what it takes is within the limits
 * that the rest of armvm relies on.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* With its table, which has the names. */
#include "options.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);

static unsigned int messages;
static void *text; /* of the file, which armvm keeps until it exits */

static void format(const char *fmt, va_list ap)
{
	char message[8192];

	messages++;
	if (vsnprintf(message, sizeof(message), fmt, ap) <= 0)
		abort();
}

void error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	/* That an image gets no network is no refusal. */
	if (strncmp(fmt, "--image: the guest has no network", 33))
		format(fmt, ap);
	va_end(ap);
}

int fail(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(fmt, ap);
	va_end(ap);
	return err ? -err : -1;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return text = __real_calloc(count, size);
}

static void check(const struct options *options)
{
	if (options->cpus < 1 || options->cpus > MAX_CPUS || options->memory < MIN_MEMORY ||
	    options->memory > MAX_MEMORY || options->memory % 4096 ||
	    options->nr_disks > MAX_DISKS || options->nr_nets > MAX_NETS ||
	    options->nr_ports > MAX_PORTS || options->nr_vhost_user_blks > MAX_VHOST_USER_BLKS ||
	    options_virtio_devices(options) > VIRTIO_SLOTS || options->image.path)
		abort();
	if (!options->kernel == !options->firmware || (options->vsock && options->vsock < 3))
		abort();
	for (unsigned int i = 0; i < options->nr_disks; i++) {
		const struct disk_options *disk = &options->disks[i];

		if (disk->serial && (strlen(disk->serial) < 1 || strlen(disk->serial) > 20))
			abort();
	}
	for (unsigned int i = 0; i < options->nr_ports; i++) {
		if (!*options->ports[i].name)
			abort();
	}
}

static size_t put(char *text, size_t at, size_t room, const char *word)
{
	size_t length = strlen(word);

	if (length > room - at)
		return at;
	memcpy(text + at, word, length);
	return at + length;
}

/* Lines of right names and of values that are right more often than chance would have it. */
static size_t make_lines(const uint8_t *data, size_t size, char *lines, size_t room)
{
	static const char *const pieces[] = {
		"1",
		"16M",
		"on",
		"off",
		"none",
		"user",
		"tap=t",
		"0",
		"3",
		"vhost=on",
		"mac=",
		"tcp=1",
		"02:00:00:00:00:01",
		"=",
		"udp=2",
		"listen:",
		"fd:1",
		"readonly",
		"serial=s",
		"a=",
		"3G",
		"name",
		"/dev/null",
		"vhost-user=s",
		"4294967294",
		"\\",
		"#",
		" ",
		"127.0.0.1:",
		"%s",
		"\xff",
		"9",
	};
	const size_t names = sizeof(option_table) / sizeof(option_table[0]);
	size_t at = 0;

	for (size_t i = 0; i + 2 < size; i += 3) {
		at = put(lines, at, room, option_table[data[i] % names].name);
		for (unsigned int n = 0; n < 3 && data[i + 1] >> 5 > n; n++) {
			at = put(lines, at, room, n ? "," : data[i] & 0x80 ? " = " : " ");
			at = put(lines, at, room, pieces[(data[i + 1] + n * data[i + 2]) & 31]);
			if (data[i + 2] & 0x80)
				at = put(lines, at, room, pieces[data[i + 2] & 31]);
		}
		at = put(lines, at, room, "\n");
	}
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("config", MFD_CLOEXEC), err;
	static char lines[8192];
	struct options options;
	char path[32];
	char *const words[] = { "--config", path };

	if (size && data[0] & 1) {
		size = make_lines(data + 1, size - 1, lines, sizeof(lines));
		data = (const uint8_t *)lines;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	messages = 0;
	err = options_parse(&options, 2, words);
	if (messages != (err ? 1 : 0) || err > 0)
		abort();
	if (!err)
		check(&options);
	options_release(&options);
	free(text);
	text = NULL;
	close(fd);
	return 0;
}
