/*
 * All images of a program ahead of time: what the first call of each sandbox would do, without a container.
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

/* Builds the image of one sandbox; what went wrong is in *problem. */
static const char *build_one(Docker *docker, const sbx_backend *backend, const sbx_gen_task *task,
							 const char **problem)
{
	const Spec *spec = spec_read(docker, task->name, task->extra);
	Image *image = spec ? image_of(docker, spec) : NULL;
	*problem = "no memory";
	if (!image)
		return NULL;
	if (image->state == IMAGE_NEW)
		image_ensure(image);
	while (image->state != IMAGE_READY && image->state != IMAGE_NEW) {
		if (interrupt_came(docker->interrupt)) {
			*problem = NULL;
			return NULL;
		}
		turn(backend);
	}
	*problem = image->problem;
	return image->state == IMAGE_READY ? image->tag : NULL;
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
	for (uint32_t i = 0; i < program->task_count && docker->state == ENGINE_READY; i++) {
		const sbx_gen_task *task = program->tasks[i];
		const char *problem;
		if (!task->task_type || strcmp(task->task_type, "raw-container") != 0)
			continue;
		const char *tag = build_one(docker, backend, task, &problem);
		if (interrupt_came(interrupt))
			break;
		if (tag) {
			printf("%s %s\n", task->name, tag);
		} else {
			program_error(options, "%s", problem);
			exit_code = EXIT_RUN_FAILED;
		}
	}
	if (interrupt_came(interrupt))
		return EXIT_INTERRUPTED;
	if (docker->state == ENGINE_READY)
		return exit_code;
	program_error(options, "%s", docker->problem ? docker->problem : "no Docker engine");
	return EXIT_MISSING;
}
