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

/* What is wanted of a tar whose members stand in one folder. */
typedef struct TarWanted {
	const char *name; /* in that folder */
	const char
		*to; /* where a file or folder is put, which must not be there yet; NULL: into text */
	bool is_folder;
	bool found; /* set by tar_collect, as the rest */
	char *text; /* made with malloc, a NUL behind it */
	size_t length;
} TarWanted;

enum { TAR_MOST_TEXT = 64 << 20, TAR_MOST_FILES = 100000 };
#define TAR_MOST_BYTES (UINT64_C(4) << 30)

/*
 * Reads the tar from a descriptor. Refuses links, devices and paths that leave the folder, in what is wanted; sizes are
 * bounded by the above. Other members are passed over. false: problem tells why. */
bool tar_collect(Tar *tar, int descriptor, TarWanted *wanted, size_t count, char problem[256]);

#endif
