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

int disk_options_parse(struct disk_options *disk, const char *option, const char *text)
{
	char *rest = strdup(text), *word;

	*disk = (struct disk_options){ .text = rest };
	if (!rest)
		return fail(ENOMEM, "%s %s", option, text);
	disk->path = words_next(&rest);
	if (!*disk->path)
		return fail(0, "%s %s: a file or block device has to come first", option, text);
	if (!strcmp(option, "--disk") && !strcmp(disk->path, "none"))
		disk->path = NULL;
	while ((word = words_next(&rest))) {
		if (!strcmp(word, "readonly"))
			disk->readonly = true;
		else if (!words_value(word, "serial", &disk->serial))
			return fail(0,
				    "%s %s: %s is neither readonly nor serial=S (a comma in a "
				    "file's name is written twice)",
				    option, text, word);
	}
	if (disk->serial && !is_serial(disk->serial))
		return fail(0, "%s %s: a serial has 1 to %u printable ASCII characters", option,
			    text, VIRTIO_BLK_ID_BYTES);
	return 0;
}

int port_options_parse(struct port_options *port, const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	char *copy = strdup(text), *end = copy ? strchr(copy, '=') : NULL;

	*port = (struct port_options){ .text = copy };
	if (!copy)
		return fail(ENOMEM, "--port %s", text);
	if (!end || !end[1])
		return fail(0, "--port %s: must be NAME=TARGET", text);
	*end = '\0';
	port->name = copy;
	port->target = end + 1;
	if (end == copy || (size_t)(end - copy) > PORT_NAME_MAX || *copy == '.' ||
	    copy[strspn(copy, allowed)])
		return fail(0,
			    "--port %s: a name has 1 to %u letters, digits, and . _ - after the "
			    "first",
			    text, PORT_NAME_MAX);
	return 0;
}

/* Six bytes in hexadecimal; not a group's address, and not all zero. */
static bool parse_address(const char *text, uint8_t address[ETH_ALEN])
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	bool zero = true;

	for (unsigned int i = 0; i < ETH_ALEN; i++, text += 3) {
		const char *high = *text ? strchr(digits, text[0]) : NULL;
		const char *low = high && text[1] ? strchr(digits, text[1]) : NULL;

		if (!low || text[2] != (i + 1 < ETH_ALEN ? ':' : 0))
			return false;
		address[i] = (high - digits) % 16 << 4 | (low - digits) % 16;
		zero = zero && !address[i];
	}
	return !zero && !(address[0] & 1);
}

/* Any words but the first.  Returns false if the word is none of them. */
static bool parse_net_word(struct net_options *net, char *word)
{
	const char *value;

	if (words_value(word, "mac", &value)) {
		net->has_address = true;
		return parse_address(value, net->address);
	}
	if (net->tap) {
		if (!words_value(word, "vhost", &value) ||
		    (strcmp(value, "on") && strcmp(value, "off")))
			return false;
		net->vhost = strcmp(value, "on") ? NET_VHOST_OFF : NET_VHOST_ON;
		return true;
	}
	if (net->vhost_user || net->nr_forwards == NET_MAX_FORWARDS)
		return false;
	net->forwards[net->nr_forwards].udp = words_value(word, "udp", &value);
	if (!net->forwards[net->nr_forwards].udp && !words_value(word, "tcp", &value))
		return false;
	net->forwards[net->nr_forwards++].ports = value;
	return *value;
}

int net_options_parse(struct net_options *net, const char *text)
{
	char *rest = strdup(text), *word;

	*net = (struct net_options){ .text = rest };
	if (!rest)
		return fail(ENOMEM, "--net %s", text);
	word = words_next(&rest);
	if (!words_value(word, "tap", &net->tap) &&
	    !words_value(word, "vhost-user", &net->vhost_user) && strcmp(word, "user"))
		return fail(0, "--net %s: must begin with tap=INTERFACE, user or vhost-user=SOCKET",
			    text);
	while ((word = words_next(&rest))) {
		if (!parse_net_word(net, word))
			return fail(0, "--net %s: %s is not what can follow here, see armvm(1)",
				    text, word);
	}
	return 0;
}
