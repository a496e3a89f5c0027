/*
 * What goes into a container: the words of its command, the files under /var/inputs, environment and secrets; and the
 * document by which the engine creates it, with all that hardens it (docs/sandboxes.md lists each measure).
 *
 * Every value is a word of its own or a file: there is no shell, and nothing is pasted into anything. A word holds at
 * most 128 KiB on Linux and must be UTF-8 for the engine, so longer values and lone surrogates go by file.
 *
 * On an engine of this machine the files lie in a folder that is mounted read-only; on a remote one the same files
 * are packed into a tar, which fills a volume.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "docker.h"

/* ---- folders ---- */

/* The box's folder is ours alone; what is mounted is `inputs` in it, which everybody may read. */
static bool make_folder(Box *box)
{
	const char *parent = getenv("TMPDIR");
	char inner[4096];
	if (!parent || *parent != '/')
		parent = "/tmp";
	if (asprintf(&box->folder, "%s/%s", parent, box->name) < 0) {
		box->folder = NULL;
		box_fail(box, "MemoryError", "no memory");
		return false;
	}
	snprintf(inner, sizeof inner, "%s/inputs", box->folder);
	if (mkdir(box->folder, 0700) == 0 && mkdir(inner, 0755) == 0 && chmod(inner, 0755) == 0)
		return true;
	box_fail(box, "RuntimeError", "cannot make the folder of the inputs, %s: %s", inner,
			 strerror(errno));
	return false;
}

static bool write_all(int file, const void *bytes, size_t length)
{
	const char *p = bytes;
	while (length) {
		ssize_t n = write(file, p, length);
		if (n < 0 && errno != EINTR)
			return false;
		p += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

bool inputs_add_file(Box *box, const char *name, const void *bytes, size_t length)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/inputs/%s", box->folder, name);
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool good = file >= 0 && write_all(file, bytes, length) && fchmod(file, 0644) == 0;
	int error = errno;
	if (file >= 0)
		close(file);
	if (!good)
		box_fail(box, "RuntimeError", "cannot write the input '%s': %s", name, strerror(error));
	return good;
}

bool inputs_add_folder(Box *box, const char *name)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/inputs/%s", box->folder, name);
	if ((mkdir(path, 0755) == 0 || errno == EEXIST) && chmod(path, 0755) == 0)
		return true;
	box_fail(box, "RuntimeError", "cannot make %s: %s", path, strerror(errno));
	return false;
}

/* ---- copies ---- */

static void close_copy(struct BoxCopy *copy)
{
	if (copy->in >= 0)
		close(copy->in);
	if (copy->out >= 0)
		close(copy->out);
	copy->in = copy->out = -1;
}

static bool fail_copy(Box *box, const struct BoxCopy *copy, int error)
{
	box_fail(box, "RuntimeError", "cannot read the file of the input '%s', %s: %s", copy->name,
			 copy->from, strerror(error));
	return false;
}

/* A copy waits without its files being open. O_NONBLOCK: what is no file any more keeps nobody. */
static bool open_copy(Box *box, struct BoxCopy *copy, int flags)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/inputs/%s", box->folder, copy->name);
	copy->in = open(copy->from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (copy->in >= 0)
		copy->out = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0644);
	bool good = copy->out >= 0 &&
				fchmod(copy->out, 0644) == 0; /* whatever the umask: nobody is to read it */
	return good || fail_copy(box, copy, errno);
}

/* A step of it. false: it is over, or has failed. */
static bool copy_step(Box *box, struct BoxCopy *copy)
{
	char block[STEP_BYTES];
	if (copy->in < 0 && !open_copy(box, copy, 0))
		return false;
	ssize_t n = read(copy->in, block, sizeof block);
	if ((n < 0 && errno == EINTR) || (n > 0 && write_all(copy->out, block, (size_t)n)))
		return true;
	return n == 0 ? false : fail_copy(box, copy, errno);
}

bool inputs_go_on(Box *box)
{
	while (box->copied < box->copy_count && !box->failure.type) {
		struct BoxCopy *copy = &box->copies[box->copied];
		if (!copy_step(box, copy)) {
			close_copy(copy);
			box->copied++;
		}
		if (!docker_has_time(box->docker))
			break;
	}
	return box->copied == box->copy_count || box->failure.type;
}

void inputs_stop(Box *box)
{
	for (size_t i = 0; i < box->copy_count; i++) {
		close_copy(&box->copies[i]);
		free(box->copies[i].name);
		free(box->copies[i].from);
	}
	free(box->copies);
	box->copies = NULL;
	box->copy_count = box->copied = 0;
}

/* What can be told of it at once is, and what is small is copied at once. */
static bool copy_file(Box *box, const char *name, const char *from)
{
	struct BoxCopy *copies = realloc(box->copies, (box->copy_count + 1) * sizeof *box->copies);
	if (!copies)
		return false;
	box->copies = copies;
	struct BoxCopy *copy = &copies[box->copy_count++];
	*copy = (struct BoxCopy){strdup(name), strdup(from), -1, -1};
	if (!copy->name || !copy->from || !open_copy(box, copy, O_CREAT | O_EXCL))
		return false;
	if (box->copied + 1 < box->copy_count)
		close_copy(copy);
	else if (docker_has_time(box->docker))
		(void)inputs_go_on(box);
	return !box->failure.type;
}

/* ---- files and folders of the user ---- */

static bool mount_input(Box *box, const char *name, const char *path, bool folder)
{
	Documents *d = box->docker->documents;
	char place[4096];
	Document *mount = document_make(d);
	/* an empty one for the engine to mount on: the folder around it is read-only in the container */
	snprintf(place, sizeof place, "%s/inputs/%s", box->folder, name);
	if (folder ? !inputs_add_folder(box, name) : !inputs_add_file(box, name, "", 0)) {
		document_free(d, mount);
		return false;
	}
	snprintf(place, sizeof place, "/var/inputs/%s", name);
	document_set_text(d, mount, "Type", "bind");
	document_set_text(d, mount, "Source", path);
	document_set_text(d, mount, "Target", place);
	document_set_bool(d, mount, "ReadOnly", true);
	document_append(d, box->creation, "HostConfig/Mounts", mount);
	return true;
}

/* A folder for an engine of another machine. */
static bool send_folder(Box *box, const char *name, const char *path)
{
	struct BoxFolder *folders =
		realloc(box->folders, (box->folder_count + 1) * sizeof *box->folders);
	char *copy = folders ? strdup(path) : NULL;
	if (folders)
		box->folders = folders;
	if (!copy)
		return false;
	snprintf(folders[box->folder_count].name, sizeof folders->name, "%.300s", name);
	folders[box->folder_count++].path = copy;
	return true;
}

/* A file that only its owner may read is copied, since the container's user is nobody. */
bool inputs_add_path(Box *box, const char *name, const char *path, const struct stat *status)
{
	bool local = http_is_local(box->docker->http), folder = S_ISDIR(status->st_mode);
	if (folder && !local)
		return send_folder(box, name, path);
	if (!folder && (!local || !(status->st_mode & S_IROTH)))
		return copy_file(box, name, path);
	return mount_input(box, name, path, folder);
}

static bool add_handle(Box *box, const char *name, sbx_value value)
{
	sbx_run *run = sbx_call_run(box->attempt->call);
	bool folder = sbx_kind(value) == SBX_DIR;
	const char *given = sbx_handle_path(run, value);
	struct stat status;
	if (given && strncmp(given, "file://", 7) == 0)
		given += 7;
	char *path = given && !strstr(given, "://") ? realpath(given, NULL) : NULL;
	if (!path || stat(path, &status) || S_ISDIR(status.st_mode) != folder ||
		(!folder && !S_ISREG(status.st_mode))) {
		box_fail(box, "FileNotFoundError", "the input '%s': %s is no %s of this machine", name,
				 given ? given : "", folder ? "folder" : "file");
		free(path);
		return false;
	}
	bool good = inputs_add_path(box, name, path, &status);
	free(path);
	return good;
}

/* ---- values ---- */

static void add_word(Box *box, const char *word)
{
	document_append_text(box->docker->documents, box->creation, "Entrypoint", word);
}

/* "--name=value" for our script, "--name" "value" for the user's. */
static bool add_option(Box *box, const char *name, const ByteQueue *text, bool joined)
{
	char *word;
	if (asprintf(&word, "--%s%s%.*s", name, joined ? "=" : "",
				 joined ? (int)byte_queue_length(text) : 0,
				 (const char *)byte_queue_front(text)) < 0)
		return false;
	add_word(box, word);
	free(word);
	if (joined)
		return true;
	word = strndup((const char *)byte_queue_front(text), byte_queue_length(text));
	if (word)
		add_word(box, word);
	free(word);
	return word != NULL;
}

static bool add_value(Box *box, const char *name, const sbx_type *type, sbx_value value)
{
	ByteQueue text = {0};
	char problem[256];
	bool good = value_to_text(sbx_call_run(box->attempt->call), type, value, &text, problem);
	bool verbatim = strcmp(box->spec->mode, "verbatim") == 0;
	bool command = strcmp(box->spec->mode, "command") == 0;
	if (!good) {
		box_fail(box, "ValueError", "the input '%s': %s", name, problem);
		return false;
	}
	if (!byte_queue_reserve(&text, 1)) /* so that there is a place even for no bytes */
		return false;
	int crosses = text_crosses(&text);
	bool is_mark = byte_queue_length(&text) == 2 && !memcmp(byte_queue_front(&text), "--", 2);
	if (crosses < 0) {
		box_fail(box, "ValueError",
				 "the input '%s': a str with a null character cannot cross into a sandbox", name);
		good = false;
	} else if (verbatim && !crosses) {
		box_fail(
			box, "ValueError",
			"the input '%s' is too long for an argument (64 KiB), or has lone surrogates: make "
			"it a File, or use auto_io",
			name);
		good = false;
	} else if (command || !crosses || (is_mark && !verbatim)) {
		good = inputs_add_file(box, name, byte_queue_front(&text), byte_queue_length(&text));
	} else {
		good = add_option(box, name, &text, !verbatim);
		/* the file too: that is where the script may look */
		if (good && verbatim)
			good = inputs_add_file(box, name, byte_queue_front(&text), byte_queue_length(&text));
	}
	byte_queue_free(&text);
	return good;
}

static bool add_inputs(Box *box)
{
	const sbx_call *call = box->attempt->call;
	bool verbatim = strcmp(box->spec->mode, "verbatim") == 0;
	for (size_t i = 0; i < sbx_call_arg_count(call); i++) {
		const char *name = sbx_call_arg_name(call, i);
		sbx_value value = sbx_call_arg(call, i);
		sbx_type_kind kind = sbx_kind(value);
		if (kind == SBX_INVALID)
			continue;
		if (kind != SBX_FILE && kind != SBX_DIR) {
			if (!add_value(box, name, sbx_call_arg_type(call, i), value))
				return false;
			continue;
		}
		if (!add_handle(box, name, value))
			return false;
		if (verbatim) {
			char word[512];
			snprintf(word, sizeof word, "--%.200s", name);
			add_word(box, word);
			snprintf(word, sizeof word, "/var/inputs/%.200s", name);
			add_word(box, word);
		}
	}
	return true;
}

/* ---- environment ---- */

static void add_variable(Box *box, const char *name, const char *value)
{
	char *pair;
	if (asprintf(&pair, "%s=%s", name, value) < 0)
		return;
	document_append_text(box->docker->documents, box->creation, "Env", pair);
	free(pair);
}

char *secret_variable(const char *group, const char *key)
{
	char *name;
	if (asprintf(&name, "%s%s%s", group ? group : "", group ? "_" : "", key) < 0)
		return NULL;
	for (char *p = name; *p; p++)
		*p = *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
	return name;
}

/* A secret is "key", or an object with key, group, as_env_var. Its value is a variable of this process. */
static bool add_secret(Box *box, const Document *secret, const char *plain)
{
	Documents *d = box->docker->documents;
	const char *key = plain ? plain : document_get_text(d, secret, "key");
	const char *group = plain ? NULL : document_get_text(d, secret, "group");
	const char *as = plain ? NULL : document_get_text(d, secret, "as_env_var");
	char *standard = key ? secret_variable(group, key) : NULL;
	if (!standard)
		return !key;
	const char *value = getenv(standard);
	if (value)
		add_variable(box, as ? as : standard, value);
	else
		box_fail(box, "RuntimeError", "the secret '%s' is not in the environment (%s)", key,
				 standard);
	free(standard);
	return value != NULL;
}

static bool add_environment(Box *box)
{
	Documents *d = box->docker->documents;
	const Document *extra = box->spec->document;
	add_variable(box, "HOME", "/tmp");
	add_variable(box, "PYTHONUNBUFFERED", "1");
	add_variable(box, "PYTHONDONTWRITEBYTECODE", "1");
	add_variable(box, "LANG", "C.UTF-8");
	for (size_t i = 0; i < document_count(d, extra, "env_vars"); i++) {
		const Document *value = document_item(d, extra, "env_vars", i);
		const char *text = document_get_text(d, value, NULL);
		if (text)
			add_variable(box, document_key(d, extra, "env_vars", i), text);
	}
	const char *one = document_get_text(d, extra, "secrets");
	if (one)
		return add_secret(box, NULL, one);
	if (document_get_text(d, extra, "secrets/key"))
		return add_secret(box, document_get(d, extra, "secrets"), NULL);
	for (size_t i = 0; i < document_count(d, extra, "secrets"); i++) {
		const Document *secret = document_item(d, extra, "secrets", i);
		if (!add_secret(box, secret, document_get_text(d, secret, NULL)))
			return false;
	}
	return true;
}

/* ---- the container ---- */

static void set_hardening(Box *box)
{
	Documents *d = box->docker->documents;
	Document *c = box->creation, *core = document_make(d), *outputs = document_make(d);
	const Spec *spec = box->spec;
	char text[96];
	snprintf(text, sizeof text, "%d:%d", BOX_USER, BOX_USER);
	document_set_text(d, c, "User", text);
	document_append_text(d, c, "HostConfig/CapDrop", "ALL");
	document_append_text(d, c, "HostConfig/SecurityOpt", "no-new-privileges:true");
	document_set_bool(d, c, "HostConfig/ReadonlyRootfs", true);
	snprintf(text, sizeof text, "rw,nosuid,nodev,mode=1777,size=%d", TEMPORARY_BYTES);
	document_set_key(d, c, "HostConfig/Tmpfs", "/tmp", text);
	document_set_int(d, c, "HostConfig/PidsLimit", MOST_PROCESSES);
	document_set_int(d, c, "HostConfig/Memory", (int64_t)spec->memory);
	document_set_int(d, c, "HostConfig/MemorySwap", (int64_t)spec->memory);
	document_set_int(d, c, "HostConfig/NanoCpus", spec->milli_cpu * 1000000);
	document_set_text(d, c, "HostConfig/NetworkMode", spec->block_network ? "none" : "default");
	document_set_text(d, c, "HostConfig/LogConfig/Type", "none");
	document_set_text(d, core, "Name", "core");
	document_set_int(d, core, "Soft", 0);
	document_set_int(d, core, "Hard", 0);
	document_append(d, c, "HostConfig/Ulimits", core);
	document_set_text(d, outputs, "Type", "volume");
	document_set_text(d, outputs, "Target", "/var/outputs");
	document_set_key(d, outputs, "VolumeOptions/Labels", "sbx.client", box->docker->identity);
	document_set_key(d, outputs, "VolumeOptions/Labels", "sbx.box", box->name);
	document_append(d, c, "HostConfig/Mounts", outputs);
	if (box->docker->runtime)
		document_set_text(d, c, "HostConfig/Runtime", box->docker->runtime);
}

/* The engine may give more processors than it has. */
static void set_identity(Box *box)
{
	Documents *d = box->docker->documents;
	document_set_text(d, box->creation, "Image", box->image->tag);
	document_set_text(d, box->creation, "WorkingDir", "/tmp");
	document_set_bool(d, box->creation, "AttachStdout", true);
	document_set_bool(d, box->creation, "AttachStderr", true);
	document_append_text(d, box->creation, "Healthcheck/Test", "NONE");
	document_set_key(d, box->creation, "Labels", "sbx.client", box->docker->identity);
	document_set_key(d, box->creation, "Labels", "sbx.sandbox", box->spec->name);
}

static bool add_command(Box *box)
{
	Documents *d = box->docker->documents;
	size_t count = document_count(d, box->spec->document, "sandbox/command");
	for (size_t i = 0; i < count; i++) {
		const Document *word = document_item(d, box->spec->document, "sandbox/command", i);
		const char *text = document_get_text(d, word, NULL);
		add_word(box, text ? text : "");
	}
	if (!box->spec->script)
		return count > 0;
	add_word(box, "python3");
	add_word(box, "/var/inputs/_script");
	return inputs_add_file(box, "_script", box->spec->script, strlen(box->spec->script));
}

static void mount_folder(Box *box)
{
	Documents *d = box->docker->documents;
	Document *mount = document_make(d);
	char path[4096];
	bool local = http_is_local(box->docker->http);
	snprintf(path, sizeof path, "%s/inputs", box->folder);
	document_set_text(d, mount, "Type", local ? "bind" : "volume");
	document_set_text(d, mount, "Source", local ? path : box->name);
	document_set_text(d, mount, "Target", "/var/inputs");
	document_set_bool(d, mount, "ReadOnly", true);
	document_append(d, box->creation, "HostConfig/Mounts", mount);
}

bool inputs_make(Box *box)
{
	Documents *d = box->docker->documents;
	box->creation = document_make(d);
	if (!box->creation || !make_folder(box))
		return false;
	set_identity(box);
	set_hardening(box);
	mount_folder(box);
	if (box->spec->is_task ? !task_make(box) : !add_command(box) || !add_inputs(box))
		return false;
	if (!add_environment(box))
		return false;
	box->creation_text = document_text(d, box->creation);
	if (!box->creation_text)
		box_fail(box, "ValueError", "%s: its arguments or environment are not UTF-8", box->what);
	return box->creation_text != NULL;
}
