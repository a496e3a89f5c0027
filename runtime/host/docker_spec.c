/*
 * What the compiler says of a sandbox: the JSON object that goes with its task (gen/sandbox_spec.c makes it).
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "docker.h"

static const char *text_of(Docker *docker, const Spec *spec, const char *path)
{
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

static bool fill(Docker *docker, Spec *spec, const char *name, const char *extra)
{
	Documents *d = docker->documents;
	spec->document = document_read(d, extra, strlen(extra));
	if (!spec->document || !document_get(d, spec->document, "sandbox"))
		return false;
	spec->name = name;
	spec->mode = text_of(docker, spec, "sandbox/mode");
	spec->script = text_of(docker, spec, "sandbox/script");
	spec->image = text_of(docker, spec, "sandbox/image");
	spec->image_name = text_of(docker, spec, "sandbox/image_name");
	spec->dockerfile = text_of(docker, spec, "sandbox/dockerfile");
	spec->source = text_of(docker, spec, "sandbox/source");
	spec->registry = text_of(docker, spec, "sandbox/registry");
	spec->secret = text_of(docker, spec, "sandbox/registry_secret");
	spec->line = (uint32_t)document_get_int(d, spec->document, "sandbox/line");
	spec->memory = (uint64_t)document_get_int(d, spec->document, "sandbox/memory");
	spec->milli_cpu = document_get_int(d, spec->document, "sandbox/milli_cpu");
	spec->block_network = document_get_bool(d, spec->document, "sandbox/block_network");
	spec->output_count = document_count(d, spec->document, "sandbox/outputs");
	spec->fills_exit_code = declares_exit_code(docker, spec);
	return spec->mode && spec->dockerfile && spec->memory && spec->milli_cpu;
}

const Spec *spec_read(Docker *docker, const char *name, const char *extra)
{
	for (Spec *spec = docker->specs; spec; spec = spec->next)
		if (spec->extra == extra)
			return spec;
	Spec *spec = extra ? calloc(1, sizeof *spec) : NULL;
	if (!spec)
		return NULL;
	spec->extra = extra;
	if (!fill(docker, spec, name, extra)) {
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
