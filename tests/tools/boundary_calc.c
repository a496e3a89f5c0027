/*
 * Moves values over boundaries, for tests that compare with CPython. A line of standard input is an operation:
 *
 *   dump HEX            JSON of a value in wire form
 *   load HEX            the value of JSON (its bytes in hex), in wire form
 *   wire HEX            reads the wire form, copies the value to another heap and back, and writes the wire form again
 *   convert TYPE J HEX  the value (J: 1 for one from JSON) made to fit a declared type, in prefix form: "d s i" is
 *                       dict[str, int]; letters n b i f s y a, F D P (handles), t e (times), l T S Z O (of one), d (of
 *                       two), u2 x2 (a union or tuple of that many)
 *   time N HEX          loads the JSON N times and dumps it N times: nanoseconds of one load and of one dump
 *   hostile HEX         reads bytes as wire form and as JSON; only survives
 *
 * The answer is "ok" and bytes in hex, or "failed", the status, and the error's text as JSON.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/values/object.h"

typedef struct Bytes {
	unsigned char *at;
	size_t length;
} Bytes;

static Bytes from_hex(const char *hex)
{
	Bytes bytes = {malloc(strlen(hex) / 2 + 1), strlen(hex) / 2};
	for (size_t i = 0; bytes.at && i < bytes.length; i++) {
		char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
		bytes.at[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return bytes;
}

static void put_hex(const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		printf("%02x", ((const unsigned char *)bytes)[i]);
}

static void failed(sbx_heap *heap, sbx_status status)
{
	sbx_value exception = sbx__exception_take(heap), text = SBX_GEN_ERROR, json;
	printf("failed %d ", (int)status);
	if (exception.tag)
		text = sbx_gen_to_str(heap, exception);
	if (text.tag && sbx_json_dump(heap, text, &json) == SBX_DONE)
		fputs(sbx_peek_str(heap, json, NULL), stdout);
	putchar('\n');
}

static void give_wire(sbx_heap *heap, sbx_value v)
{
	sbx_value bytes;
	size_t length;
	const unsigned char *data;
	sbx_status status = sbx_wire_dump(heap, v, &bytes);
	if (status) {
		failed(heap, status);
		return;
	}
	data = sbx_peek_bytes(bytes, &length);
	printf("ok ");
	put_hex(data, length);
	putchar('\n');
}

/* ---- declared types ---- */

static sbx_gen_type types[256];
static const sbx_gen_type *type_arguments[256][8];

static const sbx_gen_type *read_type(char **text, int *used)
{
	static const struct {
		char letter;
		uint8_t kind, count;
	} letters[] = {
		{'n', SBX_NONE, 0},      {'b', SBX_BOOL, 0},     {'i', SBX_INT, 0},
		{'f', SBX_FLOAT, 0},     {'s', SBX_STR, 0},      {'y', SBX_BYTES, 0},
		{'a', SBX_ANY, 0},       {'F', SBX_FILE, 0},     {'D', SBX_DIR, 0},
		{'P', SBX_DATAFRAME, 0}, {'t', SBX_DATETIME, 0}, {'e', SBX_TIMEDELTA, 0},
		{'l', SBX_LIST, 1},      {'T', SBX_TUPLE_OF, 1}, {'S', SBX_SET, 1},
		{'Z', SBX_FROZENSET, 1}, {'d', SBX_DICT, 2},     {'u', SBX_UNION, 9},
		{'x', SBX_TUPLE, 9},     {'O', SBX_UNION, 1},
	};
	char letter = *(*text)++;
	int at = (*used)++;
	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
		if (letters[i].letter != letter)
			continue;
		types[at].kind = letters[i].kind;
		types[at].count = letters[i].count == 9 ? (uint8_t)(*(*text)++ - '0') : letters[i].count;
		types[at].args = type_arguments[at];
		for (int k = 0; k < types[at].count; k++)
			type_arguments[at][k] = read_type(text, used);
		return &types[at];
	}
	return NULL;
}

/* ---- operations ---- */

static double since(const struct timespec *begin)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin->tv_sec) * 1e9 + (double)(now.tv_nsec - begin->tv_nsec);
}

/* The best of some turns, each with giving back what was made: other programs run on the machine too. */
static void time_json(sbx_heap *heap, int turns, Bytes json)
{
	double best_load = 1e18, best_dump = 1e18, took;
	struct timespec begin;
	sbx_value v, text;
	for (int i = 0; i < turns; i++) {
		clock_gettime(CLOCK_MONOTONIC, &begin);
		if (sbx_json_load(heap, (const char *)json.at, json.length, &v))
			return;
		sbx_value_free(heap, v);
		took = since(&begin);
		best_load = took < best_load ? took : best_load;
	}
	if (sbx_json_load(heap, (const char *)json.at, json.length, &v))
		return;
	for (int i = 0; i < turns; i++) {
		clock_gettime(CLOCK_MONOTONIC, &begin);
		if (sbx_json_dump(heap, v, &text))
			return;
		sbx_value_free(heap, text);
		took = since(&begin);
		best_dump = took < best_dump ? took : best_dump;
	}
	printf("ok %.0f %.0f\n", best_load, best_dump);
}

static void wire(sbx_heap *heap, Bytes bytes)
{
	sbx_heap *other;
	sbx_value v, copy, back;
	sbx_status status = sbx_wire_load(heap, bytes.at, bytes.length, &v);
	if (status) {
		failed(heap, status);
		return;
	}
	if (sbx_heap_open(0, &other))
		return;
	copy = sbx_value_copy(other, v);
	sbx_value_free(heap, v);
	back = copy.tag ? sbx_value_copy(heap, copy) : copy;
	if (back.tag)
		give_wire(heap, back);
	else
		failed(copy.tag ? heap : other, SBX_E_TYPE);
	sbx_value_free(heap, back);
	sbx_heap_close(other);
}

static void convert(sbx_heap *heap, char *text, int from_json, Bytes bytes)
{
	int used = 0;
	const sbx_gen_type *type = read_type(&text, &used);
	sbx_value v, out;
	sbx_status status = sbx_wire_load(heap, bytes.at, bytes.length, &v);
	if (!status)
		status = sbx_value_convert(heap, type, from_json, v, &out);
	if (status)
		failed(heap, status);
	else
		give_wire(heap, out);
}

static void operate(sbx_heap *heap, char *line)
{
	char *word[4] = {0};
	sbx_value v, text;
	Bytes bytes;
	int count = 0;
	while (count < 4 && (word[count] = strsep(&line, " \n")) != NULL)
		count += *word[count] != 0;
	if (count < 2)
		return;
	bytes = from_hex(word[count - 1]);
	if (!strcmp(word[0], "dump")) {
		sbx_status status = sbx_wire_load(heap, bytes.at, bytes.length, &v);
		status = status ? status : sbx_json_dump(heap, v, &text);
		if (status) {
			failed(heap, status);
		} else {
			size_t length;
			const char *utf8 = sbx_peek_str(heap, text, &length);
			printf("ok ");
			put_hex(utf8, length);
			putchar('\n');
		}
	} else if (!strcmp(word[0], "load")) {
		sbx_status status = sbx_json_load(heap, (const char *)bytes.at, bytes.length, &v);
		if (status)
			failed(heap, status);
		else
			give_wire(heap, v);
	} else if (!strcmp(word[0], "wire")) {
		wire(heap, bytes);
	} else if (!strcmp(word[0], "convert")) {
		convert(heap, word[1], word[2][0] == '1', bytes);
	} else if (!strcmp(word[0], "time")) {
		time_json(heap, (int)strtol(word[1], NULL, 10), bytes);
	} else if (!strcmp(word[0], "hostile")) {
		int good = (sbx_wire_load(heap, bytes.at, bytes.length, &v) == SBX_DONE) +
				   2 * (sbx_json_load(heap, (const char *)bytes.at, bytes.length, &v) == SBX_DONE);
		printf("ok %d\n", good);
	}
	free(bytes.at);
}

int main(void)
{
	char *line = NULL;
	size_t size = 0, lines = 0;
	sbx_heap *heap = NULL;
	while (getline(&line, &size, stdin) > 0) {
		if (lines++ % 100 == 0) {
			if (heap)
				sbx_heap_close(heap);
			if (sbx_heap_open(0, &heap))
				return 1;
		}
		operate(heap, line);
	}
	if (heap)
		sbx_heap_close(heap);
	free(line);
	return 0;
}
