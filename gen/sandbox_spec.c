/*
 * What the runtime gets to know of a sandbox, as a JSON object that goes with its task: the script or the
 * command, the outputs, the Dockerfile of its image, and its limits. It extends what any task has there
 * (env_vars, secrets, cache ...).
 *
 * The Dockerfile has no shell between a package's name and its installer: RUN stands in its JSON form. Only
 * additional_commands, which are shell commands, meet one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "sandbox.h"
#include "sbx.h"
#include "templates.h"

/* ---- pieces of JSON ---- */

static void put_string(Text *out, const char *text)
{
	if (text)
		text_json(out, text, strlen(text));
	else
		text_put(out, "null");
}

static void put_strings(Text *out, const SandboxTexts *texts)
{
	text_char(out, '[');
	for (uint32_t i = 0; i < texts->count; i++) {
		text_put(out, i ? ", " : "");
		put_string(out, texts->items[i].text);
	}
	text_char(out, ']');
}

static void put_member(Text *out, const char *name, const char *value)
{
	text_format(out, ", \"%s\": ", name);
	put_string(out, value);
}

/* ---- the Dockerfile ---- */

/* RUN ["apt-get", "install", ...] */
static void put_run(Text *out, const char *words, const SandboxTexts *more)
{
	text_format(out, "RUN [%s", words);
	for (uint32_t i = 0; i < more->count; i++) {
		text_put(out, ", ");
		put_string(out, more->items[i].text);
	}
	text_put(out, "]\n");
}

/* What pip needs to build a package that has no wheel, unless the user chose a compiler. */
static SandboxTexts system_packages(const SandboxDecl *sandbox, SandboxText room[3])
{
	static const char *const compilers[] = {"g++", "gcc", "make"};
	SandboxTexts texts = {room, 0};
	for (uint32_t i = 0; i < sandbox->system_packages.count; i++)
		if (!strncmp(sandbox->system_packages.items[i].text, "gcc", 3))
			return texts;
	for (uint32_t i = 0; sandbox->packages.count && i < 3; i++)
		room[texts.count++] = (SandboxText){compilers[i], (uint32_t)strlen(compilers[i])};
	return texts;
}

void sandbox_dockerfile(Text *out, const SandboxDecl *sandbox)
{
	static const char *const install =
		"\"apt-get\", \"install\", \"--yes\", \"--no-install-recommends\", \"--\"";
	SandboxText room[3];
	SandboxTexts compilers = system_packages(sandbox, room);
	if (sandbox->image)
		text_format(out, "ARG BASE=%s\n", sandbox->image);
	else
		text_format(out, "ARG BASE=python:%u.%u-slim-bookworm\n", sandbox->python_major,
					sandbox->python_minor);
	text_put(out, "FROM ${BASE}\n");
	if (compilers.count || sandbox->system_packages.count)
		text_put(out, "RUN [\"apt-get\", \"update\"]\n");
	if (compilers.count)
		put_run(out, install, &compilers);
	if (sandbox->system_packages.count)
		put_run(out, install, &sandbox->system_packages);
	if (sandbox->packages.count)
		put_run(out, "\"python3\", \"-m\", \"pip\", \"install\", \"--no-cache-dir\", \"--\"",
				&sandbox->packages);
	for (uint32_t i = 0; i < sandbox->commands.count; i++)
		text_format(out, "RUN %s\n", sandbox->commands.items[i].text);
	text_put(out, "COPY var /var\n");
}

/* ---- the whole ---- */

static void put_inputs(Text *out, const TaskDecl *task)
{
	text_put(out, ", \"inputs\": [");
	for (uint32_t i = 0; i < task->param_count; i++) {
		text_put(out, i ? ", {\"name\": " : "{\"name\": ");
		put_string(out, task->params[i].name->text);
		text_put(out, ", \"type\": \"");
		type_print(out, task->params[i].type);
		text_put(out, "\"}");
	}
	text_format(out, "], \"retries\": %u, \"timeout_ms\": %u", task->retries, task->timeout_ms);
	if (task->cache && task->cache->version) /* the user's own */
		put_member(out, "cache_version", task->cache->version);
}

static void put_outputs(Text *out, const SandboxDecl *sandbox)
{
	text_put(out, ", \"outputs\": [");
	for (uint32_t i = 0; i < sandbox->output_count; i++) {
		text_put(out, i ? ", {\"name\": " : "{\"name\": ");
		put_string(out, sandbox->outputs[i].name);
		text_put(out, ", \"type\": \"");
		type_print(out, sandbox->outputs[i].type);
		text_put(out, "\"}");
	}
	text_char(out, ']');
}

static void put_script(Text *out, const SandboxDecl *sandbox, Arena *arena)
{
	uint32_t line;
	Text script;
	text_init(&script, arena);
	script_emit(&script, sandbox);
	text_put(out, ", \"script\": ");
	text_json(out, script.bytes, script.length);
	if (sandbox->mode == SANDBOX_VERBATIM) {
		put_member(out, "source", script_place(sandbox, &line));
		text_format(out, ", \"line\": %u", line);
	}
}

/* Not the script: the lines of the user's file stand in it. */
const char *sandbox_version(Arena *arena, const SandboxDecl *sandbox)
{
	const CacheDecl *cache = sandbox->task->cache;
	Text text;
	sbx_sha256 hash;
	unsigned char digest[32];
	char digits[65];
	text_init(&text, arena);
	text_format(&text, "sandbox 1, sbxc %s, mode %d, network %d", sbx_version(), (int)sandbox->mode,
				sandbox->block_network);
	if (sandbox->mode == SANDBOX_COMMAND)
		put_strings(&text, &sandbox->command);
	else if (sandbox->code)
		text_json(&text, sandbox->code->source->text, sandbox->code->source->length);
	put_outputs(&text, sandbox);
	put_member(&text, "image", sandbox->image);
	sandbox_dockerfile(&text, sandbox);
	put_member(&text, "salt", cache->salt);
	put_member(&text, "environment", cache->environment);
	sbx_sha256_begin(&hash);
	sbx_sha256_add(&hash, text.bytes, text.length);
	sbx_sha256_end(&hash, digest);
	sbx_sha256_text(digest, digits);
	return arena_copy(arena, digits, 64);
}

const char *sandbox_spec(Arena *arena, const SandboxDecl *sandbox)
{
	static const char *const modes[] = {"auto", "verbatim", "command"};
	Text out, dockerfile;
	text_init(&out, arena);
	text_init(&dockerfile, arena);
	sandbox_dockerfile(&dockerfile, sandbox);
	if (sandbox->task->extra) { /* without its closing brace */
		text_add(&out, sandbox->task->extra, strlen(sandbox->task->extra) - 1);
		text_put(&out, ", ");
	} else {
		text_char(&out, '{');
	}
	text_format(&out, "\"sandbox\": {\"mode\": \"%s\"", modes[sandbox->mode]);
	if (sandbox->mode == SANDBOX_COMMAND) {
		text_put(&out, ", \"command\": ");
		put_strings(&out, &sandbox->command);
	} else {
		put_script(&out, sandbox, arena);
	}
	put_inputs(&out, sandbox->task);
	put_outputs(&out, sandbox);
	put_member(&out, "image", sandbox->image);
	put_member(&out, "image_name", sandbox->image_name);
	put_member(&out, "registry", sandbox->registry);
	put_member(&out, "registry_secret", sandbox->registry_secret);
	put_member(&out, "dockerfile", dockerfile.bytes);
	text_put(&out, ", \"packages\": ");
	put_strings(&out, &sandbox->packages);
	text_put(&out, ", \"system_packages\": ");
	put_strings(&out, &sandbox->system_packages);
	text_format(&out, ", \"milli_cpu\": %u, \"memory\": %llu, \"block_network\": %s}}",
				sandbox->milli_cpu, (unsigned long long)sandbox->memory,
				sandbox->block_network ? "true" : "false");
	return out.bytes;
}
