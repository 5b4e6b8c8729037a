// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "debug.h"

/* What the file's words mean to someone debugging a guest. */
static const struct {
	const char *key;
	const char *value;
	const char *meaning;
} meanings[] = {
	{ "owner", "host", "the host's registers are in the CPU, untouched" },
	{ "owner", "parked", "the host's points are saved, and none are loaded" },
	{ "owner", "guest", "the guest's points are loaded" },
	{ "owner", "user", "points of the VMM are loaded, the guest's are suspended" },
	{ "moe", "1", "breakpoint" },
	{ "moe", "3", "BKPT" },
	{ "moe", "5", "vector catch" },
	{ "moe", "10", "watchpoint" },
	{ "moe_cpu", "1", "breakpoint" },
	{ "moe_cpu", "3", "BKPT" },
	{ "moe_cpu", "5", "vector catch" },
	{ "moe_cpu", "10", "watchpoint" },
	{ "tde", "0", "debug exceptions go to the guest directly" },
	{ "tde", "1", "debug exceptions go to HYP mode first" },
	{ "active", "0", "no point of the guest is effective" },
	{ "active", "1", "the guest has effective points" },
	{ "held", "1", "they are not loaded: the CPU is not in monitor mode" },
	{ "user", "1", "the VMM debugs the guest" },
	{ "mdbgen", "0", "the guest has not enabled monitor mode" },
	{ "mdbgen", "1", "the guest has enabled monitor mode" },
	{ "oslock", "1", "the OS lock keeps all points off" },
};

struct slot {
	char kind[9]; /* brp, wrp: the guest's; user_brp, user_wrp: the VMM's */
	unsigned int n;
	uint32_t value, control;
	int effective;
	char physical[8];
};

static bool parse_slot(const char *line, struct slot *slot)
{
	return sscanf(line,
		      "%8s %u value %" SCNx32 " control %" SCNx32 " effective %d physical %7s",
		      slot->kind, &slot->n, &slot->value, &slot->control, &slot->effective,
		      slot->physical) == 6 &&
	       (!strcmp(slot->kind, "brp") || !strcmp(slot->kind, "wrp") ||
		!strcmp(slot->kind, "user_brp") || !strcmp(slot->kind, "user_wrp"));
}

static bool slot_is_users(const struct slot *slot)
{
	return !strncmp(slot->kind, "user_", 5);
}

/* What an enabled slot matches: DBGBCR.BT, DBGWCR.LSC (C11.11.2, C11.11.44). */
static const char *slot_purpose(const struct slot *slot)
{
	static const char *const accesses[] = { "nothing", "loads", "stores", "accesses" };
	unsigned int type = slot->control >> 20 & 15;

	if (!(slot->control & 1))
		return "disabled";
	if (strstr(slot->kind, "wrp"))
		return accesses[slot->control >> 3 & 3];
	return type < 2 ? "address" : type < 4 ? "context" : "other";
}

/* What keeps effective slots out of the CPU.  These lines come before the slots. */
struct kept_out {
	bool user;
	bool held;
};

static void print_slot(FILE *out, const struct slot *slot, const struct kept_out *kept_out)
{
	char cpu[16] = "not loaded", name[24];

	if (slot->effective && kept_out->user && !slot_is_users(slot))
		strcpy(cpu, "suspended");
	else if (slot->effective && !kept_out->held && strcmp(slot->physical, "-"))
		snprintf(cpu, sizeof(cpu), "in slot %s", slot->physical);
	snprintf(name, sizeof(name), "%s %u", slot->kind, slot->n);
	fprintf(out, "  %-12s 0x%08" PRIx32 "  0x%08" PRIx32 "  %-8s  %s\n", name, slot->value,
		slot->control, slot_purpose(slot), cpu);
}

static const char *meaning(const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (!strcmp(meanings[i].key, key) && !strcmp(meanings[i].value, value))
			return meanings[i].meaning;
	}
	return "";
}

/* "KEY VALUE.." */
static void print_pair(FILE *out, char *line)
{
	char *value = strchr(line, ' ');
	const char *means;

	if (!value) {
		fprintf(out, "  %s\n", line);
		return;
	}
	*value++ = '\0';
	means = meaning(line, value);
	fprintf(out, *means ? "  %-12s %-10s  %s\n" : "  %-12s %s\n", line, value, means);
}

void debug_print(FILE *out, const char *name, char *text)
{
	struct kept_out kept_out = { false, false };
	bool heading = false;
	char *rest = text, *line;
	struct slot slot;

	fprintf(out, "%s\n", name);
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		if (!parse_slot(line, &slot)) {
			kept_out.user |= !strcmp(line, "user 1");
			kept_out.held |= !strcmp(line, "held 1");
			print_pair(out, line);
			continue;
		}
		if (!heading)
			fprintf(out, "  slot         value       control     on        the CPU\n");
		heading = true;
		print_slot(out, &slot, &kept_out);
	}
}
