/*
 * What a worker prints. The pipe is read as far as it is filled at this moment, no further: a task
 * that prints without end must not hold up the others. Lines go to the log under the name of the
 * call that the worker is busy with; a line that grows beyond 64 KiB is cut.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "local.h"

enum { LONGEST_LINE = 64 * 1024 };

static void log_lines(Worker *worker, bool all)
{
	ByteQueue *line = &worker->line;
	size_t length;
	while ((length = byte_queue_length(line)) > 0) {
		const char *text = (const char *)byte_queue_front(line);
		const char *end = memchr(text, '\n', length);
		if (!end && !all && length < LONGEST_LINE)
			return;
		size_t used = end ? (size_t)(end - text) : length;
		if (used > LONGEST_LINE)
			used = LONGEST_LINE, end = NULL;
		sbx_log_line(worker->local->log, worker->label, text, used);
		byte_queue_skip(line, used + (end != NULL));
	}
}

void local_output_read(Worker *worker, bool all)
{
	int waiting = 0;
	if (worker->output >= 0 && ioctl(worker->output, FIONREAD, &waiting) == 0) {
		while (waiting > 0) {
			size_t size = waiting < LONGEST_LINE ? (size_t)waiting : LONGEST_LINE;
			unsigned char *room = byte_queue_reserve(&worker->line, size);
			if (!room) {
				byte_queue_clear(&worker->line);
				return;
			}
			ssize_t n = read(worker->output, room, size);
			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				break;
			worker->line.end += (size_t)n;
			waiting -= (int)n;
			log_lines(worker, false);
		}
	}
	if (all)
		log_lines(worker, true);
}
