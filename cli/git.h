/*
 * Questions to the git program about a folder that nobody vouches for. git is run with words, never through a shell; its
 * answer is bounded in length and in time; and nothing that the repository's own configuration names is run: no hook,
 * monitor, pager, filter or transport.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBXC_GIT_H
#define SBXC_GIT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Git {
	const char *folder;
	char **filters; /* names of filters that the configuration has: they are switched off */
	size_t filter_count;
} Git;

typedef struct GitAnswer {
	char *text; /* made with malloc, with a NUL behind it */
	size_t length;
	int exit_code;    /* -1: no git, killed, or out of time */
	bool is_too_long; /* text is its beginning */
} GitAnswer;

/* False: there is no git, no repository that git trusts, or its configuration cannot be read. */
bool git_open(Git *git, const char *folder);
void git_close(Git *git);
/* words: NULL at the end. At most `most` bytes are taken, and then git is ended. */
GitAnswer git_ask(const Git *git, size_t most, const char *const *words);
/* The answer without its last newline; NULL: it failed or is too long. To be freed. */
char *git_line(const Git *git, const char *const *words);

#endif
