/*
 * Output files, written whole or not at all: a temporary file beside the real one, renamed at the
 * end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char *whole_file_begin(const char *path)
{
	char *temporary;
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return NULL;
	int descriptor = mkostemp(temporary, O_CLOEXEC);
	if (descriptor < 0) {
		free(temporary);
		return NULL;
	}
	/* mkstemp gives 0600; an output file gets what the umask leaves. */
	mode_t mask = umask(0);
	umask(mask);
	(void)fchmod(descriptor, 0666 & ~mask);
	close(descriptor);
	return temporary;
}

bool whole_file_write(const char *temporary, const char *bytes, size_t length)
{
	FILE *file = fopen(temporary, "wbe");
	if (!file)
		return false;
	bool good = fwrite(bytes, 1, length, file) == length;
	int why = errno;
	if (fclose(file) != 0) {
		good = false;
		why = errno;
	}
	errno = why;
	return good;
}

bool whole_file_end(char *temporary, const char *path)
{
	bool good = rename(temporary, path) == 0;
	int why = errno;
	if (!good)
		(void)unlink(temporary);
	free(temporary);
	errno = why;
	return good;
}

void whole_file_drop(char *temporary)
{
	int why = errno;
	if (temporary)
		(void)unlink(temporary);
	free(temporary);
	errno = why;
}
