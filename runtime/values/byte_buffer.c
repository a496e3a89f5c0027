/*
 * Bytes under construction.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"

#define HEAD sizeof(sbx_gen_str)
_Static_assert(sizeof(sbx_gen_str) == sizeof(sbx_gen_bytes),
			   "both kinds of object have the same head");

void sbx__bytes_init(ByteBuffer *buffer, sbx_run *run)
{
	ByteBuffer empty = {run, NULL, 0, 0, false};
	*buffer = empty;
}

bool sbx__bytes_grow(ByteBuffer *buffer, uint64_t more)
{
	uint64_t need = buffer->length + more, capacity = need + need / 2 + 64;
	unsigned char *block;
	if (buffer->failed)
		return false;
	if (more > INT64_MAX / 4) {
		sbx__raise_memory(buffer->run);
		block = NULL;
	} else if (sbx__spend(buffer->run, buffer->length / 16)) {
		block = NULL;
	} else {
		block = sbx__realloc(buffer->run, buffer->block,
							 buffer->block ? HEAD + buffer->capacity : 0, HEAD + capacity);
	}
	if (!block) {
		buffer->failed = true;
		return false;
	}
	buffer->block = block;
	buffer->capacity = capacity;
	return true;
}

sbx_value sbx__bytes_take(ByteBuffer *buffer, unsigned kind)
{
	size_t size =
		kind == SBX_KIND_STR ? sbx__str_size(buffer->length, 1) : sbx__bytes_size(buffer->length);
	sbx_gen_str *object;
	if (buffer->failed || !sbx__bytes_room(buffer, 1)) {
		sbx__bytes_drop(buffer);
		return SBX_GEN_ERROR;
	}
	object = sbx__realloc(buffer->run, buffer->block, HEAD + buffer->capacity, size);
	if (!object) {
		sbx__bytes_drop(buffer);
		return SBX_GEN_ERROR;
	}
	object->head.refs = 1;
	object->head.bits = kind == SBX_KIND_STR;
	object->hash = -1;
	object->length = buffer->length;
	if (kind == SBX_KIND_STR)
		((unsigned char *)(object + 1))[object->length] = 0;
	buffer->block = NULL;
	sbx__bytes_init(buffer, buffer->run);
	return sbx_gen_object(kind | SBX_GEN_COUNTED, object);
}

void sbx__bytes_drop(ByteBuffer *buffer)
{
	if (buffer->block)
		sbx__free(buffer->run, buffer->block, HEAD + buffer->capacity);
	buffer->block = NULL;
	buffer->length = buffer->capacity = 0;
}
