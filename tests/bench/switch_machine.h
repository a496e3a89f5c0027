/*
 * The peer of the task call: a state machine that a C programmer would write by hand, in a file of its own so that the
 * compiler cannot look through it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_SWITCH_MACHINE_H
#define SBX_SWITCH_MACHINE_H

#include <stdint.h>

typedef struct SwitchMachine {
	int state;
	int64_t i, n, total;
	int task; /* the pending call: which task, with which argument */
	int64_t argument;
	int64_t answer;
	int64_t result;
} SwitchMachine;

/* total += fib(i) for i below n. 1: waits for an answer, 0: done, -1: the sum is too large. */
int switch_machine_step(SwitchMachine *m);

#endif
