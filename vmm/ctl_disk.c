// SPDX-License-Identifier: GPL-2.0-only
/*
 * `armvm ctl SOCKET attach DISK FILE` and `detach DISK`.  The file is opened here, with the rights
 * of the caller, and locked; the lock belongs to the open file, so it goes with the descriptor.
 */
#include <jansson.h>
#include <string.h>

#include "ctl.h"
#include "error.h"
#include "number.h"
#include "virtio/image.h"

/*
 * Which of armvm's disks is it, and can the guest write to it?  Returns its number, from 1 on, or
 * 0 after one message.
 */
static json_int_t find_disk(int fd, const char *name, bool *readonly)
{
	json_t *answer = ctl_ask(fd, "status", -1), *disk;
	json_t *disks = json_object_get(json_object_get(answer, "result"), "disks");
	const char *digits = name;
	json_int_t found = 0;
	uint64_t number;
	size_t i;

	if (number_digits(&digits, &number) || *digits)
		number = 0;
	json_array_foreach(disks, i, disk)
	{
		const char *serial = json_string_value(json_object_get(disk, "serial"));

		if (number ? number == i + 1 : serial && *serial && !strcmp(serial, name)) {
			found = i + 1;
			*readonly = json_is_true(json_object_get(disk, "readonly"));
			break;
		}
	}
	if (ctl_succeeded(answer) && !found)
		error("ctl: %s: no disk has this number or serial (--disk)", name);
	json_decref(answer);
	return found;
}

json_t *ctl_attach(int fd, const char *disk, const char *file)
{
	bool readonly = false;
	json_int_t number = find_disk(fd, disk, &readonly);
	struct image image;
	json_t *answer = NULL;

	if (!number)
		return NULL;
	if (!image_open(&image, "attach", file, readonly, true))
		answer = ctl_request(fd,
				     json_pack("{s:s, s:I, s:s}", "command", "attach", "disk",
					       number, "file", file),
				     image.fd);
	image_close(&image);
	return answer;
}

json_t *ctl_detach(int fd, const char *disk)
{
	bool readonly;
	json_int_t number = find_disk(fd, disk, &readonly);

	if (!number)
		return NULL;
	return ctl_request(fd, json_pack("{s:s, s:I}", "command", "detach", "disk", number), -1);
}
