/*
 * The hand-written state machine that bench_runs.c measures against.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "switch_machine.h"

int switch_machine_step(SwitchMachine *m)
{
	switch (m->state) {
	case 0:
		m->total = 0;
		for (m->i = 0; m->i < m->n; m->i++) {
			m->task = 1;
			m->argument = m->i;
			m->state = 1;
			return 1;
		case 1:
			if (__builtin_add_overflow(m->total, m->answer, &m->total))
				return -1;
		}
		m->result = m->total;
		m->state = 2;
		/* fall through */
	default:
		return 0;
	}
}
