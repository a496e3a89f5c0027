/*
 * bytes: making them. What they share with str is in the units_*.c files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "units.h"

sbx_value sbx__bytes_alloc(sbx_run *run, uint64_t length, uint8_t **content)
{
	void *object;
	sbx_gen_bytes *bytes;
	sbx_value v;
	if (length > INT64_MAX / 8)
		return sbx__raise_memory(run);
	v = sbx__object(run, SBX_KIND_BYTES, sbx__bytes_size(length), &object);
	if (sbx__is_error(v))
		return v;
	bytes = object;
	bytes->head.bits = 0;
	bytes->hash = -1;
	bytes->length = length;
	*content = (uint8_t *)(bytes + 1);
	return v;
}

sbx_value sbx__bytes_from(sbx_run *run, const void *content, uint64_t length)
{
	uint8_t *to = NULL;
	sbx_value v;
	v = sbx__bytes_alloc(run, length, &to);
	if (sbx__is_error(v) || sbx__copy(run, to, content, length))
		return SBX_GEN_ERROR;
	return v;
}

sbx_value sbx_bytes_make(sbx_heap *heap, const void *bytes, size_t length)
{
	return sbx__bytes_from(heap, bytes, length);
}

const unsigned char *sbx_peek_bytes(sbx_value v, size_t *length)
{
	if (!SBX_IS_BYTES(v))
		return NULL;
	if (length)
		*length = BYTES(v)->length;
	return (const unsigned char *)(BYTES(v) + 1);
}

sbx_value sbx__bytes_concat(sbx_run *run, sbx_value a, sbx_value b)
{
	uint64_t before = BYTES(a)->length, after = BYTES(b)->length;
	uint8_t *to = NULL;
	sbx_value v;
	if (before == 0 || after == 0)
		return sbx_gen_copy(before ? a : b);
	v = sbx__bytes_alloc(run, before + after, &to);
	if (sbx__is_error(v) || sbx__copy(run, to, BYTES(a) + 1, before) ||
		sbx__copy(run, to + before, BYTES(b) + 1, after))
		return SBX_GEN_ERROR;
	return v;
}
