/*
 * What the compiler says of a sandbox or a Python task: the JSON object that goes with it (gen/sandbox_spec.c and
 * gen/declare_image.c make it). A task of which nothing is declared has none, and runs in the base image.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docker.h"

enum { DEFAULT_MILLI_CPU = 1000, DEFAULT_MEMORY = 1 << 30 };
/* As the compiler writes it where nothing is declared, so that all such tasks and sandboxes share one image. */
static const char default_dockerfile[] =
	"ARG BASE=python:3.11-slim-bookworm\nFROM ${BASE}\nCOPY var /var\n";

/* A text of the object that describes the container. */
static const char *text_of(Docker *docker, const Spec *spec, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "%s/%s", spec->is_task ? "container" : "sandbox", name);
	return document_get_text(docker->documents, spec->document, path);
}

static bool declares_exit_code(Docker *docker, const Spec *spec)
{
	for (size_t i = 0; i < spec->output_count; i++) {
		const Document *output =
			document_item(docker->documents, spec->document, "sandbox/outputs", i);
		const char *name = document_get_text(docker->documents, output, "name");
		if (name && strcmp(name, "exit_code") == 0)
			return true;
	}
	return false;
}

static void fill_image(Docker *docker, Spec *spec)
{
	spec->image = text_of(docker, spec, "image");
	spec->image_name = text_of(docker, spec, "image_name");
	spec->dockerfile = text_of(docker, spec, "dockerfile");
	spec->registry = text_of(docker, spec, "registry");
	spec->secret = text_of(docker, spec, "registry_secret");
}

static bool fill_sandbox(Docker *docker, Spec *spec)
{
	Documents *d = docker->documents;
	spec->mode = text_of(docker, spec, "mode");
	spec->script = text_of(docker, spec, "script");
	spec->source = text_of(docker, spec, "source");
	spec->line = (uint32_t)document_get_int(d, spec->document, "sandbox/line");
	spec->memory = (uint64_t)document_get_int(d, spec->document, "sandbox/memory");
	spec->milli_cpu = document_get_int(d, spec->document, "sandbox/milli_cpu");
	spec->block_network = document_get_bool(d, spec->document, "sandbox/block_network");
	spec->output_count = document_count(d, spec->document, "sandbox/outputs");
	spec->fills_exit_code = declares_exit_code(docker, spec);
	return spec->mode && spec->dockerfile && spec->memory && spec->milli_cpu;
}

static bool fill_task(Docker *docker, Spec *spec)
{
	Documents *d = docker->documents;
	bool is_told = document_get(d, spec->document, "container") != NULL;
	spec->mode = "task";
	spec->memory = DEFAULT_MEMORY;
	spec->milli_cpu = DEFAULT_MILLI_CPU;
	if (!is_told) {
		spec->dockerfile = default_dockerfile;
		return true;
	}
	spec->problem = text_of(docker, spec, "problem");
	spec->memory = (uint64_t)document_get_int(d, spec->document, "container/memory");
	spec->milli_cpu = document_get_int(d, spec->document, "container/milli_cpu");
	return (spec->problem || spec->dockerfile) && spec->memory && spec->milli_cpu;
}

static bool fill(Docker *docker, Spec *spec, const char *extra)
{
	spec->document = document_read(docker->documents, extra, strlen(extra));
	if (!spec->document)
		return false;
	fill_image(docker, spec);
	return spec->is_task ? fill_task(docker, spec) : fill_sandbox(docker, spec);
}

const Spec *spec_read(Docker *docker, const char *name, const char *task_type, const char *extra)
{
	bool is_task = !task_type;
	for (Spec *spec = docker->specs; spec; spec = spec->next)
		if (spec->extra == extra && spec->name == name)
			return spec;
	if (!is_task && (strcmp(task_type, "raw-container") != 0 || !extra))
		return NULL;
	Spec *spec = calloc(1, sizeof *spec);
	if (!spec)
		return NULL;
	spec->extra = extra;
	spec->name = name;
	spec->is_task = is_task;
	if (!fill(docker, spec, extra ? extra : "{}")) {
		document_free(docker->documents, spec->document);
		free(spec);
		return NULL;
	}
	spec->next = docker->specs;
	docker->specs = spec;
	return spec;
}

void spec_free_all(Docker *docker)
{
	while (docker->specs) {
		Spec *spec = docker->specs;
		docker->specs = spec->next;
		document_free(docker->documents, spec->document);
		free(spec);
	}
}
