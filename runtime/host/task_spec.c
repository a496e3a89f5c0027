/*
 * A sandbox as a task of a Flyte backend: the JSON form of its TaskSpec message, with the script in the arguments of its
 * container, so that a run needs the user's inputs only; and the NetworkPolicy of one whose network is blocked. What is in
 * the documents, and why, is in docs/container-tasks.md.
 *
 * An argument is a template for the backend: what looks like {{.input}} in it is filled in. So the script is cut into pieces
 * of which none has two braces, and templates/task_loader.py puts them together; a piece is also no longer than a word of a
 * command may be. Values are no arguments at all: the script reads the files that the backend lays down.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docker.h"
#include "sbx-host.h"
#include "sha256.h"
#include "worker_text.h"

#define LABEL "sbxc-sandbox"
enum { VERSION_DIGITS = 32, NAME_LENGTH = 63, DEEPEST_TYPE = 16 };

/* What is made of one sandbox. */
typedef struct TaskSpec {
	Docker docker; /* documents and the base image, nothing else */
	Documents *d;
	const Spec *spec;
	const sbx_task_options *options;
	const char *name;
	Document *container, *template;
	char label[NAME_LENGTH + 1]; /* of its pods */
	bool writes_exit_code;       /* the container does, not the script */
	bool tells_exit_code;        /* an exit code that is not 0 is a result */
} TaskSpec;

/* ---- names ---- */

/* A label of Kubernetes: as the name is, if it may be one. In lower case it is a name of Kubernetes too. */
static void make_label(TaskSpec *t)
{
	char digits[65], *p = t->label;
	size_t length = strlen(t->name);
	bool good = length && length <= NAME_LENGTH && isalnum((unsigned char)t->name[0]) &&
				isalnum((unsigned char)t->name[length - 1]);
	if (good) {
		snprintf(t->label, sizeof t->label, "%.63s", t->name);
		return;
	}
	sha256_text(t->name, length, digits);
	snprintf(p, sizeof t->label, "sandbox-%.16s", digits);
}

/* ---- the interface ---- */

typedef struct Variable {
	const char *name, *type;
} Variable;

static int compare_variables(const void *a, const void *b)
{
	return strcmp(((const Variable *)a)->name, ((const Variable *)b)->name);
}

/* Sorted: the backend's hash of an interface goes by their order. NULL: no memory. */
static Variable *read_variables(TaskSpec *t, const char *path, size_t *count)
{
	*count = document_count(t->d, t->spec->document, path);
	Variable *variables = calloc(*count + 1, sizeof *variables);
	for (size_t i = 0; variables && i < *count; i++) {
		const Document *item = document_item(t->d, t->spec->document, path, i);
		const char *name = document_get_text(t->d, item, "name");
		const char *type = document_get_text(t->d, item, "type");
		variables[i] = (Variable){name ? name : "", type ? type : ""};
	}
	if (variables && *count)
		qsort(variables, *count, sizeof *variables, compare_variables);
	return variables;
}

/* A LiteralType from "int", "list[str]", "dict[str, float]". */
static Document *make_type(TaskSpec *t, const char *text, size_t length, int depth)
{
	static const struct {
		const char *name, *simple;
	} simple[] = {{"int", "INTEGER"},  {"float", "FLOAT"},       {"str", "STRING"},
				  {"bool", "BOOLEAN"}, {"datetime", "DATETIME"}, {"timedelta", "DURATION"}};
	Document *type = document_make(t->d);
	for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
		if (strlen(simple[i].name) == length && !memcmp(simple[i].name, text, length))
			document_set_text(t->d, type, "simple", simple[i].simple);
	if (length == 4 && !memcmp(text, "File", 4))
		document_set_text(t->d, type, "blob/dimensionality", "SINGLE");
	else if (length == 3 && !memcmp(text, "Dir", 3))
		document_set_text(t->d, type, "blob/dimensionality", "MULTIPART");
	else if (length > 6 && !memcmp(text, "list[", 5) && depth < DEEPEST_TYPE)
		document_set(t->d, type, "collectionType", make_type(t, text + 5, length - 6, depth + 1));
	else if (length > 11 && !memcmp(text, "dict[str, ", 10) && depth < DEEPEST_TYPE)
		document_set(t->d, type, "mapValueType", make_type(t, text + 10, length - 11, depth + 1));
	return type;
}

static void add_variable(TaskSpec *t, const char *path, const char *name, const char *type)
{
	Document *variable = document_make(t->d);
	document_set_text(t->d, variable, "key", name);
	document_set(t->d, variable, "value/type", make_type(t, type, strlen(type), 0));
	document_append(t->d, t->template, path, variable);
}

/* A container without outputs fails on a backend, which then waits for what nobody uploads: its exit code is one. */
static bool add_interface(TaskSpec *t)
{
	static const char *const paths[] = {"sandbox/inputs", "sandbox/outputs"};
	static const char *const to[] = {"interface/inputs/variables", "interface/outputs/variables"};
	for (size_t i = 0; i < 2; i++) {
		size_t count;
		Variable *variables = read_variables(t, paths[i], &count);
		if (!variables)
			return false;
		for (size_t k = 0; k < count; k++)
			add_variable(t, to[i], variables[k].name, variables[k].type);
		if (i == 1 && !count)
			add_variable(t, to[i], "exit_code", "int");
		free(variables);
	}
	t->tells_exit_code = t->spec->fills_exit_code;
	t->writes_exit_code = t->spec->fills_exit_code || !t->spec->output_count;
	return true;
}

/* ---- the command ---- */

static void add_argument(TaskSpec *t, const char *text, size_t length)
{
	char *copy = strndup(text, length);
	document_append_text(t->d, t->container, "args", copy ? copy : "\xff"); /* unprintable */
	free(copy);
}

/* The script in pieces. */
static void add_script(TaskSpec *t, const char *script)
{
	char number[24];
	size_t count = 0;
	for (int turn = 0; turn < 2; turn++) { /* counts, then adds */
		if (turn) {
			snprintf(number, sizeof number, "%zu", count);
			add_argument(t, number, strlen(number));
		}
		for (const char *start = script, *p = script; *start; start = p) {
			while (*p && (p == start || (!(p[-1] == '{' && *p == '{') &&
										 (p - start < MOST_WORD - 4 || (*p & 0xC0) == 0x80))))
				p++;
			if (turn)
				add_argument(t, start, (size_t)(p - start));
			else
				count++;
		}
	}
}

/* A verbatim script gets its inputs as --NAME VALUE; the loader reads them from their files. */
static void add_names(TaskSpec *t)
{
	for (size_t i = 0; i < document_count(t->d, t->spec->document, "sandbox/inputs"); i++) {
		const Document *input = document_item(t->d, t->spec->document, "sandbox/inputs", i);
		const char *type = document_get_text(t->d, input, "type");
		const char *name = document_get_text(t->d, input, "name");
		char word[512];
		bool path = type && (!strcmp(type, "File") || !strcmp(type, "Dir"));
		int length = snprintf(word, sizeof word, "%s%.500s", path ? "@" : "", name ? name : "");
		add_argument(t, word, (size_t)length);
	}
}

static void add_word(TaskSpec *t, const char *word)
{
	document_append_text(t->d, t->container, "command", word);
}

/* The user's words as they are; where the exit code is an output, behind a shell that sees them as words only. */
static void add_command(TaskSpec *t)
{
	if (t->writes_exit_code) {
		add_word(t, "/bin/sh");
		add_word(t, "-c");
		add_word(t, t->tells_exit_code ? "\"$@\"\necho $? >/var/outputs/exit_code"
									   : "\"$@\"\ncode=$?\necho $code >/var/outputs/exit_code\n"
										 "exit $code");
		add_word(t, "sh");
	}
	for (size_t i = 0; i < document_count(t->d, t->spec->document, "sandbox/command"); i++) {
		const Document *word = document_item(t->d, t->spec->document, "sandbox/command", i);
		const char *text = document_get_text(t->d, word, NULL);
		add_word(t, text ? text : "");
	}
}

static void add_code(TaskSpec *t)
{
	char *loader = strndup((const char *)sbx__loader_text, sbx__loader_text_length);
	const char *exit_to = t->tells_exit_code ? "result" : t->writes_exit_code ? "told" : "";
	add_word(t, "python3");
	add_word(t, "-c");
	add_word(t, loader ? loader : "\xff");
	free(loader);
	add_argument(t, exit_to, strlen(exit_to));
	add_script(t, t->spec->script);
	if (strcmp(t->spec->mode, "verbatim") == 0)
		add_names(t);
}

/* ---- the container ---- */

static void add_env(TaskSpec *t, const char *key, const char *value)
{
	Document *pair = document_make(t->d);
	document_set_text(t->d, pair, "key", key);
	document_set_text(t->d, pair, "value", value);
	document_append(t->d, t->container, "env", pair);
}

/* As the container of a local engine has it; SBX_RFC3339 is what a backend wants of datetimes. */
static void add_environment(TaskSpec *t)
{
	static const char *const fixed[][2] = {{"HOME", "/tmp"},
										   {"PYTHONUNBUFFERED", "1"},
										   {"PYTHONDONTWRITEBYTECODE", "1"},
										   {"LANG", "C.UTF-8"},
										   {"SBX_RFC3339", "1"}};
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		add_env(t, fixed[i][0], fixed[i][1]);
	for (size_t i = 0; i < document_count(t->d, t->spec->document, "env_vars"); i++) {
		const Document *value = document_item(t->d, t->spec->document, "env_vars", i);
		const char *text = document_get_text(t->d, value, NULL);
		if (text)
			add_env(t, document_key(t->d, t->spec->document, "env_vars", i), text);
	}
}

static void add_resources(TaskSpec *t, const char *path)
{
	Document *cpu = document_make(t->d), *memory = document_make(t->d);
	char text[32];
	int64_t milli = t->spec->milli_cpu;
	uint64_t bytes = t->spec->memory, mebi = bytes >> 20;
	snprintf(text, sizeof text, milli % 1000 ? "%lldm" : "%lld",
			 (long long)(milli % 1000 ? milli : milli / 1000));
	document_set_text(t->d, cpu, "name", "CPU");
	document_set_text(t->d, cpu, "value", text);
	snprintf(text, sizeof text, mebi << 20 == bytes ? "%lluMi" : "%llu",
			 (unsigned long long)(mebi << 20 == bytes ? mebi : bytes));
	document_set_text(t->d, memory, "name", "MEMORY");
	document_set_text(t->d, memory, "value", text);
	document_append(t->d, t->container, path, cpu);
	document_append(t->d, t->container, path, memory);
}

/* An image that is given is used as it is: the backend makes the folders. */
static bool add_image(TaskSpec *t)
{
	char tag[256];
	Spec spec = *t->spec;
	if (spec.image) {
		document_set_text(t->d, t->container, "image", spec.image);
		return true;
	}
	if (!spec.registry)
		spec.registry = t->options->image_prefix;
	image_name(&t->docker, &spec, tag);
	document_set_text(t->d, t->container, "image", tag);
	return *tag != '\0';
}

/* In two parts: the first is what its results depend on. */
static bool make_container(TaskSpec *t, char digits[65])
{
	if (!add_image(t))
		return false;
	if (t->spec->script)
		add_code(t);
	else
		add_command(t);
	add_environment(t);
	document_set_bool(t->d, t->container, "dataConfig/enabled", true);
	document_set_text(t->d, t->container, "dataConfig/inputPath", "/var/inputs");
	document_set_text(t->d, t->container, "dataConfig/outputPath", "/var/outputs");
	document_set_text(t->d, t->container, "dataConfig/format", "JSON");
	char *text = document_text(t->d, t->container);
	if (text)
		sha256_text(text, strlen(text), digits);
	free(text);
	add_resources(t, "resources/requests");
	add_resources(t, "resources/limits");
	return text != NULL;
}

/* ---- metadata ---- */

static void add_cache(TaskSpec *t, const char *digits)
{
	const Document *extra = t->spec->document, *cache = document_get(t->d, extra, "cache");
	const char *behavior = document_get_text(t->d, extra, "cache");
	const char *version = document_get_text(t->d, extra, "sandbox/cache_version");
	if (!behavior)
		behavior = document_get_text(t->d, cache, "behavior");
	if (!behavior || strcmp(behavior, "disable") != 0)
		document_set_bool(t->d, t->template, "metadata/discoverable", true);
	document_set_text(t->d, t->template, "metadata/discoveryVersion", version ? version : digits);
	for (size_t i = 0; i < document_count(t->d, cache, "ignored_inputs"); i++) {
		const char *name =
			document_get_text(t->d, document_item(t->d, cache, "ignored_inputs", i), NULL);
		if (name)
			document_append_text(t->d, t->template, "metadata/cacheIgnoreInputVars", name);
	}
}

static void add_metadata(TaskSpec *t, const char *digits)
{
	char text[48];
	int64_t timeout = document_get_int(t->d, t->spec->document, "sandbox/timeout_ms");
	document_set_text(t->d, t->template, "metadata/runtime/version", sbx_version());
	document_set_text(t->d, t->template, "metadata/runtime/flavor", "sbxc");
	document_set_int(t->d, t->template, "metadata/retries/retries",
					 document_get_int(t->d, t->spec->document, "sandbox/retries"));
	if (timeout) {
		snprintf(text, sizeof text, "%lld.%03llds", (long long)timeout / 1000,
				 (long long)timeout % 1000);
		document_set_text(t->d, t->template, "metadata/timeout", text);
	}
	add_cache(t, digits);
	if (t->spec->block_network)
		document_set_key(t->d, t->template, "metadata/metadata/labels", LABEL, t->label);
}

static void add_secret(TaskSpec *t, const Document *secret, const char *plain)
{
	const char *key = plain ? plain : document_get_text(t->d, secret, "key");
	const char *group = plain ? NULL : document_get_text(t->d, secret, "group");
	const char *as = plain ? NULL : document_get_text(t->d, secret, "as_env_var");
	char *standard = key && !as ? secret_variable(group, key) : NULL;
	Document *made = document_make(t->d);
	if (group)
		document_set_text(t->d, made, "group", group);
	document_set_text(t->d, made, "key", key ? key : "");
	document_set_text(t->d, made, "mountRequirement", "ENV_VAR");
	document_set_text(t->d, made, "envVar", as ? as : standard ? standard : "");
	document_append(t->d, t->template, "securityContext/secrets", made);
	free(standard);
}

static void add_secrets(TaskSpec *t)
{
	const Document *extra = t->spec->document;
	const char *one = document_get_text(t->d, extra, "secrets");
	if (one)
		add_secret(t, NULL, one);
	else if (document_get_text(t->d, extra, "secrets/key"))
		add_secret(t, document_get(t->d, extra, "secrets"), NULL);
	else
		for (size_t i = 0; i < document_count(t->d, extra, "secrets"); i++) {
			const Document *secret = document_item(t->d, extra, "secrets", i);
			add_secret(t, secret, document_get_text(t->d, secret, NULL));
		}
}

/* ---- the whole ---- */

static void set_if(TaskSpec *t, Document *document, const char *path, const char *text)
{
	if (text && *text)
		document_set_text(t->d, document, path, text);
}

/* The version is a hash of all that the document says of the task. */
static Document *make_spec(TaskSpec *t)
{
	char digits[65] = "", version[VERSION_DIGITS + 1];
	Document *spec = document_make(t->d);
	document_set_text(t->d, t->template, "id/resourceType", "TASK");
	set_if(t, t->template, "id/org", t->options->org);
	set_if(t, t->template, "id/project", t->options->project);
	set_if(t, t->template, "id/domain", t->options->domain);
	document_set_text(t->d, t->template, "id/name", t->name);
	document_set_text(t->d, t->template, "id/version", "");
	document_set_text(t->d, t->template, "type", "raw-container");
	if (!spec || !add_interface(t) || !make_container(t, digits)) {
		document_free(t->d, spec);
		return NULL;
	}
	add_metadata(t, digits);
	document_set(t->d, t->template, "container", t->container);
	t->container = NULL;
	add_secrets(t);
	char *text = document_text(t->d, t->template);
	if (text)
		sha256_text(text, strlen(text), digits);
	free(text);
	snprintf(version, sizeof version, "%.*s", VERSION_DIGITS, digits);
	document_set_text(t->d, t->template, "id/version", version);
	document_set(t->d, spec, "taskTemplate", t->template);
	t->template = NULL;
	char name[NAME_LENGTH + 1];
	snprintf(name, sizeof name, "%.63s", t->name);
	document_set_text(t->d, spec, "shortName", name);
	document_set_text(t->d, spec, "environment/name", name);
	set_if(t, spec, "documentation/sourceCode/link", t->options->source_link);
	return spec;
}

/* Nothing comes in and nothing goes out, but to the addresses that the options name. */
static Document *make_policy(TaskSpec *t)
{
	Document *policy = document_make(t->d);
	char name[NAME_LENGTH + 16], digits[65];
	sha256_text(t->label, strlen(t->label), digits); /* names have one case, labels two */
	int length = snprintf(name, sizeof name, "sbxc-%.40s-%.8s", t->label, digits);
	for (int i = 0; i < length; i++)
		name[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
	document_set_text(t->d, policy, "apiVersion", "networking.k8s.io/v1");
	document_set_text(t->d, policy, "kind", "NetworkPolicy");
	document_set_text(t->d, policy, "metadata/name", name);
	document_set_key(t->d, policy, "spec/podSelector/matchLabels", LABEL, t->label);
	document_append_text(t->d, policy, "spec/policyTypes", "Ingress");
	document_append_text(t->d, policy, "spec/policyTypes", "Egress");
	for (const char *p = t->options->egress; p && *p;) {
		size_t part = strcspn(p, ",");
		char *cidr = strndup(p, part);
		Document *rule = document_make(t->d), *block = document_make(t->d);
		document_set_text(t->d, block, "ipBlock/cidr", cidr ? cidr : "\xff");
		document_append(t->d, rule, "to", block);
		document_append(t->d, policy, "spec/egress", rule);
		free(cidr);
		p += part + (p[part] == ',');
	}
	return policy;
}

static bool print(TaskSpec *t, Document *taken, char **text)
{
	*text = document_pretty(t->d, taken);
	document_free(t->d, taken);
	return *text != NULL;
}

sbx_status sbx_task_documents(const char *name, const char *spec, const sbx_task_options *options,
							  char **task_spec, char **network_policy)
{
	static const sbx_task_options none = {.size = sizeof none};
	TaskSpec t = {.name = name, .options = options ? options : &none};
	sbx_status status = SBX_E_NO_MEMORY;
	*task_spec = *network_policy = NULL;
	if (!name || !spec || t.options->size < sizeof *t.options)
		return SBX_E_ARGUMENT;
	const char *base = t.options->base_image ? t.options->base_image : getenv("SBX_BASE_IMAGE");
	t.d = t.docker.documents = documents_open();
	if (!t.d)
		return SBX_E_UNAVAILABLE;
	t.docker.base_image = base && *base ? strdup(base) : NULL;
	t.spec = spec_read(&t.docker, name, "raw-container", spec);
	t.container = document_make(t.d);
	t.template = document_make(t.d);
	if (!t.spec)
		status = SBX_E_ARGUMENT;
	else if (t.container && t.template) {
		make_label(&t);
		Document *made = make_spec(&t);
		if (made && print(&t, made, task_spec) &&
			(!t.spec->block_network || print(&t, make_policy(&t), network_policy)))
			status = SBX_DONE;
	}
	if (status) {
		free(*task_spec);
		*task_spec = NULL;
	}
	document_free(t.d, t.container);
	document_free(t.d, t.template);
	spec_free_all(&t.docker);
	free(t.docker.base_image);
	documents_close(t.d);
	return status;
}

sbx_status sbx_task_spec(const sbx_entry *entry, const sbx_task_options *options, char **task_spec,
						 char **network_policy)
{
	*task_spec = *network_policy = NULL;
	for (uint32_t i = 0; i < entry->task_count; i++) {
		const sbx_gen_task *task = entry->tasks[i];
		if (task->task_type && strcmp(task->task_type, "raw-container") == 0 &&
			strcmp(task->name, entry->full_name) == 0)
			return sbx_task_documents(task->name, task->extra, options, task_spec, network_policy);
	}
	return SBX_E_ARGUMENT;
}
