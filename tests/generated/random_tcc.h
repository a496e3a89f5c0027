/*
 * What tcc lacks of the builtins that sbx_gen_ops.h uses; included before the generated C.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RANDOM_TCC_H
#define RANDOM_TCC_H

#include <stdint.h>

static inline int random_add(int64_t a, int64_t b, int64_t *r)
{
	*r = (int64_t)((uint64_t)a + (uint64_t)b);
	return b < 0 ? *r > a : *r < a;
}
static inline int random_sub(int64_t a, int64_t b, int64_t *r)
{
	*r = (int64_t)((uint64_t)a - (uint64_t)b);
	return b < 0 ? *r < a : *r > a;
}
static inline int random_mul(int64_t a, int64_t b, int64_t *r)
{
	*r = (int64_t)((uint64_t)a * (uint64_t)b);
	if (a == -1 || b == -1)
		return (a == -1 ? b : a) == INT64_MIN;
	return a != 0 && *r / a != b;
}
#define __builtin_add_overflow random_add
#define __builtin_sub_overflow random_sub
#define __builtin_mul_overflow random_mul

#endif
