/*
 * The image of an environment's tasks, for `--backend docker`: `image=` of flyte.TaskEnvironment is "auto", the name of an
 * image, or a chain of calls that begins with flyte.Image. A chain becomes a Dockerfile, a layer an instruction, in
 * the user's order. As for sandboxes no shell stands between a package and its installer.
 *
 * Where tasks run is told only when a program runs, so nothing here is an error of the file: what cannot be built is a
 * `problem` that goes with the task, and becomes the error of its first call in a container.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>

typedef struct ImageReading {
	Declaring *d;
	Text layers;      /* instructions behind FROM */
	const char *base; /* of from_base and plain names; NULL: Debian's Python */
	const char *name, *registry, *registry_secret;
	int64_t minor; /* of the Python version */
	const char *problem;
} ImageReading;

/* ---- names ---- */

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

bool image_is_reference(const char *text)
{
	static const char *const letters =
		"abcdefghijklmnopqrstuvwxyz0123456789._-/:@ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	return is_alphanumeric(*text) && strspn(text, letters) == strlen(text);
}

/* Debian's own alphabet, with an optional =version. */
bool image_is_debian_package(const char *text)
{
	return is_alphanumeric(*text) && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+.-=:~"
												  "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(text);
}

static bool is_one_line(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return *text != '\0';
}

/* A requirement of pip: a name, then anything printable (extras, versions, markers, "@ https://..."). */
bool image_is_python_package(const char *text)
{
	return is_alphanumeric(*text) && is_one_line(text);
}

/* ---- what is wrong ---- */

static void set_problem(ImageReading *r, const Constant *where, const char *text,
						const char *detail)
{
	if (r->problem) /* the first one is the cause */
		return;
	const char *place = "";
	if (where->source && where->node)
		place = arena_format(r->d->arena, " (line %u)",
							 source_place(where->source, where->node->start).line);
	r->problem = arena_format(r->d->arena, "%s%s%s", text, detail, place);
}

/* A str without NUL; NULL after set_problem. */
static const char *plain_text(ImageReading *r, const Constant *value, const Constant *call)
{
	if (value->sort == SORT_STR && value->length && strlen(value->text) == value->length)
		return value->text;
	if (value->sort == SORT_UNKNOWN)
		set_problem(r, value, "it is not known before the program runs: ", value->text);
	else
		set_problem(r, call, "a str is expected in a call of ", strrchr(call->text, '.') + 1);
	return NULL;
}

/* ---- layers ---- */

static void put_string(Text *out, const char *text)
{
	text_json(out, text, strlen(text));
}

static void put_word(Text *out, const char *word)
{
	text_put(out, ", ");
	put_string(out, word);
}

/* The value of a keyword that holds one str or a list of them, each behind `option`. */
static void put_options(ImageReading *r, const Constant *call, const char *keyword,
						const char *option)
{
	const Constant *value = arguments_get(call->object, UINT32_MAX, keyword);
	if (!value || value->sort == SORT_NONE)
		return;
	bool list = value->sort == SORT_LIST || value->sort == SORT_TUPLE;
	for (uint32_t i = 0; i < (list ? value->count : 1); i++) {
		const char *text = plain_text(r, list ? value->items[i] : value, call);
		if (text) {
			put_word(&r->layers, option);
			put_word(&r->layers, text);
		}
	}
}

/* The words of a call's positional arguments, which may be lists of them. */
static void put_packages(ImageReading *r, const Constant *call, bool (*is_good)(const char *text))
{
	const Arguments *arguments = call->object;
	for (uint32_t i = 0; i < arguments->positional_count; i++) {
		const Constant *value = arguments->positional[i];
		bool list = value->sort == SORT_LIST || value->sort == SORT_TUPLE;
		for (uint32_t k = 0; k < (list ? value->count : 1); k++) {
			const char *text = plain_text(r, list ? value->items[k] : value, call);
			if (text && !is_good(text))
				set_problem(r, call, "this is not the name of a package: ", text);
			else if (text)
				put_word(&r->layers, text);
		}
	}
}

static void add_pip(ImageReading *r, const Constant *call)
{
	const Constant *pre = arguments_get(call->object, UINT32_MAX, "pre");
	text_put(&r->layers, "RUN [\"python3\", \"-m\", \"pip\", \"install\", \"--no-cache-dir\"");
	if (pre && constant_truth(pre) > 0)
		put_word(&r->layers, "--pre");
	put_options(r, call, "index_url", "--index-url");
	put_options(r, call, "extra_index_urls", "--extra-index-url");
	put_word(&r->layers, "--");
	put_packages(r, call, image_is_python_package);
	text_put(&r->layers, "]\n");
}

static void add_apt(ImageReading *r, const Constant *call)
{
	text_put(&r->layers, "RUN [\"apt-get\", \"update\"]\nRUN [\"apt-get\", \"install\", \"--yes\", "
						 "\"--no-install-recommends\", \"--\"");
	put_packages(r, call, image_is_debian_package);
	text_put(&r->layers, "]\n");
}

/* Commands are shell commands. */
static void add_commands(ImageReading *r, const Constant *call)
{
	const Constant *commands = arguments_get(call->object, 0, "commands");
	if (!commands || (commands->sort != SORT_LIST && commands->sort != SORT_TUPLE)) {
		set_problem(r, call, "with_commands() takes a list of str", "");
		return;
	}
	for (uint32_t i = 0; i < commands->count; i++) {
		const char *text = plain_text(r, commands->items[i], call);
		if (text && (!is_one_line(text) || *text == '#'))
			set_problem(r, call, "a command of with_commands() is one line: ", text);
		else if (text)
			text_format(&r->layers, "RUN [\"/bin/sh\", \"-c\""), put_word(&r->layers, text),
				text_put(&r->layers, "]\n");
	}
}

/* ENV NAME="value": a Dockerfile reads \ " and $ in it. */
static void add_env_vars(ImageReading *r, const Constant *call)
{
	const Constant *variables = arguments_get(call->object, 0, "env_vars");
	if (!variables || variables->sort != SORT_DICT) {
		set_problem(r, call, "with_env_vars() takes a dict", "");
		return;
	}
	for (uint32_t i = 0; i < variables->count; i++) {
		const char *name = plain_text(r, variables->items[i], call);
		const Constant *value = variables->values[i];
		bool good = name && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
										 "0123456789") == strlen(name);
		if (!good || value->sort != SORT_STR || strlen(value->text) != value->length ||
			(value->length && !is_one_line(value->text))) {
			set_problem(r, call, "with_env_vars() takes names and one-line texts", "");
			return;
		}
		text_format(&r->layers, "ENV %s=\"", name);
		for (const char *p = value->text; *p; p++)
			text_format(&r->layers, strchr("\\\"$", *p) ? "\\%c" : "%c", *p);
		text_put(&r->layers, "\"\n");
	}
}

/* ---- the beginning of a chain ---- */

/* What says only where an image is kept. */
static void read_place(ImageReading *r, const Constant *call)
{
	const struct {
		const char *name, **to;
	} fields[] = {
		{"name", &r->name}, {"registry", &r->registry}, {"registry_secret", &r->registry_secret}};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const Constant *value = arguments_get(call->object, UINT32_MAX, fields[i].name);
		if (!value || value->sort == SORT_NONE)
			continue;
		const char *text = plain_text(r, value, call);
		if (text && i < 2 && !image_is_reference(text))
			set_problem(r, call, "this is not the name of an image: ", text);
		*fields[i].to = text;
	}
}

static void begin_debian(ImageReading *r, const Constant *call)
{
	const Constant *version = arguments_get(call->object, 0, "python_version");
	read_place(r, call);
	if (!version || version->sort == SORT_NONE)
		return;
	bool good = (version->sort == SORT_TUPLE || version->sort == SORT_LIST) && version->count == 2;
	for (uint32_t i = 0; good && i < 2; i++)
		good = version->items[i]->sort == SORT_INT && version->items[i]->fits;
	if (good && version->items[0]->integer == 3 && version->items[1]->integer >= 8 &&
		version->items[1]->integer < 100)
		r->minor = version->items[1]->integer;
	else
		set_problem(r, call, "python_version is a pair from (3, 8), such as (3, 11)", "");
}

static void begin_base(ImageReading *r, const Constant *value, const Constant *place)
{
	bool is_text = value && value->sort == SORT_STR && strlen(value->text) == value->length;
	if (value && value->sort == SORT_UNKNOWN)
		set_problem(r, value, "it is not known before the program runs: ", value->text);
	else if (!is_text || !image_is_reference(value->text))
		set_problem(r, place, "this is not the name of an image: ",
					is_text ? arena_format(r->d->arena, "'%s'", value->text) : "no str");
	else
		r->base = value->text;
}

/* A keyword that would change the image in a way that is not known here. */
static bool has_other_keyword(ImageReading *r, const Constant *call, const char *known)
{
	const Arguments *arguments = call->object;
	for (uint32_t i = 0; i < arguments->keyword_count; i++) {
		const char *word = arena_format(r->d->arena, " %s ", arguments->names[i]->text);
		if (strstr(known, word))
			continue;
		set_problem(r, call, "sbxc cannot build an image with ",
					arena_format(r->d->arena, "%s(%s=)", strrchr(call->text, '.') + 1,
								 arguments->names[i]->text));
		return true;
	}
	return false;
}

static void begin_image(ImageReading *r, const Constant *call)
{
	begin_base(r, arguments_get(call->object, 0, "image_uri"), call);
}

/* One call of the chain. */
static void read_call(ImageReading *r, const Constant *call)
{
	static const struct {
		const char *name;
		void (*add)(ImageReading *r, const Constant *call);
		const char *keywords;
	} layers[] = {{"with_pip_packages", add_pip, " index_url extra_index_urls pre "},
				  {"with_apt_packages", add_apt, ""},
				  {"with_commands", add_commands, " commands "},
				  {"with_env_vars", add_env_vars, " env_vars "},
				  {"from_base", begin_image, " image_uri "},
				  {"from_debian_base", begin_debian,
				   " python_version flyte_version install_flyte platform registry registry_secret "
				   "name "},
				  {"clone", read_place, " registry registry_secret name "}};
	const char *name = strrchr(call->text, '.') + 1;
	const Arguments *arguments = call->object;
	if (arguments->unknown) {
		set_problem(r, arguments->unknown,
					"it is not known before the program runs: ", arguments->unknown->text);
		return;
	}
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
		if (!strcmp(layers[i].name, name)) {
			if (!has_other_keyword(r, call, layers[i].keywords))
				layers[i].add(r, call);
			return;
		}
	set_problem(r, call,
				"sbxc builds images of from_debian_base, from_base, with_pip_packages, "
				"with_apt_packages, with_commands and with_env_vars, not of ",
				name);
}

static void read_chain(ImageReading *r, const Constant *call)
{
	if (call->of)
		read_chain(r, call->of);
	read_call(r, call);
}

static void read_image(ImageReading *r, const Constant *image)
{
	if (image->sort == SORT_OBJECT && image->object && strstr(image->text, ".Image."))
		read_chain(r, image);
	else if (image->sort == SORT_STR && strcmp(image->text, "auto") != 0)
		begin_base(r, image, image);
	else if (image->sort == SORT_UNKNOWN)
		set_problem(r, image, "it is not known before the program runs: ", image->text);
	else if (image->sort != SORT_STR)
		set_problem(r, image, "image= is \"auto\", the name of an image, or a flyte.Image", "");
}

/* ---- the whole ---- */

static void put_member(Text *out, const char *name, const char *text)
{
	if (text) {
		text_format(out, ", \"%s\": ", name);
		put_string(out, text);
	}
}

static void put_dockerfile(Text *out, ImageReading *r)
{
	Text file;
	text_init(&file, r->d->arena);
	if (r->base)
		text_format(&file, "ARG BASE=%s\n", r->base);
	else
		text_format(&file, "ARG BASE=python:3.%lld-slim-bookworm\n", (long long)r->minor);
	text_put(&file, "FROM ${BASE}\n");
	text_add(&file, r->layers.bytes ? r->layers.bytes : "", r->layers.length);
	text_put(&file, "COPY var /var\n");
	put_member(out, "dockerfile", file.bytes);
}

const char *declare_container(Declaring *d, const Constant *image, const Constant *resources)
{
	ImageReading r = {.d = d, .minor = 11};
	uint32_t milli_cpu = CONTAINER_MILLI_CPU;
	uint64_t memory = CONTAINER_MEMORY;
	Text out;
	if (image && image->sort == SORT_NONE)
		image = NULL;
	if (resources && resources->sort == SORT_NONE)
		resources = NULL;
	if (!image && !resources)
		return NULL;
	text_init(&r.layers, d->arena);
	text_init(&out, d->arena);
	if (image)
		read_image(&r, image);
	const char *expected = resources ? declare_resources(resources, &milli_cpu, &memory) : NULL;
	if (expected)
		set_problem(&r, resources, "resources= must be ", expected);
	text_format(&out, "{\"milli_cpu\": %u, \"memory\": %llu", milli_cpu,
				(unsigned long long)memory);
	if (r.problem)
		put_member(&out, "problem", r.problem);
	else
		put_dockerfile(&out, &r);
	put_member(&out, "image", r.base);
	put_member(&out, "image_name", r.name);
	put_member(&out, "registry", r.registry);
	put_member(&out, "registry_secret", r.registry_secret);
	text_char(&out, '}');
	return out.bytes;
}

/* In Flyte a traced function is a part of the orchestrator that calls it: it has the same image. */
void declare_trace_containers(Declaring *d)
{
	for (uint32_t i = 0; i < d->task_count; i++) {
		TaskDecl *task = d->tasks[i];
		if (!task->is_trace || task->extra)
			continue;
		for (uint32_t k = 0; k < d->entry_count; k++) {
			const EntryRecord *record = d->entries[k];
			if (record->env->source != task->source || !record->environment)
				continue;
			const char *container =
				declare_container(d, record->environment->image, record->environment->resources);
			if (container)
				task->extra = arena_format(d->arena, "{\"container\": %s}", container);
			break;
		}
	}
}
