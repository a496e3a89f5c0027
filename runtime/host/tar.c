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

struct TarWriter {
	Tar *tar;
	struct archive *archive;
	ByteQueue *out;
};

TarWriter *tar_writer_open(Tar *tar, ByteQueue *out)
{
	TarWriter *writer = calloc(1, sizeof *writer);
	if (!writer)
		return NULL;
	*writer = (TarWriter){tar, tar->archive_write_new(), out};
	if (writer->archive &&
		tar->archive_write_set_format_pax_restricted(writer->archive) == ARCHIVE_OK &&
		tar->archive_write_open(writer->archive, out, NULL, add_bytes, NULL) == ARCHIVE_OK)
		return writer;
	tar_writer_close(writer);
	return NULL;
}

bool tar_writer_begin(TarWriter *writer, const char *path, bool is_folder, unsigned mode,
					  size_t length)
{
	Tar *tar = writer->tar;
	struct archive_entry *entry = tar->archive_entry_new();
	if (!entry)
		return false;
	tar->archive_entry_set_pathname(entry, path);
	tar->archive_entry_set_mode(entry, (is_folder ? S_IFDIR : S_IFREG) | mode);
	tar->archive_entry_set_size(entry, (int64_t)length);
	bool good = tar->archive_write_header(writer->archive, entry) == ARCHIVE_OK;
	tar->archive_entry_free(entry);
	return good;
}

bool tar_writer_add(TarWriter *writer, const void *bytes, size_t length)
{
	return !length ||
		   writer->tar->archive_write_data(writer->archive, bytes, length) == (ssize_t)length;
}

bool tar_writer_end(TarWriter *writer)
{
	return writer->tar->archive_write_close(writer->archive) == ARCHIVE_OK && !writer->out->failed;
}

void tar_writer_close(TarWriter *writer)
{
	if (writer && writer->archive)
		writer->tar->archive_write_free(writer->archive);
	free(writer);
}

bool tar_make(Tar *tar, const TarFile *files, size_t count, ByteQueue *out)
{
	TarWriter *writer = tar_writer_open(tar, out);
	bool good = writer != NULL;
	for (size_t i = 0; good && i < count; i++)
		good = tar_writer_begin(writer, files[i].path, !files[i].bytes, files[i].mode,
								files[i].length) &&
			   tar_writer_add(writer, files[i].bytes, files[i].length);
	good = good && tar_writer_end(writer);
	tar_writer_close(writer);
	return good;
}

/* ---- reading ---- */

struct TarReader {
	Tar *tar;
	struct archive *archive;
	TarWanted *wanted;
	size_t count;
	uint64_t bytes;
	unsigned files;
	bool has_failed;
	/* the member whose bytes are being read; NULL: none, a header is next */
	TarWanted *member;
	size_t left; /* of a text */
	int file;    /* -1: it goes into text */
	char *shown; /* of a file, for messages */
	char problem[256];
	char block[65536]; /* of a file */
};

static enum TarState fail(TarReader *r, const char *format, const char *detail)
{
	snprintf(r->problem, sizeof r->problem, format, detail);
	r->has_failed = true;
	return TAR_FAILED;
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

static void leave_member(TarReader *r)
{
	if (r->file >= 0)
		close(r->file);
	free(r->shown);
	r->file = -1;
	r->shown = NULL;
	r->member = NULL;
}

static enum TarState begin_text(TarReader *r, TarWanted *wanted, int64_t size)
{
	if (size < 0 || size > TAR_MOST_TEXT)
		return fail(r, "the output '%.60s' is larger than 64 MiB", wanted->name);
	free(wanted->text); /* a name may come twice */
	wanted->length = 0;
	wanted->text = malloc((size_t)size + 1);
	if (!wanted->text)
		return fail(r, "no memory for the output '%.60s'", wanted->name);
	r->member = wanted;
	r->left = (size_t)size;
	return TAR_MORE;
}

static enum TarState read_text(TarReader *r, size_t *budget)
{
	TarWanted *wanted = r->member;
	size_t part = r->left < *budget ? r->left : *budget;
	ssize_t n =
		part ? r->tar->archive_read_data(r->archive, wanted->text + wanted->length, part) : 0;
	if (n <= 0 && part)
		return fail(r, "the output '%.60s' is cut off", wanted->name);
	wanted->length += (size_t)n;
	r->left -= (size_t)n;
	*budget -= (size_t)n;
	if (!r->left) {
		wanted->text[wanted->length] = '\0';
		leave_member(r);
	}
	return TAR_MORE;
}

/* Makes a new file of `size` bytes; O_EXCL also means that no link is followed. */
static enum TarState begin_file(TarReader *r, TarWanted *wanted, const char *path,
								const char *shown, int64_t size)
{
	if (size < 0 || (uint64_t)size > TAR_MOST_BYTES - r->bytes)
		return fail(r, "the outputs are larger than 4 GiB%s", "");
	r->shown = strdup(shown);
	if (!r->shown)
		return fail(r, "no memory for the output '%.60s'", wanted->name);
	r->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (r->file < 0) {
		char text[200];
		snprintf(text, sizeof text, "%.120s: %s", shown, strerror(errno));
		return fail(r, "the output %s", text);
	}
	r->member = wanted;
	return TAR_MORE;
}

static enum TarState read_file(TarReader *r, size_t *budget)
{
	size_t part = sizeof r->block < *budget ? sizeof r->block : *budget;
	ssize_t n = r->tar->archive_read_data(r->archive, r->block, part);
	if (n > 0) {
		r->bytes += (uint64_t)n;
		*budget -= (size_t)n;
		if (r->bytes > TAR_MOST_BYTES) /* holes may be more */
			return fail(r, "the outputs are larger than 4 GiB%s", "");
		return write(r->file, r->block, (size_t)n) == n
				   ? TAR_MORE
				   : fail(r, "the outputs cannot be written: %s", strerror(errno));
	}
	if (n < 0)
		return fail(r, "the output '%.100s' is cut off", r->shown);
	int file = r->file;
	r->file = -1;
	leave_member(r);
	return close(file) == 0 ? TAR_MORE
							: fail(r, "the outputs cannot be written: %s", strerror(errno));
}

/* One member of what is wanted; `rest` is its path behind the wanted name, "" for that itself. */
static enum TarState take(TarReader *r, TarWanted *wanted, const char *rest,
						  struct archive_entry *entry)
{
	unsigned kind = r->tar->archive_entry_filetype(entry);
	bool folder = kind == S_IFDIR;
	char path[4096];
	if ((!folder && kind != S_IFREG) || r->tar->archive_entry_hardlink(entry))
		return fail(r, "the output '%.120s' holds a link or a device, which is refused",
					wanted->name);
	if (!*rest && folder != wanted->is_folder)
		return fail(r,
					wanted->is_folder ? "the output '%.120s' is a file and not a folder"
									  : "the output '%.120s' is a folder and not a file",
					wanted->name);
	if (++r->files > TAR_MOST_FILES)
		return fail(r, "the outputs have more than 100,000 files%s", "");
	wanted->found = true;
	if (!wanted->to)
		return begin_text(r, wanted, r->tar->archive_entry_size(entry));
	int length = snprintf(path, sizeof path, "%s%s%s", wanted->to, *rest ? "/" : "", rest);
	if (length < 0 || (size_t)length >= sizeof path)
		return fail(r, "the output '%.120s' has a path that is too long", wanted->name);
	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	if (!folder)
		return begin_file(r, wanted, path, *rest ? rest : wanted->name,
						  r->tar->archive_entry_size(entry));
	if (mkdir(path, 0755) && errno != EEXIST)
		return fail(r, "the outputs cannot be written: %s", strerror(errno));
	return TAR_MORE;
}

/* "outputs/mean" is "mean" for the caller. */
static enum TarState take_member(TarReader *r, struct archive_entry *entry)
{
	const char *path = r->tar->archive_entry_pathname(entry);
	const char *name = path ? strchr(path, '/') : NULL;
	if (!name || !name[1])
		return TAR_MORE; /* the folder itself */
	name++;
	size_t length = strcspn(name, "/");
	for (size_t i = 0; i < r->count; i++) {
		TarWanted *wanted = &r->wanted[i];
		if (strlen(wanted->name) != length || memcmp(wanted->name, name, length))
			continue;
		const char *rest = name + length;
		rest += *rest == '/';
		if (!is_inside(rest))
			return fail(r, "the output '%.120s' has a path that leaves its folder", wanted->name);
		return take(r, wanted, rest, entry);
	}
	return is_inside(name) ? TAR_MORE
						   : fail(r, "the outputs have a path that leaves their folder%s", "");
}

static enum TarState read_header(TarReader *r, size_t *budget)
{
	struct archive_entry *entry;
	int status = r->tar->archive_read_next_header(r->archive, &entry);
	*budget -= *budget < TAR_MEMBER_COST ? *budget : TAR_MEMBER_COST;
	if (status == ARCHIVE_EOF)
		return TAR_DONE;
	if (status >= ARCHIVE_WARN)
		return take_member(r, entry);
	return fail(r, "the outputs are damaged: %.150s", r->tar->archive_error_string(r->archive));
}

enum TarState tar_reader_go_on(TarReader *r, size_t budget)
{
	enum TarState state = r->has_failed ? TAR_FAILED : TAR_MORE;
	while (budget && state == TAR_MORE)
		state = !r->member    ? read_header(r, &budget)
				: r->file < 0 ? read_text(r, &budget)
							  : read_file(r, &budget);
	return state;
}

TarReader *tar_reader_open(Tar *tar, int descriptor, TarWanted *wanted, size_t count)
{
	TarReader *r = malloc(sizeof *r);
	if (!r)
		return NULL;
	memset(r, 0, offsetof(struct TarReader, block));
	r->tar = tar;
	r->wanted = wanted;
	r->count = count;
	r->file = -1;
	r->archive = tar->archive_read_new();
	if (!r->archive || tar->archive_read_support_format_tar(r->archive) != ARCHIVE_OK ||
		tar->archive_read_open_fd(r->archive, descriptor, sizeof r->block) != ARCHIVE_OK)
		(void)fail(r, "the outputs are no tar%s", "");
	return r;
}

const char *tar_reader_problem(const TarReader *r)
{
	return r->problem;
}

void tar_reader_close(TarReader *r)
{
	if (!r)
		return;
	leave_member(r);
	if (r->archive)
		r->tar->archive_read_free(r->archive);
	free(r);
}
