/*
 * A service that hosts the pipeline of examples/ with no backend but itself: the four calls of sbx.h's first page. It is
 * compiled as C11 and as C++11.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline.h"

#include <stdio.h>
#include <string.h>

static int64_t number(const sbx_call *call, size_t index)
{
	int64_t i = 0;
	(void)sbx_get_int(sbx_call_arg(call, index), &i);
	return i;
}

static sbx_value do_the_work(const sbx_call *call)
{
	const char *name = sbx_call_task_name(call);
	int64_t a = 0, b = 1;
	if (strcmp(name, "arithmetic.add") == 0)
		return sbx_int(number(call, 0) + number(call, 1));
	if (strcmp(name, "arithmetic.multiply") == 0)
		return sbx_int(number(call, 0) * number(call, 1));
	for (int64_t i = number(call, 0); i > 0; i--) {
		int64_t next = a + b;
		a = b;
		b = next;
	}
	return sbx_int(a);
}

int main(void)
{
	sbx_run *run;
	sbx_value n = sbx_int(10), text;
	sbx_status status = sbx_run_open(&sbx_machine_pipeline_pipeline, &n, 1, NULL, &run);
	if (status != SBX_DONE)
		return 1;
	while ((status = sbx_run_step(run)) == SBX_WAITING) {
		const sbx_call *call;
		while ((call = sbx_run_next_call(run)) != NULL)
			if (sbx_run_answer(run, sbx_call_id(call), do_the_work(call)) != SBX_DONE)
				return 1;
	}
	if (status != SBX_DONE || sbx_json_dump(run, sbx_run_result(run), &text) != SBX_DONE) {
		fputs(sbx_run_traceback(run), stderr);
		return 1;
	}
	puts(sbx_peek_str(run, text, NULL));
	sbx_run_free(run);
	return 0;
}
