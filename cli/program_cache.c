/*
 * Programs that `sbxc run` has built before, under the user's cache folder. The name is a hash over
 * everything that the program is made of: the C text, the C compiler and its flags, and the
 * libraries' sizes and times. Nothing but time is lost when the folder is removed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_PROGRAMS = 64 };

/* Two 64-bit FNV hashes with different starts: chance collisions are what matters here, not
 * forgery. */
typedef struct Hash {
	uint64_t a, b;
} Hash;

static void hash_add(Hash *hash, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;
	for (size_t i = 0; i < length; i++) {
		hash->a = (hash->a ^ byte[i]) * UINT64_C(0x100000001b3);
		hash->b = (hash->b + byte[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash->b ^= hash->b >> 29;
	}
}

static void hash_text(Hash *hash, const char *text)
{
	hash_add(hash, text ? text : "", strlen(text ? text : "") + 1);
}

static void hash_file(Hash *hash, const char *folder, const char *name)
{
	char path[4200];
	struct stat status;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (stat(path, &status))
		return;
	const int64_t fields[] = {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
	hash_add(hash, fields, sizeof fields);
	hash_text(hash, path);
}

/* $XDG_CACHE_HOME/sbxc or ~/.cache/sbxc, made if need be; only the user may look into it. */
static bool cache_folder(char folder[4096])
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int length;
	if (base && *base == '/')
		length = snprintf(folder, 4096, "%s", base);
	else if (home && *home == '/')
		length = snprintf(folder, 4096, "%s/.cache", home);
	else
		return false;
	if (length <= 0 || length > 4000)
		return false;
	if (mkdir(folder, 0700) && errno != EEXIST)
		return false;
	memcpy(folder + length, "/sbxc", sizeof "/sbxc");
	if (mkdir(folder, 0700) && errno != EEXIST)
		return false;
	/* What is executed from there must be the user's own. */
	struct stat status;
	return stat(folder, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
		   !(status.st_mode & 022) && access(folder, W_OK) == 0;
}

bool program_cache_path(const Toolchain *toolchain, const char *text, size_t length,
						char path[4096])
{
	Hash hash = {UINT64_C(0xcbf29ce484222325), UINT64_C(0x2545f4914f6cdd1d)};
	char folder[4096];
	if (!cache_folder(folder))
		return false;
	hash_add(&hash, text, length);
	hash_text(&hash, toolchain->compiler);
	hash_text(&hash, getenv("CFLAGS"));
	hash_text(&hash, getenv("LDFLAGS"));
	hash_file(&hash, toolchain->libraries, "libsbx.a");
	hash_file(&hash, toolchain->libraries, "libsbx-host.a");
	snprintf(path, 4096, "%.4000s/%016llx%016llx", folder, (unsigned long long)hash.a,
			 (unsigned long long)hash.b);
	return true;
}

void program_cache_trim(const char *path)
{
	char folder[4096], oldest[4400], one[4400];
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return;
	snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
	DIR *entries = opendir(folder);
	if (!entries)
		return;
	struct timespec when = {0};
	unsigned count = 0;
	struct stat status;
	for (struct dirent *entry; (entry = readdir(entries));) {
		snprintf(one, sizeof one, "%s/%s", folder, entry->d_name);
		if (strspn(entry->d_name, "0123456789abcdef") < 32 || lstat(one, &status) ||
			!S_ISREG(status.st_mode))
			continue;
		bool older = status.st_mtim.tv_sec < when.tv_sec || (status.st_mtim.tv_sec == when.tv_sec &&
															 status.st_mtim.tv_nsec < when.tv_nsec);
		if (count++ == 0 || older) {
			when = status.st_mtim;
			memcpy(oldest, one, sizeof oldest);
		}
	}
	closedir(entries);
	if (count > MOST_PROGRAMS && strcmp(oldest, path) != 0)
		(void)unlink(oldest);
}
