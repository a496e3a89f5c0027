/*
 * Tar streams, by libarchive, of which this file is the only user. What comes out of a container was written by code
 * that nobody trusts: every name, kind and size is looked at before anything is made of it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared_library.h"

#define FUNCTIONS(X) \
	X(archive_write_new) \
	X(archive_write_set_format_pax_restricted) \
	X(archive_write_set_bytes_per_block) \
	X(archive_write_open) \
	X(archive_write_header) \
	X(archive_write_data) \
	X(archive_write_close) \
	X(archive_write_free) \
	X(archive_read_new) \
	X(archive_read_support_format_tar) \
	X(archive_read_open_fd) \
	X(archive_read_next_header) \
	X(archive_read_data) \
	X(archive_read_free) \
	X(archive_error_string) \
	X(archive_entry_new) \
	X(archive_entry_free) \
	X(archive_entry_set_pathname) \
	X(archive_entry_set_size) \
	X(archive_entry_set_mode) \
	X(archive_entry_pathname) \
	X(archive_entry_filetype) \
	X(archive_entry_hardlink) \
	X(archive_entry_size)

struct Tar {
#define MEMBER(name) __typeof__(&name) name;
	FUNCTIONS(MEMBER)
#undef MEMBER
};

static const SharedName NAMES[] = {
#define NAME(name) {#name, offsetof(struct Tar, name)},
	FUNCTIONS(NAME)
#undef NAME
};

Tar *tar_open(void)
{
	Tar *tar = calloc(1, sizeof *tar);
	if (tar && !shared_library_load("libarchive.so.13", NAMES, SHARED_COUNT(NAMES), tar)) {
		free(tar);
		tar = NULL;
	}
	return tar;
}

void tar_close(Tar *tar)
{
	free(tar);
}

/* ---- making ---- */

static ssize_t add_bytes(struct archive *archive, void *context, const void *bytes, size_t length)
{
	(void)archive;
	byte_queue_add(context, bytes, length);
	return ((ByteQueue *)context)->failed ? -1 : (ssize_t)length;
}

static bool add_file(Tar *tar, struct archive *archive, const TarFile *file)
{
	struct archive_entry *entry = tar->archive_entry_new();
	if (!entry)
		return false;
	tar->archive_entry_set_pathname(entry, file->path);
	tar->archive_entry_set_mode(entry, (file->bytes ? S_IFREG : S_IFDIR) | file->mode);
	tar->archive_entry_set_size(entry, (int64_t)file->length);
	bool good = tar->archive_write_header(archive, entry) == ARCHIVE_OK;
	if (good && file->length)
		good = tar->archive_write_data(archive, file->bytes, file->length) == (ssize_t)file->length;
	tar->archive_entry_free(entry);
	return good;
}

bool tar_make(Tar *tar, const TarFile *files, size_t count, ByteQueue *out)
{
	struct archive *archive = tar->archive_write_new();
	bool good = archive && tar->archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
				tar->archive_write_open(archive, out, NULL, add_bytes, NULL) == ARCHIVE_OK;
	for (size_t i = 0; good && i < count; i++)
		good = add_file(tar, archive, &files[i]);
	good = good && tar->archive_write_close(archive) == ARCHIVE_OK;
	if (archive)
		tar->archive_write_free(archive);
	return good && !out->failed;
}

/* ---- collecting ---- */

typedef struct Collecting {
	Tar *tar;
	struct archive *archive;
	char *problem;
	uint64_t bytes;
	unsigned files;
} Collecting;

static bool fail(Collecting *c, const char *format, const char *detail)
{
	snprintf(c->problem, 256, format, detail);
	return false;
}

/* No empty part, no "." and no "..": it stays where it is put. */
static bool is_inside(const char *path)
{
	while (*path) {
		size_t length = strcspn(path, "/");
		if (!length || (length == 1 && *path == '.') || (length == 2 && !strncmp(path, "..", 2)))
			return false;
		path += length;
		path += *path == '/' && path[1];
		if (*path == '/')
			return true; /* a folder's name ends with one */
	}
	return true;
}

static bool read_text(Collecting *c, TarWanted *wanted, int64_t size)
{
	if (size < 0 || size > TAR_MOST_TEXT)
		return fail(c, "the output '%.60s' is larger than 64 MiB", wanted->name);
	wanted->text = malloc((size_t)size + 1);
	if (!wanted->text)
		return fail(c, "no memory for the output '%.60s'", wanted->name);
	while (wanted->length < (size_t)size) {
		ssize_t n = c->tar->archive_read_data(c->archive, wanted->text + wanted->length,
											  (size_t)size - wanted->length);
		if (n <= 0)
			return fail(c, "the output '%.60s' is cut off", wanted->name);
		wanted->length += (size_t)n;
	}
	wanted->text[size] = '\0';
	return true;
}

/* Makes a new file of `size` bytes; O_EXCL also means that no link is followed. */
static bool read_file(Collecting *c, const char *path, const char *shown, int64_t size)
{
	char block[65536];
	ssize_t n;
	if (size < 0 || (uint64_t)size > TAR_MOST_BYTES - c->bytes)
		return fail(c, "the outputs are larger than 4 GiB%s", "");
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (file < 0) {
		char text[200];
		snprintf(text, sizeof text, "%.120s: %s", shown, strerror(errno));
		return fail(c, "the output %s", text);
	}
	while ((n = c->tar->archive_read_data(c->archive, block, sizeof block)) > 0) {
		c->bytes += (uint64_t)n;
		if (c->bytes > TAR_MOST_BYTES || write(file, block, (size_t)n) != n) /* holes may be more */
			break;
	}
	int error = errno;
	if (close(file) == 0 && n == 0)
		return true;
	if (c->bytes > TAR_MOST_BYTES)
		return fail(c, "the outputs are larger than 4 GiB%s", "");
	return fail(c, n < 0 ? "the output '%.100s' is cut off" : "the outputs cannot be written: %s",
				n < 0 ? shown : strerror(error));
}

/* One member of what is wanted; `rest` is its path behind the wanted name, "" for that itself. */
static bool take(Collecting *c, TarWanted *wanted, const char *rest, struct archive_entry *entry)
{
	unsigned kind = c->tar->archive_entry_filetype(entry);
	bool folder = kind == S_IFDIR;
	char path[4096];
	if ((!folder && kind != S_IFREG) || c->tar->archive_entry_hardlink(entry))
		return fail(c, "the output '%.120s' holds a link or a device, which is refused",
					wanted->name);
	if (!*rest && folder != wanted->is_folder)
		return fail(c,
					wanted->is_folder ? "the output '%.120s' is a file and not a folder"
									  : "the output '%.120s' is a folder and not a file",
					wanted->name);
	if (++c->files > TAR_MOST_FILES)
		return fail(c, "the outputs have more than 100,000 files%s", "");
	wanted->found = true;
	if (!wanted->to)
		return read_text(c, wanted, c->tar->archive_entry_size(entry));
	int length = snprintf(path, sizeof path, "%s%s%s", wanted->to, *rest ? "/" : "", rest);
	if (length < 0 || (size_t)length >= sizeof path)
		return fail(c, "the output '%.120s' has a path that is too long", wanted->name);
	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	if (!folder)
		return read_file(c, path, *rest ? rest : wanted->name, c->tar->archive_entry_size(entry));
	if (mkdir(path, 0755) && errno != EEXIST)
		return fail(c, "the outputs cannot be written: %s", strerror(errno));
	return true;
}

/* "outputs/mean" is "mean" for the caller. */
static bool take_member(Collecting *c, TarWanted *wanted, size_t count, struct archive_entry *entry)
{
	const char *path = c->tar->archive_entry_pathname(entry);
	const char *name = path ? strchr(path, '/') : NULL;
	if (!name || !name[1])
		return true; /* the folder itself */
	name++;
	size_t length = strcspn(name, "/");
	for (size_t i = 0; i < count; i++) {
		if (strlen(wanted[i].name) != length || memcmp(wanted[i].name, name, length))
			continue;
		const char *rest = name + length;
		rest += *rest == '/';
		if (!is_inside(rest))
			return fail(c, "the output '%.120s' has a path that leaves its folder", wanted[i].name);
		return take(c, &wanted[i], rest, entry);
	}
	return is_inside(name) ? true
						   : fail(c, "the outputs have a path that leaves their folder%s", "");
}

bool tar_collect(Tar *tar, int descriptor, TarWanted *wanted, size_t count, char problem[256])
{
	Collecting c = {.tar = tar, .problem = problem};
	struct archive_entry *entry;
	int status = ARCHIVE_FATAL;
	bool good = true;
	c.archive = tar->archive_read_new();
	if (!c.archive || tar->archive_read_support_format_tar(c.archive) != ARCHIVE_OK ||
		tar->archive_read_open_fd(c.archive, descriptor, 65536) != ARCHIVE_OK) {
		good = fail(&c, "the outputs are no tar%s", "");
	}
	while (good && (status = tar->archive_read_next_header(c.archive, &entry)) >= ARCHIVE_WARN &&
		   status != ARCHIVE_EOF)
		good = take_member(&c, wanted, count, entry);
	if (good && status != ARCHIVE_EOF)
		good = fail(&c, "the outputs are damaged: %.150s", tar->archive_error_string(c.archive));
	if (c.archive)
		tar->archive_read_free(c.archive);
	return good;
}
