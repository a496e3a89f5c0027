/*
 * What goes: rm -r without following links, whole or in pieces, and all that a box has of files and memory. A piece keeps nothing
 * in mind: what it has removed is gone, and the next one finds the rest. A large file is cut from its end until it is small, since
 * to remove it at once may take as long as to write it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "docker.h"

enum { DEEPEST = 64, CUT = 8 << 20, SHED = 16 << 20 };

typedef struct Removing {
	int64_t until;
	bool any; /* something is gone, so the next piece has less to do */
	bool is_over;
} Removing;

/* Looks at the clock; not before something is gone. */
static bool may_go_on(Removing *r)
{
	if (r->any && docker_microseconds() >= r->until)
		r->is_over = true;
	return !r->is_over;
}

static void cut(Removing *r, int parent, const char *name, off_t size)
{
	int file = openat(parent, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	for (; file >= 0 && size > CUT && may_go_on(r); r->any = true) {
		size -= CUT;
		if (ftruncate(file, size))
			break;
	}
	if (file >= 0)
		close(file);
}

static void remove_at(Removing *r, int parent, const char *name, int depth)
{
	struct stat status;
	if (!may_go_on(r) || fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) || depth > DEEPEST)
		return;
	if (!S_ISDIR(status.st_mode)) {
		if (S_ISREG(status.st_mode) && status.st_nlink == 1)
			cut(r, parent, name, status.st_size);
		if (may_go_on(r) && unlinkat(parent, name, 0) == 0)
			r->any = true;
		return;
	}
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
	struct dirent *entry;
	while (entries && may_go_on(r) && (entry = readdir(entries)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_at(r, folder, entry->d_name, depth + 1);
	if (entries)
		closedir(entries);
	else if (folder >= 0)
		close(folder);
	if (!r->is_over && unlinkat(parent, name, AT_REMOVEDIR) == 0)
		r->any = true;
}

bool folder_remove_some(const char *path, int64_t until)
{
	Removing removing = {.until = until};
	remove_at(&removing, AT_FDCWD, path, 0);
	return !removing.is_over;
}

void folder_remove(const char *path)
{
	(void)folder_remove_some(path, INT64_MAX);
}

/* ---- boxes ---- */

/* Files of a call that gives no result are of no use. */
static bool keeps_files(const Box *box)
{
	return box->attempt && !box->failure.type;
}

bool box_has_leftovers(const Box *box)
{
	return box->tar.capacity || box->folder || (box->kept && !keeps_files(box));
}

void box_shed_tar(Box *box)
{
	ByteQueue *tar = &box->tar;
	tar->start = tar->end = 0;
	do {
		unsigned char *less =
			tar->capacity > SHED ? realloc(tar->bytes, tar->capacity - SHED) : NULL;
		if (!less) {
			byte_queue_free(tar);
			return;
		}
		tar->bytes = less;
		tar->capacity -= SHED;
	} while (docker_has_time(box->docker));
}

static bool remove_some(const Docker *docker, char **folder)
{
	if (*folder && !folder_remove_some(*folder, docker->until))
		return false;
	free(*folder);
	*folder = NULL;
	return true;
}

bool box_clean(Box *box)
{
	Docker *docker = box->docker;
	if (box->tar.capacity)
		box_shed_tar(box);
	if (!remove_some(docker, &box->folder))
		return false;
	if (box->kept && !keeps_files(box) && remove_some(docker, &box->kept))
		(void)rmdir(docker->run_folder); /* if nothing else is in it */
	return !box_has_leftovers(box);
}
