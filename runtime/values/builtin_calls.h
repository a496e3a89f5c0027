/*
 * Checks that builtin functions and types share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_BUILTIN_CALLS_H
#define SBX_BUILTIN_CALLS_H

#include "containers.h"

/* No keywords, and between min and max arguments: "divmod expected 2 arguments, got 1". 0, or -1 raised. */
int sbx__check_arguments(sbx_run *run, const char *name, uint32_t min, uint32_t max, uint32_t count,
						 sbx_value names);

#endif
