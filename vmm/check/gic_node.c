// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GIC's node in the device tree.  Its register ranges are the distributor,
 * the CPU interface and, for virtualization, hypervisor control (GICH) and the
 * virtual CPU interface (GICV); its interrupt is the maintenance interrupt.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"

#define TREE	  "/proc/device-tree"
#define MAX_DEPTH 8

/* Returns the number of bytes read, at most size, or -1. */
static ssize_t read_property(int dir, const char *name, char *data, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -1;
	got = read(fd, data, size);
	close(fd);
	return got;
}

/* Find a known name in "compatible", a list of strings that each end with a NUL. */
static const char *gic_name(int dir)
{
	static const char *const known[] = {
		"arm,gic-400",	     "arm,cortex-a15-gic", "arm,cortex-a7-gic",
		"arm,cortex-a9-gic", "arm,gic-v3",	   "arm,pl390",
	};
	char list[256];
	ssize_t length = read_property(dir, "compatible", list, sizeof(list));

	for (ssize_t at = 0; at < length; at += strnlen(list + at, length - at) + 1) {
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			if (!strncmp(list + at, known[i], length - at))
				return known[i];
		}
	}
	return NULL;
}

static unsigned int read_cells(int parent, const char *name, unsigned int fallback)
{
	uint8_t value[4];

	if (read_property(parent, name, (char *)value, sizeof(value)) != sizeof(value))
		return fallback;
	return value[3];
}

static void judge_gic_node(struct finding *finding, const char *name, int parent, int dir)
{
	char reg[256], interrupts[4];
	ssize_t length = read_property(dir, "reg", reg, sizeof(reg));
	/* The defaults are those of the Devicetree Specification. */
	unsigned int entry = 4 * (read_cells(parent, "#address-cells", 2) +
				  read_cells(parent, "#size-cells", 1));
	unsigned int ranges = length > 0 && entry ? length / entry : 0;
	bool maintenance = read_property(dir, "interrupts", interrupts, 4) == 4;

	if (!strcmp(name, "arm,gic-v3") || !strcmp(name, "arm,cortex-a9-gic") ||
	    !strcmp(name, "arm,pl390")) {
		check_found(finding, FOUND_MISSING, "%s, which is not a GICv2 with virtualization",
			    name);
		return;
	}
	if (ranges >= 4 && maintenance) {
		check_found(finding, FOUND_OK, "%s with GICH, GICV and maintenance interrupt",
			    name);
		return;
	}
	check_found(finding, FOUND_MISSING, "%s: the device tree has %u of its 4 register ranges%s",
		    name, ranges, maintenance ? "" : " and no maintenance interrupt");
	check_fix(finding,
		  "add GICH and GICV to \"reg\" and the maintenance interrupt (PPI 9) to the "
		  "node in the board's device tree; the SoC's manual has the addresses");
}

static bool search_gic_node(struct finding *finding, int parent, int depth)
{
	DIR *stream;
	struct dirent *entry;
	bool done = false;
	int copy = dup(parent);

	stream = copy < 0 ? NULL : fdopendir(copy);
	if (!stream) {
		if (copy >= 0)
			close(copy);
		return false;
	}
	while (!done && (entry = readdir(stream))) {
		const char *name;
		int dir;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		dir = openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			continue;
		name = gic_name(dir);
		if (name) {
			judge_gic_node(finding, name, parent, dir);
			done = true;
		} else if (depth) {
			done = search_gic_node(finding, dir, depth - 1);
		}
		close(dir);
	}
	closedir(stream);
	return done;
}

void check_gic(struct finding *finding)
{
	int root = open(TREE "/.", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0) {
		check_found(finding, FOUND_UNKNOWN,
			    "no " TREE ": no device tree, or /proc is not mounted");
		check_fix(finding, "boot the kernel with the board's device tree");
		return;
	}
	if (!search_gic_node(finding, root, MAX_DEPTH)) {
		check_found(finding, FOUND_MISSING, "the device tree has no known GIC");
		check_fix(finding,
			  "guests need a GICv2 with virtualization (GIC-400 or the Cortex-A7's "
			  "or A15's own)");
	}
	close(root);
}
