/*
 * Timers in a hierarchical wheel: setting and clearing one costs the same however many are set.
 *
 * A timer lies in the slot of its due time on the lowest level on which that differs from the wheel's time: level 0 has a
 * slot a millisecond, level 1 one for 64 ms, and so on. When time reaches a slot of a higher level its timers move to lower
 * ones, so each moves at most once a level.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_TIMERS_H
#define SBX_TIMERS_H

#include <stdint.h>

#include "links.h"

enum { TIMER_SLOT_BITS = 6, TIMER_SLOTS = 64, TIMER_LEVELS = 11 };

typedef struct Timer {
	Link link; /* alone: not set */
	int64_t due;
} Timer;

typedef struct Timers {
	int64_t time; /* all that was due up to here has been given out, or is in `expired` */
	uint64_t filled[TIMER_LEVELS]; /* a bit for each slot that may have timers */
	Link slots[TIMER_LEVELS][TIMER_SLOTS];
	int64_t least[TIMER_LEVELS]
				 [TIMER_SLOTS]; /* none in the slot is due before; exact if none was cleared */
	Link expired;
} Timers;

/* time: from 0; no timer will be due before. */
void sbx__timers_init(Timers *timers, int64_t time);
static inline void timer_init(Timer *timer)
{
	link_init(&timer->link);
}
/* Sets it anew; one that is due already is given out next. */
void sbx__timer_set(Timers *timers, Timer *timer, int64_t due);
static inline void timer_clear(Timer *timer)
{
	link_remove(&timer->link);
}
/* A timer that is due at `now`, cleared; NULL: no more. Earlier ones come first. */
Timer *sbx__timers_take(Timers *timers, int64_t now);
/* When the next one is due, or somewhat earlier; INT64_MAX: none is set. */
int64_t sbx__timers_next(const Timers *timers);

#endif
