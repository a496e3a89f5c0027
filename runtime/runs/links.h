/*
 * Lists whose links lie in what they link: circular, with the list itself as the first link, so that taking an element
 * out needs neither the list nor a search. An element that is in no list is linked to itself.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_LINKS_H
#define SBX_LINKS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Link {
	struct Link *next, *previous;
} Link;

/* The struct that holds `link` as its `member`. */
#define HOLDER(type, member, link) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void link_init(Link *link)
{
	link->next = link->previous = link;
}

/* Of a list: it is empty. Of an element: it is in none. */
static inline bool link_is_alone(const Link *link)
{
	return link->next == link;
}

static inline void link_add_last(Link *list, Link *link)
{
	link->previous = list->previous;
	link->next = list;
	list->previous->next = link;
	list->previous = link;
}

static inline void link_remove(Link *link)
{
	link->previous->next = link->next;
	link->next->previous = link->previous;
	link_init(link);
}

/* The first element, taken out; NULL: none. */
static inline Link *link_take_first(Link *list)
{
	Link *first = list->next;
	if (first == list)
		return NULL;
	link_remove(first);
	return first;
}

/* Everything in `from` comes behind what `to` has. */
static inline void link_move_all(Link *to, Link *from)
{
	if (link_is_alone(from))
		return;
	from->next->previous = to->previous;
	from->previous->next = to;
	to->previous->next = from->next;
	to->previous = from->previous;
	link_init(from);
}

#endif
