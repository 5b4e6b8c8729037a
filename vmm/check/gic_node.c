// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GIC's node in the device tree.  Its register ranges are the distributor,
 * the CPU interface and, for virtualization, hypervisor control (GICH) and the
 * virtual CPU interface (GICV); its interrupt is the maintenance interrupt.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "check/check.h"
#include "check/tree.h"

static const char *gic_name(int dir, char *buffer, size_t size)
{
	static const char *const known[] = {
		"arm,gic-400",	     "arm,cortex-a15-gic", "arm,cortex-a7-gic",
		"arm,cortex-a9-gic", "arm,gic-v3",	   "arm,pl390",
	};
	const char *name;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		name = tree_compatible(dir, known[i], buffer, size);
		if (name && !strcmp(name, known[i]))
			return name;
	}
	return NULL;
}

static unsigned int read_cells(int parent, const char *name, unsigned int fallback)
{
	uint8_t value[4];

	if (tree_read(parent, name, (char *)value, sizeof(value)) != sizeof(value))
		return fallback;
	return value[3];
}

/* The kind that the module is for; it takes the first of them, after whatever others. */
static bool is_supported(const char *name)
{
	return !strcmp(name, "arm,gic-400") || !strcmp(name, "arm,cortex-a15-gic") ||
	       !strcmp(name, "arm,cortex-a7-gic");
}

static void judge_gic_node(struct finding *finding, const char *name, int parent, int dir)
{
	char reg[256], interrupts[4];
	ssize_t length = tree_read(dir, "reg", reg, sizeof(reg));
	/* The defaults are those of the Devicetree Specification. */
	unsigned int entry = 4 * (read_cells(parent, "#address-cells", 2) +
				  read_cells(parent, "#size-cells", 1));
	unsigned int ranges = length > 0 && entry ? length / entry : 0;
	bool maintenance = tree_read(dir, "interrupts", interrupts, 4) == 4 ||
			   tree_read(dir, "interrupts-extended", interrupts, 4) == 4;

	if (!is_supported(name)) {
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

struct gic_search {
	struct finding *finding;
	bool found;
};

static bool visit_node(void *arg, const struct tree_node *node)
{
	struct gic_search *search = arg;
	char buffer[256];
	const char *name = gic_name(node->dir, buffer, sizeof(buffer));

	if (!name)
		return false;
	judge_gic_node(search->finding, name, node->parent, node->dir);
	search->found = true;
	return is_supported(name);
}

void check_gic(struct finding *finding)
{
	struct gic_search search = { .finding = finding };

	if (!tree_walk(visit_node, &search)) {
		check_found(finding, FOUND_UNKNOWN,
			    "no " TREE_ROOT ": no device tree, or /proc is not mounted");
		check_fix(finding, "boot the kernel with the board's device tree");
	} else if (!search.found) {
		check_found(finding, FOUND_MISSING, "the device tree has no known GIC");
		check_fix(finding,
			  "guests need a GICv2 with virtualization (GIC-400 or the Cortex-A7's "
			  "or A15's own)");
	}
}
