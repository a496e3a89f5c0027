/*
 * Methods of str that change or ask about the case and class of its characters; the tables are in
 * unicode.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "str_methods.h"
#include "unicode.h"
#include "utf8.h"

#define SIGMA 0x3a3
#define FINAL_SIGMA 0x3c2

/*
 * Does the capital sigma at `i` end a word? Unicode says: a cased letter before it and none behind
 * it, where case-ignorable characters (apostrophes, accents) are looked through. Two sigmas look
 * through no character twice.
 */
static bool is_final_sigma(const Units *in, uint64_t i)
{
	uint64_t before = i, after = i + 1;
	while (before > 0 && sbx__is(sbx__unit(in, before - 1), UNICODE_IGNORABLE))
		before--;
	if (before == 0 || !sbx__is(sbx__unit(in, before - 1), UNICODE_CASED))
		return false;
	while (after < in->length && sbx__is(sbx__unit(in, after), UNICODE_IGNORABLE))
		after++;
	return after == in->length || !sbx__is(sbx__unit(in, after), UNICODE_CASED);
}

static int lower_at(const Units *in, uint64_t i, uint32_t out[3])
{
	uint32_t point = sbx__unit(in, i);
	if (point == SIGMA && is_final_sigma(in, i)) {
		out[0] = FINAL_SIGMA;
		return 1;
	}
	return sbx__unicode_map(point, UNICODE_TO_LOWER, out);
}

enum Change {
	CHANGE_UPPER,
	CHANGE_LOWER,
	CHANGE_FOLD,
	CHANGE_CAPITALIZE,
	CHANGE_TITLE,
	CHANGE_SWAP
};

/* The same for ASCII, where every letter stays one byte. */
static sbx_value change_ascii(sbx_run *run, const Units *in, enum Change how)
{
	const uint8_t *from = in->at;
	bool in_word = false;
	uint8_t *to;
	sbx_value v = sbx__str_alloc(run, in->length, 1, &to);
	for (uint64_t i = 0; !sbx__is_error(v) && i < in->length; i++) {
		uint8_t c = from[i];
		if (sbx__pace(run, i, in->length))
			return SBX_GEN_ERROR;
		bool small = c >= 'a' && c <= 'z', capital = c >= 'A' && c <= 'Z', up = how == CHANGE_UPPER;
		if (how == CHANGE_CAPITALIZE)
			up = i == 0;
		else if (how == CHANGE_TITLE)
			up = !in_word;
		else if (how == CHANGE_SWAP)
			up = small;
		in_word = small || capital;
		to[i] = small && up ? c - 32 : capital && !up ? c + 32 : c;
	}
	return v;
}

static sbx_value change(sbx_run *run, sbx_value self, enum Change how)
{
	Units in = sbx__units_of(self);
	bool in_word = false;
	uint32_t out[3] = {0};
	TextBuffer text;
	if (in.length == 0)
		return sbx_gen_copy(self);
	if (in.width == 1 && sbx__ascii_prefix(in.at, in.length) == in.length)
		return change_ascii(run, &in, how);
	sbx__text_init(&text, run);
	sbx__text_room(&text, in.length, 1);
	for (uint64_t i = 0; i < in.length && !text.failed; i++) {
		uint32_t point = sbx__unit(&in, i), flags = sbx__unicode(point)->flags;
		int size;
		if (sbx__pace(run, i, in.length))
			return SBX_GEN_ERROR;
		if (how == CHANGE_UPPER ||
			(how == CHANGE_SWAP && flags & UNICODE_LOWER && !(flags & UNICODE_UPPER)))
			size = sbx__unicode_map(point, UNICODE_TO_UPPER, out);
		else if (how == CHANGE_FOLD)
			size = sbx__unicode_map(point, UNICODE_TO_FOLD, out);
		else if ((how == CHANGE_CAPITALIZE && i == 0) || (how == CHANGE_TITLE && !in_word))
			size = sbx__unicode_map(point, UNICODE_TO_TITLE, out);
		else if (how == CHANGE_SWAP && !(flags & UNICODE_UPPER))
			out[0] = point, size = 1;
		else
			size = lower_at(&in, i, out);
		in_word = flags & UNICODE_CASED;
		for (int k = 0; k < size; k++)
			sbx__text_put(&text, out[k]);
	}
	return sbx__text_take(&text);
}

TEXT_METHOD(sbx__str_upper)
{
	return change(run, self, CHANGE_UPPER);
}
TEXT_METHOD(sbx__str_lower)
{
	return change(run, self, CHANGE_LOWER);
}
TEXT_METHOD(sbx__str_casefold)
{
	return change(run, self, CHANGE_FOLD);
}
TEXT_METHOD(sbx__str_capitalize)
{
	return change(run, self, CHANGE_CAPITALIZE);
}
TEXT_METHOD(sbx__str_title)
{
	return change(run, self, CHANGE_TITLE);
}
TEXT_METHOD(sbx__str_swapcase)
{
	return change(run, self, CHANGE_SWAP);
}

/* ---- predicates ---- */

/* Has every character one of the flags? of_empty: what the empty text is. */
static sbx_value all_are(sbx_run *run, sbx_value self, uint32_t flags, bool of_empty)
{
	Units in = sbx__units_of(self);
	for (uint64_t i = 0; i < in.length; i++) {
		if (sbx__pace(run, i, in.length))
			return SBX_GEN_ERROR;
		if (!sbx__is(sbx__unit(&in, i), flags))
			return sbx_gen_bool(0);
	}
	return sbx_gen_bool(in.length ? 1 : of_empty);
}

TEXT_METHOD(sbx__str_isalnum)
{
	return all_are(run, self, UNICODE_ALPHA | UNICODE_DECIMAL | UNICODE_DIGIT | UNICODE_NUMERIC,
				   false);
}
TEXT_METHOD(sbx__str_isalpha)
{
	return all_are(run, self, UNICODE_ALPHA, false);
}
TEXT_METHOD(sbx__str_isdecimal)
{
	return all_are(run, self, UNICODE_DECIMAL, false);
}
TEXT_METHOD(sbx__str_isdigit)
{
	return all_are(run, self, UNICODE_DIGIT, false);
}
TEXT_METHOD(sbx__str_isnumeric)
{
	return all_are(run, self, UNICODE_NUMERIC, false);
}
TEXT_METHOD(sbx__str_isspace)
{
	return all_are(run, self, UNICODE_SPACE, false);
}
TEXT_METHOD(sbx__str_isprintable)
{
	return all_are(run, self, UNICODE_PRINTABLE, true);
}

TEXT_METHOD(sbx__str_isascii)
{
	Units in = sbx__units_of(self);
	for (uint64_t i = 0; i < in.length; i++) {
		if (sbx__pace(run, i, in.length))
			return SBX_GEN_ERROR;
		if (sbx__unit(&in, i) >= 0x80)
			return sbx_gen_bool(0);
	}
	return sbx_gen_bool(1);
}

TEXT_METHOD(sbx__str_isidentifier)
{
	Units in = sbx__units_of(self);
	for (uint64_t i = 0; i < in.length; i++) {
		if (sbx__pace(run, i, in.length))
			return SBX_GEN_ERROR;
		if (!sbx__is(sbx__unit(&in, i), i ? UNICODE_CONTINUE : UNICODE_START))
			return sbx_gen_bool(0);
	}
	return sbx_gen_bool(in.length != 0);
}

/* Some character has `wanted`, and none has `refused`. */
static sbx_value some_and_none(sbx_run *run, sbx_value self, uint32_t wanted, uint32_t refused)
{
	Units in = sbx__units_of(self);
	bool found = false;
	for (uint64_t i = 0; i < in.length; i++) {
		uint32_t flags = sbx__unicode(sbx__unit(&in, i))->flags;
		if (sbx__pace(run, i, in.length))
			return SBX_GEN_ERROR;
		if (flags & refused)
			return sbx_gen_bool(0);
		found |= (flags & wanted) != 0;
	}
	return sbx_gen_bool(found);
}

TEXT_METHOD(sbx__str_islower)
{
	return some_and_none(run, self, UNICODE_LOWER, UNICODE_UPPER | UNICODE_TITLE);
}
TEXT_METHOD(sbx__str_isupper)
{
	return some_and_none(run, self, UNICODE_UPPER, UNICODE_LOWER | UNICODE_TITLE);
}

TEXT_METHOD(sbx__str_istitle)
{
	Units in = sbx__units_of(self);
	bool in_word = false, found = false;
	for (uint64_t i = 0; i < in.length; i++) {
		uint32_t flags = sbx__unicode(sbx__unit(&in, i))->flags;
		bool capital = flags & (UNICODE_UPPER | UNICODE_TITLE),
			 small = !capital && flags & UNICODE_LOWER;
		if (sbx__pace(run, i, in.length))
			return SBX_GEN_ERROR;
		if ((capital && in_word) || (small && !in_word))
			return sbx_gen_bool(0);
		in_word = capital || small;
		found |= in_word;
	}
	return sbx_gen_bool(found);
}
