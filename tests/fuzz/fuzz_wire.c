/*
 * The result of a task: bytes of the wire against a declared type. What is read is written as bytes that are read as the
 * same.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz_targets.h"
#include "fuzz_types.h"

enum { MEMORY = 64 * 1024 * 1024 };

static void check_again(sbx_heap *heap, sbx_value value)
{
	sbx_value bytes, again, second;
	size_t length, second_length;
	if (sbx_wire_dump(heap, value, &bytes) != SBX_DONE)
		return;
	const unsigned char *wire = sbx_peek_bytes(bytes, &length);
	sbx_status status = sbx_wire_load(heap, wire, length, &again);
	CLAIM(status == SBX_DONE || status == SBX_E_MEMORY);
	if (status != SBX_DONE || sbx_wire_dump(heap, again, &second) != SBX_DONE)
		return;
	const unsigned char *other = sbx_peek_bytes(second, &second_length);
	CLAIM(length == second_length && memcmp(wire, other, length) == 0);
}

void fuzz_wire(const uint8_t *data, size_t size)
{
	TypeReader reader;
	const sbx_gen_type *type = type_take(&reader, &data, &size);
	sbx_heap *heap, *other;
	sbx_value value, text, fitting;
	if (sbx_heap_open(MEMORY, &heap))
		return;
	if (sbx_wire_load(heap, data, size, &value) == SBX_DONE) {
		check_again(heap, value);
		(void)sbx_repr(heap, value);
		if (sbx_json_dump(heap, value, &text) == SBX_DONE)
			CLAIM(sbx_peek_str(heap, text, NULL) != NULL);
		if (sbx_value_convert(heap, type, 0, value, &fitting) == SBX_DONE)
			check_again(heap, fitting);
		if (sbx_heap_open(MEMORY, &other) == SBX_DONE) {
			(void)sbx_value_copy(other, value);
			sbx_heap_close(other);
		}
	}
	sbx_heap_close(heap);
}
