/*
 * The number of the runtime's interface for generated code that this compiler writes for: SBX_ABI of sbx_gen.h. A test
 * compares the two.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_SBXC_ABI_H
#define SBX_GEN_SBXC_ABI_H

#define SBXC_RUNTIME_ABI 5

#endif
