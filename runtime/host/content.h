/*
 * What is in files and folders, as a hash: two of the same content have the same, wherever they lie and whatever they are
 * called.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_CONTENT_H
#define SBX_CONTENT_H

#include <stdbool.h>

#include "sbx.h"

/*
 * Of a file, or of a folder: the names in it, what they are, which files can be executed, where links lead (they are not
 * followed). False: it is not on this machine ("s3://..."), cannot be read, is or has neither file nor folder, or is nested too deep.
 */
bool content_digest(const char *path, unsigned char digest[32]);

#endif
