// SPDX-License-Identifier: GPL-2.0-only
/*
 * Defines the tracepoints that kvm-trace.h declares.
 */
#define CREATE_TRACE_POINTS
#include "core/kvm-trace.h"
