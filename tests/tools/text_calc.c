/*
 * Carries out operations on values, one a line, for tests that compare the runtime with CPython.
 *
 * A line is an operation and its operands in prefix notation, separated by blanks; the answer is
 * one line: "V value", or "E type text-in-hex". Every line has a heap of its own; the program's
 * argument is how many bytes an operation may take beyond its operands. Under AddressSanitizer
 * everything is released after a success, and the answer ends in LEAK and a number of bytes if
 * memory is still in use then.
 *
 * Values:
 * - N, T, F: None, True, False; i123; f and a double's bits in hex; s and UTF-8 in hex; b and hex
 * - l2 v v, t1 v, e2 v v, d1 k v: list, tuple, set, dict with the number of items
 * - z start stop step: a slice; r start stop step: a range; y7: the type of this number
 *
 * Operations:
 * - m NAME self names args: a method; names and args are tuples
 * - x NAME args: a builtin
 * - + * % and two values; g object key; c container item; o NUMBER a b: a comparison; h v: hash
 * - w v spec conversion: an f-string's field; conversion - r s a
 * - a text text: the second appended twice to the first, in place; j parts: joined
 * - p NUMBER a b: a binary operator; n NUMBER a: a unary one; q TYPE args names: the type called
 * - u first count: what str says of each of these code points, see sweep()
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/values/containers.h"
#include "runtime/values/numbers.h"
#include "runtime/values/units.h"
#include "runtime/values/utf8.h"

#define SBX_TEST_UNUSED __attribute__((unused))

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Reader {
	sbx_run *run;
	char *at;
	uint64_t limit; /* bytes that the operation may take beyond its operands; 0: any */
} Reader;

/* The operands have been read: from now on the limit counts. */
static void arm(Reader *reader)
{
	if (reader->limit)
		HEAP(reader->run)->limit = HEAP(reader->run)->used + reader->limit;
}

static char *next_word(Reader *reader)
{
	char *word = reader->at;
	while (*reader->at && *reader->at != ' ' && *reader->at != '\n')
		reader->at++;
	if (*reader->at)
		*reader->at++ = 0;
	return word;
}

static void die(const char *why)
{
	fprintf(stderr, "text_calc: %s\n", why);
	exit(2);
}

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Decodes hex in place; returns the number of bytes. */
static size_t unhex(char *text)
{
	size_t n = 0;
	for (; text[2 * n]; n++)
		text[n] = (char)(hex_value(text[2 * n]) << 4 | hex_value(text[2 * n + 1]));
	return n;
}

static sbx_value read_value(Reader *reader);

static sbx_value read_items(Reader *reader, char kind, uint64_t count)
{
	sbx_value *items = malloc((2 * count + 1) * sizeof *items), v;
	for (uint64_t i = 0; i < (kind == 'd' ? 2 * count : count); i++)
		items[i] = read_value(reader);
	if (kind == 'l')
		v = sbx_gen_list_make(reader->run, count, items);
	else if (kind == 't')
		v = sbx_gen_tuple_make(reader->run, count, items);
	else if (kind == 'e')
		v = sbx_gen_set_make(reader->run, count, items);
	else
		v = sbx_gen_dict_make(reader->run, count, items);
	free(items);
	return v;
}

static sbx_value read_value(Reader *reader)
{
	char *word = next_word(reader);
	sbx_value a, b, c, v;
	uint64_t bits;
	size_t n;
	switch (word[0]) {
	case 'N':
		return SBX_GEN_NONE;
	case 'T':
	case 'F':
		return sbx_gen_bool(word[0] == 'T');
	case 'i':
		return sbx_int_from_text(reader->run, word + 1, strlen(word + 1));
	case 'f':
		bits = strtoull(word + 1, NULL, 16);
		a.tag = SBX_KIND_FLOAT;
		memcpy(&a.u.f, &bits, sizeof bits);
		return a;
	case 's':
		n = unhex(word + 1);
		return sbx__str_from_utf8(reader->run, word + 1, n);
	case 'b':
		n = unhex(word + 1);
		return sbx_bytes_make(reader->run, word + 1, n);
	case 'l':
	case 't':
	case 'd':
	case 'e':
		return read_items(reader, word[0], strtoull(word + 1, NULL, 10));
	case 'y':
		return sbx_gen_make(SBX_KIND_TYPE, (int64_t)strtoull(word + 1, NULL, 10));
	case 'z':
	case 'r':
		a = read_value(reader);
		b = read_value(reader);
		c = read_value(reader);
		v = word[0] == 'z' ? sbx_gen_slice_make(reader->run, a, b, c)
						   : sbx__range_make(reader->run, a, b, c);
		sbx_gen_drop(reader->run, a);
		sbx_gen_drop(reader->run, b);
		sbx_gen_drop(reader->run, c);
		return v;
	default:
		die("a value that is none");
		return SBX_GEN_NONE;
	}
}

static void print_hex(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%02x", ((const unsigned char *)bytes)[i]);
}

static void print_str(sbx_value v)
{
	Units units = sbx__units_of_str(v);
	sbx_run patient = {.fuel = INT64_MAX};
	uint8_t bytes[4];
	if (v.tag & SBX_GEN_COUNTED &&
		(STR(v)->head.bits != sbx__units_width(&patient, &units) || STR(v)->length == 0))
		printf("NOT-NARROW-");
	for (uint64_t i = 0; i < units.length; i++)
		print_hex(bytes, (size_t)sbx__utf8_put(bytes, sbx__unit(&units, i)));
}

static void print_value(sbx_run *run, sbx_value v)
{
	size_t n, size;
	char *digits;
	uint64_t bits, at = 0;
	const DictEntry *entry;
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_NONE:
		printf(" N");
		return;
	case SBX_KIND_BOOL:
		printf(v.u.i ? " T" : " F");
		return;
	case SBX_KIND_INT:
	case SBX_KIND_BIG:
		digits = sbx__int_to_ascii(run, v, 10, false, &n, &size);
		printf(" i%s", digits);
		sbx__free(run, digits, size);
		return;
	case SBX_KIND_FLOAT:
		memcpy(&bits, &v.u.f, sizeof bits);
		printf(" f%016" PRIx64, bits);
		return;
	case SBX_KIND_STR:
		printf(" s");
		print_str(v);
		return;
	case SBX_KIND_BYTES:
		printf(" b");
		print_hex(BYTES(v) + 1, BYTES(v)->length);
		return;
	case SBX_KIND_LIST:
		printf(" l%" PRIu64, LIST(v)->length);
		for (uint64_t i = 0; i < LIST(v)->length; i++)
			print_value(run, LIST(v)->items[i]);
		return;
	case SBX_KIND_TUPLE:
		printf(" t%" PRIu64, TUPLE(v)->length);
		for (uint64_t i = 0; i < TUPLE(v)->length; i++)
			print_value(run, TUPLE(v)->items[i]);
		return;
	case SBX_KIND_DICT:
		printf(" d%" PRIu64, DICT(v)->used);
		while ((entry = sbx__dict_next(DICT(v), &at))) {
			print_value(run, entry->key);
			print_value(run, entry->value);
		}
		return;
	default:
		printf(" ?%s", sbx__type_name(v));
	}
}

static void print_error(sbx_run *run)
{
	sbx_value exception = HEAP(run)->exception, text;
	HEAP(run)->limit = 0;
	printf("E %s ", sbx__type_name(exception));
	if (SBX_GEN_KIND(exception) == SBX_KIND_EXCEPTION) {
		text = sbx__exception_str(run, exception);
		if (text.tag)
			print_str(text);
	}
	printf("\n");
}

static int number_of(const char *name, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(name, names[i]))
			return i;
	die(name);
	return -1;
}

static const char *const method_names[] = {
#define METHOD_NAME(name) #name,
#include "runtime/include/sbx_gen_methods.def"
#undef METHOD_NAME
};
static const char *const builtin_names[] = {
#define BUILTIN(name) #name,
#include "runtime/include/sbx_gen_builtins.def"
#undef BUILTIN
};

static sbx_value call_method(Reader *reader, sbx_value *used, int *used_count)
{
	int method = number_of(next_word(reader), method_names, SBX_METHOD_COUNT);
	sbx_value self = read_value(reader), names = read_value(reader), args = read_value(reader);
	used[0] = self;
	used[1] = names;
	used[2] = args;
	*used_count = 3;
	arm(reader);
	return sbx_gen_call_method(reader->run, self, method, (uint32_t)TUPLE(args)->length,
							   TUPLE(args)->items, TUPLE(names)->length ? names : SBX_GEN_NONE);
}

static sbx_value truth_value(int truth)
{
	return truth < 0 ? SBX_GEN_ERROR : sbx_gen_bool(truth);
}

/* Carries out one line; what was read is in `used`. */
static sbx_value carry_out(Reader *reader, sbx_value *used, int *used_count)
{
	static const char operators[] = "+*%";
	static const int binary[] = {SBX_BINARY_ADD, SBX_BINARY_MUL, SBX_BINARY_MOD};
	sbx_run *run = reader->run;
	char op = *next_word(reader);
	int64_t hash;
	int number = 0;
	*used_count = 2;
	if (op == 'm')
		return call_method(reader, used, used_count);
	if (op == 'x') {
		number = number_of(next_word(reader), builtin_names, SBX_BUILTIN_COUNT);
		used[0] = read_value(reader);
		*used_count = 1;
		arm(reader);
		return sbx_gen_call_builtin(run, number, (uint32_t)TUPLE(used[0])->length,
									TUPLE(used[0])->items, SBX_GEN_NONE);
	}
	if (op == 'o' || op == 'p' || op == 'n' || op == 'q')
		number = (int)strtol(next_word(reader), NULL, 10);
	used[0] = read_value(reader);
	if (op == 'n' || op == 'h' || op == 'j')
		arm(reader);
	if (op == 'n') {
		*used_count = 1;
		return sbx_gen_unary_slow(run, number, used[0]);
	}
	if (op == 'h') {
		*used_count = 1;
		return sbx__hash(run, used[0], &hash) ? SBX_GEN_ERROR : sbx_gen_int(hash);
	}
	if (op == 'j') {
		*used_count = 1;
		return sbx_gen_str_concat(run, TUPLE(used[0])->length, TUPLE(used[0])->items);
	}
	used[1] = read_value(reader);
	arm(reader);
	switch (op) {
	case 'p':
		return sbx_gen_binary_slow(run, number, used[0], used[1]);
	case 'q':
		return sbx_gen_call_type(run, number, (uint32_t)TUPLE(used[0])->length,
								 TUPLE(used[0])->items,
								 TUPLE(used[1])->length ? used[1] : SBX_GEN_NONE);
	case 'g':
		return sbx_gen_getitem(run, used[0], used[1]);
	case 'c':
		return truth_value(sbx_gen_contains(run, used[0], used[1]));
	case 'o':
		return truth_value(sbx_gen_compare_slow(run, number, used[0], used[1]));
	case 'w':
		number = *next_word(reader);
		return sbx_gen_format(run, used[0], number == '-' ? 0 : number,
							  used[1].tag == SBX_KIND_NONE ? SBX_GEN_ERROR : used[1]);
	case 'a':
		*used_count = 1;
		used[0] = sbx__str_append_take(run, used[0], used[1]);
		hash = used[0].tag ? sbx__str_hash(used[0]) : 0;
		if (used[0].tag)
			used[0] = sbx__str_append_take(run, used[0], used[1]);
		sbx_gen_drop(run, used[1]);
		if (used[0].tag && hash == sbx__str_hash(used[0]) && STR(used[1])->length)
			printf("STALE-HASH ");
		return sbx_gen_copy(used[0]);
	default:
		for (int i = 0; operators[i]; i++)
			if (op == operators[i])
				return sbx_gen_binary_slow(run, binary[i], used[0], used[1]);
		die("an operation that is none");
		return SBX_GEN_NONE;
	}
}

/* ---- every code point ---- */

static sbx_value ask(sbx_run *run, const uint32_t *points, uint64_t count, int method)
{
	Units units = {points, count, 4, false};
	sbx_value text = sbx__units_value(run, units),
			  answer = sbx_gen_call_method(run, text, method, 0, NULL, SBX_GEN_NONE);
	sbx_gen_drop(run, text);
	return answer;
}

static void print_answer(sbx_run *run, sbx_value answer, const char *before)
{
	printf("%s", before);
	if (SBX_GEN_KIND(answer) == SBX_KIND_BOOL)
		printf("%d", (int)answer.u.i);
	else if (SBX_GEN_KIND(answer) == SBX_KIND_LIST)
		printf("%d", (int)LIST(answer)->length);
	else
		print_str(answer);
	sbx_gen_drop(run, answer);
}

/* One line for each block of code points: their classes, and their case alone and in words. */
static void sweep(sbx_run *run, char *line)
{
	static const int classes[] = {
		SBX_METHOD_isalnum,     SBX_METHOD_isalpha,      SBX_METHOD_isascii, SBX_METHOD_isdecimal,
		SBX_METHOD_isdigit,     SBX_METHOD_isidentifier, SBX_METHOD_islower, SBX_METHOD_isnumeric,
		SBX_METHOD_isprintable, SBX_METHOD_isspace,      SBX_METHOD_istitle, SBX_METHOD_isupper};
	static const int cases[] = {SBX_METHOD_upper,    SBX_METHOD_lower,    SBX_METHOD_title,
								SBX_METHOD_casefold, SBX_METHOD_swapcase, SBX_METHOD_capitalize};
	uint32_t first = (uint32_t)strtoul(line, &line, 10), count = (uint32_t)strtoul(line, NULL, 10);
	for (uint32_t c = first; c < first + count; c++) {
		uint32_t before_a[] = {c, 'a'}, between[] = {'a', c, 'b'}, sigma[] = {'a', c, 0x3a3};
		uint32_t inner[] = {'a', 0x3a3, c, 'a'};
		for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
			print_answer(run, ask(run, &c, 1, classes[i]), "");
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
			print_answer(run, ask(run, &c, 1, cases[i]), " ");
		print_answer(run, ask(run, before_a, 2, SBX_METHOD_title), " ");
		print_answer(run, ask(run, sigma, 3, SBX_METHOD_lower), " ");
		print_answer(run, ask(run, inner, 4, SBX_METHOD_lower), " ");
		print_answer(run, ask(run, between, 2, SBX_METHOD_isidentifier), " ");
		print_answer(run, ask(run, between, 3, SBX_METHOD_splitlines), "");
		print_answer(run, ask(run, between, 3, SBX_METHOD_split), "");
		printf(";");
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	uint64_t limit = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	char *line = NULL;
	size_t capacity = 0;
	while (getline(&line, &capacity, stdin) > 0) {
		Reader reader = {NULL, line, limit};
		sbx_value used[3], result;
		uint64_t before SBX_TEST_UNUSED;
		int count;
		if (sbx_heap_open(0, &reader.run) != SBX_DONE)
			die("no heap");
		before = HEAP(reader.run)->used;
		if (line[0] == 'u') {
			sweep(reader.run, line + 2);
			sbx_heap_close(reader.run);
			continue;
		}
		result = carry_out(&reader, used, &count);
		if (sbx__is_error(result)) {
			print_error(reader.run);
		} else {
			HEAP(reader.run)->limit = 0;
			printf("V");
			print_value(reader.run, result);
			sbx_gen_drop(reader.run, result);
			for (int i = 0; i < count; i++)
				sbx_gen_drop(reader.run, used[i]);
#ifdef __SANITIZE_ADDRESS__ /* blocks are counted one by one then */
			if (HEAP(reader.run)->used != before)
				printf(" LEAK %" PRIu64, HEAP(reader.run)->used - before);
#endif
			printf("\n");
		}
		sbx_heap_close(reader.run);
	}
	free(line);
	return 0;
}
