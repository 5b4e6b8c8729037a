/* SPDX-License-Identifier: GPL-2.0-only */
/* The fuzzer's world: two CPUs, two vCPUs, the host, the VMM, and the truth beside them. */
#ifndef WORLD_H
#define WORLD_H

#include "sim.h"

#define CPUS   2
#define VCPUS  2
#define NOBODY -1

/* The input, byte by byte, with zeros after its end. */
struct input {
	const uint8_t *at;
	const uint8_t *end;
};

static inline uint8_t byte(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static inline uint32_t word(struct input *in)
{
	uint32_t value = byte(in);

	value |= (uint32_t)byte(in) << 8;
	value |= (uint32_t)byte(in) << 16;
	return value | (uint32_t)byte(in) << 24;
}

struct world {
	struct v7dbg_caps caps;
	struct sim cpu[CPUS];
	int on[CPUS];		      /* the vCPU that runs there, or NOBODY */
	struct v7dbg_regs host[CPUS]; /* the truth: what the host wrote */
	struct v7dbg_vcpu vcpu[VCPUS];
	uint8_t moe[VCPUS]; /* the truth: which MOE the guest has to see */
	/* What every CPU has that guests were told of. */
	bool bcr_mask, wcr_mask;
	unsigned int brps, wrps;
	struct step { /* the truth: what the VMM steps, as DBGBVR and DBGBCR */
		bool on;
		uint32_t value;
		uint32_t control;
	} step[VCPUS];
};

void world_init(struct world *w, struct input *in);
/* One thing that happens; false at the end of the input. */
bool world_step(struct world *w, struct input *in);
/* The oracle: what always holds, beside v7dbg's own assertions.  If not, the program ends. */
void world_check(const struct world *w);

/* A claim of the oracle.  If it fails the program ends, and libFuzzer keeps the input. */
#define HOLDS(condition, text)                                          \
	do {                                                            \
		if (!(condition)) {                                     \
			fprintf(stderr, "ERROR: oracle: %s\n", (text)); \
			abort();                                        \
		}                                                       \
	} while (0)

/* guest.c: the steps of a guest that runs on CPU c. */
void guest_access(struct world *w, unsigned int c, struct input *in);
void guest_point(struct world *w, unsigned int c, struct input *in);
void guest_locks(struct world *w, unsigned int c, struct input *in);
void guest_hit(struct world *w, unsigned int c, struct input *in);
void guest_bkpt(struct world *w, unsigned int c);
void guest_spurious(struct world *w, unsigned int c, struct input *in);
void guest_device(struct world *w, unsigned int c, struct input *in);

/* A control and a value that are likely to be effective. */
uint32_t plausible_control(struct input *in, bool watch);
uint32_t plausible_value(struct input *in);

#endif
