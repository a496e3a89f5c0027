/*
 * What is in files and folders, as a hash: two of the same content have the same, wherever they lie and whatever they are
 * called. It is read in pieces, so that whoever waits for it can do other things in between.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_CONTENT_H
#define SBX_CONTENT_H

#include <stdbool.h>

#include "sbx.h"

typedef struct Content Content;

/*
 * Of a file, or of a folder: the names in it, what they are, which files can be executed, where links lead (they are not
 * followed). NULL: it is not on this machine ("s3://..."), cannot be read, is neither file nor folder, or there is no memory.
 */
Content *content_open(const char *path);
/*
 * Reads on, and takes from *budget what was read: bytes, and for each name in a folder the time of some thousand bytes. SBX_DONE:
 * *digest is there; SBX_WAITING: the budget is used up; SBX_E_UNAVAILABLE: something in it cannot be read, is neither file, folder nor
 * link, or is nested too deep. The budget may be overdrawn by one piece.
 */
sbx_status content_read(Content *content, int64_t *budget, unsigned char digest[32]);
/* Accepts NULL. */
void content_close(Content *content);

#endif
