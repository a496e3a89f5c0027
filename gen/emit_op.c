/*
 * Operations: each is the template of its row in machine.def with the holes filled. Nothing about a single operation
 * is known here.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "emit_parts.h"

#include <string.h>

#include "templates.h"

void emit_fail(FunctionEmitter *f, uint32_t site)
{
	f->site_fails[site] = true;
}

void emit_operand(FunctionEmitter *f, Text *out, const Operand *operand)
{
	if (operand->constant)
		emit_constant(f->emitter, out, operand->constant);
	else
		text_put(out, emit_place(f, operand->reg));
}

void emit_operand_array(FunctionEmitter *f, Text *out, const Operand *operands, uint32_t count)
{
	if (count == 0) {
		text_put(out, "NULL");
		return;
	}
	text_format(out, "(sbx_value[%u]){", count);
	for (uint32_t i = 0; i < count; i++) {
		text_put(out, i ? ", " : "");
		emit_operand(f, out, &operands[i]);
	}
	text_char(out, '}');
}

static void put_double_bits(Emitter *emitter, Text *out, int64_t bits)
{
	MachineConstant constant = {.kind = MC_FLOAT};
	memcpy(&constant.real, &bits, sizeof constant.real);
	Text *value = emit_block(emitter, "%s", "");
	emit_constant(emitter, value, &constant);
	/* "sbx_gen_float(X)": the X alone */
	const char *start = strchr(value->bytes, '(') + 1;
	text_add(out, start, value->length - (size_t)(start - value->bytes) - 1);
}

/* The array of several results: registers are C variables, so they pass through a local array. */
static void put_results(FunctionEmitter *f, Text *out, const Op *op)
{
	(void)f;
	text_format(out, "results_%u", op->site);
}

static void put_hole(FunctionEmitter *f, Text *out, const Op *op, char hole)
{
	bool variadic;
	uint32_t fixed = op_fixed_operands(op_row(op->code)->operands, &variadic);
	switch (hole) {
	case 'r':
		text_put(out, emit_place(f, op->result));
		break;
	case 'a':
		emit_operand_array(f, out, op->operands + fixed, op->count - fixed);
		break;
	case 'c':
		text_format(out, "%u", op->count - fixed);
		break;
	case 'x':
		put_results(f, out, op);
		break;
	case 's':
		text_format(out, "%u", op->result_count);
		break;
	case 'n': {
		MachineConstant constant = {.kind = MC_INT, .integer = op->number};
		Text *value = emit_block(f->emitter, "%s", "");
		emit_initialiser(f->emitter, value, &constant);
		/* "{SBX_KIND_INT, {X}}": the X alone */
		const char *start = strchr(value->bytes + 1, '{') + 1;
		text_add(out, start, value->length - (size_t)(start - value->bytes) - 2);
		break;
	}
	case 'd':
		put_double_bits(f->emitter, out, op->number);
		break;
	case 't':
		hole_cstr(out, template_bytes(op->text));
		break;
	case 'm':
		text_put(out, "SBX_METHOD_");
		hole_ident(out, op->text);
		break;
	case 'B':
		text_put(out, "SBX_BUILTIN_");
		hole_ident(out, op->text);
		break;
	case 'Y':
		text_put(out, "SBX_TYPE_");
		hole_ident(out, op->text);
		break;
	case 'F':
		text_put(out, emit_info_name(f->emitter, op->function));
		break;
	case 'e':
		text_put(out, emit_entry_symbol(f->emitter, &f->emitter->machine->entries[op->task]));
		break;
	default: /* a digit */
		emit_operand(f, out, &op->operands[hole - '0']);
	}
}

static Text *fill(FunctionEmitter *f, const Op *op)
{
	Text *text = emit_block(f->emitter, "%s", "");
	for (const char *p = op_row(op->code)->template_; *p; p++) {
		if (*p == '$' && p[1])
			put_hole(f, text, op, *++p);
		else
			text_char(text, *p);
	}
	return text;
}

/* a, b = v: through an array, then into the registers. */
static void emit_unpack(FunctionEmitter *f, const Op *op)
{
	Text *out = f->out, *call = fill(f, op);
	uint32_t count = op->result_count ? op->result_count : 1;
	template_unpack_head(out, &(TemplateUnpackHead){.site = op->site, .count = count});
	template_unpack_call(out, &(TemplateUnpackCall){.expression = call, .site = op->site});
	for (uint32_t i = 0; i < op->result_count; i++)
		template_unpack_row(out, &(TemplateUnpackRow){.name = emit_place(f, op->results[i]),
													  .site = op->site,
													  .index = i});
	template_unpack_foot(out);
	emit_fail(f, op->site);
}

void emit_op(FunctionEmitter *f, const Op *op)
{
	const OpRow *row = op_row(op->code);
	Text *out = f->out;
	if (row->result[0] == '*') {
		emit_unpack(f, op);
		return;
	}
	Text *text = fill(f, op);
	if (row->failure != FAILURE_NEVER)
		emit_fail(f, op->site);
	if (row->failure == FAILURE_ALWAYS) {
		template_fails_always(out, &(TemplateFailsAlways){.expression = text, .site = op->site});
		return;
	}
	if (row->failure == FAILURE_NEGATIVE && op->result == NO_REGISTER) {
		template_fails_expression(out,
								  &(TemplateFailsExpression){.expression = text, .site = op->site});
		return;
	}
	template_statement(out, &(TemplateStatement){.text = text});
	const char *result = op->result == NO_REGISTER ? "" : emit_place(f, op->result);
	if (row->failure == FAILURE_TAG)
		template_fails_tag(out, &(TemplateFailsTag){.result = result, .site = op->site});
	else if (row->failure == FAILURE_NEGATIVE)
		template_fails_negative(out, &(TemplateFailsNegative){.result = result, .site = op->site});
	else if (row->failure == FAILURE_STATUS)
		template_fails_status(out, &(TemplateFailsStatus){.site = op->site});
}
