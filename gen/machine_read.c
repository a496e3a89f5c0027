/*
 * Reads the printed form of a machine back. The text may be anybody's: numbers are range-checked, names are looked up,
 * and what comes out still has to pass machine_verify. Two passes: the first counts functions and entries so that
 * references forwards can be resolved, the second reads.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "machine_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine_text.h"

typedef struct Reader {
	Arena *arena;
	TypeTable *types;
	Machine *machine;
	MachineFunction *function;
	Block *block;
	const char *p, *end; /* of the current line */
	const char *next_line, *text_end;
	uint32_t line;
	const char *error;
	/* labels that were mentioned: resolved at the end of a function */
	struct LabelUse *uses;
} Reader;

typedef struct LabelUse {
	Block **where;
	const char *label;
	struct LabelUse *next;
} LabelUse;

static void fail(Reader *reader, const char *what)
{
	if (!reader->error)
		reader->error = arena_format(reader->arena, "line %u: %s", reader->line, what);
}

/* ---- words ---- */

static bool next_line(Reader *reader)
{
	if (reader->error || reader->next_line >= reader->text_end)
		return false;
	reader->p = reader->next_line;
	const char *newline = memchr(reader->p, '\n', (size_t)(reader->text_end - reader->p));
	reader->end = newline ? newline : reader->text_end;
	reader->next_line = newline ? newline + 1 : reader->text_end;
	reader->line++;
	return true;
}

static void blanks(Reader *reader)
{
	while (reader->p < reader->end && *reader->p == ' ')
		reader->p++;
}

static bool at(Reader *reader, char c)
{
	blanks(reader);
	return reader->p < reader->end && *reader->p == c;
}

static bool accept(Reader *reader, char c)
{
	if (!at(reader, c))
		return false;
	reader->p++;
	return true;
}

/* A word of letters, digits, _ and dots; "" where there is none. */
static const char *word(Reader *reader)
{
	blanks(reader);
	const char *start = reader->p;
	while (reader->p < reader->end &&
		   (*reader->p == '_' || *reader->p == '.' || (*reader->p >= '0' && *reader->p <= '9') ||
			(*reader->p >= 'a' && *reader->p <= 'z') || (*reader->p >= 'A' && *reader->p <= 'Z')))
		reader->p++;
	return arena_copy(reader->arena, start, (size_t)(reader->p - start));
}

static void expect(Reader *reader, const char *wanted)
{
	if (strcmp(word(reader), wanted) != 0)
		fail(reader, arena_format(reader->arena, "expected '%s'", wanted));
}

static int64_t number(Reader *reader)
{
	blanks(reader);
	char *stop;
	const char *copy = arena_copy(reader->arena, reader->p, (size_t)(reader->end - reader->p));
	int64_t value = strtoll(copy, &stop, 10);
	if (stop == copy)
		fail(reader, "expected a number");
	reader->p += stop - copy;
	return value;
}

static uint32_t below(Reader *reader, uint64_t limit, const char *what)
{
	int64_t value = number(reader);
	if (value < 0 || (uint64_t)value >= limit) {
		fail(reader, arena_format(reader->arena, "no such %s", what));
		return 0;
	}
	return (uint32_t)value;
}

static uint64_t hex_bits(Reader *reader)
{
	char *stop;
	const char *copy = word(reader);
	uint64_t bits = strtoull(copy, &stop, 16);
	if (strncmp(copy, "0x", 2) != 0 || *stop)
		fail(reader, "expected 0x and digits");
	return bits;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A quoted string; - is NULL. */
static const char *string(Reader *reader, uint32_t *length)
{
	*length = 0;
	if (accept(reader, '-'))
		return NULL;
	if (!accept(reader, '"')) {
		fail(reader, "expected a string");
		return "";
	}
	char *bytes = arena_copy(reader->arena, reader->p, (size_t)(reader->end - reader->p));
	char *out = bytes;
	while (reader->p < reader->end && *reader->p != '"') {
		char c = *reader->p++;
		if (c == '\\' && reader->p < reader->end) {
			c = *reader->p++;
			if (c == 'n')
				c = '\n';
			else if (c == 'x' && reader->end - reader->p >= 2) {
				int high = hex_digit(reader->p[0]), low = hex_digit(reader->p[1]);
				if (high < 0 || low < 0)
					fail(reader, "bad \\x in a string");
				c = (char)((high & 15) * 16 + (low & 15));
				reader->p += 2;
			}
		}
		*out++ = c;
	}
	if (!accept(reader, '"'))
		fail(reader, "a string without end");
	*out = 0;
	*length = (uint32_t)(out - bytes);
	return bytes;
}

static const char *name(Reader *reader)
{
	uint32_t length;
	const char *text = string(reader, &length);
	return text && strlen(text) == length ? text
		   : text                         ? (fail(reader, "a NUL in a name"), "")
										  : NULL;
}

static const char *labelled_name(Reader *reader, const char *label)
{
	expect(reader, label);
	return name(reader);
}

static int64_t labelled_number(Reader *reader, const char *label)
{
	expect(reader, label);
	return number(reader);
}

/* ---- types ---- */

static const Type *type_term(Reader *reader, int depth);

static const struct {
	const char *name;
	TypeKind kind;
} TYPE_NAMES[] = {
	{"Any", TYPE_ANY},
	{"Never", TYPE_NEVER},
	{"None", TYPE_NONE},
	{"bool", TYPE_BOOL},
	{"int", TYPE_INT},
	{"float", TYPE_FLOAT},
	{"str", TYPE_STR},
	{"bytes", TYPE_BYTES},
	{"File", TYPE_FILE},
	{"Dir", TYPE_DIR},
	{"DataFrame", TYPE_DATAFRAME},
	{"datetime", TYPE_DATETIME},
	{"datetime.datetime", TYPE_DATETIME},
	{"timedelta", TYPE_TIMEDELTA},
	{"datetime.timedelta", TYPE_TIMEDELTA},
	{"list", TYPE_LIST},
	{"set", TYPE_SET},
	{"frozenset", TYPE_FROZENSET},
	{"dict", TYPE_DICT},
	{"tuple", TYPE_TUPLE},
	{"range", TYPE_RANGE},
	{"slice", TYPE_SLICE},
	{"iterator", TYPE_ITERATOR},
	{"generator", TYPE_GENERATOR},
	{"function", TYPE_FUNCTION},
	{"type", TYPE_TYPE},
	{"exception", TYPE_EXCEPTION},
};

static const Type *type_one(Reader *reader, int depth)
{
	const char *text = word(reader);
	size_t k = 0;
	while (k < sizeof TYPE_NAMES / sizeof *TYPE_NAMES && strcmp(TYPE_NAMES[k].name, text) != 0)
		k++;
	if (k == sizeof TYPE_NAMES / sizeof *TYPE_NAMES || depth > 100) {
		fail(reader, arena_format(reader->arena, "no type '%s'", text));
		return type_simple(reader->types, TYPE_ANY);
	}
	TypeKind kind = TYPE_NAMES[k].kind;
	const Type *any = type_simple(reader->types, TYPE_ANY);
	if (!accept(reader, '[')) {
		const Type *two[2] = {any, any};
		if (kind == TYPE_LIST || kind == TYPE_SET || kind == TYPE_FROZENSET ||
			kind == TYPE_ITERATOR || kind == TYPE_GENERATOR)
			return type_make(reader->types, kind, two, 1);
		if (kind == TYPE_DICT)
			return type_make(reader->types, kind, two, 2);
		if (kind == TYPE_TUPLE)
			return type_make(reader->types, TYPE_TUPLE_OF, two, 1);
		return type_simple(reader->types, kind);
	}
	const Type *args[64];
	uint32_t count = 0;
	bool open_tuple = false;
	if (accept(reader, '(')) /* tuple[()] */
		open_tuple = !accept(reader, ')');
	while (!at(reader, ']') && !reader->error && count < 64) {
		if (at(reader, '.')) {
			word(reader);
			open_tuple = true;
		} else {
			args[count++] = type_term(reader, depth + 1);
		}
		if (!accept(reader, ','))
			break;
	}
	if (!accept(reader, ']'))
		fail(reader, "expected ]");
	return type_make(reader->types, open_tuple ? TYPE_TUPLE_OF : kind, args, count);
}

static const Type *type_term(Reader *reader, int depth)
{
	const Type *type = type_one(reader, depth);
	while (accept(reader, '|'))
		type = type_join(reader->types, type, type_one(reader, depth));
	return type;
}

static const Type *declared_type(Reader *reader)
{
	if (accept(reader, '-'))
		return NULL;
	if (!accept(reader, '\''))
		fail(reader, "expected a type");
	const Type *type = type_term(reader, 0);
	if (!accept(reader, '\''))
		fail(reader, "expected the end of the type");
	return type;
}

/* ---- operands ---- */

static const MachineConstant *constant(Reader *reader, int depth)
{
	Machine *machine = reader->machine;
	uint32_t length;
	if (at(reader, '"')) {
		const char *text = string(reader, &length);
		return constant_text(machine, MC_STR, text, length);
	}
	if (accept(reader, '(')) {
		const MachineConstant **items = NULL;
		uint32_t count = 0, capacity = 0;
		while (!at(reader, ')') && !reader->error && depth < 100) {
			if (count == capacity) {
				const MachineConstant **wider =
					ARENA_ARRAY(reader->arena, const MachineConstant *, capacity * 2 + 4);
				if (count)
					memcpy(wider, items, count * sizeof *items);
				items = wider;
				capacity = capacity * 2 + 4;
			}
			items[count++] = constant(reader, depth + 1);
			if (!accept(reader, ','))
				break;
		}
		if (!accept(reader, ')'))
			fail(reader, "expected )");
		return constant_tuple(machine, items, count);
	}
	if (at(reader, '-') || (reader->p < reader->end && *reader->p >= '0' && *reader->p <= '9'))
		return constant_int(machine, number(reader));
	const char *text = word(reader);
	static const struct {
		const char *name;
		MachineConstantKind kind;
	} SIMPLE[] = {{"unbound", MC_UNBOUND},
				  {"None", MC_NONE},
				  {"True", MC_TRUE},
				  {"False", MC_FALSE},
				  {"Ellipsis", MC_ELLIPSIS}};
	for (size_t k = 0; k < sizeof SIMPLE / sizeof *SIMPLE; k++)
		if (strcmp(text, SIMPLE[k].name) == 0)
			return constant_simple(machine, SIMPLE[k].kind);
	if (strcmp(text, "big") == 0) {
		bool negative = accept(reader, '-');
		const char *digits = word(reader);
		if (!*digits || strspn(digits, "0123456789abcdefxoABCDEFXO") != strlen(digits))
			fail(reader, "bad digits");
		digits = negative ? arena_format(reader->arena, "-%s", digits) : digits;
		return constant_text(machine, MC_BIG, digits, (uint32_t)strlen(digits));
	}
	if (strcmp(text, "float") == 0) {
		double real;
		uint64_t bits = hex_bits(reader);
		memcpy(&real, &bits, sizeof real);
		return constant_float(machine, real);
	}
	if (strcmp(text, "bytes") == 0) {
		const char *bytes = string(reader, &length);
		return constant_text(machine, MC_BYTES, bytes ? bytes : "", length);
	}
	if (strcmp(text, "type") == 0 || strcmp(text, "builtin") == 0) {
		const char *what = word(reader);
		return constant_text(machine, *text == 't' ? MC_TYPE : MC_BUILTIN, what,
							 (uint32_t)strlen(what));
	}
	if (strcmp(text, "task") == 0)
		return constant_task(machine, below(reader, machine->task_count, "task"));
	fail(reader, arena_format(reader->arena, "no constant '%s'", text));
	return constant_simple(machine, MC_NONE);
}

/* Is the next word a register ("v3")? Then it is read. */
static bool try_register(Reader *reader, Register *reg)
{
	blanks(reader);
	const char *p = reader->p;
	if (reader->end - p < 2 || !strchr("vifb", *p) || p[1] < '0' || p[1] > '9')
		return false;
	char rep = *p;
	reader->p++;
	*reg = below(reader, reader->function->register_count, "register");
	if (!reader->error && (char)reader->function->registers[*reg].rep != rep)
		fail(reader, "a register of another representation");
	return true;
}

static Register need_register(Reader *reader)
{
	Register reg = 0;
	if (!try_register(reader, &reg))
		fail(reader, "expected a register");
	return reg;
}

static bool operand_follows(Reader *reader)
{
	blanks(reader);
	return reader->p < reader->end && !strchr("@:-", *reader->p) &&
		   strncmp(reader->p, "suspends", 8) != 0 && strncmp(reader->p, "else", 4) != 0;
}

static Operand *operands(Reader *reader, uint32_t *count)
{
	Operand *items = NULL;
	uint32_t capacity = 0;
	*count = 0;
	blanks(reader);
	bool negative = reader->end - reader->p >= 2 && reader->p[0] == '-' && reader->p[1] != '>';
	if (!operand_follows(reader) && !negative)
		return NULL;
	do {
		if (*count == capacity) {
			Operand *wider = ARENA_ARRAY(reader->arena, Operand, capacity * 2 + 4);
			if (*count)
				memcpy(wider, items, *count * sizeof *items);
			items = wider;
			capacity = capacity * 2 + 4;
		}
		Register reg;
		items[*count] = try_register(reader, &reg) ? operand_register(reg)
												   : operand_constant(constant(reader, 0));
		++*count;
	} while (!reader->error && accept(reader, ','));
	return items;
}

/* ---- operations and exits ---- */

static uint32_t site_number(Reader *reader)
{
	if (!accept(reader, '@'))
		return UINT32_MAX;
	return below(reader, reader->function->site_count, "site");
}

static void read_immediates(Reader *reader, Op *op)
{
	const char *immediates = op_immediates(op_row(op->code)->operands);
	if (*immediates && !accept(reader, ':'))
		fail(reader, "expected :");
	for (const char *p = immediates; *p; p++) {
		if (*p == 'n')
			op->number = number(reader);
		else if (*p == 'd')
			op->number = (int64_t)hex_bits(reader);
		else if (*p == 'F')
			op->function =
				reader->machine
					->functions[below(reader, reader->machine->function_count, "function")];
		else if (*p == 'e')
			op->task = below(reader, reader->machine->entry_count, "entry");
		else
			op->text = name(reader);
	}
}

static bool read_op(Reader *reader, const char *what, const Register *results,
					uint32_t result_count)
{
	uint32_t code = 0;
	while (code < OP_COUNT && strcmp(op_row((OpCode)code)->name, what) != 0)
		code++;
	if (code == OP_COUNT)
		return false;
	uint32_t count;
	Operand *items = operands(reader, &count);
	bool several = op_row((OpCode)code)->result[0] == '*';
	Op *op =
		machine_op(reader->machine, reader->block, (OpCode)code,
				   several || !result_count ? NO_REGISTER : results[0], UINT32_MAX, items, count);
	if (several) {
		op->result_count = result_count;
		op->results = ARENA_ARRAY(reader->arena, Register, result_count + 1);
		memcpy(op->results, results, result_count * sizeof *results);
	} else if (result_count > 1) {
		fail(reader, "too many results");
	}
	read_immediates(reader, op);
	op->site = site_number(reader);
	return true;
}

static void read_label(Reader *reader, Block **where)
{
	LabelUse *use = ARENA_NEW(reader->arena, LabelUse);
	use->where = where;
	use->label = name(reader);
	if (!use->label)
		fail(reader, "expected a label");
	use->next = reader->uses;
	reader->uses = use;
}

static bool read_exit(Reader *reader, const char *what, const Register *results,
					  uint32_t result_count)
{
	Exit *exit = &reader->block->exit;
	uint32_t kind = EXIT_JUMP;
	while (kind <= EXIT_MAP && strcmp(EXIT_NAMES[kind], what) != 0)
		kind++;
	if (kind > EXIT_MAP)
		return false;
	if (exit->kind != EXIT_NONE || result_count > 1)
		fail(reader, "a second exit, or too many results");
	exit->kind = (ExitKind)kind;
	exit->result = result_count ? results[0] : NO_REGISTER;
	if (kind == EXIT_CALL)
		exit->function =
			reader->machine->functions[below(reader, reader->machine->function_count, "function")];
	if (kind == EXIT_TASK || kind == EXIT_MAP)
		exit->task = below(reader, reader->machine->task_count, "task");
	if ((kind == EXIT_CALL || kind == EXIT_TASK || kind == EXIT_MAP) && !accept(reader, ':'))
		fail(reader, "expected :");
	if (kind == EXIT_BRANCH)
		exit->condition = need_register(reader);
	else
		exit->operands = operands(reader, &exit->count);
	exit->site = site_number(reader);
	if (accept(reader, '-')) {
		if (!accept(reader, '>'))
			fail(reader, "expected ->");
		read_label(reader, &exit->to);
	}
	const char *rest = word(reader);
	if (strcmp(rest, "else") == 0) {
		read_label(reader, &exit->otherwise);
		rest = word(reader);
	}
	if (strcmp(rest, "suspends") == 0)
		exit->suspends = true;
	else if (*rest)
		fail(reader, "unexpected text at the end of the line");
	return true;
}

static void read_statement(Reader *reader)
{
	Register results[256], reg;
	uint32_t count = 0;
	while (try_register(reader, &reg) && count < 256) {
		results[count++] = reg;
		if (!accept(reader, ','))
			break;
	}
	if (count && !accept(reader, '='))
		fail(reader, "expected =");
	const char *what = word(reader);
	if (!reader->block)
		fail(reader, "an operation outside a block");
	else if (!read_op(reader, what, results, count) && !read_exit(reader, what, results, count))
		fail(reader, arena_format(reader->arena, "no operation '%s'", what));
	blanks(reader);
	if (reader->p < reader->end)
		fail(reader, "unexpected text at the end of the line");
}

/* ---- the parts of a machine ---- */

static void *extend(Reader *reader, void *items, uint32_t count, size_t size)
{
	if (count & (count - 1))
		return items; /* grows at powers of two */
	void *wider = arena_alloc(reader->arena, (size_t)(count ? count * 2 : 1) * size);
	if (count)
		memcpy(wider, items, count * size);
	return wider;
}

static void resolve_labels(Reader *reader)
{
	for (LabelUse *use = reader->uses; use && !reader->error; use = use->next) {
		for (uint32_t i = 0; i < reader->function->block_count; i++)
			if (strcmp(reader->function->blocks[i]->label, use->label) == 0)
				*use->where = reader->function->blocks[i];
		if (!*use->where)
			fail(reader, arena_format(reader->arena, "no block '%s'", use->label));
	}
	reader->uses = NULL;
}

static void read_function(Reader *reader)
{
	if (reader->function)
		resolve_labels(reader);
	uint32_t index = below(reader, reader->machine->function_count, "function");
	if (reader->error)
		return;
	MachineFunction *function = reader->function = reader->machine->functions[index];
	reader->block = NULL;
	function->name = name(reader);
	function->qualified = labelled_name(reader, "qualified");
	expect(reader, "file");
	function->file = below(reader, reader->machine->source_count, "source");
	function->line = (uint32_t)labelled_number(reader, "line");
	function->default_count = (uint32_t)labelled_number(reader, "defaults");
	function->cell_count = (uint32_t)labelled_number(reader, "cells");
	function->may_suspend = labelled_number(reader, "suspends") != 0;
	function->is_generator = labelled_number(reader, "generator") != 0;
	function->is_lambda = labelled_number(reader, "lambda") != 0;
	function->is_code_string = labelled_number(reader, "code") != 0;
	expect(reader, "self");
	blanks(reader);
	if (!accept(reader, '-') && reader->p < reader->end) {
		reader->p++;
		function->self =
			(Register)number(reader); /* its register follows: the verifier checks it */
	}
	if (!function->name || !function->qualified)
		fail(reader, "a function without a name");
}

static void read_register(Reader *reader)
{
	blanks(reader);
	char rep = reader->p < reader->end ? *reader->p++ : 0;
	if (!rep || !strchr("vifb", rep) || number(reader) != reader->function->register_count)
		fail(reader, "registers stand in order");
	const char *text = name(reader);
	machine_register(reader->machine, reader->function, (Representation)rep, text,
					 declared_type(reader));
}

static void read_param(Reader *reader)
{
	MachineFunction *function = reader->function;
	function->params =
		extend(reader, function->params, function->param_count, sizeof *function->params);
	MachineParam *param = &function->params[function->param_count++];
	*param = (MachineParam){.reg = need_register(reader)};
	param->name = name(reader);
	expect(reader, "kind");
	param->kind = (int)below(reader, 5, "kind");
	param->has_default = labelled_number(reader, "default") != 0;
	param->type = declared_type(reader);
	if (!param->name)
		fail(reader, "a parameter without a name");
}

static void read_site(Reader *reader)
{
	MachineSite site = {0};
	if (number(reader) != reader->function->site_count)
		fail(reader, "sites stand in order");
	site.line = (uint32_t)number(reader);
	site.column = (uint32_t)number(reader);
	site.end_column = (uint32_t)number(reader);
	site.name = name(reader);
	site.outer = (uint32_t)number(reader);
	if (site.name && site.outer >= reader->function->site_count)
		fail(reader, "an outer site comes before");
	machine_site(reader->machine, reader->function, site);
}

static void read_block(Reader *reader)
{
	Block *block = machine_block(reader->machine, reader->function, "block");
	block->label = name(reader);
	block->line = (uint32_t)labelled_number(reader, "line");
	block->exit.result = block->exit.condition = NO_REGISTER;
	reader->block = block;
	if (!block->label)
		fail(reader, "a block without a name");
}

static void read_task(Reader *reader)
{
	Machine *machine = reader->machine;
	uint32_t index = below(reader, machine->task_count, "task");
	MachineTask *task = reader->error ? NULL : &machine->tasks[index];
	if (!task)
		return;
	task->name = name(reader);
	task->function = labelled_name(reader, "function");
	task->module = labelled_name(reader, "module");
	task->is_async = labelled_number(reader, "async") != 0;
	task->is_trace = labelled_number(reader, "trace") != 0;
	task->retries = (uint32_t)labelled_number(reader, "retries");
	task->timeout_ms = (uint32_t)labelled_number(reader, "timeout");
	task->entry = (int32_t)labelled_number(reader, "entry");
	task->task_type = labelled_name(reader, "type");
	task->extra = labelled_name(reader, "extra");
	expect(reader, "result");
	task->result = declared_type(reader);
	if (task->entry >= (int32_t)machine->entry_count || !task->name || !task->function ||
		!task->module)
		fail(reader, "no such entry, or a task without a name");
}

static void read_task_param(Reader *reader, MachineTask *task)
{
	task->params = extend(reader, task->params, task->param_count, sizeof *task->params);
	MachineTaskParam *param = &task->params[task->param_count++];
	param->name = name(reader);
	expect(reader, "kind");
	param->kind = (int)below(reader, 5, "kind");
	param->has_default = labelled_number(reader, "default") != 0;
	param->type = declared_type(reader);
	param->default_value = NULL;
	blanks(reader);
	if (param->has_default && reader->p < reader->end && !reader->error)
		param->default_value = constant(reader, 0);
}

/* "(0, 1)", or "as before": those of the entry before. */
static void read_entry_tasks(Reader *reader, MachineEntry *entry, uint32_t index)
{
	if (index && at(reader, 'a')) {
		expect(reader, "as");
		expect(reader, "before");
		entry->tasks = entry[-1].tasks;
		entry->task_count = entry[-1].task_count;
		return;
	}
	if (!accept(reader, '('))
		fail(reader, "expected (");
	while (!at(reader, ')') && !reader->error) {
		entry->tasks = extend(reader, entry->tasks, entry->task_count, sizeof *entry->tasks);
		entry->tasks[entry->task_count++] = below(reader, reader->machine->task_count, "task");
		if (!accept(reader, ','))
			break;
	}
	if (!accept(reader, ')'))
		fail(reader, "expected )");
}

static MachineEntry *read_entry(Reader *reader)
{
	Machine *machine = reader->machine;
	uint32_t index = below(reader, machine->entry_count, "entry");
	MachineEntry *entry = &machine->entries[index];
	if (reader->error)
		return entry;
	entry->name = name(reader);
	entry->full_name = labelled_name(reader, "full");
	entry->symbol = labelled_name(reader, "symbol");
	entry->doc = labelled_name(reader, "doc");
	expect(reader, "file");
	entry->file = below(reader, machine->source_count, "source");
	expect(reader, "main");
	entry->main = machine->functions[below(reader, machine->function_count, "function")];
	entry->type_check = labelled_number(reader, "check") != 0;
	entry->is_code_string = labelled_number(reader, "code") != 0;
	entry->is_imported = labelled_number(reader, "imported") != 0;
	entry->retries = (uint32_t)labelled_number(reader, "retries");
	entry->max_memory = (uint64_t)labelled_number(reader, "memory");
	entry->max_depth = (uint32_t)labelled_number(reader, "depth");
	entry->timeout_ms = (uint32_t)labelled_number(reader, "timeout");
	expect(reader, "tasks");
	read_entry_tasks(reader, entry, index);
	expect(reader, "result");
	entry->result = declared_type(reader);
	if (!entry->name || !entry->full_name || !entry->symbol)
		fail(reader, "an entry without a name");
	return entry;
}

static void read_input(Reader *reader, MachineEntry *entry)
{
	entry->inputs = extend(reader, entry->inputs, entry->input_count, sizeof *entry->inputs);
	MachineInput *input = &entry->inputs[entry->input_count++];
	input->name = name(reader);
	input->type = declared_type(reader);
	blanks(reader);
	input->default_value = NULL;
	if (reader->end - reader->p == 1 && *reader->p == '-')
		reader->p++;
	else
		input->default_value = constant(reader, 0);
}

static void read_source(Reader *reader)
{
	Machine *machine = reader->machine;
	Source *source = ARENA_NEW(reader->arena, Source);
	source->path = name(reader);
	source->text = arena_copy(reader->arena, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	if (!source->path)
		fail(reader, "a source without a path");
	machine->sources =
		extend(reader, machine->sources, machine->source_count, sizeof *machine->sources);
	machine->sources[machine->source_count++] = source;
}

static void count_parts(Reader *reader, const char *text)
{
	Machine *machine = reader->machine;
	uint32_t functions = 0;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		functions += strncmp(line, "function ", 9) == 0;
		machine->task_count += strncmp(line, "task ", 5) == 0;
		machine->entry_count += strncmp(line, "entry ", 6) == 0;
	}
	machine->tasks = ARENA_ARRAY(reader->arena, MachineTask, machine->task_count + 1);
	machine->entries = ARENA_ARRAY(reader->arena, MachineEntry, machine->entry_count + 1);
	for (uint32_t i = 0; i < functions; i++)
		machine_function(machine, "", "");
	if (!functions)
		fail(reader, "a machine without functions");
}

static void read_line(Reader *reader, MachineEntry **entry, MachineTask **task)
{
	bool indented = *reader->p == ' ';
	const char *start = reader->p;
	const char *what = word(reader);
	if (!indented) {
		*entry = strcmp(what, "entry") == 0 ? read_entry(reader) : NULL;
		*task = NULL;
		if (strcmp(what, "task") == 0) {
			const char *index = reader->p;
			uint32_t number_of = below(reader, reader->machine->task_count, "task");
			reader->p = index;
			read_task(reader);
			*task = reader->error ? NULL : &reader->machine->tasks[number_of];
		} else if (strcmp(what, "source") == 0)
			read_source(reader);
		else if (strcmp(what, "function") == 0)
			read_function(reader);
		else if (strcmp(what, "block") == 0 && reader->function)
			read_block(reader);
		else if (!*entry)
			fail(reader, arena_format(reader->arena, "no part '%s'", what));
	} else if (*entry && strcmp(what, "input") == 0)
		read_input(reader, *entry);
	else if (*task && strcmp(what, "param") == 0)
		read_task_param(reader, *task);
	else if (!reader->function)
		fail(reader, "a line outside a function");
	else if (!reader->block && strcmp(what, "register") == 0)
		read_register(reader);
	else if (!reader->block && strcmp(what, "param") == 0)
		read_param(reader);
	else if (!reader->block && strcmp(what, "site") == 0)
		read_site(reader);
	else {
		reader->p = start;
		read_statement(reader);
	}
}

/* Two parts with one number leave another number without a part. */
static bool has_all_parts(const Machine *machine)
{
	for (uint32_t i = 0; i < machine->task_count; i++)
		if (!machine->tasks[i].name)
			return false;
	for (uint32_t i = 0; i < machine->entry_count; i++)
		if (!machine->entries[i].name)
			return false;
	for (uint32_t i = 0; i < machine->function_count; i++)
		if (!machine->functions[i]->block_count)
			return false;
	return true;
}

Machine *machine_read(Arena *arena, TypeTable *types, AtomTable *atoms, const char *text,
					  const char **error)
{
	Reader reader = {
		.arena = arena, .types = types, .next_line = text, .text_end = text + strlen(text)};
	MachineEntry *entry = NULL;
	MachineTask *task = NULL;
	(void)atoms;
	*error = NULL;
	reader.machine = machine_make(arena, "");
	if (!next_line(&reader) || strcmp(word(&reader), "machine") != 0)
		fail(&reader, "expected a machine");
	else
		reader.machine->module = name(&reader);
	count_parts(&reader, text);
	while (next_line(&reader)) {
		if (reader.p < reader.end)
			read_line(&reader, &entry, &task);
	}
	if (reader.function)
		resolve_labels(&reader);
	if (!reader.error && (!reader.machine->module || reader.machine->source_count == 0))
		fail(&reader, "a machine without a module or a source");
	if (!reader.error && !has_all_parts(reader.machine))
		fail(&reader, "a task, an entry or a function is missing, another stands twice");
	if (!reader.error)
		reader.error = machine_verify(reader.machine, false);
	*error = reader.error;
	return reader.error ? NULL : reader.machine;
}
