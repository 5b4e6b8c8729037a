// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU is whatever KVM_GET_REG_LIST lists, the guest's debug registers among it, so nothing
 * here knows single registers, except the virtual timer's.  All other orders give the same state.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include <linux/kvm_armv7.h>

#include "error.h"
#include "onereg.h"
#include "state.h"
#include "vm.h"

#define MOST_REGISTERS 4096u

typedef char register_name[19];

static const char *name_register(register_name name, uint64_t id)
{
	snprintf(name, sizeof(register_name), "0x%016" PRIx64, id);
	return name;
}

static uint64_t most(uint64_t id)
{
	return (id & KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U64 ? UINT64_MAX : UINT32_MAX;
}

/* The list, to be freed; NULL after one message. */
static struct kvm_reg_list *list_registers(const struct vcpu *vcpu)
{
	struct kvm_reg_list *list =
		calloc(1, sizeof(*list) + MOST_REGISTERS * sizeof(list->reg[0]));

	if (!list) {
		fail(ENOMEM, "the list of registers");
		return NULL;
	}
	list->n = MOST_REGISTERS;
	if (ioctl(vcpu->fd, KVM_GET_REG_LIST, list) < 0) {
		fail(errno, "KVM_GET_REG_LIST (vCPU %u)", vcpu->index);
		free(list);
		return NULL;
	}
	return list;
}

/* The VM has one counter.  vCPU 0 has it, so that no later vCPU sets it to a later time. */
static bool is_saved(const struct vcpu *vcpu, uint64_t id)
{
	return id != KVM_REG_ARM_TIMER_CNT || !vcpu->index;
}

static json_t *save_registers(const struct vcpu *vcpu)
{
	struct kvm_reg_list *list = list_registers(vcpu);
	json_t *to = json_object();
	int err = list ? 0 : -ENOMEM;

	for (uint64_t i = 0; !err && i < list->n; i++) {
		register_name name;
		uint64_t value;

		if (!is_saved(vcpu, list->reg[i]))
			continue;
		err = onereg_get(vcpu->fd, list->reg[i], &value);
		if (err)
			fail(-err, "KVM_GET_ONE_REG (vCPU %u, register %s)", vcpu->index,
			     name_register(name, list->reg[i]));
		else
			state_save_number(to, name_register(name, list->reg[i]), value);
	}
	free(list);
	if (!err)
		return to;
	json_decref(to);
	return NULL;
}

struct json_t *vcpu_save(const struct vcpu *vcpu)
{
	struct kvm_vcpu_events events = { 0 };
	struct kvm_mp_state state;
	json_t *registers, *to;

	if (ioctl(vcpu->fd, KVM_GET_MP_STATE, &state) < 0) {
		fail(errno, "KVM_GET_MP_STATE (vCPU %u)", vcpu->index);
		return NULL;
	}
	if (ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events) < 0) {
		fail(errno, "KVM_GET_VCPU_EVENTS (vCPU %u)", vcpu->index);
		return NULL;
	}
	registers = save_registers(vcpu);
	if (!registers)
		return NULL;
	to = json_pack("{s:o}", "registers", registers);
	state_save_number(to, "mp_state", state.mp_state);
	state_save_number(to, "serror_pending", events.exception.serror_pending);
	return to;
}

static int load_register(struct vcpu *vcpu, uint64_t id, const json_t *from, const char *where)
{
	register_name name;
	uint64_t value;
	int err = state_load_number(from, name_register(name, id), most(id), &value, where);

	if (err)
		return err;
	err = onereg_set(vcpu->fd, id, value);
	return err ? fail(-err,
			  "--restore: %s: this machine does not take %#" PRIx64
			  " for register %s: it was saved on another kind of CPU, or by another "
			  "kvm_armv7",
			  where, value, name)
		   : 0;
}

static bool is_in_turn(uint64_t id, unsigned int turn)
{
	return turn == (id == KVM_REG_ARM_TIMER_CNT ? 0 : id == KVM_REG_ARM_TIMER_CTL ? 2 : 1);
}

/* The counter first and the timer's control last: no old deadline passes in between. */
static int load_registers(struct vcpu *vcpu, const json_t *from, const char *where)
{
	struct kvm_reg_list *list = list_registers(vcpu);
	size_t count = 0;
	int err = list ? 0 : -ENOMEM;

	for (unsigned int turn = 0; turn < 3; turn++) {
		for (uint64_t i = 0; !err && i < list->n; i++) {
			if (!is_saved(vcpu, list->reg[i]) || !is_in_turn(list->reg[i], turn))
				continue;
			err = load_register(vcpu, list->reg[i], from, where);
			count++;
		}
	}
	if (!err && json_object_size(from) != count)
		err = fail(0, "--restore: %s: the file has %zu registers, this machine %zu", where,
			   json_object_size(from), count);
	free(list);
	return err;
}

int vcpu_load(struct vcpu *vcpu, const struct json_t *from)
{
	struct kvm_vcpu_events events = { 0 };
	uint64_t mp_state, serror;
	char where[16];
	int err;

	snprintf(where, sizeof(where), "vCPU %u", vcpu->index);
	err = state_load(NULL, 0, NULL, from, 3, where);
	if (!err)
		err = state_load_number(from, "mp_state", KVM_MP_STATE_STOPPED, &mp_state, where);
	if (!err)
		err = state_load_number(from, "serror_pending", 1, &serror, where);
	if (!err)
		err = load_registers(vcpu, json_object_get(from, "registers"), where);
	if (err)
		return err;
	events.exception.serror_pending = serror;
	if (serror && ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events) < 0)
		return fail(errno, "KVM_SET_VCPU_EVENTS (vCPU %u)", vcpu->index);
	if (ioctl(vcpu->fd, KVM_SET_MP_STATE, &(struct kvm_mp_state){ .mp_state = mp_state }) < 0)
		return fail(errno, "KVM_SET_MP_STATE (vCPU %u)", vcpu->index);
	return 0;
}
