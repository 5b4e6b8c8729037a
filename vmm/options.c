// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/vm_sockets.h>

#include "config.h"
#include "error.h"
#include "firmware.h"
#include "guest_name.h"
#include "memmap.h"
#include "number.h"
#include "options.h"

#define DEFAULT_MEMORY (256ull << 20)
#define PAGE_MASK      0xfffull
/* In seconds.  systemd kills a service 90 s after SIGTERM by default. */
#define DEFAULT_STOP_TIMEOUT 90
#define MAX_STOP_TIMEOUT     86400

static int set_cpus(struct options *options, const char *text)
{
	const char *rest = text;
	uint64_t cpus;

	if (number_digits(&rest, &cpus) || *rest || cpus < 1 || cpus > MAX_CPUS)
		return fail(0, "--cpus %s: must be a number from 1 to %u", text, MAX_CPUS);
	options->cpus = cpus;
	return 0;
}

static int set_memory(struct options *options, const char *text)
{
	int err = number_size(text, &options->memory);

	if (err == -EINVAL)
		return fail(0, "--memory %s: must be a number, which K, M or G may follow", text);
	if (err || options->memory < MIN_MEMORY || options->memory > MAX_MEMORY)
		return fail(0, "--memory %s: must be 16M to 3G", text);
	if (options->memory & PAGE_MASK)
		return fail(0, "--memory %s: must be a multiple of 4K", text);
	return 0;
}

/* A line of a file of options. */
static int set_line(void *owner, const char *name, const char *value, const char *where);

static int set_kernel(struct options *options, const char *text)
{
	options->kernel = text;
	return 0;
}

static int set_firmware(struct options *options, const char *text)
{
	options->firmware = text;
	return 0;
}

static int set_image(struct options *options, const char *text)
{
	free(options->image.text);
	return disk_options_parse(&options->image, "--image", text);
}

static int set_dtb(struct options *options, const char *text)
{
	options->dtb = text;
	return 0;
}

static int set_initrd(struct options *options, const char *text)
{
	options->initrd = text;
	return 0;
}

static int set_append(struct options *options, const char *text)
{
	options->append = text;
	return 0;
}

static int set_channel(struct options *options, const char *text)
{
	options->channel = text;
	return 0;
}

static int set_control(struct options *options, const char *text)
{
	options->control = text;
	return 0;
}

static int set_config(struct options *options, const char *text)
{
	return config_read(text, set_line, options);
}

static int set_restore(struct options *options, const char *text)
{
	options->restore = text;
	return 0;
}

static int set_dump_dtb(struct options *options, const char *text)
{
	options->dump_dtb = text;
	return 0;
}

static int set_gdb(struct options *options, const char *text)
{
	options->gdb = text;
	return 0;
}

static int set_gdb_wait(struct options *options, const char *text)
{
	(void)text;
	options->gdb_wait = true;
	return 0;
}

static int set_no_reboot(struct options *options, const char *text)
{
	(void)text;
	options->no_reboot = true;
	return 0;
}

static int set_stop_timeout(struct options *options, const char *text)
{
	const char *rest = text;
	uint64_t seconds;

	if (number_digits(&rest, &seconds) || *rest || seconds > MAX_STOP_TIMEOUT)
		return fail(0, "--stop-timeout %s: must be a number of seconds, 0 to %u", text,
			    MAX_STOP_TIMEOUT);
	options->stop_timeout = seconds;
	return 0;
}

static int set_name(struct options *options, const char *text)
{
	options->name = text;
	if (guest_name_is_valid(text))
		return 0;
	return fail(0, "--name %s: must be letters, digits, and . _ - after the first", text);
}

static int set_user(struct options *options, const char *text)
{
	options->user = text;
	return 0;
}

static int set_sandbox(struct options *options, const char *text)
{
	options->no_sandbox = !strcmp(text, "off");
	if (options->no_sandbox || !strcmp(text, "on"))
		return 0;
	return fail(0, "--sandbox %s: must be on or off", text);
}

static int set_testdev(struct options *options, const char *text)
{
	(void)text;
	options->testdev = true;
	return 0;
}

static int set_rng(struct options *options, const char *text)
{
	(void)text;
	options->rng = true;
	return 0;
}

static int set_balloon(struct options *options, const char *text)
{
	(void)text;
	options->balloon = true;
	return 0;
}

static int set_hugepages(struct options *options, const char *text)
{
	(void)text;
	options->hugepages = true;
	return 0;
}

static int set_migratable(struct options *options, const char *text)
{
	(void)text;
	options->migratable = true;
	return 0;
}

static int set_disk(struct options *options, const char *text)
{
	if (options->nr_disks == MAX_DISKS)
		return fail(0, "--disk %s: there can be %u disks at most", text, MAX_DISKS);
	return disk_options_parse(&options->disks[options->nr_disks++], "--disk", text);
}

static int set_vhost_user_blk(struct options *options, const char *text)
{
	if (options->nr_vhost_user_blks == MAX_VHOST_USER_BLKS)
		return fail(0, "--vhost-user-blk %s: there can be %u of them at most", text,
			    MAX_VHOST_USER_BLKS);
	options->vhost_user_blks[options->nr_vhost_user_blks++] = text;
	return 0;
}

static int set_net(struct options *options, const char *text)
{
	if (options->nr_nets == MAX_NETS)
		return fail(0, "--net %s: there can be %u networks at most", text, MAX_NETS);
	return net_options_parse(&options->nets[options->nr_nets++], text);
}

static int set_port(struct options *options, const char *text)
{
	struct port_options *port = &options->ports[options->nr_ports];
	int err;

	if (options->nr_ports == MAX_PORTS)
		return fail(0, "--port %s: there can be %u ports at most", text, MAX_PORTS);
	options->nr_ports++;
	err = port_options_parse(port, text);
	for (const struct port_options *other = options->ports; !err && other < port; other++) {
		if (!strcmp(other->name, port->name))
			return fail(0, "--port %s: there is a port of this name already", text);
	}
	return err;
}

static int set_vsock(struct options *options, const char *text)
{
	const char *rest = text;
	uint64_t cid;

	/* 0 to 2 are other machines', and the largest number is any. */
	if (number_digits(&rest, &cid) || *rest || cid <= VMADDR_CID_HOST || cid >= VMADDR_CID_ANY)
		return fail(0, "--vsock %s: must be a number from 3 to 4294967294", text);
	options->vsock = cid;
	return 0;
}

static const struct option {
	const char *name;
	bool has_value;
	int (*set)(struct options *options, const char *value);
} option_table[] = {
	{ "kernel", true, set_kernel },
	{ "firmware", true, set_firmware },
	{ "image", true, set_image },
	{ "dtb", true, set_dtb },
	{ "initrd", true, set_initrd },
	{ "append", true, set_append },
	{ "cpus", true, set_cpus },
	{ "memory", true, set_memory },
	{ "channel", true, set_channel },
	{ "control", true, set_control },
	{ "config", true, set_config },
	{ "restore", true, set_restore },
	{ "dump-dtb", true, set_dump_dtb },
	{ "testdev", false, set_testdev },
	{ "gdb", true, set_gdb },
	{ "gdb-wait", false, set_gdb_wait },
	{ "no-reboot", false, set_no_reboot },
	{ "stop-timeout", true, set_stop_timeout },
	{ "rng", false, set_rng },
	{ "name", true, set_name },
	{ "user", true, set_user },
	{ "sandbox", true, set_sandbox },
	{ "disk", true, set_disk },
	{ "net", true, set_net },
	{ "vhost-user-blk", true, set_vhost_user_blk },
	{ "port", true, set_port },
	{ "vsock", true, set_vsock },
	{ "balloon", false, set_balloon },
	{ "hugepages", false, set_hugepages },
	{ "migratable", false, set_migratable },
};

static const struct option *find_option(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(option_table) / sizeof(option_table[0]); i++) {
		if (strlen(option_table[i].name) == length &&
		    !memcmp(option_table[i].name, word, length))
			return &option_table[i];
	}
	return NULL;
}

static int set_line(void *owner, const char *name, const char *value, const char *where)
{
	const struct option *option = find_option(name, strlen(name));

	/* A file that names itself would have no end. */
	if (!option || option->set == set_config)
		return fail(0, "%s: %s: unknown option, see armvm --help", where, name);
	if (value && !option->has_value)
		return fail(0, "%s: %s takes no value", where, name);
	if (!value && option->has_value)
		return fail(0, "%s: %s needs a value", where, name);
	return option->set(owner, value);
}

void options_release(struct options *options)
{
	free(options->image.text);
	options->image.text = NULL;
	for (unsigned int i = 0; i < options->nr_disks; i++)
		free(options->disks[i].text);
	for (unsigned int i = 0; i < options->nr_nets; i++)
		free(options->nets[i].text);
	for (unsigned int i = 0; i < options->nr_ports; i++)
		free(options->ports[i].text);
	options->nr_disks = options->nr_nets = options->nr_ports = 0;
}

unsigned int options_virtio_devices(const struct options *options)
{
	return options->rng + options->nr_disks + options->nr_vhost_user_blks + options->nr_nets +
	       (options->nr_ports > 0) + (options->vsock > 0) + options->balloon;
}

/* Check what depends on several options, and set what follows from them. */
static int options_complete(struct options *options)
{
	const bool own_loader = options->firmware || options->image.path;

	if (!options->kernel && !own_loader)
		return fail(0, "run: --kernel is missing (or --image, or --firmware), see "
			       "armvm --help");
	if (options->kernel && own_loader)
		return fail(0, "run: --kernel excludes --firmware and --image, which load a kernel "
			       "from a disk");
	if (own_loader && (options->initrd || options->append))
		return fail(0, "run: %s needs --kernel: firmware takes it from the disk",
			    options->initrd ? "--initrd" : "--append");
	if (options->restore && options->dump_dtb)
		return fail(0,
			    "run: --dump-dtb excludes --restore: the guest has its tree already");
	if (options->gdb_wait && !options->gdb)
		return fail(0, "run: --gdb-wait needs --gdb");
	if (options->image.path) {
		int err = firmware_complete_image(options);

		if (err)
			return err;
	}
	for (unsigned int i = 0; i < options->nr_disks; i++)
		options->disks[i].comes_later = options->restore &&
						!strncmp(options->restore, "listen:", 7);
	if (options_virtio_devices(options) > VIRTIO_SLOTS)
		return fail(0, "run: there can be %u virtio devices at most, and these are %u",
			    VIRTIO_SLOTS, options_virtio_devices(options));
	return 0;
}

int options_parse(struct options *options, int argc, char *const *argv)
{
	*options = (struct options){
		.cpus = 1,
		.memory = DEFAULT_MEMORY,
		.stop_timeout = DEFAULT_STOP_TIMEOUT,
	};
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i], *value;
		const struct option *option = NULL;
		int err;

		if (!strncmp(word, "--", 2)) {
			value = strchr(word, '=');
			option = find_option(word + 2,
					     value ? (size_t)(value - word - 2) : strlen(word + 2));
		}
		if (!option)
			return fail(0, "run: %s: unknown option, see armvm --help", word);
		if (value && !option->has_value)
			return fail(0, "run: --%s takes no value", option->name);
		if (value)
			value++;
		else if (option->has_value && ++i < argc)
			value = argv[i];
		if (option->has_value && !value)
			return fail(0, "run: --%s needs a value", option->name);
		err = option->set(options, value);
		if (err)
			return err;
	}
	return options_complete(options);
}
