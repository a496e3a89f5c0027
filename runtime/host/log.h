/*
 * What the files of this folder share of the log; the rest is public, in sbx-host.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_LOG_H
#define SBX_LOG_H

#include "sbx-host.h"

/* "add#1": the task's own name and the call's number. */
void sbx__log_label(const sbx_call *call, char *label, size_t size);

#endif
