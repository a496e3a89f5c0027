/*
 * Tar streams: what an engine takes as the context of a build, and gives as the files of a container.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_TAR_H
#define SBX_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte_queue.h"

typedef struct Tar Tar; /* the library */

/* NULL: libarchive is not there. */
Tar *tar_open(void);
void tar_close(Tar *tar);

typedef struct TarFile {
	const char *path;
	unsigned mode;     /* permissions */
	const void *bytes; /* NULL: a folder */
	size_t length;
} TarFile;

/* Adds a whole tar to `out`; the same files make the same bytes. */
bool tar_make(Tar *tar, const TarFile *files, size_t count, ByteQueue *out);

/* The same, member by member and a member's bytes part by part. */
typedef struct TarWriter TarWriter;
TarWriter *tar_writer_open(Tar *tar, ByteQueue *out); /* NULL: no memory */
/* A member; of a file `length` bytes must follow. */
bool tar_writer_begin(TarWriter *writer, const char *path, bool is_folder, unsigned mode,
					  size_t length);
bool tar_writer_add(TarWriter *writer, const void *bytes, size_t length);
bool tar_writer_end(TarWriter *writer); /* the tar is whole */
void tar_writer_close(TarWriter *writer);

/* What is wanted of a tar whose members stand in one folder. */
typedef struct TarWanted {
	const char *name; /* in that folder */
	const char
		*to; /* where a file or folder is put, which must not be there yet; NULL: into text */
	bool is_folder;
	bool found; /* set by the reader, as the rest */
	char *text; /* made with malloc, a NUL behind it */
	size_t length;
} TarWanted;

enum { TAR_MOST_TEXT = 64 << 20, TAR_MOST_FILES = 100000 };
#define TAR_MOST_BYTES (UINT64_C(4) << 30)

/*
 * Reads a tar from a descriptor, piece by piece. Refuses links, devices and paths that leave the folder, in what is wanted; sizes
 * are bounded by the above. Other members are passed over. What is wanted must live as long as the reader. */
typedef struct TarReader TarReader;
enum TarState { TAR_MORE, TAR_DONE, TAR_FAILED };
enum { TAR_MEMBER_COST = 65536 };
TarReader *tar_reader_open(Tar *tar, int descriptor, TarWanted *wanted,
						   size_t count); /* NULL: no memory */
/* Reads about as many bytes; a member counts as TAR_MEMBER_COST, too. To be called until it is no longer TAR_MORE. */
enum TarState tar_reader_go_on(TarReader *reader, size_t budget);
const char *tar_reader_problem(const TarReader *reader); /* why it has failed */
void tar_reader_close(TarReader *reader);

#endif
