/*
 * Reading of source files and the index of their lines. The line after the last newline counts as a line, so that
 * the end of the file has a place too, as CPython's last token has.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "source.h"
#include "decode.h"
#include "diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_SOURCE = 16 * 1024 * 1024 };

void lines_grow(LineIndex *index, uint32_t more)
{
	uint32_t capacity = index->capacity * 2 + more;
	uint32_t *larger = ARENA_ARRAY_RAW(index->arena, uint32_t, capacity);
	memcpy(larger, index->lines, index->count * sizeof *larger);
	index->lines = larger;
	index->capacity = capacity;
}

/* A line begins at the start of the text and behind each newline. */
static void index_lines(LineIndex *index, const Source *source)
{
	index->count = 1;
	for (uint32_t i = 0; i < source->length; i++) {
		if (source->text[i] == '\n') {
			lines_reserve(index, 1);
			index->lines[index->count++] = i + 1;
		}
	}
}

static Source *make_source(Arena *arena, const char *path)
{
	Source *source = ARENA_NEW(arena, Source);
	source->path = arena_copy(arena, path, strlen(path));
	source->text = arena_alloc(arena, SOURCE_PADDING);
	source->lines = ARENA_NEW(arena, uint32_t);
	source->line_count = 1;
	return source;
}

static const Source *fill_source(Arena *arena, Diag *diag, Source *source, const char *bytes,
								 size_t length)
{
	if (length > LARGEST_SOURCE) {
		diag_add(diag, D_SOURCE_SIZE, source, 0, 0, LARGEST_SOURCE / (1024 * 1024));
		return NULL;
	}
	LineIndex index = {.arena = arena, .count = 1, .capacity = (uint32_t)length / 24 + 32};
	index.lines = ARENA_ARRAY_RAW(arena, uint32_t, index.capacity);
	index.lines[0] = 0;
	bool decoded = decode_source(arena, diag, source, &index, bytes, length);
	if (!decoded || !index.complete)
		index_lines(&index, source);
	source->lines = index.lines;
	source->line_count = index.count;
	return decoded ? source : NULL;
}

const Source *source_from_bytes(Arena *arena, Diag *diag, const char *path, const char *bytes,
								size_t length)
{
	return fill_source(arena, diag, make_source(arena, path), bytes, length);
}

/* All bytes of an open file, in malloc's memory, up to one more than the largest source. NULL with errno set. */
static char *read_all(int file, size_t *length)
{
	struct stat info;
	size_t capacity = 64 * 1024, used = 0;
	if (!fstat(file, &info) && info.st_size > 0 && info.st_size < LARGEST_SOURCE)
		capacity = (size_t)info.st_size + 1;
	char *bytes = malloc(capacity);
	while (bytes) {
		ssize_t got = read(file, bytes + used, capacity - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int reason = errno;
			free(bytes);
			errno = reason;
			return NULL;
		}
		used += (size_t)got;
		if (got == 0 || used > LARGEST_SOURCE)
			break;
		if (used == capacity) {
			capacity *= 2;
			char *larger = realloc(bytes, capacity);
			if (!larger)
				free(bytes);
			bytes = larger;
		}
	}
	*length = used;
	return bytes;
}

const Source *source_read(Arena *arena, Diag *diag, const char *path)
{
	Source *source = make_source(arena, path);
	bool standard_input = !strcmp(path, "-");
	int file = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	char *bytes = file < 0 ? NULL : read_all(file, &length);
	if (!bytes) {
		if (errno == ENOMEM)
			arena_fail(arena); /* the diagnostics of a module beside the file are seen by nobody */
		diag_add(diag, D_SOURCE_MISSING, source, 0, 0, path, strerror(errno));
		source = NULL;
	}
	if (file >= 0 && !standard_input)
		close(file);
	const Source *result = source ? fill_source(arena, diag, source, bytes, length) : NULL;
	free(bytes);
	return result;
}

uint32_t source_removed_before(const Source *source, uint32_t offset)
{
	uint32_t low = 0, high = source->removed_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (source->removed[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

Place source_place(const Source *source, uint32_t offset)
{
	uint32_t low = 0, high = source->line_count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (source->lines[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return (Place){.line = low + 1, .column = offset - source->lines[low]};
}

const char *source_line(const Source *source, uint32_t line, size_t *length)
{
	if (line < 1 || line > source->line_count) {
		*length = 0;
		return "";
	}
	uint32_t start = source->lines[line - 1];
	uint32_t end = line < source->line_count ? source->lines[line] - 1 : source->length;
	*length = end - start;
	return source->text + start;
}

void source_outermost(const Source **source, uint32_t *start, uint32_t *end)
{
	while ((*source)->outer) {
		const Source *inner = *source;
		if (inner->outer_lines) {
			Place first = source_place(inner, *start), last = source_place(inner, *end);
			*start = inner->outer_lines[first.line - 1] + first.column;
			*end = inner->outer_lines[last.line - 1] + last.column;
		} else {
			*start = inner->outer_start;
			*end = inner->outer_end;
		}
		*source = inner->outer;
	}
}
