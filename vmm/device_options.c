// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <linux/virtio_blk.h>

#include "device_options.h"
#include "error.h"
#include "words.h"

static bool is_serial(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return length && length <= VIRTIO_BLK_ID_BYTES;
}

int disk_options_parse(struct disk_options *disk, const char *text)
{
	char *rest = strdup(text), *word;

	*disk = (struct disk_options){ .text = rest };
	if (!rest)
		return fail(ENOMEM, "--disk %s", text);
	disk->path = words_next(&rest);
	if (!*disk->path)
		return fail(0, "--disk %s: a file or block device has to come first", text);
	while ((word = words_next(&rest))) {
		if (!strcmp(word, "readonly"))
			disk->readonly = true;
		else if (!words_value(word, "serial", &disk->serial))
			return fail(0,
				    "--disk %s: %s is neither readonly nor serial=S (a comma in a "
				    "file's name is written twice)",
				    text, word);
	}
	if (disk->serial && !is_serial(disk->serial))
		return fail(0, "--disk %s: a serial has 1 to %u printable ASCII characters", text,
			    VIRTIO_BLK_ID_BYTES);
	return 0;
}
