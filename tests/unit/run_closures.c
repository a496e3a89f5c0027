/*
 * Calling: how arguments bind to parameters, with CPython's errors; defaults, *args, **kwargs; tasks, orchestrators and
 * things that are not callable through values.
 *
 * Each entry of this program is a function of no inputs. The function under test returns its bound arguments as a
 * tuple, whose repr the checks compare with what CPython 3.11 gives.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/runs/run.h"

#include "run_machines.h"

static const char *const pieces[] = {"pass\n"};
static const sbx_gen_site sites[] = {{1, 0, 4, NULL, 0}};

/* def f(a, /, b, c=7, *args, d, e=9, **kwargs): return (a, b, c, args, d, e, kwargs) */
static const sbx_gen_param params_all[] = {
	{"a", NULL, SBX_PARAM_POSITIONAL_ONLY, 0}, {"b", NULL, SBX_PARAM_NORMAL, 0},
	{"c", NULL, SBX_PARAM_NORMAL, 1},          {"args", NULL, SBX_PARAM_ARGS, 0},
	{"d", NULL, SBX_PARAM_KEYWORD_ONLY, 0},    {"e", NULL, SBX_PARAM_KEYWORD_ONLY, 1},
	{"kwargs", NULL, SBX_PARAM_KWARGS, 0},
};
/* def g(x, y): ... and def h(x, /, y=2, *, z): ... and def k(): ... */
static const sbx_gen_param params_g[] = {PARAM("x", NULL), PARAM("y", NULL)};
static const sbx_gen_param params_h[] = {
	{"x", NULL, SBX_PARAM_POSITIONAL_ONLY, 0},
	{"y", NULL, SBX_PARAM_NORMAL, 1},
	{"z", NULL, SBX_PARAM_KEYWORD_ONLY, 0},
};

static sbx_value give_back(sbx_run *run, uint32_t count, const sbx_value *args)
{
	sbx_value copy[8];
	memcpy(copy, args, count * sizeof *copy);
	return sbx_gen_tuple_make(run, count, copy);
}
static sbx_value call_all(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return give_back(run, 7, args);
}
static sbx_value call_g(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return give_back(run, 2, args);
}
static sbx_value call_h(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return give_back(run, 3, args);
}
static sbx_value call_k(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return give_back(run, 0, args);
}
FUNCTION(info_all, "main.<locals>.f", params_all, 7, call_all, NULL, 0, "", sites);
FUNCTION(info_g, "g", params_g, 2, call_g, NULL, 0, "", sites);
FUNCTION(info_h, "h", params_h, 3, call_h, NULL, 0, "", sites);
FUNCTION(info_k, "k", NULL, 0, call_k, NULL, 0, "", sites);

/* An orchestrator and the task that stands for it. */
static const sbx_gen_param params_x[] = {PARAM("x", &type_float)};
static sbx_value call_inner(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	sbx_gen_leave(run);
	return sbx_gen_add(run, args[0], sbx_gen_int(1));
}
FUNCTION(info_inner, "inner", params_x, 1, call_inner, NULL, 0, "", sites);
ENTRY(entry_inner, "inner", info_inner, params_x, 1, &type_float);
static const sbx_gen_task task_inner = {.name = "test.inner",
										.function = "inner",
										.module = "",
										.params = params_x,
										.param_count = 1,
										.is_orchestrator = 1,
										.entry = &entry_inner,
										.result = &type_float,
										.program = &program};
TASK(task_work, "work", params_g, NULL);
ENTRY(entry_nothing, "nothing", info_k, NULL, 0, NULL);
PROGRAM(pieces, &entry_nothing, &entry_inner);

static sbx_value text(sbx_run *run, const char *ascii)
{
	return sbx_str_make(run, ascii, strlen(ascii));
}

/* names: "d e" as a tuple, or NONE. */
static sbx_value names_of(sbx_run *run, const char *names)
{
	sbx_value items[8];
	uint32_t count = 0;
	char copy[128], *at = copy, *space;
	if (!*names)
		return SBX_GEN_NONE;
	snprintf(copy, sizeof copy, "%s", names);
	while (at) {
		space = strchr(at, ' ');
		if (space)
			*space++ = 0;
		items[count++] = text(run, at);
		at = space;
	}
	return sbx_gen_tuple_make(run, count, items);
}

static sbx_run *scratch(void)
{
	return open_run(&entry_nothing, NULL, 0);
}

/* What a call gives: the repr of the value, or the error. */
static const char *outcome(sbx_run *run, sbx_value v)
{
	static char buffer[512];
	const char *found;
	if (v.tag) {
		sbx_value repr = sbx_repr(run, v);
		found = sbx_peek_str(run, repr, NULL);
		snprintf(buffer, sizeof buffer, "%s", found ? found : "no repr");
		sbx_gen_drop(run, repr);
		sbx_gen_drop(run, v);
	} else {
		snprintf(buffer, sizeof buffer, "%s", sbx_run_error_text(run));
		sbx_gen_drop(run, sbx__exception_take(run));
		RUN(run)->extra->error_text = NULL;
	}
	return buffer;
}

/* f(1, 2, 3 ... count positional, then keywords by name with 10, 11 ...) */
static const char *called(const sbx_gen_function *function, uint32_t positional, const char *names)
{
	static char buffer[512];
	sbx_run *run = scratch();
	sbx_value args[16], tuple = names_of(run, names), closure,
						defaults[2] = {sbx_gen_int(7), sbx_gen_int(9)};
	uint32_t count = positional,
			 keywords = tuple.tag == SBX_KIND_NONE ? 0 : (uint32_t)sbx_count(tuple);
	for (uint32_t i = 0; i < positional; i++)
		args[i] = sbx_gen_int(i + 1);
	for (uint32_t i = 0; i < keywords; i++)
		args[count++] = sbx_gen_int(10 + i);
	closure = sbx_gen_closure_make(run, function, function == &info_all ? 2 : function == &info_h,
								   0, defaults);
	snprintf(buffer, sizeof buffer, "%s",
			 outcome(run, sbx_gen_call(run, closure, count, args, tuple)));
	sbx_run_free(run);
	return buffer;
}

static void test_binding(void)
{
	group("run_closures/binding");
	SAME(called(&info_all, 2, "d"), "(1, 2, 7, (), 10, 9, {})");
	SAME(called(&info_all, 5, "e d z a"), "(1, 2, 3, (4, 5), 11, 10, {'z': 12, 'a': 13})");
	SAME(called(&info_all, 1, "d b"), "(1, 11, 7, (), 10, 9, {})");
	SAME(called(&info_g, 1, "y"), "(1, 10)");
	SAME(called(&info_g, 0, "y x"), "(11, 10)");
	SAME(called(&info_g, 2, ""), "(1, 2)");
	SAME(called(&info_h, 1, "z"), "(1, 7, 10)");
	SAME(called(&info_k, 0, ""), "()");
}

static void test_binding_errors(void)
{
	group("run_closures/binding errors");
	SAME(called(&info_g, 0, ""),
		 "TypeError: g() missing 2 required positional arguments: 'x' and 'y'");
	SAME(called(&info_g, 1, ""), "TypeError: g() missing 1 required positional argument: 'y'");
	SAME(called(&info_g, 0, "y"), "TypeError: g() missing 1 required positional argument: 'x'");
	SAME(called(&info_g, 3, ""), "TypeError: g() takes 2 positional arguments but 3 were given");
	SAME(called(&info_k, 1, ""), "TypeError: k() takes 0 positional arguments but 1 was given");
	SAME(called(&info_g, 2, "z"), "TypeError: g() got an unexpected keyword argument 'z'");
	SAME(called(&info_g, 2, "y"), "TypeError: g() got multiple values for argument 'y'");
	SAME(called(&info_h, 1, ""), "TypeError: h() missing 1 required keyword-only argument: 'z'");
	SAME(called(&info_h, 3, "z"), "TypeError: h() takes from 1 to 2 positional arguments but 3 "
								  "positional arguments (and 1 keyword-only argument) "
								  "were given");
	SAME(called(&info_h, 3, ""),
		 "TypeError: h() takes from 1 to 2 positional arguments but 3 were given");
	SAME(called(&info_h, 0, "x z"),
		 "TypeError: h() got some positional-only arguments passed as keyword arguments: 'x'");
	SAME(called(&info_all, 0, ""),
		 "TypeError: main.<locals>.f() missing 2 required positional arguments: 'a' and 'b'");
	SAME(called(&info_all, 2, ""),
		 "TypeError: main.<locals>.f() missing 1 required keyword-only argument: 'd'");
}

static void test_spread(void)
{
	sbx_run *run = scratch();
	sbx_value items[30], args, kwargs, closure, defaults[2] = {sbx_gen_int(7), sbx_gen_int(9)};
	group("run_closures/spread");
	for (int i = 0; i < 30; i++)
		items[i] = sbx_gen_int(i);
	closure = sbx_gen_closure_make(run, &info_all, 2, 0, defaults);
	args = sbx_gen_list_make(run, 3, items);
	kwargs = sbx_gen_dict_make(
		run, 2, (sbx_value[]){text(run, "d"), sbx_gen_int(40), text(run, "q"), sbx_gen_int(41)});
	SAME(outcome(run, sbx_gen_call_spread(run, closure, args, kwargs)),
		 "(0, 1, 2, (), 40, 9, {'q': 41})");
	sbx_gen_drop(run, args);
	args = sbx_gen_tuple_make(run, 30, items);
	SAME(outcome(run, sbx_gen_call_spread(run, closure, args, kwargs)),
		 "(0, 1, 2, (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, "
		 "24, 25, 26, 27, 28, 29), "
		 "40, 9, {'q': 41})");
	SAME(outcome(run, sbx_gen_call_spread(run, closure, args, SBX_GEN_NONE)),
		 "TypeError: main.<locals>.f() missing 1 required keyword-only argument: 'd'");
	sbx_run_free(run);
}

static void test_other_callees(void)
{
	sbx_run *run = scratch();
	sbx_value args[2] = {sbx_gen_int(1), sbx_gen_int(2)},
			  task = sbx_gen_object(SBX_KIND_TASK, &task_work);
	const sbx_call *call;
	group("run_closures/other callees");
	SAME(outcome(run, sbx_gen_call(run, sbx_gen_int(5), 0, NULL, SBX_GEN_NONE)),
		 "TypeError: 'int' object is not callable");
	SAME(outcome(run, sbx_gen_call(run, sbx_gen_object(SBX_KIND_TASK, &task_inner), 1, args,
								   SBX_GEN_NONE)),
		 "2.0");
	args[0] = text(run, "x");
	SAME(outcome(run, sbx_gen_call(run, sbx_gen_object(SBX_KIND_TASK, &task_inner), 1, args,
								   SBX_GEN_NONE)),
		 "TypeError: inner() argument 'x': expected float, got str");
	args[0] = sbx_gen_int(3);
	SAME(outcome(run, sbx_gen_call(run, task, 1, args, SBX_GEN_NONE)),
		 "TypeError: work() missing 1 required positional argument: 'y'");
	CHECK(sbx_gen_call(run, task, 2, args, SBX_GEN_NONE).tag == SBX_KIND_SUSPEND);
	call = sbx_run_next_call(run);
	CHECK(call && int_of(sbx_call_arg(call, 0)) == 3 && int_of(sbx_call_arg(call, 1)) == 2);
	sbx_run_free(run);
}

static void test_exceptions(void)
{
	sbx_run *run = scratch();
	sbx_value e, cause = sbx_gen_make(SBX_KIND_TYPE, SBX_TYPE_KeyError), none = {0, {0}}, pair[2];
	group("run_closures/exceptions");
	SAME(outcome(run, sbx_gen_raise(run, sbx_gen_int(1), none)),
		 "TypeError: exceptions must derive from BaseException");
	SAME(outcome(run, sbx_gen_raise(run, cause, none)), "KeyError");
	SAME(outcome(run, sbx_gen_raise(run, cause, sbx_gen_int(1))),
		 "TypeError: exception causes must derive from BaseException");
	pair[0] = text(run, "it's");
	pair[1] = sbx_gen_int(2);
	e = sbx__exception_make(run, SBX_TYPE_KeyError, 1, pair, SBX_GEN_NONE);
	SAME(outcome(run, sbx_gen_raise(run, e, cause)), "KeyError: \"it's\"");
	SAME(outcome(run, sbx_gen_copy(e)), "KeyError(\"it's\")");
	SAME(outcome(run, sbx__exception_make(run, SBX_TYPE_ValueError, 2, pair, SBX_GEN_NONE)),
		 "ValueError(\"it's\", 2)");
	e = sbx__exception_make(run, SBX_TYPE_ValueError, 2, pair, SBX_GEN_NONE);
	SAME(outcome(run, sbx_gen_raise(run, e, none)), "ValueError: (\"it's\", 2)");
	pair[0] = sbx_gen_int(2);
	pair[1] = text(run, "No such file");
	e = sbx__exception_make(run, SBX_TYPE_OSError, 2, pair, SBX_GEN_NONE);
	SAME(outcome(run, sbx_gen_raise(run, e, none)), "FileNotFoundError: [Errno 2] No such file");
	SAME(outcome(run, sbx_gen_unbound(run, "x", 0)),
		 "UnboundLocalError: cannot access local variable 'x' where it is not associated with a "
		 "value");
	SAME(outcome(run, sbx_gen_unbound(run, "x", 1)),
		 "NameError: cannot access free variable 'x' where it is not associated with a value in "
		 "enclosing scope");
	SAME(outcome(run, sbx_gen_unbound(run, "x", 2)), "NameError: name 'x' is not defined");
	SAME(outcome(run, sbx__raise(run, SBX_TYPE_ValueError, "%s|%d|%.3s|%c|%%|%R|%T|%zu|%lld|%u",
								 "a", -5, "abcdef", 'x', pair[1], pair[0], (size_t)7, -8ll, 9u)),
		 "ValueError: a|-5|abc|x|%|'No such file'|int|7|-8|9");
	sbx_run_free(run);
}

int main(void)
{
	test_binding();
	test_binding_errors();
	test_spread();
	test_other_callees();
	test_exceptions();
	group_end();
	return all_failures != 0;
}
