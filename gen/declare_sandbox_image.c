/*
 * The image of a sandbox and what its container may use: packages, extra commands, ImageConfig,
 * resources. Names of packages are held to the alphabet of their registries, so that none of them can
 * be an option or a second command.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declare_sandbox.h"

#include <stdlib.h>
#include <string.h>

/* ---- packages ---- */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(((const SandboxText *)a)->text, ((const SandboxText *)b)->text);
}

static void sort_texts(SandboxTexts *texts)
{
	uint32_t kept = 0;
	if (texts->count)
		qsort(texts->items, texts->count, sizeof *texts->items, compare_texts);
	for (uint32_t i = 0; i < texts->count; i++)
		if (!kept || strcmp(texts->items[kept - 1].text, texts->items[i].text))
			texts->items[kept++] = texts->items[i];
	texts->count = kept;
}

static void check_packages(SandboxReading *r, const char *argument, const SandboxTexts *texts,
						   bool (*is_good)(const char *text))
{
	const Node *node = arguments_node(r->arguments, UINT32_MAX, argument);
	for (uint32_t i = 0; i < texts->count; i++)
		if (!is_good(texts->items[i].text))
			diag_add(r->d->diag, D_SANDBOX_PACKAGE, r->env->source, node->start, node->end,
					 texts->items[i].text, argument);
}

/* "RUN make" and "make" are the same; other instructions of a Dockerfile are not for here. */
static void read_commands(SandboxReading *r)
{
	SandboxTexts *commands = &r->sandbox->commands;
	const Node *node = arguments_node(r->arguments, UINT32_MAX, "additional_commands");
	static const char *const others[] = {
		"FROM",    "COPY",  "ADD",        "ARG",         "ENTRYPOINT", "CMD",
		"USER",    "ENV",   "WORKDIR",    "VOLUME",      "LABEL",      "EXPOSE",
		"ONBUILD", "SHELL", "STOPSIGNAL", "HEALTHCHECK", "MAINTAINER"};
	*commands = sandbox_texts(r, "additional_commands");
	for (uint32_t i = 0; i < commands->count; i++) {
		SandboxText *command = &commands->items[i];
		size_t word = strcspn(command->text, " \t");
		bool good = command->length && !strpbrk(command->text, "\r\n") && *command->text != '#';
		for (size_t k = 0; k < sizeof others / sizeof *others; k++)
			good &= strlen(others[k]) != word || strncmp(others[k], command->text, word) != 0;
		if (!good)
			diag_add(r->d->diag, D_SANDBOX_COMMAND, r->env->source, node->start, node->end,
					 arena_copy(r->d->arena, command->text, strcspn(command->text, "\r\n")));
		if (!strncmp(command->text, "RUN ", 4)) {
			command->text += 4;
			command->length -= 4;
		}
	}
}

/* ---- ImageConfig ---- */

static const char *config_str(SandboxReading *r, const Arguments *config, uint32_t position,
							  const char *name)
{
	const Constant *value = arguments_get(config, position, name);
	if (!value || value->sort == SORT_NONE)
		return NULL;
	if (value->sort == SORT_STR && value->length && strlen(value->text) == value->length &&
		!strpbrk(value->text, " \t\r\n"))
		return value->text;
	sandbox_error(
		r, "image_config",
		arena_format(r->d->arena, "an ImageConfig whose %s is a str without blanks", name));
	return NULL;
}

/* A host with a path: what stands before the name of an image. */
static const char *read_registry(SandboxReading *r, const Arguments *config)
{
	const char *text = config_str(r, config, 0, "registry");
	if (!text || (!strchr("._-/:", *text) && strlen(text) <= 150 && !strstr(text, "//") &&
				  strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-/:") == strlen(text)))
		return text;
	sandbox_error(r, "image_config",
				  "an ImageConfig whose registry is such as \"ghcr.io/team\", without https://");
	return NULL;
}

static void read_python_version(SandboxReading *r, const Arguments *config)
{
	const Constant *value = arguments_get(config, 2, "python_version");
	if (!value || value->sort == SORT_NONE)
		return;
	bool good = (value->sort == SORT_TUPLE || value->sort == SORT_LIST) && value->count == 2;
	for (uint32_t i = 0; good && i < 2; i++)
		good = value->items[i]->sort == SORT_INT && value->items[i]->fits;
	if (good && value->items[0]->integer == 3 && value->items[1]->integer >= 8 &&
		value->items[1]->integer < 100) {
		r->sandbox->python_minor = (unsigned)value->items[1]->integer;
		return;
	}
	sandbox_error(r, "image_config",
				  "an ImageConfig whose python_version is a pair from (3, 8), such as (3, 11)");
}

static void read_config(SandboxReading *r)
{
	const Constant *value = sandbox_argument(r, "image_config");
	if (!value)
		return;
	if (!sandbox_is_object(value, "ImageConfig")) {
		sandbox_error(r, "image_config", "a flyte.sandbox.ImageConfig");
		return;
	}
	r->sandbox->registry = read_registry(r, value->object);
	r->sandbox->registry_secret = config_str(r, value->object, 1, "registry_secret");
	read_python_version(r, value->object);
}

static const char *read_image_name(SandboxReading *r, const char *argument)
{
	const char *name = sandbox_str(r, argument);
	if (!name || image_is_reference(name))
		return name;
	sandbox_error(r, argument, "the name of an image");
	return NULL;
}

/* ---- resources ---- */

static void read_resources(SandboxReading *r)
{
	const Constant *value = sandbox_argument(r, "resources");
	const char *expected =
		value ? declare_resources(value, &r->sandbox->milli_cpu, &r->sandbox->memory) : NULL;
	if (expected)
		sandbox_error(r, "resources", expected);
}

void sandbox_read_image(SandboxReading *r)
{
	SandboxDecl *sandbox = r->sandbox;
	sandbox->python_major = 3;
	sandbox->python_minor = 11;
	sandbox->milli_cpu = CONTAINER_MILLI_CPU;
	sandbox->memory = CONTAINER_MEMORY;
	sandbox->packages = sandbox_texts(r, "packages");
	sandbox->system_packages = sandbox_texts(r, "system_packages");
	check_packages(r, "packages", &sandbox->packages, image_is_python_package);
	check_packages(r, "system_packages", &sandbox->system_packages, image_is_debian_package);
	sort_texts(&sandbox->packages);
	sort_texts(&sandbox->system_packages);
	read_commands(r);
	read_config(r);
	sandbox->image_name = read_image_name(r, "image_name");
	sandbox->image = read_image_name(r, "image");
	if (sandbox->image &&
		(sandbox->packages.count || sandbox->system_packages.count || sandbox->commands.count)) {
		const Node *node = arguments_node(r->arguments, UINT32_MAX, "image");
		diag_add(r->d->diag, D_SANDBOX_IMAGE, r->env->source, node->start, node->end);
	}
	read_resources(r);
	sandbox->block_network = sandbox_bool(r, "block_network", false);
}
