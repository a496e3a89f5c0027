/*
 * From a file to its link: the repository of its folder is asked for once, then each file is looked up in the commit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "source_link.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "git.h"

/* What git says of a folder. */
typedef struct Place {
	struct Place *next;
	char *folder; /* as realpath gives it */
	Git git;
	char *root, *commit; /* NULL: there is no link from here */
	char *url;
	char host[256];
	bool is_clean;
} Place;

struct SourceLinks {
	SourceHosts *hosts;
	Place *places;
};

SourceLinks *source_links_open(const char *path, char problem[512])
{
	SourceLinks *links = calloc(1, sizeof *links);
	const char *more = path ? path : getenv("SBX_SOURCE_HOSTS");
	if (!links) {
		snprintf(problem, 512, "out of memory");
		return NULL;
	}
	links->hosts = source_hosts_open(more && *more ? more : NULL, problem);
	if (!links->hosts) {
		free(links);
		return NULL;
	}
	return links;
}

static void place_free(Place *place)
{
	git_close(&place->git);
	free(place->folder);
	free(place->root);
	free(place->commit);
	free(place->url);
	free(place);
}

void source_links_close(SourceLinks *links)
{
	if (!links)
		return;
	while (links->places) {
		Place *place = links->places;
		links->places = place->next;
		place_free(place);
	}
	source_hosts_close(links->hosts);
	free(links);
}

/* ---- what git says ---- */

/* Is there a .git in the folder or above it? If not, git need not be started. */
static bool has_repository(const char *folder)
{
	char path[PATH_MAX + 8];
	size_t length = strlen(folder);
	if (length >= PATH_MAX)
		return false;
	memcpy(path, folder, length + 1);
	for (;;) {
		memcpy(path + length, "/.git", 6);
		if (access(path, F_OK) == 0)
			return true;
		while (length && path[length - 1] != '/')
			length--;
		if (!length)
			return false;
		path[--length] = '\0';
	}
}

static bool is_commit(const char *text)
{
	size_t length = strlen(text);
	return (length == 40 || length == 64) && strspn(text, "0123456789abcdef") == length;
}

/* The root may hold newlines; the commit is the last line. */
static bool find_root(Place *place)
{
	static const char *const words[] = {"rev-parse", "--show-toplevel", "HEAD", NULL};
	char *text = git_line(&place->git, words), *last = text ? strrchr(text, '\n') : NULL;
	if (!last || !is_commit(last + 1)) {
		free(text);
		return false;
	}
	*last = '\0';
	place->root = realpath(text, NULL);
	place->commit = strdup(last + 1);
	free(text);
	return place->root && place->commit;
}

/* As `git status --porcelain` has it. What submodules hold is theirs; which commit they are at is not. */
static bool find_clean(const Place *place)
{
	static const char *const words[] = {"status", "--porcelain", "--untracked-files=normal",
										"--ignore-submodules=dirty", NULL};
	GitAnswer answer = git_ask(&place->git, 0, words);
	bool is_clean = answer.exit_code == 0 && !answer.length && !answer.is_too_long;
	free(answer.text);
	return is_clean;
}

static char *push_url(const Place *place, const char *remote)
{
	const char *const words[] = {"remote", "get-url", "--push", "--", remote, NULL};
	return git_line(&place->git, words);
}

/* Of origin, else of the first remote by name. */
static char *find_remote(const Place *place)
{
	static const char *const words[] = {"remote", NULL};
	char *url = push_url(place, "origin");
	char *names = url ? NULL : git_line(&place->git, words), *first = NULL;
	for (char *name, *rest = names; (name = strsep(&rest, "\n")) != NULL;)
		if (*name && (!first || strcmp(name, first) < 0))
			first = name;
	if (first)
		url = push_url(place, first);
	free(names);
	return url;
}

static void ask_git(Place *place)
{
	if (!has_repository(place->folder) || !git_open(&place->git, place->folder) ||
		!find_root(place))
		return;
	char *remote = find_remote(place);
	place->url = remote ? source_url(remote, place->host) : NULL;
	free(remote);
	place->is_clean = place->url && find_clean(place);
}

/* Takes the folder. */
static Place *find_place(SourceLinks *links, char *folder)
{
	for (Place *place = links->places; place; place = place->next)
		if (strcmp(place->folder, folder) == 0) {
			free(folder);
			return place;
		}
	Place *place = calloc(1, sizeof *place);
	if (!place) {
		free(folder);
		return NULL;
	}
	place->folder = folder;
	place->next = links->places;
	links->places = place;
	ask_git(place);
	return place;
}

/* ---- links ---- */

/* Is the file, by its name from the root, in the commit? */
static bool is_committed(const Place *place, const char *name)
{
	char *object = NULL;
	if (asprintf(&object, "%s:%s", place->commit, name) < 0)
		return false;
	const char *const words[] = {"cat-file", "-t", object, NULL};
	char *kind = git_line(&place->git, words);
	bool found = kind && strcmp(kind, "blob") == 0;
	free(kind);
	free(object);
	return found;
}

/* The file's name from the root, in its whole path; NULL: it is not under it. */
static const char *name_from_root(const Place *place, const char *file)
{
	size_t length = strlen(place->root);
	if (strcmp(place->root, "/") == 0)
		length = 0;
	if (strncmp(file, place->root, length) != 0 || file[length] != '/')
		return NULL;
	return file + length + 1;
}

static char *link_to(const SourceLinks *links, const Place *place, const char *file, unsigned line)
{
	const char *form = place->url ? source_hosts_find(links->hosts, place->host) : NULL;
	const char *name = form ? name_from_root(place, file) : NULL;
	if (!name || !is_committed(place, name))
		return NULL;
	char *path = source_url_path(name);
	char *link = path ? source_hosts_fill(form, place->url, place->host, place->commit, path,
										  place->is_clean ? line : 0)
					  : NULL;
	free(path);
	return link;
}

char *source_link(SourceLinks *links, const char *path, unsigned line)
{
	bool is_file = links && strcmp(path, "-") != 0;
	char *file = is_file ? realpath(path, NULL) : NULL, *slash = file ? strrchr(file, '/') : NULL;
	if (!slash) {
		free(file);
		return NULL;
	}
	char *folder = slash == file ? strdup("/") : strndup(file, (size_t)(slash - file));
	const Place *place = folder ? find_place(links, folder) : NULL;
	char *link = place ? link_to(links, place, file, line) : NULL;
	free(file);
	return link;
}
