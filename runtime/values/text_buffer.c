/*
 * Text under construction.
 *
 * The units grow in a block that has room for a str's head in front, so that the finished text
 * becomes a str without being copied. The buffer starts narrow and widens when a wider point comes.
 * After a failure (memory, deadline) the buffer does nothing more; whoever takes the text learns it
 * then, so that the many small writes need no test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "units.h"
#include "unicode.h"
#include "utf8.h"

static sbx_gen_str *block_of(const TextBuffer *text)
{
	return text->units ? (sbx_gen_str *)text->units - 1 : NULL;
}

void sbx__text_init(TextBuffer *text, sbx_run *run)
{
	TextBuffer empty = {run, NULL, 0, 0, 1, false};
	*text = empty;
}

void sbx__text_drop(TextBuffer *text)
{
	if (text->units)
		sbx__free(text->run, block_of(text), sbx__str_size(text->capacity, text->width));
	text->units = NULL;
	text->length = text->capacity = 0;
}

static int fail(TextBuffer *text)
{
	text->failed = true;
	return -1;
}

/* The capacity to grow to: half as much again, unless the limit is near. */
static uint64_t capacity_for(const TextBuffer *text, uint64_t length, uint32_t width)
{
	const Heap *heap = HEAP(text->run);
	uint64_t roomy = length + length / 2 + 24;
	if (width > text->width && text->capacity > roomy) /* it was asked for when it was narrow */
		roomy = text->capacity;
	if (text->capacity == 0 && length >= 64) /* often all that will come */
		return length;
	if (length > 4096 && heap->limit &&
		heap->limit - (heap->used < heap->limit ? heap->used : heap->limit) < roomy * width)
		return length;
	return roomy;
}

int sbx__text_room(TextBuffer *text, uint64_t more, uint32_t width)
{
	uint64_t length = text->length + more, capacity;
	Units old = {text->units, text->length, text->width, false};
	sbx_gen_str *block;
	if (text->failed)
		return -1;
	if (width < text->width)
		width = text->width;
	if (width == text->width && length <= text->capacity)
		return 0;
	if (more > INT64_MAX / 16 || sbx__reserve(text->run, length * width) ||
		sbx__spend(text->run, 16))
		return more > INT64_MAX / 16 ? sbx__raise_memory(text->run), fail(text) : fail(text);
	capacity = capacity_for(text, length, width);
	if (text->units && width == text->width) {
		block = sbx__realloc(text->run, block_of(text), sbx__str_size(text->capacity, width),
							 sbx__str_size(capacity, width));
	} else {
		block = sbx__alloc(text->run, sbx__str_size(capacity, width));
		if (block && text->units) {
			if (sbx__units_copy(text->run, block + 1, width, &old))
				return fail(text);
			sbx__free(text->run, block_of(text), sbx__str_size(text->capacity, text->width));
		}
	}
	if (!block)
		return fail(text);
	text->units = block + 1;
	text->capacity = capacity;
	text->width = width;
	return 0;
}

void sbx__text_point(TextBuffer *text, uint32_t code_point)
{
	uint32_t width = sbx__width_for(code_point);
	if (sbx__spend(text->run, 1))
		text->failed = true;
	if ((text->length == text->capacity || width > text->width) && sbx__text_room(text, 1, width))
		return;
	if (!text->failed)
		sbx__unit_put(text->units, text->width, text->length++, code_point);
}

/* Adds units; they must need the width they have, or be bytes. */
static void add_units(TextBuffer *text, const Units *units)
{
	if (units->length == 0 || sbx__text_room(text, units->length, units->width))
		return;
	if (sbx__units_copy(text->run, (char *)text->units + text->length * text->width, text->width,
						units))
		text->failed = true;
	else
		text->length += units->length;
}

void sbx__text_ascii(TextBuffer *text, const char *ascii)
{
	Units units = {ascii, strlen(ascii), 1, false};
	add_units(text, &units);
}

void sbx__text_str(TextBuffer *text, sbx_value str)
{
	Units units = sbx__units_of_str(str);
	add_units(text, &units);
}

void sbx__text_units(TextBuffer *text, Units units)
{
	uint32_t width = sbx__units_width(text->run, &units);
	if (width == units.width) {
		add_units(text, &units);
		return;
	}
	if (width == 0)
		text->failed = true;
	if (sbx__text_room(text, units.length, width))
		return;
	if (sbx__units_copy(text->run, (char *)text->units + text->length * text->width, text->width,
						&units))
		text->failed = true;
	else
		text->length += units.length;
}

void sbx__text_utf8(TextBuffer *text, const char *utf8, size_t length)
{
	const uint8_t *at = (const uint8_t *)utf8;
	const char *reason;
	uint32_t point = 0;
	for (size_t i = 0; i < length && !text->failed;) {
		Units ascii = {at + i, sbx__ascii_prefix(at + i, length - i), 1, false};
		int size = 0;
		add_units(text, &ascii);
		i += ascii.length;
		if (i == length)
			return;
		size = sbx__utf8_next(at + i, length - i, true, &point, &reason);
		sbx__text_point(text, size < 0 ? 0xfffd : point);
		i += (size_t)(size < 0 ? -size : size);
	}
}

void sbx__text_repeat(TextBuffer *text, uint32_t code_point, uint64_t count)
{
	if (count == 0 || sbx__text_room(text, count, sbx__width_for(code_point)))
		return;
	if (text->width == 1) {
		if (count < SBX_LONG)
			memset((char *)text->units + text->length, (int)code_point, count);
		else if (sbx__fill(text->run, (char *)text->units + text->length, (int)code_point, count))
			text->failed = true;
		text->length += text->failed ? 0 : count;
		return;
	}
	for (uint64_t i = 0; i < count; i++) {
		if (sbx__pace(text->run, i, count)) {
			text->failed = true;
			return;
		}
		sbx__unit_put(text->units, text->width, text->length++, code_point);
	}
}

sbx_value sbx__text_take(TextBuffer *text)
{
	sbx_gen_str *str = block_of(text);
	sbx_run *run = text->run;
	size_t old_size = sbx__str_size(text->capacity, text->width),
		   size = sbx__str_size(text->length, text->width);
	uint64_t length = text->length;
	Units units = {text->units, length, text->width, false};
	uint32_t first = length ? sbx__unit(&units, 0) : 0;
	if (text->failed) {
		sbx__text_drop(text);
		return SBX_GEN_ERROR;
	}
	if (length == 0 || (length == 1 && first < 256)) {
		sbx__text_drop(text);
		return length ? sbx__str_point(run, first) : sbx_gen_object(SBX_KIND_STR, &sbx__empty_str);
	}
	text->units = NULL;
	if (size != old_size) {
		str = sbx__realloc(run, str, old_size, size);
		if (!str)
			return SBX_GEN_ERROR;
	}
	str->head.refs = 1;
	str->head.bits = text->width;
	str->hash = -1;
	str->length = length;
	((char *)(str + 1))[length * text->width] = 0;
	text->length = text->capacity = 0;
	return sbx_gen_object(SBX_KIND_STR | SBX_GEN_COUNTED, str);
}

sbx_value sbx__text_take_bytes(TextBuffer *text)
{
	sbx_gen_bytes *bytes =
		(sbx_gen_bytes *)block_of(text); /* the heads of str and bytes are alike */
	uint64_t length = text->length;
	uint8_t *nothing;
	if (text->failed) {
		sbx__text_drop(text);
		return SBX_GEN_ERROR;
	}
	if (!bytes)
		return sbx__bytes_alloc(text->run, 0, &nothing);
	text->units = NULL;
	text->length = 0;
	bytes =
		sbx__realloc(text->run, bytes, sbx__str_size(text->capacity, 1), sbx__bytes_size(length));
	if (!bytes)
		return SBX_GEN_ERROR;
	bytes->head.refs = 1;
	bytes->head.bits = 0;
	bytes->hash = -1;
	bytes->length = length;
	return sbx_gen_object(SBX_KIND_BYTES | SBX_GEN_COUNTED, bytes);
}
