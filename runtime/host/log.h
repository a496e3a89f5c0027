/*
 * What the files of this folder share of the log; the rest is public, in sbx-host.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_LOG_H
#define SBX_LOG_H

#include <stdbool.h>

#include "sbx-host.h"

/* "add#1": the task's own name and the call's number. */
void sbx__log_label(const sbx_call *call, char *label, size_t size);

/* A line on the terminal that the next one replaces: nothing where standard error is no terminal. NULL: it goes. */
void sbx__log_progress(sbx_log *log, const char *text);
bool sbx__log_has_terminal(const sbx_log *log);

#endif
