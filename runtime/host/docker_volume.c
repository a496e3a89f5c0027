/*
 * The inputs of a sandbox on an engine that is not of this machine: packed into a tar, they fill a volume. The
 * volume is read-only for the sandbox, and an engine copies nothing into what is read-only; so another container,
 * which never runs, holds the volume while the engine unpacks the tar into it.
 *
 *     volume created -> holder created -> tar sent -> holder removed -> the box goes on
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "docker.h"

enum { DEEPEST = 64, MOST_FILES = 100000 };
#define MOST_BYTES ((size_t)1 << 30)

/* ---- the tar ---- */

/* Where the walk is: folders in folders, and perhaps a file in the last one. */
typedef struct Packing {
	TarWriter *writer;
	size_t count, bytes; /* of what is packed */
	size_t begun;        /* of what is walked: 1 with box->folder, then the box's folders */
	struct PackLevel {
		DIR *entries;
		size_t length; /* of its own path */
	} levels[DEEPEST + 1];
	int depth;       /* levels that are open */
	char path[4096]; /* in the tar */
	int file;        /* -1: none */
	size_t left;     /* of it */
	const char *problem;
} Packing;

static bool fail(Packing *p, const char *problem)
{
	p->problem = problem;
	return false;
}

static bool add(Packing *p, bool is_folder, size_t length)
{
	if (p->count++ > MOST_FILES || length > MOST_BYTES - p->bytes)
		return fail(p, "the inputs are larger than 1 GiB or 100,000 files");
	p->bytes += length;
	return tar_writer_begin(p->writer, p->path, is_folder, is_folder ? 0755 : 0644, length) ||
		   fail(p, "no memory");
}

static bool begin_file(Packing *p, int folder, const char *name)
{
	struct stat status;
	p->file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p->file < 0 || fstat(p->file, &status) || !S_ISREG(status.st_mode) ||
		(size_t)status.st_size > MOST_BYTES)
		return fail(p, "a file cannot be read");
	p->left = (size_t)status.st_size;
	return add(p, false, p->left);
}

static bool read_file(Packing *p)
{
	char block[STEP_BYTES];
	ssize_t n = p->left ? read(p->file, block, p->left < sizeof block ? p->left : sizeof block) : 0;
	if (n < 0 && errno == EINTR)
		return true;
	if (p->left && n <= 0)
		return fail(p, "a file cannot be read");
	if (!tar_writer_add(p->writer, block, (size_t)n))
		return fail(p, "no memory");
	p->left -= (size_t)n;
	if (!p->left) {
		close(p->file);
		p->file = -1;
	}
	return true;
}

static bool begin_folder(Packing *p, int parent, const char *name)
{
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
	if (!entries) {
		if (folder >= 0)
			close(folder);
		return fail(p, "a folder cannot be read");
	}
	if (p->depth > DEEPEST) {
		closedir(entries);
		return fail(p, "its folders are too deep");
	}
	p->levels[p->depth++] = (struct PackLevel){entries, strlen(p->path)};
	return true;
}

/* Links are followed as a mount would not: what they point to is packed in their place. */
static bool next_entry(Packing *p)
{
	struct PackLevel *level = &p->levels[p->depth - 1];
	struct dirent *entry = readdir(level->entries);
	struct stat status;
	if (!entry) {
		closedir(level->entries);
		p->depth--;
		return true;
	}
	int folder = dirfd(level->entries);
	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		fstatat(folder, entry->d_name, &status, 0))
		return true; /* or a link to nothing */
	snprintf(p->path + level->length, sizeof p->path - level->length, "%s%s",
			 level->length ? "/" : "", entry->d_name);
	if (S_ISDIR(status.st_mode))
		return add(p, true, 0) && begin_folder(p, folder, entry->d_name);
	return !S_ISREG(status.st_mode) || begin_file(p, folder, entry->d_name);
}

/* What the box's folder has, then folders of the user. */
static bool begin_next(Packing *p, const Box *box)
{
	char path[4096];
	if (!p->begun++) {
		*p->path = '\0';
		snprintf(path, sizeof path, "%s/inputs", box->folder);
		return begin_folder(p, AT_FDCWD, path);
	}
	const struct BoxFolder *folder = &box->folders[p->begun - 2];
	snprintf(p->path, sizeof p->path, "%s", folder->name);
	return add(p, true, 0) && begin_folder(p, AT_FDCWD, folder->path);
}

static bool begin(Box *box)
{
	Packing *p = box->packing = calloc(1, sizeof *p);
	if (!p)
		return false;
	p->file = -1;
	box->is_sent = false;
	byte_queue_clear(&box->tar);
	if (!docker_tar(box->docker))
		return fail(p, box->docker->problem);
	p->writer = tar_writer_open(box->docker->tar, &box->tar);
	return p->writer || fail(p, "no memory");
}

void volume_stop(Box *box)
{
	Packing *p = box->packing;
	if (!p)
		return;
	while (p->depth)
		closedir(p->levels[--p->depth].entries);
	if (p->file >= 0)
		close(p->file);
	tar_writer_close(p->writer);
	free(p);
	box->packing = NULL;
}

bool volume_pack(Box *box)
{
	bool good = box->packing || begin(box), more = true;
	Packing *p = box->packing;
	for (; good && more; more = more && docker_has_time(box->docker)) {
		if (p->file >= 0)
			good = read_file(p);
		else if (p->depth)
			good = next_entry(p);
		else if (p->begun <= box->folder_count)
			good = begin_next(p, box);
		else
			break;
	}
	if (good && !more)
		return false;
	if (good && !tar_writer_end(p->writer))
		good = fail(p, "no memory");
	if (!good)
		box_fail(box, "RuntimeError", "%s: its inputs cannot be packed: %s", box->what,
				 p && p->problem ? p->problem : "no memory");
	volume_stop(box);
	return true;
}

/* ---- the requests ---- */

static void ask(Box *box, const char *method, const void *body, size_t length, const char *type,
				void (*on_end)(HttpRequest *request, const char *problem))
{
	box->request.on_end = on_end;
	box->request.on_data = NULL;
	box->request.context = box;
	box->request.content_type = type;
	if (!docker_send(box->docker, &box->request, method, box->path, body, length))
		box_give_up(box, NULL, "no memory for a request", "its inputs cannot be sent");
}

static bool has_failed(Box *box, const HttpRequest *request, const char *problem)
{
	if (!problem && request->status >= 200 && request->status < 300 && box->attempt)
		return false;
	box_give_up(box, request, problem, "its inputs cannot be sent");
	return true;
}

static void holder_gone(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	if (has_failed(box, request, problem))
		return;
	box->is_sent = true;
	box_create(box);
}

static void tar_sent(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	if (has_failed(box, request, problem))
		return;
	snprintf(box->path, sizeof box->path, "%s/containers/%s-fill?force=1", box->docker->prefix,
			 box->name);
	ask(box, "DELETE", NULL, 0, NULL, holder_gone);
}

static void holder_made(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	if (has_failed(box, request, problem))
		return;
	snprintf(box->path, sizeof box->path, "%s/containers/%s-fill/archive?path=/var/inputs",
			 box->docker->prefix, box->name);
	ask(box, "PUT", byte_queue_front(&box->tar), byte_queue_length(&box->tar), "application/x-tar",
		tar_sent);
}

/* The text is kept until the answer comes. */
static bool say(Box *box, Document *taken)
{
	free(box->other_text);
	box->other_text = document_text(box->docker->documents, taken);
	document_free(box->docker->documents, taken);
	if (!box->other_text)
		box_give_up(box, NULL, "no memory for a request", "its inputs cannot be sent");
	return box->other_text != NULL;
}

static void volume_made(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	Documents *d = box->docker->documents;
	if (has_failed(box, request, problem))
		return;
	Document *holder = document_make(d), *mount = document_make(d);
	document_set_text(d, holder, "Image", box->image->tag);
	document_append_text(d, holder, "Entrypoint", "true");
	document_set_text(d, holder, "HostConfig/NetworkMode", "none");
	document_set_key(d, holder, "Labels", "sbx.client", box->docker->identity);
	document_set_text(d, mount, "Type", "volume");
	document_set_text(d, mount, "Source", box->name);
	document_set_text(d, mount, "Target", "/var/inputs");
	document_append(d, holder, "HostConfig/Mounts", mount);
	if (!say(box, holder))
		return;
	snprintf(box->path, sizeof box->path, "%s/containers/create?name=%s-fill", box->docker->prefix,
			 box->name);
	ask(box, "POST", box->other_text, strlen(box->other_text), NULL, holder_made);
}

void volume_fill(Box *box)
{
	Documents *d = box->docker->documents;
	Document *volume = document_make(d);
	box->stage = BOX_FILLS;
	box->has_volume = true;
	document_set_text(d, volume, "Name", box->name);
	document_set_key(d, volume, "Labels", "sbx.client", box->docker->identity);
	if (!say(box, volume))
		return;
	snprintf(box->path, sizeof box->path, "%s/volumes/create", box->docker->prefix);
	ask(box, "POST", box->other_text, strlen(box->other_text), NULL, volume_made);
}
