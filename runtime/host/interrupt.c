/*
 * Ctrl-C without a handler: the signals are blocked and read from a descriptor, beside those of the
 * backends. While a run executes, it asks through the same descriptor. Only a generated program
 * does this, never the library.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "program.h"

int interrupt_open(void)
{
	sigset_t signals;
	struct sigaction now;
	sigemptyset(&signals);
	const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
		/* What the parent ignores (nohup, a job in the background) stays ignored. */
		if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&signals, numbers[i]);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -1;
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool interrupt_came(int descriptor)
{
	struct pollfd one = {.fd = descriptor, .events = POLLIN};
	return descriptor >= 0 && poll(&one, 1, 0) > 0;
}
