/*
 * Exits of blocks. A suspension keeps what is live in the frame, links the frame and returns; its resume label loads
 * everything back and goes on. A task call always suspends, so that stands in the flow; a call of a function or
 * iterator that may suspend keeps the rare way in the cold part at the end of the function.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "emit_parts.h"
#include "register_class.h"

#include "templates.h"

static const char *label_of(FunctionEmitter *f, const Block *block)
{
	return emit_identifier(f->emitter->arena, block->label);
}

static const char *name_of(FunctionEmitter *f, Register reg)
{
	return emit_place(f, reg);
}

static void go(FunctionEmitter *f, Text *out, const Block *to, const Block *next)
{
	if (to != next)
		template_goto(out, &(TemplateGoto){.label = label_of(f, to)});
}

static void leave(FunctionEmitter *f, Text *out)
{
	if (f->has_turns)
		template_turns_end(out);
}

/* The function returns: a frame that it made itself goes; one that it was resumed with goes with who resumed it. */
static void leave_for_good(FunctionEmitter *f, Text *out)
{
	leave(f, out);
	if (f->is_resident)
		template_free_own(out);
}

/* Keeps what is live over the exit. A generator may be dropped while it waits: its other value slots are cleared. */
static void keep_live(FunctionEmitter *f, Text *out, const Exit *exit)
{
	if (f->is_resident)
		return;
	uint32_t count = exit_keeps(f->function, exit, f->kept);
	for (uint32_t i = 0; i < count; i++)
		template_keep(out, &(TemplateKeep){.name = name_of(f, f->kept[i])});
	if (!f->function->is_generator)
		return;
	uint32_t k = 0;
	for (Register reg = 0; reg < f->function->register_count; reg++) {
		while (k < count && f->kept[k] < reg)
			k++;
		bool is_kept = k < count && f->kept[k] == reg;
		if (f->slots[reg] && !is_kept && f->function->registers[reg].rep == REP_VALUE)
			template_clear(out, &(TemplateClear){.name = name_of(f, reg)});
	}
}

static void reload(FunctionEmitter *f, Text *out, const Exit *exit, uint32_t state)
{
	template_resume_label(out, &(TemplateResumeLabel){.state = state});
	if (f->is_resident)
		return;
	uint32_t count = exit_keeps(f->function, exit, f->kept);
	for (uint32_t i = 0; i < count; i++)
		template_reload(out, &(TemplateReload){.name = name_of(f, f->kept[i])});
}

static void suspend(FunctionEmitter *f, Text *out, const Exit *exit, uint32_t state)
{
	if (!f->function->is_generator && !f->is_resident) {
		template_make_frame(out,
							&(TemplateMakeFrame){.frame = emit_frame_name(f->emitter, f->function),
												 .info = emit_info_name(f->emitter, f->function),
												 .site = exit->site});
		emit_fail(f, exit->site);
	}
	keep_live(f, out, exit);
	leave(f, out);
	template_link(out, &(TemplateLink){.state = state, .site = exit->site});
	reload(f, out, exit, state);
	template_resume_value(out, &(TemplateResumeValue){.name = name_of(f, exit->result)});
}

static void emit_task(FunctionEmitter *f, const Block *block, const Block *next)
{
	const Exit *exit = &block->exit;
	Text *args = emit_block(f->emitter, "%s", "");
	const char *task = arena_format(f->emitter->arena, "task_%u", exit->task);
	emit_fail(f, exit->site);
	if (exit->kind == EXIT_TASK) {
		emit_operand_array(f, args, exit->operands, exit->count);
		template_task_begin(f->out,
							&(TemplateTaskBegin){.task = task, .site = exit->site, .args = args});
	} else {
		for (uint32_t i = 0; i < exit->count; i++) {
			text_put(args, i ? ", " : "");
			emit_operand(f, args, &exit->operands[i]);
		}
		template_map_begin(f->out,
						   &(TemplateMapBegin){.task = task, .site = exit->site, .args = args});
	}
	suspend(f, f->out, exit, f->states[block->index]);
	go(f, f->out, exit->to, next);
}

/* The expression that calls. */
static Text *call_text(FunctionEmitter *f, const Exit *exit)
{
	Emitter *emitter = f->emitter;
	Text *text = emit_block(emitter, "%s = ", name_of(f, exit->result));
	if (exit->kind == EXIT_NEXT) {
		text_put(text, exit->suspends ? "sbx_gen_next(run, " : "sbx_gen_next_native(run, ");
		emit_operand(f, text, &exit->operands[0]);
	} else if (exit->kind == EXIT_CALL_VALUE) {
		text_put(text, "sbx_gen_call(run, ");
		emit_operand(f, text, &exit->operands[0]);
		text_format(text, ", %u, ", exit->count - 2);
		emit_operand_array(f, text, exit->operands + 2, exit->count - 2);
		text_put(text, ", ");
		emit_operand(f, text, &exit->operands[1]);
	} else if (exit->kind == EXIT_CALL_SPREAD) {
		text_put(text, "sbx_gen_call_spread(run");
		for (uint32_t i = 0; i < 3; i++) {
			text_put(text, ", ");
			emit_operand(f, text, &exit->operands[i]);
		}
	} else {
		const MachineFunction *callee = exit->function;
		/* A function that a snapshot may have brought is looked at; one that was just made is not. */
		if (callee->self != NO_REGISTER &&
			!register_is_closure_of(emitter->machine, f->function, &exit->operands[0], callee)) {
			text_put(text, "!sbx_gen_is_closure(");
			emit_operand(f, text, &exit->operands[0]);
			text_format(text,
						", &%s) ? sbx_gen_not_closure(run) : ", emit_info_name(emitter, callee));
		}
		text_format(text, "%s(run%s", emit_function_name(emitter, callee),
					callee->may_suspend ? ", NULL" : "");
		for (uint32_t i = callee->self == NO_REGISTER ? 1 : 0; i < exit->count; i++) {
			text_put(text, ", ");
			emit_operand(f, text, &exit->operands[i]);
		}
	}
	text_char(text, ')');
	return text;
}

static void emit_call(FunctionEmitter *f, const Block *block, const Block *next)
{
	const Exit *exit = &block->exit;
	const char *result = name_of(f, exit->result);
	uint32_t state = f->states[block->index];
	if (exit->kind == EXIT_CALL && exit->function->self == NO_REGISTER &&
		!exit->operands[0].constant)
		template_statement(
			f->out, &(TemplateStatement){.text = emit_block(f->emitter, "sbx_gen_drop(run, %s)",
															name_of(f, exit->operands[0].reg))});
	template_statement(f->out, &(TemplateStatement){.text = call_text(f, exit)});
	if (state)
		template_suspends(f->out, &(TemplateSuspends){.result = result, .state = state});
	template_fails_tag(f->out, &(TemplateFailsTag){.result = result, .site = exit->site});
	emit_fail(f, exit->site);
	if (exit->kind == EXIT_NEXT)
		template_exhausted(
			f->out, &(TemplateExhausted){.result = result, .label = label_of(f, exit->otherwise)});
	go(f, f->out, exit->to, next);
	if (!state)
		return;
	template_suspend_label(&f->cold, &(TemplateSuspendLabel){.state = state});
	suspend(f, &f->cold, exit, state);
	if (exit->kind == EXIT_NEXT)
		template_exhausted(&f->cold, &(TemplateExhausted){.result = result,
														  .label = label_of(f, exit->otherwise)});
	template_goto(&f->cold, &(TemplateGoto){.label = label_of(f, exit->to)});
}

static void emit_branch(FunctionEmitter *f, const Exit *exit, const Block *next)
{
	const char *condition = name_of(f, exit->condition);
	if (exit->to == next) {
		template_branch_unless(f->out, &(TemplateBranchUnless){.condition = condition,
															   .to = label_of(f, exit->otherwise)});
		return;
	}
	template_branch_if(f->out,
					   &(TemplateBranchIf){.condition = condition, .to = label_of(f, exit->to)});
	go(f, f->out, exit->otherwise, next);
}

static void emit_yield(FunctionEmitter *f, const Block *block, const Block *next)
{
	const Exit *exit = &block->exit;
	uint32_t state = f->states[block->index];
	Text *value = emit_block(f->emitter, "%s", "");
	emit_operand(f, value, &exit->operands[0]);
	keep_live(f, f->out, exit);
	leave(f, f->out);
	template_leave(f->out);
	template_yield(f->out,
				   &(TemplateYield){.state = state,
									.site = exit->site < f->function->site_count ? exit->site : 0,
									.value = value});
	reload(f, f->out, exit, state);
	go(f, f->out, exit->to, next);
}

static void emit_return(FunctionEmitter *f, const Exit *exit)
{
	Text *value = emit_block(f->emitter, "%s", "");
	if (f->is_resident && !exit->operands[0].constant) { /* out of the frame before that goes */
		template_statement(
			f->out, &(TemplateStatement){.text = emit_block(f->emitter, "run->value = %s",
															name_of(f, exit->operands[0].reg))});
		leave_for_good(f, f->out);
		template_leave(f->out);
		template_return_value(
			f->out, &(TemplateReturnValue){.value = emit_block(f->emitter, "run->value")});
		return;
	}
	leave_for_good(f, f->out);
	template_leave(f->out);
	if (f->function->is_generator) {
		if (!exit->operands[0].constant)
			template_statement(f->out, &(TemplateStatement){
										   .text = emit_block(f->emitter, "sbx_gen_drop(run, %s)",
															  name_of(f, exit->operands[0].reg))});
		text_put(value, "SBX_GEN_DONE");
	} else {
		emit_operand(f, value, &exit->operands[0]);
	}
	template_return_value(f->out, &(TemplateReturnValue){.value = value});
}

void emit_exit(FunctionEmitter *f, const Block *block, const Block *next)
{
	const Exit *exit = &block->exit;
	switch (exit->kind) {
	case EXIT_JUMP:
		go(f, f->out, exit->to, next);
		break;
	case EXIT_BRANCH:
		emit_branch(f, exit, next);
		break;
	case EXIT_RETURN:
		emit_return(f, exit);
		break;
	case EXIT_YIELD:
		emit_yield(f, block, next);
		break;
	case EXIT_TASK:
	case EXIT_MAP:
		emit_task(f, block, next);
		break;
	case EXIT_CALL:
	case EXIT_CALL_VALUE:
	case EXIT_CALL_SPREAD:
	case EXIT_NEXT:
		emit_call(f, block, next);
		break;
	case EXIT_NONE:
	case EXIT_RAISE: /* the operation before it has gone to its fail label */
		break;
	}
}
