/*
 * What the printer and the reader of machines share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_MACHINE_TEXT_H
#define SBX_GEN_MACHINE_TEXT_H

extern const char *const EXIT_NAMES[]; /* by ExitKind */

#endif
