/*
 * Preloaded into a program: kills it at the n-th write or sync of the files whose name contains KILL_FILE (KILL_AT=n). With
 * KILL_TORN=1 half of that write is done before. COUNT_TO names a file that gets the number of writes seen, at exit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long seen; /* a file-level variable: the functions below have no other place for it */

static int is_ours(int fd)
{
	char link[64], path[4096];
	const char *file = getenv("KILL_FILE");
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = file ? readlink(link, path, sizeof path - 1) : -1;
	if (length < 0)
		return 0;
	path[length] = 0;
	return strstr(path, file) != NULL;
}

/* Counts; 1: the caller does half of its work and calls die(). */
static int due(int fd)
{
	const char *at = getenv("KILL_AT");
	if (!is_ours(fd))
		return 0;
	seen++;
	return at && seen == strtol(at, NULL, 10);
}

static void die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

__attribute__((destructor)) static void tell(void)
{
	const char *to = getenv("COUNT_TO");
	FILE *file = to ? fopen(to, "a") : NULL;
	if (!file)
		return;
	fprintf(file, "%ld\n", seen);
	fclose(file);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset);
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
	ssize_t (*real)(int, const void *, size_t, off64_t);
	*(void **)(&real) = dlsym(RTLD_NEXT, "pwrite64");
	if (due(fd)) {
		if (getenv("KILL_TORN"))
			(void)real(fd, bytes, size / 2, offset);
		die();
	}
	return real(fd, bytes, size, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	return pwrite64(fd, bytes, size, offset);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	ssize_t (*real)(int, const void *, size_t);
	*(void **)(&real) = dlsym(RTLD_NEXT, "write");
	if (due(fd))
		die();
	return real(fd, bytes, size);
}

int fdatasync(int fd)
{
	int (*real)(int);
	*(void **)(&real) = dlsym(RTLD_NEXT, "fdatasync");
	if (due(fd))
		die();
	return real(fd);
}

int fsync(int fd)
{
	int (*real)(int);
	*(void **)(&real) = dlsym(RTLD_NEXT, "fsync");
	if (due(fd))
		die();
	return real(fd);
}

int ftruncate64(int fd, off64_t size);
int ftruncate64(int fd, off64_t size)
{
	int (*real)(int, off64_t);
	*(void **)(&real) = dlsym(RTLD_NEXT, "ftruncate64");
	if (due(fd))
		die();
	return real(fd, size);
}

int unlink(const char *path)
{
	int (*real)(const char *);
	const char *file = getenv("KILL_FILE"), *at = getenv("KILL_AT");
	*(void **)(&real) = dlsym(RTLD_NEXT, "unlink");
	if (file && strstr(path, file) && ++seen == (at ? strtol(at, NULL, 10) : -1))
		die();
	return real(path);
}
