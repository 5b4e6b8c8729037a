/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PL011 serial port (DDI 0183, r1p5), between a guest and a byte stream.
 *
 * Nothing is ever lost.  Input is queued in rx and moves into the guest's
 * 32-byte FIFO at the pace at which the guest reads; when rx is full the sender
 * waits, so an overrun can only happen in loopback.  Output is queued in tx,
 * which the guest sees as a FIFO that is rarely full; a guest that ignores
 * FR.TXFF blocks in its store until there is room.
 *
 * There is no clock here: the baud rate is stored and has no effect.  The owner
 * calls what depends on time.
 */
#ifndef ARMVM_PL011_H
#define ARMVM_PL011_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "state.h"

#define PL011_FIFO     32u
#define PL011_RX_SIZE  4096u
#define PL011_TX_SIZE  8192u
#define PL011_TX_BATCH 512u /* bytes that are worth a write of their own */

struct ring {
	uint8_t *data;
	uint32_t size; /* a power of two */
	uint32_t head; /* free running: where the next byte goes */
	uint32_t tail;
};

struct pl011 {
	pthread_mutex_t lock;
	pthread_cond_t tx_room;
	struct ring rx;
	struct ring tx;
	bool closed;	   /* the line is gone: output is dropped */
	bool stopping;	   /* see pl011_stop() */
	bool rx_held;	   /* see pl011_rx_release() */
	bool rx_resting;   /* see pl011_rx_resume() */
	bool rx_stopped;   /* see pl011_rx_stop() */
	uint32_t rx_open;  /* bytes of rx that the guest may see */
	uint32_t rx_batch; /* how many more it may see before the next rest */
	uint16_t cr, ifls, imsc, ris, lcr_h, ibrd, fbrd, ilpr, dmacr;
	uint8_t rsr; /* overrun, in loopback only */
	uint8_t rx_data[PL011_RX_SIZE];
	uint8_t tx_data[PL011_TX_SIZE];
	/* Both are called with lock held and must not call back. */
	void (*set_irq)(void *owner, bool level);
	/* tx has one byte or a batch, rx has room, or rx is held or rests */
	void (*wake)(void *owner);
	void *owner;
};

extern const struct bus_ops pl011_ops;

void pl011_init(struct pl011 *uart, void (*set_irq)(void *owner, bool level),
		void (*wake)(void *owner), void *owner);
/*
 * From now on output is dropped, and a vCPU that waits for room resumes.
 * pl011_peek() still returns what was queued before.
 */
void pl011_close(struct pl011 *uart);

/*
 * The guest ends: a vCPU that waits for room resumes, and its byte is dropped.  Everything that
 * was queued is still sent.  pl011_reset() then gives the registers their reset values; input
 * that the guest has not read stays queued.  By then no vCPU may run.
 */
void pl011_stop(struct pl011 *uart);
void pl011_reset(struct pl011 *uart);

/*
 * pl011_state.c, for a saved machine; no vCPU may run.  Input that the guest has not read belongs
 * to it.  Output does not: it is written before.  The latter as state.h says.
 */
struct json_t *pl011_save(struct pl011 *uart);
int pl011_load(struct pl011 *uart, const struct json_t *from, const char *where);

/* ---- the side of the byte stream ---- */

/*
 * Take no input for now, or take it again: the guest has been saved, and what came after that would
 * be lost.
 */
void pl011_rx_stop(struct pl011 *uart, bool stop);
/* How many bytes pl011_receive() would take now. */
size_t pl011_rx_room(struct pl011 *uart);
/* Queue bytes for the guest; returns how many fitted. */
size_t pl011_receive(struct pl011 *uart, const uint8_t *data, size_t count);
/*
 * Drivers, Linux's among them, flush the receive FIFO right after enabling the
 * receiver, and would throw away what was queued before.  So no input reaches
 * the FIFO until pl011_rx_release(), which the owner calls some milliseconds
 * after pl011_rx_held() has become true.
 */
bool pl011_rx_held(struct pl011 *uart);
void pl011_rx_release(struct pl011 *uart);
/*
 * Without a baud rate, a guest's driver could find its FIFO full for ever: Linux's reads it in
 * one interrupt until it is empty, and no timer of the guest would come through.  So input
 * comes in batches of a FIFO.  When the guest has read one, the line rests until
 * pl011_rx_resume(), which the owner calls after about the time that the batch took.
 */
bool pl011_rx_resting(struct pl011 *uart);
void pl011_rx_resume(struct pl011 *uart);
/* Copy up to max bytes of output; they stay queued until pl011_sent(). */
size_t pl011_peek(struct pl011 *uart, uint8_t *data, size_t max);
void pl011_sent(struct pl011 *uart, size_t count);
size_t pl011_tx_count(struct pl011 *uart);
/* Does output wait that somebody may still read? */
bool pl011_tx_waits(struct pl011 *uart);

#endif
