/*
 * Task calls: begun by the program, handed out to the host, answered by it.
 *
 * A call that is alone lies in the run itself, with room for four arguments; the path of a call with int, float, bool
 * or str arguments allocates nothing and looks nothing up. Ids are dense from 1 in program order, so that a replay
 * gives the same ones. The answer goes into head.value; its tag 0 says that the exception is to be raised at the call.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "run.h"

/* ---- what crosses is checked ---- */

int sbx__fit(sbx_run *run, const sbx_gen_type *type, bool from_json, sbx_value v, sbx_value *out,
			 const char *name, const char *param)
{
	sbx_value exception, text;
	sbx_status status;
	if (sbx__fits_at_once(type, v)) {
		*out = sbx_gen_copy(v);
		return 0;
	}
	status = sbx_value_convert(run, type, from_json, v, out);
	if (status == SBX_DONE)
		return 0;
	exception = sbx__exception_take(run);
	if (status != SBX_E_TYPE || RUN(run)->failure != SBX_E_RAISED || /* a limit */
		SBX_GEN_KIND(exception) != SBX_KIND_EXCEPTION) {
		sbx__exception_set(run, exception, (sbx_status)RUN(run)->failure);
		return -1;
	}
	/* "expected int, got str", or "[3]: expected int, got str". */
	text = sbx__exception_str(run, exception);
	sbx_gen_drop(run, exception);
	if (text.tag) {
		const char *colon = STR(text)->length && sbx__str_at(text, 0) == '[' ? "" : ": ";
		if (param)
			sbx__raise(run, SBX_TYPE_TypeError, "%s() argument '%s'%s%V", name, param, colon, text);
		else
			sbx__raise(run, SBX_TYPE_TypeError, "%s() result%s%V", name, colon, text);
		sbx_gen_drop(run, text);
	}
	return -1;
}

const uint8_t sbx__kind_of_type[] = {
	[SBX_NONE] = SBX_KIND_NONE,   [SBX_BOOL] = SBX_KIND_BOOL, [SBX_INT] = SBX_KIND_INT,
	[SBX_FLOAT] = SBX_KIND_FLOAT, [SBX_STR] = SBX_KIND_STR,   [SBX_BYTES] = SBX_KIND_BYTES,
	[SBX_TUPLE_OF] = 0, /* the last of them */
};

/* ---- beginning ---- */

/* An argument that does not fit at once. 0, or -1 raised. */
static int fit_argument(sbx_run *run, const sbx_gen_task *task, uint32_t index, sbx_value *v)
{
	const sbx_gen_param *param = &task->params[index];
	sbx_value fitting;
	if (!v->tag) {
		if (param->has_default || param->kind == SBX_PARAM_ARGS || param->kind == SBX_PARAM_KWARGS)
			return 0;
		sbx__raise(
			run, SBX_TYPE_TypeError, "%s() missing 1 required %s argument: '%s'", task->function,
			param->kind == SBX_PARAM_KEYWORD_ONLY ? "keyword-only" : "positional", param->name);
		return -1;
	}
	if (sbx__fit(run, param->type, false, *v, &fitting, task->function, param->name))
		return -1;
	sbx_gen_drop(run, *v);
	*v = fitting;
	return 0;
}

/*
 * Copies a value in two halves. The caller has just written it so; one load of 16 bytes could not be forwarded from two
 * stores and would wait for them to leave the core, which costs as much as all the rest of a task call.
 */
static inline sbx_value load_in_halves(const sbx_value *from)
{
	sbx_value v = *from;
#if defined(__GNUC__)
	__asm__("" : "+r"(v.tag), "+r"(v.u.i));
#endif
	return v;
}

int sbx__call_arguments(sbx_run *run, const sbx_gen_task *task, const sbx_value *args,
						sbx_value *out)
{
	uint64_t tags = 0;
	for (uint32_t i = 0; i < task->param_count; i++) {
		out[i] = args[i];
		if (!sbx__fits_at_once(task->params[i].type, out[i]) && fit_argument(run, task, i, &out[i]))
			return -1;
		tags |= out[i].tag;
	}
	return (tags & SBX_GEN_COUNTED) != 0;
}

static inline int begun(Run *run, const sbx_gen_task *task, uint32_t site, uint32_t state)
{
	struct sbx_call *call = &run->call;
	if (SBX_GEN_UNLIKELY(--run->heap.head.fuel < 0) && sbx_gen_tick(&run->heap.head))
		return -1;
	call->task = task;
	call->id++;
	call->site = site;
	call->state = state;
	run->suspended_depth = run->heap.head.depth;
	return 0;
}

/* Many arguments, or such as must be converted. */
RARE static int begin_slowly(Run *run, const sbx_gen_task *task, uint32_t site,
							 const sbx_value *args)
{
	struct sbx_call *call = &run->call;
	sbx_run *head = &run->heap.head;
	int owns;
	if (task->param_count > INLINE_ARGS) {
		sbx_value *wide = sbx__alloc(head, task->param_count * sizeof *wide);
		if (!wide)
			return -1;
		call->args = wide;
	}
	owns = sbx__call_arguments(head, task, args, call->args);
	if (owns < 0)
		return -1;
	return begun(run, task, site, owns || call->args != run->args ? CALL_READY_OWNING : CALL_READY);
}

/* For None, bool, int and float the kind of the declared type and the tag are the same number. */
_Static_assert((int)SBX_NONE == SBX_KIND_NONE && (int)SBX_BOOL == SBX_KIND_BOOL &&
				   (int)SBX_INT == SBX_KIND_INT && (int)SBX_FLOAT == SBX_KIND_FLOAT,
			   "tags and kinds of types");

int sbx_gen_task_begin(sbx_run *head, const sbx_gen_task *task, uint32_t site, sbx_value *args)
{
	Run *run = RUN(head);
	const sbx_gen_param *param = task->params;
	uint32_t count = task->param_count;
	if (SBX_GEN_UNLIKELY(count > INLINE_ARGS))
		return begin_slowly(run, task, site, args);
	for (uint32_t i = 0; i < count; i++) {
		sbx_value v = load_in_halves(&args[i]);
		const sbx_gen_type *type = param[i].type;
		if (SBX_GEN_UNLIKELY(!type || type->kind != v.tag || v.tag > SBX_KIND_FLOAT))
			return begin_slowly(run, task, site, args);
		run->args[i] = v;
	}
	return begun(run, task, site, CALL_READY);
}

/* ---- handing out ---- */

const sbx_call *sbx_run_next_call(sbx_run *head)
{
	Run *run = RUN(head);
	uint32_t state = run->call.state;
	if (state == CALL_READY || state == CALL_READY_OWNING) {
		run->call.state = state + 1;
		return &run->call;
	}
	if (SBX_GEN_UNLIKELY(run->extra && run->extra->map))
		return sbx__map_next(run);
	return NULL;
}

uint64_t sbx_call_id(const sbx_call *call)
{
	return call->id;
}
sbx_run *sbx_call_run(const sbx_call *call)
{
	return &call->run->heap.head;
}
const char *sbx_call_task_name(const sbx_call *call)
{
	return call->task->name;
}
size_t sbx_call_arg_count(const sbx_call *call)
{
	return call->task->param_count;
}
const sbx_type *sbx_call_result_type(const sbx_call *call)
{
	return call->task->result;
}

const char *sbx_call_arg_name(const sbx_call *call, size_t index)
{
	return index < call->task->param_count ? call->task->params[index].name : NULL;
}

sbx_value sbx_call_arg(const sbx_call *call, size_t index)
{
	return index < call->task->param_count ? call->args[index] : SBX_GEN_ERROR;
}

sbx_value sbx_call_arg_default(const sbx_call *call, size_t index, sbx_heap *heap)
{
	const sbx_gen_task *task = call->task;
	if (index >= task->param_count || !task->defaults || !task->defaults[index].tag)
		return SBX_GEN_ERROR;
	return sbx_gen_default_make(heap, task->defaults[index]);
}

const sbx_type *sbx_call_arg_type(const sbx_call *call, size_t index)
{
	return index < call->task->param_count ? call->task->params[index].type : NULL;
}

uint32_t sbx_call_line(const sbx_call *call, const char **path)
{
	const sbx_gen_frame *frame = call->run->heap.head.top;
	const sbx_gen_program *program = call->run->entry->program;
	const sbx_gen_function *function;
	*path = NULL;
	while (frame && !frame->function->name) /* the runtime's own */
		frame = frame->parent;
	if (!frame)
		return 0;
	function = frame->function;
	if (frame->site >= function->site_count || function->file >= program->source_count)
		return 0;
	*path = program->sources[function->file].path;
	return function->sites[frame->site].line + program->sources[function->file].before;
}

void sbx_call_task(const sbx_call *call, sbx_task_info *info)
{
	sbx__task_tell(call->task, info);
}

/* ---- answering ---- */

struct sbx_call *sbx__call_find(Run *run, uint64_t id)
{
	if (run->status != SBX_WAITING && run->status != SBX_RUNNING)
		return NULL;
	if (run->call.id == id && run->call.state != CALL_NONE)
		return &run->call;
	return run->extra && run->extra->map ? sbx__map_find(run, id) : NULL;
}

int sbx_run_has_call(const sbx_run *run, uint64_t id)
{
	return sbx__call_find((Run *)(uintptr_t)run, id) != NULL;
}

static void drop_arguments(Run *run, struct sbx_call *call)
{
	uint32_t count = call->task->param_count;
	for (uint32_t i = 0; i < count; i++)
		sbx_gen_drop(&run->heap.head, call->args[i]);
	if (call->args != run->args)
		sbx__free(&run->heap.head, call->args, count * sizeof *call->args);
	call->args = run->args;
}

/* The call alone has ended with a value, or with the exception that was raised (tag 0). */
static inline void wake(Run *run, sbx_value result)
{
	run->call.state = CALL_NONE;
	run->heap.head.value = result;
	run->status = SBX_RUNNING;
}

static void deliver(Run *run, struct sbx_call *call, sbx_value result)
{
	if (call != &run->call) {
		sbx__map_answer(run, call, result);
		return;
	}
	if (call->state > CALL_OWNING)
		drop_arguments(run, call);
	wake(run, result);
}

/* Not of the common kinds: copied into the run's heap, converted. `result` of JSON is there already, and taken. */
RARE static sbx_status answer_slowly(Run *run, struct sbx_call *call, sbx_value result,
									 bool from_json)
{
	sbx_run *head = &run->heap.head;
	char here;
	sbx_value copy, fitting = SBX_GEN_ERROR;
	head->stack_limit = (char *)((uintptr_t)&here - run->stack_bytes);
	copy = from_json ? result : sbx_value_copy(head, result);
	if (copy.tag) {
		if (sbx__fit(head, call->task->result, from_json, copy, &fitting, call->task->function,
					 NULL))
			fitting.tag = 0;
		sbx_gen_drop(head, copy);
	}
	head->stack_limit = NULL;
	deliver(run, call, fitting);
	return fitting.tag                    ? SBX_DONE
		   : run->failure == SBX_E_RAISED ? SBX_E_TYPE
										  : (sbx_status)run->failure;
}

/* Another call than the one alone, or a value that must be copied or converted. */
RARE static sbx_status answer_rarely(Run *run, uint64_t id, sbx_value result)
{
	struct sbx_call *call = sbx__call_find(run, id);
	if (!call)
		return SBX_E_NO_CALL;
	if (!result.tag)
		return SBX_E_ARGUMENT;
	if (result.tag > SBX_KIND_FLOAT || !sbx__fits_at_once(call->task->result, result))
		return answer_slowly(run, call, result, false);
	deliver(run, call, result);
	return SBX_DONE;
}

sbx_status sbx_run_answer(sbx_run *head, uint64_t id, sbx_value result)
{
	Run *run = RUN(head);
	const struct sbx_call *call = &run->call;
	if (SBX_GEN_UNLIKELY(call->id != id || call->state != CALL_OUT))
		return answer_rarely(run, id, result);
	if (SBX_GEN_UNLIKELY(!call->task->result || call->task->result->kind != result.tag ||
						 result.tag > SBX_KIND_FLOAT))
		return answer_rarely(run, id, result);
	wake(run, result);
	return SBX_DONE;
}

sbx_status sbx_run_answer_json(sbx_run *head, uint64_t id, const char *json, size_t length)
{
	Run *run = RUN(head);
	struct sbx_call *call = sbx__call_find(run, id);
	sbx_value result;
	sbx_status status;
	if (!call)
		return SBX_E_NO_CALL;
	status = sbx_json_load(head, json, length, &result);
	if (status == SBX_DONE)
		return answer_slowly(run, call, result, true);
	if (status == SBX_E_SYNTAX) /* the host's mistake: the call goes on waiting */
		sbx_gen_drop(head, sbx__exception_take(head));
	else
		deliver(run, call, SBX_GEN_ERROR);
	return status;
}

sbx_status sbx__run_fail(Run *run, uint64_t id, const char *type, const char *text,
						 const char *traceback, sbx_status failure)
{
	sbx_run *head = &run->heap.head;
	struct sbx_call *call = sbx__call_find(run, id);
	sbx_value exception;
	if (!call)
		return SBX_E_NO_CALL;
	if (!type)
		return SBX_E_ARGUMENT;
	exception = sbx__exception_remote(head, type, text, traceback);
	if (exception.tag)
		sbx__exception_set(head, exception, failure);
	deliver(run, call, SBX_GEN_ERROR);
	return exception.tag ? SBX_DONE : (sbx_status)run->failure;
}

sbx_status sbx_run_fail(sbx_run *head, uint64_t id, const char *type, const char *text,
						const char *traceback)
{
	return sbx__run_fail(RUN(head), id, type, text, traceback, SBX_E_RAISED);
}

sbx_status sbx_run_cancel_call(sbx_run *head, uint64_t id, const char *reason)
{
	Run *run = RUN(head);
	struct sbx_call *call = sbx__call_find(run, id);
	if (!reason)
		reason = "cancelled";
	if (!call)
		return SBX_E_NO_CALL;
	if (run->extra && run->extra->dispatched)
		return sbx__dispatched_cancel_call(run->extra->dispatched, call, reason);
	return sbx_run_fail(head, id, CALL_ABORTED, reason, NULL);
}

void sbx__call_hand_out(struct sbx_call *call)
{
	Run *run = call->run;
	if (call->state != CALL_READY && call->state != CALL_READY_OWNING)
		return;
	call->state++;
	if (call != &run->call)
		run->extra->map->out++;
}

void sbx__calls_take_back(Run *run)
{
	if (run->call.state == CALL_OUT || run->call.state == CALL_OUT_OWNING)
		run->call.state--;
	if (run->extra && run->extra->map)
		sbx__map_take_back(run->extra->map);
}

/* The host has ended the run: a dispatcher that has it cancels its attempts. */
static void tell_dispatcher(const Run *run)
{
	if (run->extra && run->extra->dispatched)
		sbx__dispatched_stir(run->extra->dispatched);
}

void sbx__calls_end(Run *run)
{
	run->call.state = CALL_NONE;
	if (run->extra)
		run->extra->map = NULL; /* it goes with the heap */
}

sbx_status sbx_run_stop(sbx_run *head, sbx_status status, const char *text)
{
	Run *run = RUN(head);
	RunExtra *extra = sbx__run_extra(run);
	sbx_value message;
	if (run->status < 0 && run->status != SBX_E_RAISED)
		return SBX_E_STATE;
	if (status >= 0)
		return SBX_E_ARGUMENT;
	sbx__calls_end(run);
	run->status = (int16_t)status;
	run->failure = (int16_t)status;
	sbx__limits_grace(run); /* there is room for the text */
	message = text ? sbx_str_make(head, text, strlen(text)) : SBX_GEN_ERROR;
	if (extra && message.tag)
		extra->message = sbx_peek_str(head, message, NULL);
	tell_dispatcher(run);
	return SBX_DONE;
}

sbx_status sbx_run_set_context(sbx_run *head, void *context)
{
	RunExtra *extra = sbx__run_extra(RUN(head));
	if (extra)
		extra->host = context;
	return extra ? SBX_DONE : SBX_E_NO_MEMORY;
}

void *sbx_run_context(const sbx_run *head)
{
	const RunExtra *extra = ((const Run *)head)->extra;
	return extra ? extra->host : NULL;
}

sbx_status sbx_run_cancel(sbx_run *head)
{
	Run *run = RUN(head);
	if (run->status != SBX_WAITING && run->status != SBX_RUNNING)
		return SBX_E_STATE;
	sbx__calls_end(run);
	run->status = SBX_E_CANCELLED;
	tell_dispatcher(run);
	return SBX_DONE;
}
