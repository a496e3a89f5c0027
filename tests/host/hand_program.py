"""Makes a generated program by hand, as the compiler would: for tests of the host that need no compiler.

Each entry has one undeclared input, x. It calls its tasks one after the other: the first with x, each other one with
the result of the former, and returns the last result.

SPDX-License-Identifier: Apache-2.0
"""

HEAD = '''#include "sbx_gen.h"

struct frame { sbx_gen_frame base; };
static const sbx_gen_param params[] = {{"x", NULL, SBX_PARAM_NORMAL, 0}};
static const char *const pieces[] = {%(pieces)s};
static const sbx_gen_source sources[] = {{%(path)s, pieces, %(count)d, %(length)d}};
static const sbx_gen_site sites[] = {{.line = 1, .column = 0, .end_column = 0}};
static const sbx_gen_program program;
'''

TASK = '''static const sbx_gen_task task_%(name)s = {.name = "demo.%(name)s", .function = "%(name)s", .module = "",
	.params = params, .param_count = 1, .retries = %(retries)d, .timeout_ms = %(timeout)d, .extra = %(extra)s,
	.program = &program};
'''

ENTRY_HEAD = '''
static sbx_value step_%(name)s(sbx_run *run, struct frame *f, sbx_value x);
static sbx_value resume_%(name)s(sbx_run *run, sbx_gen_frame *frame)
{
	return step_%(name)s(run, (struct frame *)frame, SBX_GEN_NONE);
}
static sbx_value call_%(name)s(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return step_%(name)s(run, NULL, args[0]);
}
static const sbx_gen_function info_%(name)s = {.name = "%(name)s", .qualified = "%(name)s", .call = call_%(name)s,
	.resume = resume_%(name)s, .params = params, .sites = sites, .frame_size = sizeof(struct frame), .site_count = 1,
	.param_count = 1, .line = 1};
static sbx_value step_%(name)s(sbx_run *run, struct frame *f, sbx_value x)
{
	uint32_t state = f ? f->base.state : 0;
	if (f)
		x = run->value;
	else if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	if (f && x.tag == 0)
		return sbx_gen_unwind(run, &info_%(name)s, 0);
	switch (state) {
'''
ENTRY_CALL = '''	case %(state)d:
		if (sbx_gen_task_begin(run, &task_%(task)s, 0, &x))
			return sbx_gen_unwind(run, &info_%(name)s, 0);
		break;
'''
ENTRY_FOOT = '''	default:
		sbx_gen_leave(run);
		return x;
	}
	if (!f && !(f = (struct frame *)sbx_gen_frame_make(run, &info_%(name)s)))
		return sbx_gen_unwind(run, &info_%(name)s, 0);
	return sbx_gen_link(run, &f->base, state + 1, 0);
}
static const sbx_gen_task *const tasks_%(name)s[] = {%(tasks)s};
static const sbx_entry entry_%(name)s = {.name = "%(name)s", .full_name = "demo.%(name)s", .program = &program,
	.main = &info_%(name)s, .inputs = params, .input_count = 1, .tasks = tasks_%(name)s, .task_count = %(count)d,
	.type_check = 1, .max_memory = 50 << 20, .max_depth = 256, .timeout_ms = 30000};
'''

FOOT = '''
static const sbx_entry *const entries[] = {%(entries)s};
static const sbx_gen_function *const functions[] = {%(functions)s};
static const sbx_gen_program program = {.abi = SBX_ABI, .compiler = "by hand", .module = %(module)s,
	.sources = sources, .source_count = 1, .entries = entries, .entry_count = %(count)d, .functions = functions,
	.function_count = %(count)d, .fingerprint = 1};

int main(int argc, char **argv)
{
	return sbx_program_main(&program, argc, argv);
}
'''


def quoted(text):
    return '"' + ''.join(c if ' ' <= c < '\x7f' and c not in '"\\?' else ''.join(f'\\{b:03o}' for b in c.encode())
                         for c in text) + '"'


def hand_program(path, source, module, tasks, chains):
    """tasks: name -> dict(retries=, timeout=, extra=); chains: entry's name -> names of its tasks."""
    lines = source.splitlines(True)
    text = HEAD % {'pieces': ', '.join(map(quoted, lines)), 'path': quoted(path), 'count': len(lines),
                   'length': len(source.encode())}
    for name, settings in tasks.items():
        extra = settings.get('extra')
        text += TASK % {'name': name, 'retries': settings.get('retries', 0), 'timeout': settings.get('timeout', 0),
                        'extra': quoted(extra) if extra else 'NULL'}
    for name, chain in chains.items():
        text += ENTRY_HEAD % {'name': name}
        text += ''.join(ENTRY_CALL % {'state': i, 'task': task, 'name': name} for i, task in enumerate(chain))
        text += ENTRY_FOOT % {'name': name, 'tasks': ', '.join(f'&task_{task}' for task in chain), 'count': len(chain)}
    return text + FOOT % {'entries': ', '.join(f'&entry_{name}' for name in chains), 'module': quoted(module),
                          'functions': ', '.join(f'&info_{name}' for name in chains), 'count': len(chains)}
