/*
 * Inputs of an orchestrator: JSON against a declared type. What is read can be written and read again, and is the same;
 * what fits a type still fits it after a way through the wire.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz_targets.h"
#include "fuzz_types.h"

enum { MEMORY = 64 * 1024 * 1024 };

static void check_again(sbx_heap *heap, sbx_value value)
{
	sbx_value text, again, second;
	size_t length, second_length;
	if (sbx_json_dump(heap, value, &text) != SBX_DONE)
		return; /* out of memory: all else that is read from JSON can be written */
	const char *json = sbx_peek_str(heap, text, &length);
	CLAIM(json != NULL);
	if (sbx_json_load(heap, json, length, &again) != SBX_DONE ||
		sbx_json_dump(heap, again, &second) != SBX_DONE)
		return;
	const char *other = sbx_peek_str(heap, second, &second_length);
	CLAIM(other && length == second_length && memcmp(json, other, length) == 0);
}

static void check_type(sbx_heap *heap, const sbx_gen_type *type, sbx_value value)
{
	sbx_value fitting, bytes, back, same;
	size_t length;
	if (sbx_value_convert(heap, type, 1, value, &fitting) != SBX_DONE ||
		sbx_wire_dump(heap, fitting, &bytes) != SBX_DONE)
		return;
	const unsigned char *wire = sbx_peek_bytes(bytes, &length);
	sbx_status status = sbx_wire_load(heap, wire, length, &back);
	CLAIM(status == SBX_DONE || status == SBX_E_MEMORY);
	if (status == SBX_DONE) {
		status = sbx_value_convert(heap, type, 0, back, &same);
		CLAIM(status == SBX_DONE || status == SBX_E_MEMORY);
	}
}

void fuzz_json(const uint8_t *data, size_t size)
{
	TypeReader reader;
	const sbx_gen_type *type = type_take(&reader, &data, &size);
	sbx_heap *heap;
	sbx_value value;
	if (sbx_heap_open(MEMORY, &heap))
		return;
	if (sbx_json_load(heap, (const char *)data, size, &value) == SBX_DONE) {
		check_again(heap, value);
		(void)sbx_repr(heap, value);
		check_type(heap, type, value);
	}
	sbx_heap_close(heap);
}
