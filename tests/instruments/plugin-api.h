/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is used of QEMU's <qemu-plugin.h>, version 4, and of GLib's arrays.  Debian packages
 * the header for no QEMU that is new enough, and the emulator brings its own GLib.
 */
#ifndef INSTRUMENTS_PLUGIN_API_H
#define INSTRUMENTS_PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;

struct qemu_plugin_register;
struct qemu_plugin_hwaddr;

struct qemu_plugin_reg_descriptor {
	struct qemu_plugin_register *handle;
	const char *name;
	const char *feature;
};

struct g_array { /* GArray and GByteArray */
	uint8_t *data;
	unsigned int len;
};

enum qemu_plugin_cb_flags {
	QEMU_PLUGIN_CB_NO_REGS,
	QEMU_PLUGIN_CB_R_REGS
};
enum qemu_plugin_mem_rw {
	QEMU_PLUGIN_MEM_R = 1,
	QEMU_PLUGIN_MEM_W,
	QEMU_PLUGIN_MEM_RW
};

typedef void (*simple_cb)(qemu_plugin_id_t id);
typedef void (*vcpu_cb)(qemu_plugin_id_t id, unsigned int cpu);
typedef void (*exec_cb)(unsigned int cpu, void *data);
typedef void (*mem_cb)(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t va, void *data);
typedef void (*tb_trans_cb)(qemu_plugin_id_t id, void *tb);

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);
void qemu_plugin_reset(qemu_plugin_id_t id, simple_cb cb);
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, vcpu_cb cb);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb cb);
void qemu_plugin_register_vcpu_insn_exec_cb(void *insn, exec_cb cb, int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(void *insn, mem_cb cb, int flags, int rw, void *data);
size_t qemu_plugin_tb_n_insns(const void *tb);
void *qemu_plugin_tb_get_insn(const void *tb, size_t n);
size_t qemu_plugin_insn_data(const void *insn, void *to, size_t size);
size_t qemu_plugin_insn_size(const void *insn);
uint64_t qemu_plugin_insn_vaddr(const void *insn);
const struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t va);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *addr);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *addr);
struct g_array *qemu_plugin_get_registers(void);
int qemu_plugin_read_register(struct qemu_plugin_register *handle, struct g_array *to);

struct g_array *g_byte_array_new(void);
struct g_array *g_byte_array_set_size(struct g_array *array, unsigned int size);

#endif /* INSTRUMENTS_PLUGIN_API_H */
