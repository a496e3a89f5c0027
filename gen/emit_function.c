/*
 * One Python function as one C function: declarations, the switch to the resume labels, blocks in the order of the
 * machine, the cold part, the fail labels.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declare.h"
#include "emit_parts.h"
#include "register_class.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "templates.h"

/* ---- names ---- */

const char *emit_identifier(Arena *arena, const char *text)
{
	char *name = arena_copy(arena, text, strlen(text)), *end = name;
	for (const char *p = name; *p; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
			*p == '_')
			*end++ = *p;
		else if (((unsigned char)*p & 0xC0) != 0x80) /* the first byte of a character */
			*end++ = '_';
	*end = '\0';
	return name;
}

static const char *with_name(Arena *arena, const char *prefix, uint32_t number, const char *name)
{
	if (!name)
		return arena_format(arena, "%s%u", prefix, number);
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p >= 0x80 || p - name > 40)
			return arena_format(arena, "%s%u", prefix, number);
	return emit_identifier(arena, arena_format(arena, "%s%u_%s", prefix, number, name));
}

const char *emit_register(const Emitter *emitter, const MachineFunction *function, Register reg)
{
	char prefix[2] = {(char)function->registers[reg].rep, 0};
	return with_name(emitter->arena, prefix, reg, function->registers[reg].name);
}

const char *emit_place(const FunctionEmitter *f, Register reg)
{
	const char *name = emit_register(f->emitter, f->function, reg);
	return f->is_resident && f->slots[reg] ? arena_format(f->emitter->arena, "f->%s", name) : name;
}

static const char *plain_name(const MachineFunction *function)
{
	return function->name[0] == '<' ? NULL : function->name;
}

const char *emit_function_name(const Emitter *emitter, const MachineFunction *function)
{
	return with_name(emitter->arena, "fn_", function->index, plain_name(function));
}

const char *emit_info_name(const Emitter *emitter, const MachineFunction *function)
{
	return with_name(emitter->arena, "info_", function->index, plain_name(function));
}

const char *emit_frame_name(const Emitter *emitter, const MachineFunction *function)
{
	return with_name(emitter->arena, "frame_", function->index, plain_name(function));
}

Text *emit_block(Emitter *emitter, const char *format, ...)
{
	char small[512];
	va_list arguments;
	Text *text = ARENA_NEW(emitter->arena, Text);
	text_init(text, emitter->arena);
	va_start(arguments, format);
	int length = vsnprintf(small, sizeof small, format, arguments);
	va_end(arguments);
	text_add(text, small,
			 length < 0                      ? 0
			 : (size_t)length < sizeof small ? (size_t)length
											 : sizeof small - 1);
	return text;
}

/* ---- what the function needs ---- */

static bool exit_suspends(const Exit *exit)
{
	switch (exit->kind) {
	case EXIT_TASK:
	case EXIT_MAP:
		return true;
	case EXIT_CALL:
	case EXIT_CALL_VALUE:
	case EXIT_CALL_SPREAD:
	case EXIT_NEXT:
		return exit->suspends;
	default:
		return false;
	}
}

/* More stores and loads than this at suspensions, and what lives across them is better off in the frame all the time. */
#define MOST_KEEPS 4096

/* States, slots, labels, and which helpers the function uses. */
static void survey(FunctionEmitter *f)
{
	MachineFunction *function = f->function;
	if (function
			->is_generator) { /* its arguments lie in its frame from the start, and are cleared when they are spent */
		if (function->self != NO_REGISTER)
			f->slots[function->self] = true;
		for (uint32_t p = 0; p < function->param_count; p++)
			f->slots[function->params[p].reg] = true;
	}
	for (uint32_t i = 0; i < function->block_count; i++) {
		const Block *block = function->blocks[i];
		const Block *next = i + 1 < function->block_count ? function->blocks[i + 1] : NULL;
		for (uint32_t k = 0; k < block->op_count; k++) {
			f->has_turns |= block->ops[k]->code == OP_TURN;
			f->has_status |= op_row(block->ops[k]->code)->failure == FAILURE_STATUS;
		}
		const Exit *exit = &block->exit;
		bool suspends = exit_suspends(exit);
		if (suspends || exit->kind == EXIT_YIELD) {
			uint32_t count = exit_keeps(function, exit, f->kept);
			f->states[i] = ++f->state_count;
			f->keep_count += count;
			for (uint32_t k = 0; k < count; k++)
				f->slots[f->kept[k]] = true;
		}
		bool cold_jump = suspends && exit->kind != EXIT_TASK && exit->kind != EXIT_MAP;
		if (exit->to && (exit->to != next || cold_jump))
			f->labels[exit->to->index] = true;
		if (exit->otherwise && (exit->otherwise != next || exit->kind == EXIT_NEXT))
			f->labels[exit->otherwise->index] = true;
		if (exit->kind == EXIT_BRANCH && exit->to == next)
			f->labels[exit->otherwise->index] = true;
	}
	f->is_resident = f->keep_count > MOST_KEEPS && !function->is_generator;
}

/* ---- the frame ---- */

static const char *c_type(Representation rep)
{
	switch (rep) {
	case REP_VALUE:
		return "sbx_value";
	case REP_INT:
		return "int64_t";
	case REP_FLOAT:
		return "double";
	case REP_BOOL:
		break;
	}
	return "int";
}

static bool is_argument(const MachineFunction *function, Register reg)
{
	if (reg == function->self)
		return true;
	for (uint32_t p = 0; p < function->param_count; p++)
		if (function->params[p].reg == reg)
			return true;
	return false;
}

/* A generator's frame begins with its closure and its arguments: whoever makes it puts them there. */
static void put_slot(FunctionEmitter *f, Text *slots, Representation rep, const char *name)
{
	template_frame_slot(&f->emitter->frames,
						&(TemplateFrameSlot){.type = c_type(rep), .name = name});
	text_char(slots, (char)rep);
}

static uint32_t emit_frame(FunctionEmitter *f, Text *slots)
{
	static const Representation ORDER[] = {REP_VALUE, REP_INT, REP_FLOAT, REP_BOOL};
	MachineFunction *function = f->function;
	Emitter *emitter = f->emitter;
	template_frame_head(&emitter->frames,
						&(TemplateFrameHead){.name = emit_frame_name(emitter, function)});
	if (function->is_generator) {
		put_slot(f, slots, REP_VALUE,
				 function->self == NO_REGISTER ? "self"
											   : emit_register(emitter, function, function->self));
		for (uint32_t p = 0; p < function->param_count; p++)
			put_slot(f, slots, REP_VALUE,
					 emit_register(emitter, function, function->params[p].reg));
	}
	for (size_t k = 0; k < sizeof ORDER / sizeof *ORDER; k++) {
		for (Register reg = 0; reg < function->register_count; reg++) {
			if (f->slots[reg] && function->registers[reg].rep == ORDER[k] &&
				!(function->is_generator && is_argument(function, reg)))
				put_slot(f, slots, ORDER[k], emit_register(emitter, function, reg));
		}
	}
	template_rows_foot(&emitter->frames);
	return (uint32_t)slots->length;
}

/* ---- head and tables ---- */

/* "(run, struct frame *f, sbx_value v0, ...)": the part after `run`, with or without types and names. */
static Text *parameters(FunctionEmitter *f, bool declare)
{
	MachineFunction *function = f->function;
	Text *text = emit_block(f->emitter, "%s", "");
	if (function->is_generator)
		return text;
	if (function->self != NO_REGISTER)
		text_format(text, ", %s%s", declare ? "sbx_value " : "",
					declare ? emit_register(f->emitter, function, function->self)
							: "SBX_GEN_ERROR");
	for (uint32_t p = 0; p < function->param_count; p++)
		text_format(text, ", %s%s", declare ? "sbx_value " : "",
					declare ? emit_register(f->emitter, function, function->params[p].reg)
							: "SBX_GEN_ERROR");
	return text;
}

static Text *frame_parameter(FunctionEmitter *f)
{
	bool has_frame = f->function->may_suspend || f->function->is_generator;
	return has_frame
			   ? emit_block(f->emitter, ", struct %s *f", emit_frame_name(f->emitter, f->function))
			   : emit_block(f->emitter, "%s", "");
}

static void emit_sites(FunctionEmitter *f, const char *name)
{
	Text *out = &f->emitter->tables;
	template_sites_head(out, &(TemplateSitesHead){.name = name});
	for (uint32_t i = 0; i < f->function->site_count; i++) {
		const MachineSite *site = &f->function->sites[i];
		bool fits = site->column < UINT16_MAX && site->end_column < UINT16_MAX;
		template_sites_row(out, &(TemplateSitesRow){.line = site->line,
													.column = fits ? site->column : 0,
													.end_column = fits ? site->end_column : 0,
													.inlined = emit_string(f->emitter, site->name),
													.outer = site->name ? site->outer : 0});
	}
	template_rows_foot(out);
}

static const char *const PARAM_KINDS[] = {"SBX_PARAM_POSITIONAL_ONLY", "SBX_PARAM_NORMAL",
										  "SBX_PARAM_ARGS", "SBX_PARAM_KEYWORD_ONLY",
										  "SBX_PARAM_KWARGS"};

static void emit_params(FunctionEmitter *f, const char *name)
{
	Text *out = &f->emitter->tables;
	template_params_head(out, &(TemplateParamsHead){.name = name});
	for (uint32_t i = 0; i < f->function->param_count; i++) {
		const MachineParam *param = &f->function->params[i];
		template_params_row(out, &(TemplateParamsRow){.name = template_bytes(param->name),
													  .type = emit_block(f->emitter, "NULL"),
													  .kind = PARAM_KINDS[param->kind],
													  .has_default = param->has_default});
	}
	template_rows_foot(out);
}

/* May it be called with its parameters in order, without any binding? */
static bool is_simple(const MachineFunction *function)
{
	for (uint32_t p = 0; p < function->param_count; p++)
		if (function->params[p].kind > PARAM_NORMAL)
			return false;
	return !function->is_generator;
}

/* ---- what is live at each suspension, for snapshots ---- */

/* The place of the register's slot among those of the frame: values, ints, doubles, truths, each in order. */
static uint32_t *slot_places(FunctionEmitter *f)
{
	static const Representation ORDER[] = {REP_VALUE, REP_INT, REP_FLOAT, REP_BOOL};
	MachineFunction *function = f->function;
	uint32_t *places = ARENA_ARRAY(f->emitter->arena, uint32_t, function->register_count + 1);
	uint32_t place = 0;
	if (function->is_generator) {
		if (function->self != NO_REGISTER)
			places[function->self] = place;
		place++;
		for (uint32_t p = 0; p < function->param_count; p++)
			places[function->params[p].reg] = place++;
	}
	for (size_t k = 0; k < sizeof ORDER / sizeof *ORDER; k++)
		for (Register reg = 0; reg < function->register_count; reg++)
			if (f->slots[reg] && function->registers[reg].rep == ORDER[k] &&
				!(function->is_generator && is_argument(function, reg)))
				places[reg] = place++;
	return places;
}

/* A point of the table: where its pairs of bytes stand among all. */
typedef struct PointRow {
	const char *kind;
	uint32_t site, skipped;
	size_t keeps, length;
} PointRow;

/*
 * The points of a function. What is kept at one suspension is often what is kept at the one before, without the first of
 * it and with some more, so that each list begins inside the one before if it goes on like that: a display of n task
 * calls has n lists, and so have n variables that are used up one after another.
 */
typedef struct Points {
	FunctionEmitter *f;
	const uint32_t *places; /* by register */
	Register *order;        /* by place: the register that is kept there, plus 1 */
	Text keeps;             /* of the point at hand: the first pair leaves out nothing */
	uint32_t first, next; /* the slot of the first pair; the slot after the last one that was put */
	Text all;
	size_t run;        /* in `all`: where the list of the point before begins, */
	uint32_t run_slot; /* and how many slots are left out before that */
	PointRow *rows;
	uint32_t count;
} Points;

static void keeps_add(Points *points, uint32_t place, char letter)
{
	if (!points->keeps.length)
		points->first = points->next = place;
	while (place - points->next > 255) {
		text_add(&points->keeps, "\xff-", 2);
		points->next += 256;
	}
	text_char(&points->keeps, (char)(place - points->next));
	text_char(&points->keeps, letter);
	points->next = place + 1;
}

/* Where among the pairs from the list before on the slot stands that the new list begins with; SIZE_MAX: nowhere. */
static size_t find_first(const Points *points)
{
	uint32_t slot = points->run_slot;
	for (size_t at = points->run; at < points->all.length; at += 2) {
		slot += (unsigned char)points->all.bytes[at];
		if (slot >= points->first)
			return slot == points->first && points->all.bytes[at + 1] != '-' ? at : SIZE_MAX;
		slot++;
	}
	return SIZE_MAX;
}

static void put_point(Points *points, uint32_t site, const char *kind)
{
	Text *all = &points->all, *keeps = &points->keeps;
	PointRow *row = &points->rows[points->count++];
	*row = (PointRow){.kind = kind, .site = site, .length = keeps->length};
	if (!keeps->length)
		return;
	size_t start = find_first(points), known = 0;
	if (start != SIZE_MAX) {
		known = all->length - start < keeps->length ? all->length - start : keeps->length;
		if (memcmp(all->bytes + start + 1, keeps->bytes + 1, known - 1) != 0)
			start = SIZE_MAX;
	}
	if (start == SIZE_MAX) {
		start = all->length;
		known = 0;
	}
	text_add(all, keeps->bytes + known, keeps->length - known);
	points->run = row->keeps = start;
	points->run_slot = row->skipped = points->first - (unsigned char)all->bytes[start];
	keeps->length = 0;
}

static const char *point_kind(const Exit *exit)
{
	return exit->kind == EXIT_YIELD  ? "SBX_POINT_YIELD"
		   : exit->kind == EXIT_NEXT ? "SBX_POINT_NEXT"
									 : "SBX_POINT_CALL";
}

/* State 0: of a generator that has not begun its closure and its arguments. */
static void put_start(Points *points)
{
	MachineFunction *function = points->f->function;
	const Machine *machine = points->f->emitter->machine;
	if (function->is_generator && function->self != NO_REGISTER)
		keeps_add(points, 0, 'q');
	for (uint32_t p = 0; function->is_generator && p < function->param_count; p++) {
		Register reg = function->params[p].reg;
		keeps_add(points, points->places[reg], register_class_at_start(machine, function, reg));
	}
	put_point(points, 0, "SBX_POINT_START");
}

static void put_exit_point(Points *points, const Block *block)
{
	FunctionEmitter *f = points->f;
	MachineFunction *function = f->function;
	const Exit *exit = &block->exit;
	uint32_t count = exit_keeps(function, exit, f->kept), slots = 0;
	for (uint32_t k = 0; k < count; k++) {
		uint32_t place = points->places[f->kept[k]];
		slots = place >= slots ? place + 1 : slots;
		points->order[place] = f->kept[k] + 1;
	}
	for (uint32_t place = 0; place < slots; place++) {
		if (!points->order[place])
			continue;
		Register reg = points->order[place] - 1;
		Representation rep = function->registers[reg].rep;
		points->order[place] = 0;
		keeps_add(points, place,
				  rep == REP_VALUE ? register_class(f->emitter->machine, function, block, reg)
								   : (char)rep);
	}
	put_point(points, exit->site < function->site_count ? exit->site : 0, point_kind(exit));
}

/* Lists that take more than this together stand in a table of their own. */
enum { MOST_PLAIN_KEEPS = 1024 };

static void put_rows(Points *points, const char *name)
{
	Emitter *emitter = points->f->emitter;
	const char *table = arena_format(emitter->arena, "keeps_%u", points->f->function->index);
	size_t total = 0;
	for (uint32_t i = 0; i < points->count; i++)
		total += points->rows[i].length;
	bool is_plain = total <= MOST_PLAIN_KEEPS;
	if (!is_plain) {
		template_keeps_head(&emitter->tables, &(TemplateKeepsHead){.name = table});
		for (size_t i = 0; i < points->all.length; i += 2)
			template_keeps_row(
				&emitter->tables,
				&(TemplateKeepsRow){.skipped = (unsigned char)points->all.bytes[i],
									.letter = (unsigned char)points->all.bytes[i + 1]});
		template_rows_foot(&emitter->tables);
	}
	template_points_head(&emitter->tables, &(TemplatePointsHead){.name = name});
	for (uint32_t i = 0; i < points->count; i++) {
		const PointRow *row = &points->rows[i];
		const char *start = row->length ? points->all.bytes + row->keeps : "";
		Text *text = !row->length ? emit_block(emitter, "NULL")
					 : is_plain   ? emit_block(emitter, "(const uint8_t *)")
								  : emit_block(emitter, "%s + %zu", table, row->keeps);
		if (row->length && is_plain)
			hole_cstr(text, (TemplateBytes){start, row->length});
		template_points_row(&emitter->tables,
							&(TemplatePointsRow){.site = row->site,
												 .kind = row->kind,
												 .skipped = row->skipped,
												 .count = (long long)(row->length / 2),
												 .keeps = text});
	}
	template_rows_foot(&emitter->tables);
}

static void emit_points(FunctionEmitter *f, const char *name)
{
	Arena *arena = f->emitter->arena;
	Points points = {.f = f, .places = slot_places(f)};
	points.order = ARENA_ARRAY(arena, Register, f->function->register_count + 1);
	points.rows = ARENA_ARRAY(arena, PointRow, f->state_count + 1);
	text_init(&points.keeps, arena);
	text_init(&points.all, arena);
	put_start(&points);
	for (uint32_t i = 0; i < f->function->block_count; i++)
		if (f->states[i])
			put_exit_point(&points, f->function->blocks[i]);
	put_rows(&points, name);
}

static void emit_info(FunctionEmitter *f, const Text *slots, uint32_t slot_count)
{
	Emitter *emitter = f->emitter;
	MachineFunction *function = f->function;
	uint32_t index = function->index;
	bool has_frame = function->may_suspend || function->is_generator;
	const char *sites = arena_format(emitter->arena, "sites_%u", index);
	const char *params = arena_format(emitter->arena, "params_%u", index);
	if (function->site_count)
		emit_sites(f, sites);
	if (function->param_count)
		emit_params(f, params);
	const char *points = arena_format(emitter->arena, "points_%u", index);
	if (has_frame)
		emit_points(f, points);
	Text *slot_text = emit_block(emitter, "(const uint8_t *)");
	hole_cstr(slot_text, (TemplateBytes){slots->bytes ? slots->bytes : "", slots->length});
	template_function_info(
		&emitter->tables,
		&(TemplateFunctionInfo){
			.info = emit_info_name(emitter, function),
			.name = emit_string(emitter, function->name),
			.qualified = emit_string(emitter, function->qualified),
			.call = function->is_generator ? emit_block(emitter, "NULL")
										   : emit_block(emitter, "call_%u", index),
			.resume =
				has_frame ? emit_block(emitter, "resume_%u", index) : emit_block(emitter, "NULL"),
			.params = function->param_count ? emit_block(emitter, "%s", params)
											: emit_block(emitter, "NULL"),
			.sites = function->site_count ? emit_block(emitter, "%s", sites)
										  : emit_block(emitter, "NULL"),
			.slots = slot_text,
			.points = has_frame ? emit_block(emitter, "%s", points) : emit_block(emitter, "NULL"),
			.cell_count = function->cell_count,
			.point_count = has_frame ? f->state_count + 1 : 0,
			.frame_size = has_frame ? emit_block(emitter, "sizeof(struct %s)",
												 emit_frame_name(emitter, function))
									: emit_block(emitter, "0"),
			.site_count = function->site_count,
			.param_count = function->param_count,
			.default_count = function->default_count,
			.slot_count = slot_count,
			.file = function->file,
			.flags = (function->is_generator ? 1 : 0) | (function->is_code_string ? 2 : 0) |
					 (function->is_lambda ? 4 : 0) | (function->may_suspend ? 8 : 0) |
					 (is_simple(function) ? 16 : 0) | (machine_is_builtin(function) ? 32 : 0),
			.line = function->line});
}

static void emit_thunks(FunctionEmitter *f)
{
	Emitter *emitter = f->emitter;
	MachineFunction *function = f->function;
	const char *name = emit_function_name(emitter, function);
	bool has_frame = function->may_suspend || function->is_generator;
	if (has_frame)
		template_resume_thunk(&emitter->tables,
							  &(TemplateResumeThunk){.index = function->index,
													 .function = name,
													 .frame = emit_frame_name(emitter, function),
													 .args = parameters(f, false)});
	if (function->is_generator)
		return;
	Text *args =
		emit_block(emitter, "%s", function->self == NO_REGISTER ? "" : ", sbx_gen_copy(self)");
	for (uint32_t p = 0; p < function->param_count; p++)
		text_format(args, ", args[%u]", p);
	template_call_thunk(
		&emitter->tables,
		&(TemplateCallThunk){.index = function->index,
							 .function = name,
							 .frame = emit_block(emitter, "%s", has_frame ? ", NULL" : ""),
							 .args = args});
}

/* ---- the body ---- */

/* Declares the registers of one representation, several on a line. */
static void declare(FunctionEmitter *f, Representation rep, const bool *used)
{
	MachineFunction *function = f->function;
	Text *names = emit_block(f->emitter, "%s", "");
	for (Register reg = 0; reg < function->register_count; reg++) {
		if (!used[reg] || function->registers[reg].rep != rep ||
			(f->is_resident && f->slots[reg]) ||
			(is_argument(function, reg) && !function->is_generator))
			continue;
		text_format(names, "%s%s", names->length ? ", " : "",
					emit_register(f->emitter, function, reg));
		if (names->length > 80) {
			template_declaration(f->out,
								 &(TemplateDeclaration){.type = c_type(rep), .names = names});
			names = emit_block(f->emitter, "%s", "");
		}
	}
	if (names->length)
		template_declaration(f->out, &(TemplateDeclaration){.type = c_type(rep), .names = names});
}

static void mark_used(void *context, Register reg, char letter)
{
	(void)letter;
	((bool *)context)[reg] = true;
}

static bool *used_registers(FunctionEmitter *f)
{
	MachineFunction *function = f->function;
	bool *used = ARENA_ARRAY(f->emitter->arena, bool, function->register_count + 1);
	for (uint32_t i = 0; i < function->block_count; i++) {
		const Block *block = function->blocks[i];
		for (uint32_t k = 0; k < block->op_count; k++) {
			const Op *op = block->ops[k];
			op_reads(op, mark_used, used);
			if (op->result != NO_REGISTER)
				used[op->result] = true;
			for (uint32_t r = 0; r < op->result_count; r++)
				used[op->results[r]] = true;
		}
		exit_reads(&block->exit, mark_used, used);
		if (exit_has_result(&block->exit))
			used[block->exit.result] = true;
	}
	return used;
}

/* A frame from the start: what lives across suspensions is in it all the time, the arguments among it. */
static void enter_frame(FunctionEmitter *f)
{
	MachineFunction *function = f->function;
	template_own_frame(f->out, &(TemplateOwnFrame){.frame = emit_frame_name(f->emitter, function),
												   .info = emit_info_name(f->emitter, function)});
	for (Register reg = 0; reg < function->register_count; reg++)
		if (f->slots[reg] && is_argument(function, reg))
			template_keep(f->out,
						  &(TemplateKeep){.name = emit_register(f->emitter, function, reg)});
}

static void emit_prologue(FunctionEmitter *f)
{
	MachineFunction *function = f->function;
	if (f->state_count) {
		if (function->is_generator)
			template_switch_head_generator(f->out);
		else
			template_switch_head(f->out);
		for (uint32_t state = 1; state <= f->state_count; state++)
			template_switch_case(f->out, &(TemplateSwitchCase){.state = state});
		template_switch_foot(f->out);
	} else if (function->may_suspend && !function->is_generator) {
		template_statement(f->out, &(TemplateStatement){.text = emit_block(f->emitter, "(void)f")});
	}
	if (!function->is_generator) {
		template_enter(f->out);
		if (f->is_resident)
			enter_frame(f);
		return;
	}
	bool *used = used_registers(f);
	if (function->self != NO_REGISTER && used[function->self])
		template_reload(
			f->out, &(TemplateReload){.name = emit_register(f->emitter, function, function->self)});
	for (uint32_t p = 0; p < function->param_count; p++)
		if (used[function->params[p].reg])
			template_reload(f->out,
							&(TemplateReload){.name = emit_register(f->emitter, function,
																	function->params[p].reg)});
}

enum { LINE_SHOWN = 160 }; /* bytes of a source line in a comment */

static TemplateBytes source_line_text(const Source *source, uint32_t line)
{
	size_t length = 0;
	const char *text = source_line(source, line, &length);
	while (length && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	if (length > LINE_SHOWN) /* the cut goes through no character */
		for (length = LINE_SHOWN; ((unsigned char)text[length] & 0xC0) == 0x80;)
			length--;
	return (TemplateBytes){text, length};
}

/* For debuggers: every line of C from `start` on belongs to this line of the source. */
static void add_line_directives(FunctionEmitter *f, size_t start, uint32_t line)
{
	Emitter *emitter = f->emitter;
	const char *path = emitter->machine->sources[f->function->file]->path;
	size_t length = f->out->length - start;
	if (!emitter->options->line_directives || !line || !f->out->bytes)
		return;
	const char *at = arena_copy(emitter->arena, f->out->bytes + start, length), *end = at + length;
	f->out->length = start;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;
		template_line_directive(
			f->out, &(TemplateLineDirective){.line = line, .path = template_bytes(path)});
		text_add(f->out, at, (size_t)(next - at));
		at = next;
	}
}

static void emit_blocks(FunctionEmitter *f)
{
	MachineFunction *function = f->function;
	const Source *source = f->emitter->machine->sources[function->file];
	uint32_t said = 0, before = emit_lines_before(source);
	for (uint32_t i = 0; i < function->block_count; i++) {
		const Block *block = function->blocks[i];
		if (block->line && block->line != said && block->line <= source->line_count) {
			said = block->line;
			template_line_comment(f->out,
								  &(TemplateLineComment){.line = said + before,
														 .source = source_line_text(source, said)});
		}
		size_t start = f->out->length;
		if (f->labels[i])
			template_label(
				f->out, &(TemplateLabel){.name = emit_identifier(f->emitter->arena, block->label)});
		for (uint32_t k = 0; k < block->op_count; k++)
			emit_op(f, block->ops[k]);
		emit_exit(f, block, i + 1 < function->block_count ? function->blocks[i + 1] : NULL);
		add_line_directives(f, start, said ? said + before : 0);
	}
}

static void emit_body(FunctionEmitter *f)
{
	MachineFunction *function = f->function;
	Text body;
	Text *out = f->out;
	bool *used = used_registers(f);
	for (int k = 0; k < 4; k++)
		declare(f, (Representation) "vifb"[k], used);
	if (f->has_turns)
		template_declare_turns(out);
	if (f->has_status)
		template_declare_status(out);
	if (f->is_resident)
		template_declare_own(out);
	/* The rest is written aside: only then is it known whether anything can fail. */
	text_init(&body, f->emitter->arena);
	f->out = &body;
	emit_prologue(f);
	emit_blocks(f);
	f->out = out;
	uint32_t last = UINT32_MAX;
	for (uint32_t site = 0; site < function->site_count; site++)
		if (f->site_fails[site])
			last = site;
	if (last != UINT32_MAX)
		template_declare_site(out);
	text_add(out, body.bytes, body.length);
	if (f->cold.length)
		text_add(out, f->cold.bytes, f->cold.length);
	for (uint32_t site = 0; last != UINT32_MAX && site <= last; site++)
		if (f->site_fails[site])
			template_fail_label(out, &(TemplateFailLabel){.site = site});
	if (last == UINT32_MAX)
		return;
	template_fail(out);
	if (f->has_turns)
		template_turns_end(out);
	template_unwind(out, &(TemplateUnwind){.info = emit_info_name(f->emitter, function)});
}

void emit_function(Emitter *emitter, MachineFunction *function)
{
	FunctionEmitter f = {.emitter = emitter, .function = function, .out = &emitter->functions};
	f.site_fails = ARENA_ARRAY(emitter->arena, bool, function->site_count + 1);
	f.labels = ARENA_ARRAY(emitter->arena, bool, function->block_count + 1);
	f.slots = ARENA_ARRAY(emitter->arena, bool, function->register_count + 1);
	f.states = ARENA_ARRAY(emitter->arena, uint32_t, function->block_count + 1);
	f.kept = ARENA_ARRAY(emitter->arena, Register, function->live_count + 1);
	text_init(&f.cold, emitter->arena);
	survey(&f);
	Text slots;
	uint32_t slot_count = 0;
	text_init(&slots, emitter->arena);
	if (function->may_suspend || function->is_generator)
		slot_count = emit_frame(&f, &slots);
	const char *name = emit_function_name(emitter, function);
	template_function_forward(&emitter->forwards,
							  &(TemplateFunctionForward){.name = name,
														 .frame = frame_parameter(&f),
														 .params = parameters(&f, true)});
	emit_thunks(&f);
	emit_info(&f, &slots, slot_count);
	template_function_comment(
		&emitter->functions,
		&(TemplateFunctionComment){
			.qualified = template_bytes(function->qualified),
			.path = template_bytes(emitter->machine->sources[function->file]->path),
			.line = function->line + emit_lines_before(emitter->machine->sources[function->file])});
	template_function_head(&emitter->functions,
						   &(TemplateFunctionHead){.name = name,
												   .frame = frame_parameter(&f),
												   .params = parameters(&f, true)});
	emit_body(&f);
	template_brace_foot(&emitter->functions);
}
