/*
 * All images of a program ahead of time: what the first call of each sandbox or task would do, without a container; and the one
 * place where images are pushed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docker.h"
#include "program.h"

/* One turn of waiting. A host would wait for more than this; a program that only builds has nothing else. */
static void turn(const sbx_backend *backend)
{
	struct pollfd wait = {.fd = backend->descriptor(backend->context), .events = POLLIN};
	int left = backend->timeout(backend->context);
	(void)poll(&wait, 1, left < 0 || left > 1000 ? 1000 : left);
	(void)backend->poll(backend->context);
}

/* Until nothing of the image is under way any more; false: Ctrl-C. */
static bool wait_for(Docker *docker, const sbx_backend *backend, const Image *image)
{
	while (image->state != IMAGE_READY && image->state != IMAGE_NEW) {
		if (interrupt_came(docker->interrupt))
			return false;
		turn(backend);
	}
	return true;
}

/* The image of one sandbox or task, built and, where it has a registry, pushed; NULL: *problem tells why not, if it is no Ctrl-C. */
static const char *prepare(Docker *docker, const sbx_backend *backend, const Spec *spec, bool push,
						   const char **problem)
{
	Image *image = spec && !spec->problem ? image_of(docker, spec) : NULL;
	*problem = image ? image->problem : spec ? spec->problem : "no memory";
	if (!image)
		return NULL;
	if (image->state == IMAGE_NEW)
		image_ensure(image);
	if (!wait_for(docker, backend, image))
		return NULL;
	if (push && spec->registry && image->state == IMAGE_READY && !image->was_pushed) {
		image_push(image);
		if (!wait_for(docker, backend, image))
			return NULL;
		image->was_pushed = image->state == IMAGE_READY;
	}
	return image->state == IMAGE_READY ? image->tag : NULL;
}

/* All sandboxes and tasks of the program. */
static int prepare_all(Docker *docker, const ProgramOptions *options,
					   const sbx_gen_program *program, const sbx_backend *backend)
{
	int exit_code = EXIT_OK;
	unsigned count = 0, with_registry = 0;
	for (uint32_t i = 0; i < program->task_count; i++) {
		const sbx_gen_task *task = program->tasks[i];
		const char *problem;
		if (task->is_orchestrator || (task->task_type && strcmp(task->task_type, "raw-container")))
			continue;
		const Spec *spec = spec_read(docker, task->name, task->task_type, task->extra);
		const char *tag = prepare(docker, backend, spec, options->push, &problem);
		if (interrupt_came(docker->interrupt))
			break;
		count++;
		with_registry += spec && spec->registry;
		if (tag) {
			printf("%s %s\n", task->name, tag);
			fflush(stdout);
		} else {
			if (spec && spec->problem)
				program_error(options, "the image of task '%s' cannot be built: %s", task->name,
							  problem);
			else
				program_error(options, "%s", problem ? problem : "no memory");
			exit_code = EXIT_RUN_FAILED;
		}
		if (tag && options->push && !spec->registry)
			fprintf(stderr, "%s: note: '%s' is not pushed: it has no registry\n", options->name,
					task->name);
	}
	if (options->push && count && !with_registry && !interrupt_came(docker->interrupt)) {
		program_error(options, "--push: no image has a registry; name one by "
							   "image_config=ImageConfig(registry=...) or flyte.Image's registry=");
		exit_code = EXIT_RUN_FAILED;
	}
	return exit_code;
}

int docker_build_images(const ProgramOptions *options, const sbx_gen_program *program,
						const sbx_backend *backend, int interrupt)
{
	Docker *docker = backend->context;
	int exit_code = EXIT_OK;
	docker->interrupt = interrupt;
	docker_find(docker);
	while (docker->state == ENGINE_ASKED && !interrupt_came(interrupt))
		turn(backend);
	if (docker->state == ENGINE_READY)
		exit_code = prepare_all(docker, options, program, backend);
	if (interrupt_came(interrupt))
		return EXIT_INTERRUPTED;
	if (docker->state == ENGINE_READY)
		return exit_code;
	program_error(options, "%s", docker->problem ? docker->problem : "no Docker engine");
	return EXIT_MISSING;
}
