// SPDX-License-Identifier: GPL-2.0-only
/* Replays the tables, with a claim for each row. */
#include "clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../claims/claims.h"

static const char *word(long result)
{
	static char text[2][32];
	static unsigned int turn;
	char *out = text[turn++ & 1];

	if (result < 0)
		return strerrorname_np((int)-result);
	snprintf(out, sizeof(text[0]), "%ld", result);
	return out;
}

static bool as_wanted(const struct step *step, long got)
{
	if (step->wanted == ANY)
		return got >= 0;
	if (step->at_most)
		return got >= step->wanted && got <= step->at_most;
	return got == step->wanted;
}

static void take_step(struct machine *m, const char *client, const struct step *step)
{
	long got = step->call(m, step);
	bool good = as_wanted(step, got);

	claim_begin(good);
	printf("%s: %s", client, step->what);
	if (step->vcpu)
		printf(", vCPU %d", step->vcpu);
	printf(": %s", word(got));
	if (!good)
		printf(", wanted %s", step->wanted == ANY ? "success" : word(step->wanted));
	if (step->why)
		printf(" (%s)", step->why);
	putchar('\n');
}

static uint8_t *memory(uint32_t size)
{
	uint8_t *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return at;
}

long call_load(struct machine *m, const struct step *step)
{
	(void)step;
	memcpy(m->ram, guest_start, (size_t)(guest_end - guest_start));
	return 0;
}

static void machine_close(struct machine *m)
{
	int n;

	for (n = 0; n < MAX_VCPUS; n++) {
		if (m->run[n])
			munmap(m->run[n], m->run_size);
		if (m->vcpu[n] >= 0)
			close(m->vcpu[n]);
		m->run[n] = NULL;
		m->vcpu[n] = -1;
	}
	events_close(m);
	if (m->gic >= 0)
		close(m->gic);
	if (m->vm >= 0)
		close(m->vm);
	if (m->kvm >= 0)
		close(m->kvm);
	m->gic = m->vm = m->kvm = -1;
}

/* The machine goes; memory and what was saved stay, as in a file. */
long call_close(struct machine *m, const struct step *step)
{
	(void)step;
	machine_close(m);
	return 0;
}

static void replay(const struct client *client)
{
	static struct machine m;
	const struct step *step;

	memset(&m, 0, sizeof(m));
	m.kvm = m.vm = m.gic = m.vcpu[0] = m.vcpu[1] = -1;
	m.ram = memory(RAM_SIZE);
	m.rom = memory(PAGE);
	for (step = client->steps; step->call; step++)
		take_step(&m, client->name, step);
	machine_close(&m);
	munmap(m.ram, RAM_SIZE);
	munmap(m.rom, PAGE);
}

int main(void)
{
	static const struct client clients[] = {
		{ "capabilities", capability_steps },
		{ "QEMU 4.2", qemu_steps },
		{ "kvmtool", kvmtool_steps },
		{ "crosvm", crosvm_steps },
	};
	unsigned int n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(60);
	for (n = 0; n < sizeof(clients) / sizeof(clients[0]); n++)
		replay(&clients[n]);
	return claims_end();
}
