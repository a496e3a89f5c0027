/*
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_ENCODING_NAMES_H
#define SBX_GEN_ENCODING_NAMES_H

/* What iconv calls the encoding that Python calls `name` (in lower case, with '-' for '_'); else the name itself. */
const char *encoding_name(const char *name);

#endif
