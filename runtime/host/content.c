/*
 * See content.h. A folder's names are sorted as bytes: they are put into a binary heap as they are read, and taken out of
 * it one by one, so that no step takes longer for a large folder.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reading a name takes about 2 us, opening what it names about 10; a byte 4 ns. */
enum { DEEPEST = 100, PIECE = 65536, COST_OF_NAME = 512, COST_OF_ENTRY = 2560 };

/* A folder that is being read; the first one stands for what was asked for. */
typedef struct Level {
	DIR *folder;
	char **names; /* a heap, the least first */
	size_t count, room;
	bool is_listed; /* all its names are there */
	char *entry;    /* what is being read in it, */
	char letter;    /* and what that is: d, f, x, l */
	sbx_sha256 hash;
} Level;

struct Content {
	Level levels[DEEPEST];
	int depth; /* folders that are open */
	int file;  /* the open file, or -1 */
	sbx_sha256 hash;
	unsigned char digest[32]; /* when nothing is open any more */
	unsigned char piece[PIECE];
};

/* ---- names in order ---- */

static bool add_name(Level *level, const char *name)
{
	if (level->count == level->room) {
		size_t room = level->room ? level->room * 2 : 16;
		char **names = realloc(level->names, room * sizeof *names);
		if (!names)
			return false;
		level->names = names;
		level->room = room;
	}
	char *copy = strdup(name);
	size_t i = level->count;
	if (!copy)
		return false;
	level->count++;
	for (size_t up; i && strcmp(level->names[up = (i - 1) / 2], copy) > 0; i = up)
		level->names[i] = level->names[up];
	level->names[i] = copy;
	return true;
}

/* The least; there is one. */
static char *take_name(Level *level)
{
	char *least = level->names[0], *last = level->names[--level->count];
	size_t i = 0, down;
	while ((down = 2 * i + 1) < level->count) {
		if (down + 1 < level->count && strcmp(level->names[down + 1], level->names[down]) < 0)
			down++;
		if (strcmp(last, level->names[down]) <= 0)
			break;
		level->names[i] = level->names[down];
		i = down;
	}
	if (level->count)
		level->names[i] = last;
	return least;
}

/* ---- files and folders ---- */

static bool enter(Content *c, int descriptor)
{
	DIR *folder = c->depth < DEEPEST ? fdopendir(descriptor) : NULL;
	if (!folder) {
		close(descriptor);
		return false;
	}
	Level *level = &c->levels[c->depth++];
	*level = (Level){.folder = folder};
	sbx_sha256_begin(&level->hash);
	return true;
}

static void leave(Content *c)
{
	Level *level = &c->levels[--c->depth];
	while (level->count)
		free(level->names[--level->count]);
	free(level->names);
	free(level->entry);
	closedir(level->folder);
}

/* The folder's letter, name and digest of what was read in it; or all has been read. */
static void end_entry(Content *c, const unsigned char digest[32])
{
	if (!c->depth) {
		memcpy(c->digest, digest, 32);
		return;
	}
	Level *level = &c->levels[c->depth - 1];
	sbx_sha256_add(&level->hash, &level->letter, 1);
	sbx_sha256_add(&level->hash, level->entry, strlen(level->entry) + 1);
	sbx_sha256_add(&level->hash, digest, 32);
	free(level->entry);
	level->entry = NULL;
}

static bool read_link(Content *c, int folder, const char *name)
{
	char target[PATH_MAX];
	unsigned char digest[32];
	sbx_sha256 hash;
	ssize_t length = readlinkat(folder, name, target, sizeof target);
	if (length < 0)
		return false;
	sbx_sha256_begin(&hash);
	sbx_sha256_add(&hash, target, (size_t)length);
	sbx_sha256_end(&hash, digest);
	end_entry(c, digest);
	return true;
}

/* Takes the name. */
static bool begin_entry(Content *c, char *name)
{
	Level *level = &c->levels[c->depth - 1];
	int folder = dirfd(level->folder);
	struct stat status;
	level->entry = name;
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW))
		return false;
	level->letter = S_ISDIR(status.st_mode)                          ? 'd'
					: S_ISLNK(status.st_mode)                        ? 'l'
					: status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH) ? 'x'
																	 : 'f';
	if (S_ISLNK(status.st_mode))
		return read_link(c, folder, name);
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return false;
	int descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (descriptor < 0)
		return false;
	if (S_ISDIR(status.st_mode))
		return enter(c, descriptor);
	c->file = descriptor;
	sbx_sha256_begin(&c->hash);
	return true;
}

/* ---- the interface ---- */

Content *content_open(const char *path)
{
	struct stat status;
	if (strncmp(path, "file://", 7) == 0)
		path += 7;
	else if (strstr(path, "://"))
		return NULL;
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool good = descriptor >= 0 && fstat(descriptor, &status) == 0;
	bool is_file = good && S_ISREG(status.st_mode), is_folder = good && S_ISDIR(status.st_mode);
	Content *c = is_file || is_folder ? malloc(sizeof *c) : NULL;
	if (!c) {
		if (descriptor >= 0)
			close(descriptor);
		return NULL;
	}
	c->depth = 0;
	c->file = -1;
	if (is_file) {
		c->file = descriptor;
		sbx_sha256_begin(&c->hash);
		sbx_sha256_add(&c->hash, "f", 1);
	} else if (enter(c, descriptor)) {
		sbx_sha256_add(&c->levels[0].hash, "d", 1);
	} else {
		free(c);
		return NULL;
	}
	return c;
}

static bool read_file(Content *c, int64_t *budget)
{
	unsigned char digest[32];
	ssize_t n = read(c->file, c->piece, PIECE);
	if (n < 0)
		return errno == EINTR;
	*budget -= n;
	sbx_sha256_add(&c->hash, c->piece, (size_t)n);
	if (n)
		return true;
	close(c->file);
	c->file = -1;
	sbx_sha256_end(&c->hash, digest);
	end_entry(c, digest);
	return true;
}

static bool list_folder(Level *level, int64_t *budget)
{
	errno = 0;
	const struct dirent *entry = readdir(level->folder);
	*budget -= COST_OF_NAME;
	level->is_listed = !entry;
	if (!entry)
		return errno == 0;
	return strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		   add_name(level, entry->d_name);
}

static bool read_folder(Content *c, int64_t *budget)
{
	Level *level = &c->levels[c->depth - 1];
	unsigned char digest[32];
	if (!level->is_listed)
		return list_folder(level, budget);
	*budget -= COST_OF_ENTRY;
	if (level->count)
		return begin_entry(c, take_name(level));
	sbx_sha256_end(&level->hash, digest);
	leave(c);
	end_entry(c, digest);
	return true;
}

sbx_status content_read(Content *c, int64_t *budget, unsigned char digest[32])
{
	while (c->file >= 0 || c->depth) {
		if (*budget <= 0)
			return SBX_WAITING;
		if (!(c->file >= 0 ? read_file(c, budget) : read_folder(c, budget)))
			return SBX_E_UNAVAILABLE;
	}
	memcpy(digest, c->digest, 32);
	return SBX_DONE;
}

void content_close(Content *c)
{
	if (!c)
		return;
	if (c->file >= 0)
		close(c->file);
	while (c->depth)
		leave(c);
	free(c);
}
