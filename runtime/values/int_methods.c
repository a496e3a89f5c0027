/*
 * Methods and attributes of int and bool.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "big.h"
#include "methods.h"

#define METHOD(kind, name, function, min, max, keywords) SBX_DECLARE_METHOD(function)
#define CLASS_METHOD METHOD
#define ATTRIBUTE(kind, name, function) SBX_DECLARE_METHOD(function)
#include "int_methods.def"
#undef METHOD
#undef CLASS_METHOD
#undef ATTRIBUTE

/* conjugate(), .real and .numerator: the number itself. */
sbx_value sbx__int_method_conjugate(sbx_run *run, sbx_value self, uint32_t count,
									const sbx_value *args, sbx_value names)
{
	UNUSED_ARGUMENTS;
	return sbx__int_of(self);
}

sbx_value sbx__int_method_imag(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
							   sbx_value names)
{
	UNUSED_ARGUMENTS, (void)self;
	return sbx_gen_int(0);
}

sbx_value sbx__int_method_denominator(sbx_run *run, sbx_value self, uint32_t count,
									  const sbx_value *args, sbx_value names)
{
	UNUSED_ARGUMENTS, (void)self;
	return sbx_gen_int(1);
}

sbx_value sbx__int_method_as_integer_ratio(sbx_run *run, sbx_value self, uint32_t count,
										   const sbx_value *args, sbx_value names)
{
	sbx_value items[2] = {sbx__int_of(self), sbx_gen_int(1)};
	UNUSED_ARGUMENTS;
	return sbx_gen_tuple_make(run, 2, items);
}

sbx_value sbx__int_method_bit_length(sbx_run *run, sbx_value self, uint32_t count,
									 const sbx_value *args, sbx_value names)
{
	Int x;
	UNUSED_ARGUMENTS;
	sbx__int_view(&x, self);
	return sbx_gen_int((int64_t)sbx__limbs_bits(x.limbs, x.count));
}

sbx_value sbx__int_method_bit_count(sbx_run *run, sbx_value self, uint32_t count,
									const sbx_value *args, sbx_value names)
{
	Int x;
	int64_t ones = 0;
	UNUSED_ARGUMENTS;
	sbx__int_view(&x, self);
	if (sbx__spend(run, x.count))
		return SBX_GEN_ERROR;
	for (size_t i = 0; i < x.count; i++)
		ones += __builtin_popcountll(x.limbs[i]);
	return sbx_gen_int(ones);
}

/* ---- bytes ---- */

/* byteorder: 1 little, 0 big (also where it is not given), -1 raised. */
static int is_little(sbx_run *run, const char *function, sbx_value order)
{
	if (!order.tag)
		return 0;
	if (SBX_GEN_KIND(order) != SBX_KIND_STR) {
		sbx__raise(run, SBX_TYPE_TypeError, "%s() argument 'byteorder' must be str, not %s",
				   function, sbx__argument_name(order));
		return -1;
	}
	if (sbx__str_is(order, "little"))
		return 1;
	if (sbx__str_is(order, "big"))
		return 0;
	sbx__raise(run, SBX_TYPE_ValueError, "byteorder must be either 'little' or 'big'");
	return -1;
}

/* Does it fit `size` bytes? */
static bool fits_bytes(const Int *x, uint64_t size, bool is_signed)
{
	uint64_t bits = sbx__limbs_bits(x->limbs, x->count), room;
	if (size > UINT64_MAX / 8)
		return true;
	room = size * 8;
	if (!is_signed)
		return bits <= room;
	if (bits < room || !x->count)
		return true;
	if (!room) /* CPython lets the bytes of -1 be none */
		return x->negative && bits == 1;
	/* the most negative number is a power of two */
	if (!x->negative || bits != room || x->limbs[x->count - 1] & (x->limbs[x->count - 1] - 1))
		return false;
	for (size_t i = 0; i + 1 < x->count; i++)
		if (x->limbs[i])
			return false;
	return true;
}

static void write_bytes(const Int *x, unsigned char *out, uint64_t size, bool little)
{
	Limb carry = 1, limb = 0;
	for (uint64_t i = 0; i < size; i++) {
		if (i % 8 == 0) {
			limb = i / 8 < x->count ? x->limbs[i / 8] : 0;
			if (x->negative) {
				limb = ~limb + carry;
				carry = carry && limb == 0;
			}
		}
		out[little ? i : size - 1 - i] = (unsigned char)(limb >> i % 8 * 8);
	}
}

sbx_value sbx__int_method_to_bytes(sbx_run *run, sbx_value self, uint32_t count,
								   const sbx_value *args, sbx_value names)
{
	int64_t size = 1;
	int little, is_signed = 0;
	Int x;
	sbx_gen_bytes *bytes;
	sbx_value v;
	UNUSED_ARGUMENTS;
	if (args[0].tag) {
		if (SBX_GEN_KIND(args[0]) == SBX_KIND_BIG)
			return sbx__raise(run, SBX_TYPE_OverflowError,
							  "Python int too large to convert to C ssize_t");
		if (sbx__index(run, args[0], -1, &size))
			return SBX_GEN_ERROR;
	}
	little = is_little(run, "to_bytes", args[1]);
	if (little < 0 || (args[2].tag && (is_signed = sbx_gen_truth(run, args[2])) < 0))
		return SBX_GEN_ERROR;
	if (size < 0)
		return sbx__raise(run, SBX_TYPE_ValueError, "length argument must be non-negative");
	sbx__int_view(&x, self);
	if (x.negative && !is_signed)
		return sbx__raise(run, SBX_TYPE_OverflowError, "can't convert negative int to unsigned");
	if (!fits_bytes(&x, (uint64_t)size, is_signed))
		return sbx__raise(run, SBX_TYPE_OverflowError, "int too big to convert");
	if (sbx__reserve(run, (uint64_t)size) || sbx__spend(run, (uint64_t)size))
		return SBX_GEN_ERROR;
	v = sbx__object(run, SBX_KIND_BYTES, sbx__bytes_size((uint64_t)size), &bytes);
	if (sbx__is_error(v))
		return v;
	bytes->hash = -1;
	bytes->length = (uint64_t)size;
	write_bytes(&x, (unsigned char *)(bytes + 1), (uint64_t)size, little);
	return v;
}

/* The number that the bytes are, the first one given by `step` being the least. */
static sbx_value int_of_bytes(sbx_run *run, const unsigned char *bytes, uint64_t size, bool little,
							  bool is_signed)
{
	size_t limbs = (size_t)(size / 8) + 1;
	bool negative = is_signed && size && bytes[little ? size - 1 : 0] & 0x80;
	sbx_gen_big *big = sbx__big_make(run, limbs);
	Limb *r, carry = 1;
	if (!big)
		return SBX_GEN_ERROR;
	r = sbx__big_limbs(big);
	if (sbx__fill(run, r, negative ? 0xff : 0, limbs * sizeof *r))
		return SBX_GEN_ERROR;
	for (uint64_t i = 0; i < size; i++) {
		unsigned shift = (unsigned)(i % 8 * 8);
		if (sbx__pace(run, i, size))
			return SBX_GEN_ERROR;
		r[i / 8] = (r[i / 8] & ~((Limb)0xff << shift)) | (Limb)bytes[little ? i : size - 1 - i]
															 << shift;
	}
	for (size_t i = 0; negative && i < limbs; i++) {
		r[i] = ~r[i] + carry;
		carry = carry && r[i] == 0;
	}
	return sbx__big_take(run, big, negative);
}

sbx_value sbx__int_method_from_bytes(sbx_run *run, sbx_value self, uint32_t count,
									 const sbx_value *args, sbx_value names)
{
	sbx_value bytes = args[0], result;
	int little = is_little(run, "from_bytes", args[1]), is_signed = 0;
	UNUSED_ARGUMENTS;
	if (little < 0 || (args[2].tag && (is_signed = sbx_gen_truth(run, args[2])) < 0))
		return SBX_GEN_ERROR;
	if (SBX_GEN_KIND(bytes) == SBX_KIND_BYTES) {
		bytes = sbx_gen_copy(bytes);
	} else if (SBX_GEN_KIND(bytes) == SBX_KIND_STR || SBX_IS_INT(bytes) ||
			   SBX_GEN_KIND(bytes) == SBX_KIND_FLOAT || SBX_GEN_KIND(bytes) == SBX_KIND_NONE) {
		return sbx__raise(run, SBX_TYPE_TypeError, "cannot convert '%T' object to bytes", bytes);
	} else {
		bytes = sbx_gen_call_type(run, SBX_TYPE_bytes, 1, args, SBX_GEN_NONE);
		if (sbx__is_error(bytes))
			return bytes;
	}
	result = int_of_bytes(run, (const unsigned char *)((const sbx_gen_bytes *)bytes.u.p + 1),
						  ((const sbx_gen_bytes *)bytes.u.p)->length, little, is_signed);
	sbx_gen_drop(run, bytes);
	if (SBX_GEN_KIND(self) == SBX_KIND_BOOL ||
		(SBX_GEN_KIND(self) == SBX_KIND_TYPE && self.u.i == SBX_TYPE_bool)) {
		int truth = sbx__is_error(result) ? -1 : sbx__int_sign(result) != 0;
		sbx_gen_drop(run, result);
		return truth < 0 ? SBX_GEN_ERROR : sbx_gen_bool(truth);
	}
	return result;
}
