/*
 * Folders that are removed in pieces: each does something, all of it goes, and nothing beside it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/docker.h"
#include "unit_report.h"

enum { LARGE = 100 << 20, FILES = 50 };

static void make_file(const char *folder, const char *name, off_t size)
{
	char path[400];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (file < 0 || ftruncate(file, size))
		perror(path);
	close(file);
}

static bool exists(const char *folder, const char *name)
{
	char path[400];
	struct stat status;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return lstat(path, &status) == 0;
}

/* Removes it with no time at all: how many pieces that takes. */
static int pieces_of(const char *path)
{
	int pieces = 1;
	while (!folder_remove_some(path, 0) && pieces < 10000)
		pieces++;
	return pieces;
}

int main(void)
{
	char top[] = "/tmp/sbx-remove-XXXXXX", folder[300], inner[310], name[400], other[400];
	if (!mkdtemp(top))
		return 1;
	snprintf(folder, sizeof folder, "%s/folder", top);
	snprintf(inner, sizeof inner, "%s/inner", folder);
	make_file(top, "kept", LARGE);
	mkdir(folder, 0755);
	mkdir(inner, 0755);
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof name, "%d", i);
		make_file(i % 2 ? inner : folder, name, i);
	}
	make_file(inner, "large", LARGE);
	snprintf(name, sizeof name, "%s/link", inner);
	if (symlink("../../kept", name))
		return 1;
	snprintf(name, sizeof name, "%s/kept", top);
	snprintf(other, sizeof other, "%s/another name", inner);
	if (link(name, other))
		return 1;
	int pieces = pieces_of(folder);
	report("one entry at a time", pieces > FILES && pieces < 2 * FILES);
	report("a folder is gone", !exists(top, "folder"));
	struct stat status;
	report("what is linked to is as it was", stat(name, &status) == 0 && status.st_size == LARGE);
	report("a folder that is not there", pieces_of(folder) == 1);
	make_file(top, "alone", LARGE);
	snprintf(other, sizeof other, "%s/alone", top);
	report("a large file in pieces", !folder_remove_some(other, 0) && stat(other, &status) == 0 &&
										 status.st_size < LARGE && status.st_size > LARGE / 2);
	report("the rest with enough time",
		   folder_remove_some(other, INT64_MAX) && !exists(top, "alone"));
	folder_remove(top);
	report("all at once", access(top, F_OK) != 0);
	return failures != 0;
}
