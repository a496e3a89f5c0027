/*
 * templates/script_library.py as text; made by scripts/embed.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_SCRIPT_TEXT_H
#define SBX_GEN_SCRIPT_TEXT_H

#include <stddef.h>

extern const unsigned char script_library[];
extern const size_t script_library_length;

#endif
