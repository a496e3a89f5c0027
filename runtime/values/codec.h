/*
 * Codecs: str.encode and bytes.decode.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_CODEC_H
#define SBX_CODEC_H

#include "units.h"

/* encoding, errors: str values, or tag 0 for the default. */
sbx_value sbx__encode(sbx_run *run, sbx_value text, sbx_value encoding, sbx_value errors);
sbx_value sbx__decode(sbx_run *run, sbx_value bytes, sbx_value encoding, sbx_value errors);
/* text[start, stop) cannot be encoded. */
sbx_value sbx__raise_encode(sbx_run *run, const char *encoding, const Units *text, uint64_t start, uint64_t stop,
                            const char *reason);

#endif
