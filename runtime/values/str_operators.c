/*
 * Operators of str and bytes: v[key], v * n. (`in` is in str_search.c, a % b in percent_format.c.)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "str_methods.h"

static sbx_value item_at(sbx_run *run, const Units *in, int64_t index)
{
	if (index < 0)
		index += (int64_t)in->length;
	if (index < 0 || index >= (int64_t)in->length)
		return sbx__raise(run, SBX_TYPE_IndexError,
						  in->is_bytes ? "index out of range" : "string index out of range");
	if (in->is_bytes)
		return sbx_gen_int(sbx__unit(in, (uint64_t)index));
	return sbx__str_point(run, sbx__unit(in, (uint64_t)index));
}

/* Every step-th unit. */
static sbx_value slice(sbx_run *run, sbx_value v, const Units *in, int64_t start, int64_t step,
					   uint64_t count)
{
	TextBuffer text;
	if (step == 1)
		return sbx__units_slice(run, v, (uint64_t)start, (uint64_t)start + count);
	sbx__text_init(&text, run);
	sbx__text_room(&text, count, 1);
	for (uint64_t i = 0; i < count && !text.failed; i++) {
		text.failed |= sbx__pace(run, i, count) != 0;
		sbx__text_put(&text, sbx__unit(in, (uint64_t)(start + (int64_t)i * step)));
	}
	return in->is_bytes ? sbx__text_take_bytes(&text) : sbx__text_take(&text);
}

sbx_value sbx__str_getitem(sbx_run *run, sbx_value v, sbx_value key)
{
	Units in = sbx__units_of(v);
	int64_t start, step;
	uint64_t count;
	if (key.tag == SBX_KIND_INT || key.tag == SBX_KIND_BOOL)
		return item_at(run, &in, key.u.i);
	if (SBX_GEN_KIND(key) == SBX_KIND_BIG)
		return sbx__raise(run, SBX_TYPE_IndexError, "cannot fit 'int' into an index-sized integer");
	if (SBX_GEN_KIND(key) != SBX_KIND_SLICE)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  in.is_bytes ? "byte indices must be integers or slices, not %T"
									  : "string indices must be integers, not '%T'",
						  key);
	if (sbx__slice_bounds(run, key, in.length, &start, &step, &count))
		return SBX_GEN_ERROR;
	return slice(run, v, &in, start, step, count);
}

sbx_value sbx__str_repeat(sbx_run *run, sbx_value v, sbx_value n)
{
	Units in = sbx__units_of(v);
	uint64_t size = in.length * in.width, total, length, done;
	char *to;
	sbx_value result;
	if (SBX_GEN_KIND(n) == SBX_KIND_BIG)
		return sbx__raise(run, SBX_TYPE_OverflowError,
						  "cannot fit 'int' into an index-sized integer");
	if (n.u.i <= 0 || in.length == 0)
		return sbx__units_value(run, sbx__units_part(in, 0, 0));
	if (n.u.i == 1)
		return sbx_gen_copy(v);
	if (in.length > INT64_MAX / (uint64_t)n.u.i)
		return sbx__raise(run, SBX_TYPE_OverflowError,
						  in.is_bytes ? "repeated bytes are too long"
									  : "repeated string is too long");
	if (__builtin_mul_overflow(size, (uint64_t)n.u.i, &total) || total > INT64_MAX / 8)
		return sbx__raise_memory(run);
	length = in.length * (uint64_t)n.u.i;
	if (sbx__reserve(run, total))
		return SBX_GEN_ERROR;
	result = in.is_bytes ? sbx__bytes_alloc(run, length, (uint8_t **)&to)
						 : sbx__str_alloc(run, length, in.width, &to);
	if (sbx__is_error(result))
		return result;
	if (sbx__copy(run, to, in.at, size))
		return SBX_GEN_ERROR;
	for (done = size; done < total; done += size) { /* doubling */
		if (done + done <= total)
			size = done;
		else
			size = total - done;
		if (sbx__copy(run, to + done, to, size))
			return SBX_GEN_ERROR;
	}
	return result;
}
