// SPDX-License-Identifier: GPL-2.0-only
/*
 * A saved machine of anything.  The input changes what a real one has, as JSON, and builds chunks
 * of it with right hashes, or it is the file itself.  The sanitizers see whatever leaves the
 * guest's RAM or a structure; if the machine is taken, its virtio devices are served once, because
 * what was loaded must not hurt later either.
 */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input.h"
#include "machine.h"
#include "save/chunk.h"
#include "save/restore.h"
#include "virtio/balloon.h"
#include "virtio/console.h"
#include "virtio/disk.h"
#include "virtio/rng.h"
#include "virtio/transport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

void vm_end(struct vm *vm, int status)
{
	(void)vm;
	(void)status;
}

static uint64_t word(unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | byte();
	return value;
}

/* ---- the machine ---- */

static int disk_fd, out_fd;

static void create_machine(void)
{
	struct disk_options disk = { .path = "/dev/null" };
	const struct port_options ports[] = { { "one", "/dev/zero", NULL } };
	char path[32];

	ram.host = aligned_alloc(4096, RAM_SIZE);
	memset(ram.host, 0, RAM_SIZE);
	machine_init();
	virtio = (struct virtio_set){ .count = 4 };
	disk_fd = memfd_create("disk", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", disk_fd);
	disk.path = path;
	if (disk_fd < 0 || ftruncate(disk_fd, DISK_SIZE) < 0 ||
	    rng_create(&virtio.devices[0], &ram) || disk_create(&virtio.devices[1], &ram, &disk) ||
	    console_create(&virtio.devices[2], &ram, ports, 1) ||
	    balloon_create(&virtio.devices[3], &ram))
		abort();
}

static void destroy_machine(void)
{
	virtio_set_destroy(&virtio);
	close(disk_fd);
	free(ram.host);
}

/* ---- the file ---- */

static char *machine_text, *state_text;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	json_t *value;

	(void)argc;
	(void)argv;
	signal(SIGPIPE, SIG_IGN); /* as armvm does */
	json_object_seed(1);
	create_machine();
	value = machine_describe(&parts);
	machine_text = json_dumps(value, JSON_COMPACT);
	json_decref(value);
	value = machine_save(&parts);
	state_text = json_dumps(value, JSON_COMPACT);
	json_decref(value);
	destroy_machine();
	out_fd = memfd_create("saved", MFD_CLOEXEC);
	return 0;
}

/* Something that is not what was there. */
static json_t *other_value(const json_t *old)
{
	static const char digits[] = "0123456789abcdefg";
	char text[128] = "";

	switch (byte() % 6) {
	case 0:
		return json_integer((json_int_t)word(8));
	case 1:
		return json_integer(RAM_BASE + (word(2) << 4));
	case 2:
		for (unsigned int i = 0, n = byte() % (sizeof(text) - 1); i < n; i++)
			text[i] = digits[byte() % (sizeof(digits) - 1)];
		return json_string(text);
	case 3:
		return json_null();
	case 4:
		return json_deep_copy(old);
	default:
		return json_integer(byte());
	}
}

/* Walk down to some member and change it. */
static void change(json_t *at)
{
	for (unsigned int depth = 0; depth < 8; depth++) {
		size_t count = json_is_object(at) ? json_object_size(at) : json_array_size(at);
		size_t n = count ? word(1) % count : 0;
		const char *name = NULL;
		json_t *next;

		if (!count)
			return;
		if (json_is_object(at)) {
			void *iter = json_object_iter(at);

			while (n--)
				iter = json_object_iter_next(at, iter);
			name = json_object_iter_key(iter);
			next = json_object_iter_value(iter);
		} else {
			next = json_array_get(at, n);
		}
		if ((json_is_object(next) || json_is_array(next)) && byte() % 16) {
			at = next;
			continue;
		}
		if (name && !(byte() % 16))
			json_object_del(at, name);
		else if (name)
			json_object_set_new(at, name, other_value(next));
		else if (!(byte() % 16))
			json_array_remove(at, n);
		else
			json_array_set_new(at, n, other_value(next));
		return;
	}
}

/* A live device with its queues in RAM, so that what is loaded is served. */
static void make_live(json_t *state)
{
	json_t *device = json_array_get(json_object_get(state, "virtio"), byte() % 4), *queue;
	json_int_t at = RAM_BASE;
	size_t i;

	json_object_set_new(device, "status", json_integer(15));
	json_object_set_new(device, "driver_features",
			    json_integer(1ll << 32 | (byte() & 7) << 28));
	json_array_foreach(json_object_get(device, "queues"), i, queue)
	{
		json_object_set_new(queue, "size", json_integer(8));
		json_object_set_new(queue, "desc_address", json_integer(at));
		json_object_set_new(queue, "avail_address", json_integer(at + 0x100));
		json_object_set_new(queue, "used_address", json_integer(at + 0x200));
		json_object_set_new(queue, "ready", json_integer(1));
		json_object_set_new(queue, "next_avail", json_integer((json_int_t)word(1)));
		at += 0x400;
	}
}

static void put(struct chunk_writer *writer, enum chunk_kind kind, uint64_t address, size_t length)
{
	chunk_put(writer, kind, address, length);
	if (chunk_flush(writer))
		abort();
}

static void put_text(struct chunk_writer *writer, enum chunk_kind kind, const char *text)
{
	strcpy(chunk_room(writer), text);
	put(writer, kind, 0, strlen(text));
}

static void put_state(struct chunk_writer *writer)
{
	json_t *state = json_loads(state_text, 0, NULL);
	unsigned int changes = byte() % 8;
	char *text;

	if (byte() & 1)
		make_live(state);
	while (changes--)
		change(state);
	text = json_dumps(state, JSON_COMPACT);
	put_text(writer, CHUNK_STATE, text);
	free(text);
	json_decref(state);
}

/* What a driver may have left in RAM: rings, filled by the input. */
static void put_pages(struct chunk_writer *writer)
{
	uint64_t address = RAM_BASE + CHUNK_PAGE * (byte() % 34);
	uint32_t length = byte() % 16 ? CHUNK_PAGE : word(2);
	uint8_t *room = chunk_room(writer);

	memset(room, 0, length > CHUNK_PAGE ? length : CHUNK_PAGE);
	for (unsigned int n = byte() % 32; n--;) {
		unsigned int at = word(2) % CHUNK_PAGE;

		room[at] = byte();
	}
	put(writer, CHUNK_PAGES, byte() % 16 ? address : word(8), length);
}

static void write_file(void)
{
	struct chunk_writer writer;
	unsigned int steps = 0;

	if (chunk_writer_open(&writer, out_fd, false) || chunk_flush(&writer))
		abort();
	if (byte() % 16)
		put_text(&writer, CHUNK_MACHINE, machine_text);
	while (left && steps++ < 6) {
		switch (byte() % 8) {
		case 0:
			put(&writer, byte(), word(1), byte());
			break;
		case 1:
			put_text(&writer, CHUNK_MACHINE, machine_text);
			break;
		default:
			put_pages(&writer);
		}
	}
	put_state(&writer);
	put(&writer, CHUNK_END, 0, 0);
	chunk_writer_close(&writer);
}

/* ---- what follows a restore ---- */

static void serve_all(void)
{
	for (unsigned int i = 0; i < virtio.count; i++) {
		struct virtio *device = &virtio.devices[i];

		for (unsigned int n = 0; n < device->kind->nr_queues; n++) {
			if (virtio_live(device) && device->queues[n].ready)
				device->kind->serve(device, n);
			if (device->queues[n].broken)
				virtio_broken(device, device->queues[n].broken);
		}
	}
	for (uint32_t reg = 0; reg < 0x50; reg += 4) {
		pl011_ops.read(&uart, reg, 4);
		pl061_ops.read(&gpio, reg * 16, 4);
	}
	for (unsigned int n = 0; n < 2 * PL011_RX_SIZE; n++)
		pl011_ops.read(&uart, 0, 4);
	pl031_poll(&rtc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file file = { .path = "saved", .size = 1 };

	input = data;
	left = size;
	file.fd = out_fd;
	if (ftruncate(out_fd, 0) < 0 || lseek(out_fd, 0, SEEK_SET) < 0)
		abort();
	create_machine();
	if (byte() % 8)
		write_file();
	else if (write(out_fd, input, left) < 0)
		abort();
	lseek(out_fd, 0, SEEK_SET);
	if (!restore_read(&file, &parts, NULL))
		serve_all();
	destroy_machine();
	return 0;
}
