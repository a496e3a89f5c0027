/*
 * Programs in the form that sbxc emits, made by hand so that the runtime can be measured without the compiler.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_BENCH_MACHINES_H
#define SBX_BENCH_MACHINES_H

#include "sbx.h"

extern const sbx_entry bench_loop;     /* total = total + fib(i) for i in range(n) */
extern const sbx_entry bench_pipeline; /* the seeds' pipeline */

#endif
