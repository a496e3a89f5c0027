/*
 * Timers in a hierarchical wheel. A slot of level l covers 64^l milliseconds; all filled slots of a level lie ahead of the wheel's
 * time in that level's own digit, and below everything in higher levels.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "timers.h"

void sbx__timers_init(Timers *timers, int64_t time)
{
	timers->time = time < 0 ? 0 : time;
	link_init(&timers->expired);
	for (int level = 0; level < TIMER_LEVELS; level++) {
		timers->filled[level] = 0;
		for (int slot = 0; slot < TIMER_SLOTS; slot++)
			link_init(&timers->slots[level][slot]);
	}
}

static int highest_bit(uint64_t bits)
{
#if defined(__GNUC__)
	return 63 - __builtin_clzll(bits);
#else
	int n = 0;
	while (bits >>= 1)
		n++;
	return n;
#endif
}

static int lowest_bit(uint64_t bits)
{
	return highest_bit(bits & (~bits + 1));
}

void sbx__timer_set(Timers *timers, Timer *timer, int64_t due)
{
	link_remove(&timer->link);
	timer->due = due;
	if (due <= timers->time) {
		link_add_last(&timers->expired, &timer->link);
		return;
	}
	int level = highest_bit((uint64_t)(due ^ timers->time)) / TIMER_SLOT_BITS;
	int slot = (int)(due >> (level * TIMER_SLOT_BITS)) & (TIMER_SLOTS - 1);
	Link *list = &timers->slots[level][slot];
	if (link_is_alone(list) || due < timers->least[level][slot])
		timers->least[level][slot] = due;
	timers->filled[level] |= (uint64_t)1 << slot;
	link_add_last(list, &timer->link);
}

/* The first slot that has timers; slots found empty are forgotten. False: there is none. */
static bool first_slot(Timers *timers, int *level, int *slot)
{
	for (*level = 0; *level < TIMER_LEVELS; ++*level) {
		while (timers->filled[*level]) {
			*slot = lowest_bit(timers->filled[*level]);
			if (!link_is_alone(&timers->slots[*level][*slot]))
				return true;
			timers->filled[*level] &= timers->filled[*level] - 1;
		}
	}
	return false;
}

/* Moves time to the begin of the first slot that has timers, if that is not after `now`, and sets them again. */
static bool open_first_slot(Timers *timers, int64_t now)
{
	int level, slot;
	if (!first_slot(timers, &level, &slot))
		return false;
	int shift = level * TIMER_SLOT_BITS;
	uint64_t above = shift + TIMER_SLOT_BITS < 64 ? UINT64_MAX << (shift + TIMER_SLOT_BITS) : 0;
	int64_t begin = (int64_t)(((uint64_t)timers->time & above) | (uint64_t)slot << shift);
	Link *list = &timers->slots[level][slot], here;
	if (begin > now)
		return false;
	timers->time = begin;
	timers->filled[level] &= ~((uint64_t)1 << slot);
	link_init(&here);
	link_move_all(&here, list);
	while (!link_is_alone(&here)) {
		Timer *timer = HOLDER(Timer, link, here.next);
		sbx__timer_set(timers, timer, timer->due);
	}
	return true;
}

Timer *sbx__timers_take(Timers *timers, int64_t now)
{
	while (link_is_alone(&timers->expired))
		if (!open_first_slot(timers, now)) {
			if (now > timers->time)
				timers->time = now;
			return NULL;
		}
	return HOLDER(Timer, link, link_take_first(&timers->expired));
}

int64_t sbx__timers_next(const Timers *timers)
{
	if (!link_is_alone(&timers->expired))
		return timers->time;
	for (int level = 0; level < TIMER_LEVELS; level++)
		for (uint64_t filled = timers->filled[level]; filled; filled &= filled - 1) {
			int slot = lowest_bit(filled);
			if (!link_is_alone(&timers->slots[level][slot]))
				return timers->least[level][slot];
		}
	return INT64_MAX;
}
