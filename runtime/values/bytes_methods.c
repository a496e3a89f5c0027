/*
 * The methods that bytes has for itself: case and classes (ASCII only), hex, fromhex. The others
 * are in the str_*.c files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "codec.h"
#include "str_methods.h"

enum { CLASS_LOWER = 1, CLASS_UPPER = 2, CLASS_DIGIT = 4, CLASS_SPACE = 8, CLASS_ASCII = 16 };

static int class_of(uint8_t c)
{
	int ascii = c < 0x80 ? CLASS_ASCII : 0;
	if (c >= 'a' && c <= 'z')
		return ascii | CLASS_LOWER;
	if (c >= 'A' && c <= 'Z')
		return ascii | CLASS_UPPER;
	if (c >= '0' && c <= '9')
		return ascii | CLASS_DIGIT;
	return ascii | (c == ' ' || (c >= 9 && c <= 13) ? CLASS_SPACE : 0);
}

static sbx_value all_are(sbx_run *run, sbx_value self, int classes, bool of_empty)
{
	const uint8_t *in = (const uint8_t *)(BYTES(self) + 1);
	uint64_t length = BYTES(self)->length;
	for (uint64_t i = 0; i < length; i++) {
		if (sbx__pace(run, i, length))
			return SBX_GEN_ERROR;
		if (!(class_of(in[i]) & classes))
			return sbx_gen_bool(0);
	}
	return sbx_gen_bool(length ? 1 : of_empty);
}

TEXT_METHOD(sbx__bytes_isalnum)
{
	return all_are(run, self, CLASS_LOWER | CLASS_UPPER | CLASS_DIGIT, false);
}
TEXT_METHOD(sbx__bytes_isalpha)
{
	return all_are(run, self, CLASS_LOWER | CLASS_UPPER, false);
}
TEXT_METHOD(sbx__bytes_isascii)
{
	return all_are(run, self, CLASS_ASCII, true);
}
TEXT_METHOD(sbx__bytes_isdigit)
{
	return all_are(run, self, CLASS_DIGIT, false);
}
TEXT_METHOD(sbx__bytes_isspace)
{
	return all_are(run, self, CLASS_SPACE, false);
}

/* Some byte has `wanted`, and none has `refused`. */
static sbx_value some_and_none(sbx_run *run, sbx_value self, int wanted, int refused)
{
	const uint8_t *in = (const uint8_t *)(BYTES(self) + 1);
	uint64_t length = BYTES(self)->length;
	int found = 0;
	for (uint64_t i = 0; i < length; i++) {
		if (sbx__pace(run, i, length))
			return SBX_GEN_ERROR;
		found |= class_of(in[i]);
	}
	return sbx_gen_bool((found & wanted) && !(found & refused));
}

TEXT_METHOD(sbx__bytes_islower)
{
	return some_and_none(run, self, CLASS_LOWER, CLASS_UPPER);
}
TEXT_METHOD(sbx__bytes_isupper)
{
	return some_and_none(run, self, CLASS_UPPER, CLASS_LOWER);
}

TEXT_METHOD(sbx__bytes_istitle)
{
	const uint8_t *in = (const uint8_t *)(BYTES(self) + 1);
	uint64_t length = BYTES(self)->length;
	bool in_word = false, found = false;
	for (uint64_t i = 0; i < length; i++) {
		int class = class_of(in[i]);
		if (sbx__pace(run, i, length))
			return SBX_GEN_ERROR;
		if ((class & CLASS_UPPER && in_word) || (class & CLASS_LOWER && !in_word))
			return sbx_gen_bool(0);
		in_word = class & (CLASS_UPPER | CLASS_LOWER);
		found |= in_word;
	}
	return sbx_gen_bool(found);
}

enum Change { CHANGE_UPPER, CHANGE_LOWER, CHANGE_CAPITALIZE, CHANGE_TITLE, CHANGE_SWAP };

static sbx_value change(sbx_run *run, sbx_value self, enum Change how)
{
	const uint8_t *in = (const uint8_t *)(BYTES(self) + 1);
	uint64_t length = BYTES(self)->length;
	bool in_word = false;
	uint8_t *out;
	sbx_value v;
	v = sbx__bytes_alloc(run, length, &out);
	if (sbx__is_error(v))
		return v;
	for (uint64_t i = 0; i < length; i++) {
		int class = class_of(in[i]);
		bool up = how == CHANGE_UPPER || (how == CHANGE_CAPITALIZE && i == 0) ||
				  (how == CHANGE_TITLE && !in_word) || (how == CHANGE_SWAP && class & CLASS_LOWER);
		if (sbx__pace(run, i, length))
			return SBX_GEN_ERROR;
		out[i] = class & CLASS_LOWER && up    ? in[i] - 32
				 : class & CLASS_UPPER && !up ? in[i] + 32
											  : in[i];
		in_word = class & (CLASS_LOWER | CLASS_UPPER);
	}
	return v;
}

TEXT_METHOD(sbx__bytes_upper)
{
	return change(run, self, CHANGE_UPPER);
}
TEXT_METHOD(sbx__bytes_lower)
{
	return change(run, self, CHANGE_LOWER);
}
TEXT_METHOD(sbx__bytes_capitalize)
{
	return change(run, self, CHANGE_CAPITALIZE);
}
TEXT_METHOD(sbx__bytes_title)
{
	return change(run, self, CHANGE_TITLE);
}
TEXT_METHOD(sbx__bytes_swapcase)
{
	return change(run, self, CHANGE_SWAP);
}

/* ---- hex ---- */

static int separator_argument(sbx_run *run, sbx_value v, uint32_t *separator)
{
	Units units;
	if (!SBX_IS_STR(v) && !SBX_IS_BYTES(v)) {
		int64_t length = sbx_gen_len(run, v);
		if (length == 1)
			sbx__raise(run, SBX_TYPE_TypeError, "sep must be str or bytes.");
		else if (length >= 0)
			sbx__raise(run, SBX_TYPE_ValueError, "sep must be length 1.");
		return -1;
	}
	units = sbx__units_of(v);
	if (units.length != 1) {
		sbx__raise(run, SBX_TYPE_ValueError, "sep must be length 1.");
		return -1;
	}
	*separator = sbx__unit(&units, 0);
	if (*separator > 127) {
		sbx__raise(run, SBX_TYPE_ValueError, "sep must be ASCII.");
		return -1;
	}
	return 0;
}

TEXT_METHOD(sbx__bytes_hex)
{
	static const char digits[] = "0123456789abcdef";
	Units in = sbx__units_of(self);
	uint32_t separator = 0;
	int32_t group = 1;
	uint64_t size, first, gaps;
	TextBuffer text;
	if (args[1].tag && sbx__c_int_argument(run, args[1], &group))
		return SBX_GEN_ERROR;
	if (args[0].tag && separator_argument(run, args[0], &separator))
		return SBX_GEN_ERROR;
	size = args[0].tag == 0 || group == 0 ? UINT64_MAX
		   : group < 0                    ? -(uint64_t)(int64_t)group
										  : (uint64_t)group;
	/* Groups are counted from the right, or from the left where `group` is negative. */
	first = group > 0 && in.length ? (in.length - 1) % size + 1 : size;
	gaps = in.length && size != UINT64_MAX ? (in.length - 1) / size : 0;
	if (in.length > INT64_MAX / 16 || sbx__reserve(run, in.length * 2 + gaps))
		return SBX_GEN_ERROR;
	sbx__text_init(&text, run);
	sbx__text_room(&text, in.length * 2 + gaps, 1);
	for (uint64_t i = 0; i < in.length && !text.failed; i++) {
		uint32_t byte = sbx__unit(&in, i);
		if (i && i >= first && (i - first) % size == 0)
			sbx__text_point(&text, separator);
		sbx__text_point(&text, (uint32_t)digits[byte >> 4]);
		sbx__text_point(&text, (uint32_t)digits[byte & 15]);
	}
	return sbx__text_take(&text);
}

static int hex_digit(uint32_t c)
{
	return c >= '0' && c <= '9'   ? (int)c - '0'
		   : c >= 'a' && c <= 'f' ? (int)c - 'a' + 10
		   : c >= 'A' && c <= 'F' ? (int)c - 'A' + 10
								  : -1;
}

static sbx_value no_hex(sbx_run *run, uint64_t at)
{
	return sbx__raise(run, SBX_TYPE_ValueError,
					  "non-hexadecimal number found in fromhex() arg at position %llu",
					  (unsigned long long)at);
}

TEXT_METHOD(sbx__bytes_fromhex)
{
	Units in;
	TextBuffer text;
	if (sbx__need_str(run, args[0], "fromhex", ""))
		return SBX_GEN_ERROR;
	in = sbx__units_of_str(args[0]);
	for (uint64_t i = 0; i < in.length; i++) { /* this is noticed before anything else */
		if (sbx__pace(run, i, in.length))
			return SBX_GEN_ERROR;
		if (sbx__unit(&in, i) >= 0x80)
			return no_hex(run, i);
	}
	sbx__text_init(&text, run);
	for (uint64_t i = 0; i < in.length && !text.failed; i += 2) {
		int high, low;
		for (; i < in.length && class_of((uint8_t)sbx__unit(&in, i)) & CLASS_SPACE; i++)
			if (sbx__pace(run, i, in.length))
				return SBX_GEN_ERROR;
		if (i == in.length)
			break;
		high = hex_digit(sbx__unit(&in, i));
		low = i + 1 < in.length ? hex_digit(sbx__unit(&in, i + 1)) : -1;
		if (high < 0 || low < 0)
			return no_hex(run, high < 0 ? i : i + 1);
		sbx__text_point(&text, (uint32_t)(high << 4 | low));
	}
	return sbx__text_take_bytes(&text);
}

TEXT_METHOD(sbx__bytes_decode)
{
	return sbx__decode(run, self, args[0], args[1]);
}
TEXT_METHOD(sbx__str_encode)
{
	return sbx__encode(run, self, args[0], args[1]);
}
