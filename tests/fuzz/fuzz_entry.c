/*
 * One target as libFuzzer calls it: FUZZ_TARGET names its function.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FUZZ_TARGET(data, size);
	return 0;
}
