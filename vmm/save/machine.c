// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "error.h"
#include "gic.h"
#include "save/machine.h"
#include "state.h"
#include "virtio/saved.h"

static unsigned int nr_uarts(const struct machine_parts *parts)
{
	return parts->options->channel ? 2 : 1;
}

struct json_t *machine_describe(const struct machine_parts *parts)
{
	const struct firmware *firmware = parts->firmware;
	json_t *to = json_object();

	state_save_number(to, "memory", parts->ram->size);
	state_save_number(to, "cpus", parts->vm->cpus);
	json_object_set_new(to, "channel", json_boolean(parts->options->channel));
	json_object_set_new(to, "testdev", json_boolean(parts->options->testdev));
	json_object_set_new(to, "performance monitors", json_boolean(parts->vm->pmu));
	/* The guest sees it at address 0 as long as it runs. */
	state_save_number(to, "firmware's hash",
			  firmware->host ? XXH32(firmware->host, firmware->size, 0) : 0);
	json_object_set_new(to, "virtio devices", virtio_set_describe(parts->virtio));
	return to;
}

/* ---- comparing ---- */

static int differs(const char *where, const char *name, const json_t *saved, const json_t *here)
{
	char *a = saved ? json_dumps(saved, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	char *b = here ? json_dumps(here, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	int err = fail(0,
		       "--restore: the saved machine is another one: %s%s is %.60s there, and "
		       "%.60s here",
		       where, name, a ? a : "nothing", b ? b : "nothing");

	free(a);
	free(b);
	return err;
}

static int compare_members(const char *where, const json_t *saved, const json_t *here)
{
	const char *name;
	json_t *mine, *other;

	json_object_foreach((json_t *)here, name, mine)
	{
		other = json_object_get(saved, name);
		if (!json_is_array(mine) && !json_equal(mine, other))
			return differs(where, name, other, mine);
	}
	json_object_foreach((json_t *)saved, name, other)
	{
		if (!json_object_get(here, name))
			return differs(where, name, other, NULL);
	}
	return 0;
}

static int compare_devices(const json_t *saved, const json_t *here)
{
	size_t count = json_array_size(here), others = json_array_size(saved);
	int err = 0;

	for (size_t i = 0; !err && i < count && i < others; i++) {
		const json_t *other = json_array_get(saved, i), *mine = json_array_get(here, i);
		char where[48];

		snprintf(where, sizeof(where), "virtio device %zu's ", i + 1);
		/* First what it is, or all the rest would be told. */
		if (!json_equal(json_object_get(other, "kind"), json_object_get(mine, "kind")))
			err = differs(where, "kind", json_object_get(other, "kind"),
				      json_object_get(mine, "kind"));
		if (!err)
			err = compare_members(where, other, mine);
		/* What compare_members() leaves out: lists. */
		if (!err && !json_equal(other, mine))
			err = differs("virtio device", "", other, mine);
	}
	if (!err && others != count)
		err = fail(
			0,
			"--restore: the saved machine is another one: it has %zu virtio devices, "
			"and this one %zu",
			others, count);
	return err;
}

int machine_compare(const struct json_t *saved, const struct json_t *here)
{
	int err = compare_members("", saved, here);

	return err ? err
		   : compare_devices(json_object_get(saved, "virtio devices"),
				     json_object_get(here, "virtio devices"));
}

/* ---- the state ---- */

static json_t *save_vcpus(const struct vm *vm)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < vm->cpus; i++) {
		json_t *one = vcpu_save(&vm->vcpus[i]);

		if (!one) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, one);
	}
	return list;
}

struct json_t *machine_save(const struct machine_parts *parts)
{
	json_t *vcpus = save_vcpus(parts->vm), *gic = vcpus ? gic_save(parts->vm) : NULL;
	json_t *to, *uarts;

	if (!gic) {
		json_decref(vcpus);
		return NULL;
	}
	to = json_pack("{s:o, s:o}", "vcpus", vcpus, "gic", gic);
	uarts = json_array();
	for (unsigned int i = 0; i < nr_uarts(parts); i++)
		json_array_append_new(uarts, pl011_save(&parts->uarts[i]));
	json_object_set_new(to, "uarts", uarts);
	json_object_set_new(to, "rtc", pl031_save(parts->rtc));
	json_object_set_new(to, "gpio", pl061_save(parts->gpio));
	json_object_set_new(to, "testdev",
			    parts->options->testdev ? testdev_save(parts->testdev) : json_null());
	json_object_set_new(to, "virtio", virtio_set_save(parts->virtio));
	return to;
}

static int load_vcpus(struct vm *vm, const json_t *from)
{
	const json_t *list;
	int err = state_load_list(from, "vcpus", vm->cpus, &list, "the machine");

	for (unsigned int i = 0; !err && i < vm->cpus; i++)
		err = vcpu_load(&vm->vcpus[i], json_array_get(list, i));
	return err;
}

/* The devices raise their lines, so the GIC is there before them. */
static int load_devices(const struct machine_parts *parts, const json_t *from)
{
	const json_t *uarts;
	int err = state_load_list(from, "uarts", nr_uarts(parts), &uarts, "the machine");

	for (unsigned int i = 0; !err && i < nr_uarts(parts); i++)
		err = pl011_load(&parts->uarts[i], json_array_get(uarts, i),
				 i ? "channel" : "console");
	if (!err)
		err = pl031_load(parts->rtc, json_object_get(from, "rtc"));
	if (!err)
		err = pl061_load(parts->gpio, json_object_get(from, "gpio"));
	if (!err && parts->options->testdev)
		err = testdev_load(parts->testdev, json_object_get(from, "testdev"));
	if (err)
		return err;
	power_restored(parts->power);
	return virtio_set_load(parts->virtio, json_object_get(from, "virtio"));
}

int machine_load(const struct machine_parts *parts, const struct json_t *from)
{
	int err = state_load(NULL, 0, NULL, from, 7, "the machine");

	if (!err)
		err = gic_load(parts->vm, json_object_get(from, "gic"));
	/* The timer's line is in the GIC, so its registers come after that. */
	if (!err)
		err = load_vcpus(parts->vm, from);
	return err ? err : load_devices(parts, from);
}
