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

typedef struct Packing {
	TarFile *files;
	size_t count, capacity, bytes;
	const char *problem;
} Packing;

static bool add(Packing *p, const char *path, unsigned mode, void *bytes, size_t length)
{
	if (p->count == p->capacity) {
		size_t capacity = p->capacity ? p->capacity * 2 : 32;
		TarFile *files = realloc(p->files, capacity * sizeof *files);
		if (!files) {
			p->problem = "no memory";
			return false;
		}
		p->files = files;
		p->capacity = capacity;
	}
	char *copy = strdup(path);
	p->bytes += length;
	if (!copy || p->count > MOST_FILES || p->bytes > MOST_BYTES) {
		p->problem = copy ? "the inputs are larger than 1 GiB or 100,000 files" : "no memory";
		free(copy);
		return false;
	}
	p->files[p->count++] = (TarFile){copy, mode, bytes, length};
	return true;
}

static bool pack_file(Packing *p, int folder, const char *name, const char *path)
{
	struct stat status;
	int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
	bool good = file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
				(size_t)status.st_size <= MOST_BYTES;
	char *bytes = good ? malloc((size_t)status.st_size + 1) : NULL;
	size_t length = 0;
	while (bytes && length < (size_t)status.st_size) {
		ssize_t n = read(file, bytes + length, (size_t)status.st_size - length);
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	if (file >= 0)
		close(file);
	if (bytes && add(p, path, 0644, bytes, length))
		return true;
	free(bytes);
	if (!p->problem)
		p->problem = "a file cannot be read";
	return false;
}

/* Links are followed as a mount would not: what they point to is packed in their place. */
static bool pack_folder(Packing *p, int parent, const char *name, const char *path, int depth)
{
	struct dirent *entry;
	bool good = true;
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
	if (!entries || depth > DEEPEST) {
		p->problem = entries ? "its folders are too deep" : "a folder cannot be read";
		good = false;
	}
	while (good && (entry = readdir(entries)) != NULL) {
		struct stat status;
		char inner[4096];
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "/" : "", entry->d_name);
		if (fstatat(folder, entry->d_name, &status, 0))
			continue; /* a link to nothing */
		if (S_ISDIR(status.st_mode))
			good = add(p, inner, 0755, NULL, 0) &&
				   pack_folder(p, folder, entry->d_name, inner, depth + 1);
		else if (S_ISREG(status.st_mode))
			good = pack_file(p, folder, entry->d_name, inner);
	}
	if (entries)
		closedir(entries);
	else if (folder >= 0)
		close(folder);
	return good;
}

static bool pack(Box *box)
{
	Packing p = {0};
	char path[4096];
	snprintf(path, sizeof path, "%s/inputs", box->folder);
	bool good = pack_folder(&p, AT_FDCWD, path, "", 0);
	for (size_t i = 0; good && i < box->folder_count; i++)
		good = add(&p, box->folders[i].name, 0755, NULL, 0) &&
			   pack_folder(&p, AT_FDCWD, box->folders[i].path, box->folders[i].name, 0);
	if (good && !docker_tar(box->docker))
		p.problem = box->docker->problem;
	else if (good && !tar_make(box->docker->tar, p.files, p.count, &box->tar))
		p.problem = "no memory";
	for (size_t i = 0; i < p.count; i++) {
		free((char *)(uintptr_t)p.files[i].path);
		free((void *)(uintptr_t)p.files[i].bytes);
	}
	free(p.files);
	if (p.problem)
		box_fail(box, "RuntimeError", "%s: its inputs cannot be packed: %s", box->what, p.problem);
	return !p.problem;
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
	byte_queue_free(&box->tar);
	box->tar = (ByteQueue){0};
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
	if (!pack(box)) {
		document_free(d, volume);
		box_give_up(box, NULL, "", "its inputs cannot be sent");
		return;
	}
	if (!say(box, volume))
		return;
	snprintf(box->path, sizeof box->path, "%s/volumes/create", box->docker->prefix);
	ask(box, "POST", box->other_text, strlen(box->other_text), NULL, volume_made);
}
