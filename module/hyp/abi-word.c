// SPDX-License-Identifier: GPL-2.0-only
/* The last word of the image's header: the structures that this image was built with. */
#include "abi.h"

extern const uint32_t hyp_abi_word;
__attribute__((section(".abi"))) const uint32_t hyp_abi_word = HYP_ABI_WORD;
