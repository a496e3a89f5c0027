/*
 * Preloaded: says so when a process is waited for that has not ended yet.
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t waitpid(pid_t pid, int *status, int options)
{
	static const char words[] = "waits for a process\n";
	pid_t (*next)(pid_t, int *, int);
	*(void **)&next = dlsym(RTLD_NEXT, "waitpid");
	if (!(options & WNOHANG)) {
		pid_t ended = next(pid, status, options | WNOHANG);
		if (ended)
			return ended;
		if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
			return -1;
	}
	return next(pid, status, options);
}
