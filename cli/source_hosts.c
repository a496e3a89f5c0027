/*
 * How links to a line look on each host. Two are known; a user's file adds others, or changes those:
 *
 *     # host            form
 *     git.acme.example  gitlab
 *     bitbucket.org     {url}/src/{commit}/{path}[#lines-{line}]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source_link.h"

typedef struct SourceHost {
	char *host, *form;
} SourceHost;

struct SourceHosts {
	SourceHost *items;
	size_t count;
};

static const struct {
	const char *word, *host, *form;
} BUILT_IN[] = {{"github", "github.com", "{url}/blob/{commit}/{path}[#L{line}]"},
				{"gitlab", "gitlab.com", "{url}/-/blob/{commit}/{path}[#L{line}]"}};

static const char *const HOLES[] = {"{url}", "{host}", "{commit}", "{path}", "{line}"};

/* The hole that begins here, or -1. */
static int hole_at(const char *form)
{
	for (int i = 0; i < 5; i++)
		if (strncmp(form, HOLES[i], strlen(HOLES[i])) == 0)
			return i;
	return -1;
}

/* NULL: it is right. */
static const char *mistake_in(const char *form)
{
	bool inside = false;
	unsigned paths = 0, commits = 0;
	if (strncmp(form, "{url}", 5) != 0 && strncmp(form, "https://", 8) != 0 &&
		strncmp(form, "http://", 7) != 0)
		return "a form is github, gitlab, or begins with {url}, https:// or http://";
	for (const char *p = form; *p; p++) {
		int hole = hole_at(p);
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f || strchr("\"<>\\^`|", *p))
			return "a form holds the letters of a URL only";
		if ((*p == '[' && inside) || (*p == ']' && !inside))
			return "[ ] stand in pairs, not one in the other";
		if ((*p == '{' && hole < 0) || *p == '}')
			return "the holes are {url}, {host}, {commit}, {path} and {line}";
		if (hole == 4 && !inside)
			return "{line} stands in [ ], which are left out where there is no line";
		inside = *p == '[' || (inside && *p != ']');
		commits += hole == 2;
		paths += hole == 3;
		if (hole >= 0)
			p += strlen(HOLES[hole]) - 1;
	}
	return inside               ? "[ ] stand in pairs, not one in the other"
		   : !paths || !commits ? "a form has {commit} and {path}"
								: NULL;
}

/* A word of the line: its beginning; *end is behind it, and made the end of the text. */
static char *word(char **rest)
{
	char *begin = *rest + strspn(*rest, " \t\r\n");
	char *end = begin + strcspn(begin, " \t\r\n");
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return begin;
}

static const char *add_line(SourceHosts *hosts, char *line)
{
	char *rest = line, *host = word(&rest), *form = word(&rest), *more = word(&rest);
	const char *known = form;
	if (!*host || *host == '#')
		return NULL;
	if (!*form || *more)
		return "a line is a host and a form";
	for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
		if (strcmp(form, BUILT_IN[i].word) == 0)
			known = BUILT_IN[i].form;
	const char *mistake = mistake_in(known);
	if (mistake)
		return mistake;
	SourceHost *items = realloc(hosts->items, (hosts->count + 1) * sizeof *items);
	if (!items)
		return "out of memory";
	hosts->items = items;
	items[hosts->count] = (SourceHost){strdup(host), strdup(known)};
	if (!items[hosts->count].host || !items[hosts->count].form) {
		free(items[hosts->count].host);
		free(items[hosts->count].form);
		return "out of memory";
	}
	hosts->count++;
	return NULL;
}

static bool read_file(SourceHosts *hosts, const char *path, char problem[512])
{
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	const char *mistake = NULL;
	FILE *file = fopen(path, "re");
	problem[0] = '\0';
	if (file) {
		while (!mistake && getline(&line, &room, file) >= 0) {
			number++;
			mistake = add_line(hosts, line);
		}
	}
	if (mistake)
		snprintf(problem, 512, "%.300s:%u: %s", path, number, mistake);
	else if (!file || ferror(file))
		snprintf(problem, 512, "cannot read the source hosts '%.300s': %s", path, strerror(errno));
	free(line);
	if (file)
		fclose(file);
	return !problem[0];
}

SourceHosts *source_hosts_open(const char *path, char problem[512])
{
	SourceHosts *hosts = calloc(1, sizeof *hosts);
	if (!hosts) {
		snprintf(problem, 512, "out of memory");
		return NULL;
	}
	if (path && !read_file(hosts, path, problem)) {
		source_hosts_close(hosts);
		return NULL;
	}
	return hosts;
}

void source_hosts_close(SourceHosts *hosts)
{
	if (!hosts)
		return;
	for (size_t i = 0; i < hosts->count; i++) {
		free(hosts->items[i].host);
		free(hosts->items[i].form);
	}
	free(hosts->items);
	free(hosts);
}

const char *source_hosts_find(const SourceHosts *hosts, const char *host)
{
	for (size_t i = hosts->count; i-- > 0;) /* the last word counts */
		if (strcasecmp(hosts->items[i].host, host) == 0)
			return hosts->items[i].form;
	for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
		if (strcmp(BUILT_IN[i].host, host) == 0)
			return BUILT_IN[i].form;
	return NULL;
}

char *source_hosts_fill(const char *form, const char *url, const char *host, const char *commit,
						const char *path, unsigned line)
{
	char number[16], *text = NULL;
	size_t length;
	const char *const values[] = {url, host, commit, path, number};
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return NULL;
	snprintf(number, sizeof number, "%u", line);
	for (const char *p = form; *p; p++) {
		int hole = hole_at(p);
		if (*p == '[' && !line) {
			p = strchr(p, ']');
		} else if (hole >= 0) {
			fputs(values[hole], out);
			p += strlen(HOLES[hole]) - 1;
		} else if (*p != '[' && *p != ']') {
			putc(*p, out);
		}
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
