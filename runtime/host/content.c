/*
 * See content.h. Files are read in pieces; a folder's names are sorted as bytes.
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

enum { DEEPEST = 100, PIECE = 65536 };

static bool add_file(sbx_sha256 *hash, int descriptor)
{
	unsigned char *piece = malloc(PIECE);
	ssize_t n = piece ? 1 : -1;
	while (n > 0 || (n < 0 && piece && errno == EINTR)) {
		n = read(descriptor, piece, PIECE);
		if (n > 0)
			sbx_sha256_add(hash, piece, (size_t)n);
	}
	free(piece);
	return n == 0;
}

static bool add_folder(sbx_sha256 *hash, int descriptor, unsigned depth);

/* The name's letter, the name, and what is behind it as a digest. */
static bool add_entry(sbx_sha256 *hash, int folder, const char *name, unsigned depth)
{
	char target[PATH_MAX];
	unsigned char digest[32];
	sbx_sha256 inner;
	struct stat status;
	ssize_t length = 0;
	bool good = false;
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW))
		return false;
	bool is_file = S_ISREG(status.st_mode), is_folder = S_ISDIR(status.st_mode);
	const char *letter = is_folder                                        ? "d"
						 : !is_file                                       ? "l"
						 : status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH) ? "x"
																		  : "f";
	sbx_sha256_begin(&inner);
	if (is_file || is_folder) {
		int descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		/* add_folder closes it */
		good = descriptor >= 0 &&
			   (is_file ? add_file(&inner, descriptor) : add_folder(&inner, descriptor, depth + 1));
		if (descriptor >= 0 && is_file)
			close(descriptor);
	} else if (S_ISLNK(status.st_mode)) {
		length = readlinkat(folder, name, target, sizeof target);
		good = length >= 0;
		sbx_sha256_add(&inner, target, good ? (size_t)length : 0);
	}
	sbx_sha256_end(&inner, digest);
	sbx_sha256_add(hash, letter, 1);
	sbx_sha256_add(hash, name, strlen(name) + 1);
	sbx_sha256_add(hash, digest, sizeof digest);
	return good;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Takes the descriptor. */
static bool add_folder(sbx_sha256 *hash, int descriptor, unsigned depth)
{
	struct dirent **entries = NULL;
	int count = depth < DEEPEST ? scandirat(descriptor, ".", &entries, is_entry, by_name) : -1;
	bool good = count >= 0;
	for (int i = 0; i < count; i++) {
		good = good && add_entry(hash, descriptor, entries[i]->d_name, depth);
		free(entries[i]);
	}
	free(entries);
	close(descriptor);
	return good;
}

bool content_digest(const char *path, unsigned char digest[32])
{
	sbx_sha256 hash;
	struct stat status;
	if (strncmp(path, "file://", 7) == 0)
		path += 7;
	else if (strstr(path, "://"))
		return false;
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool good = descriptor >= 0 && fstat(descriptor, &status) == 0;
	sbx_sha256_begin(&hash);
	if (good && S_ISREG(status.st_mode)) {
		sbx_sha256_add(&hash, "f", 1);
		good = add_file(&hash, descriptor);
	} else if (good && S_ISDIR(status.st_mode)) {
		sbx_sha256_add(&hash, "d", 1);
		good = add_folder(&hash, descriptor, 0);
		descriptor = -1;
	} else {
		good = false;
	}
	if (descriptor >= 0)
		close(descriptor);
	sbx_sha256_end(&hash, digest);
	return good;
}
