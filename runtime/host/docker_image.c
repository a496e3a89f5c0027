/*
 * Images: there already, pulled from their registry, or built once. The name of an image is made of what it is made of, so
 * one that is there is the right one: a second run builds, packs and sends nothing.
 *
 * Boxes of this process that need the same image wait for one Image. Processes of one machine wait for a lock on a
 * file that has the image's name; who gets it looks again before it pulls or builds. A lock goes with its process, so a
 * killed builder leaves nothing that waits.
 *
 *     look -> locked -> look again -> pull, if it has a registry -> build -> look        push, when it is asked for
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "docker.h"
#include "sha256.h"

enum { LOCK_REST_MS = 50, PROGRESS_MS = 200 };

/* ---- names ---- */

const char *image_base(const Docker *docker, const Spec *spec)
{
	return docker->base_image && !spec->image ? docker->base_image : "";
}

/* What is before the name, with its slash: a registry that the name does not have yet. */
static const char *registry_of(const Spec *spec, char registry[256])
{
	size_t length = spec->registry ? strlen(spec->registry) : 0;
	while (length && spec->registry[length - 1] == '/')
		length--;
	*registry = '\0';
	bool has_it = length && spec->image_name &&
				  !strncmp(spec->image_name, spec->registry, length) &&
				  spec->image_name[length] == '/';
	if (length && length < 200 && !has_it)
		snprintf(registry, 256, "%.*s/", (int)length, spec->registry);
	return registry;
}

/* [registry/]sandbox-HASH:latest, [registry/]NAME:HASH, or a name with a tag as it is; the hash is of the Dockerfile and of the
 * base that stands in for its own. Empty: longer than an engine takes. */
void image_name(const Docker *docker, const Spec *spec, char tag[256])
{
	char digits[65], registry[256], *text;
	const char *base = image_base(docker, spec), *name = spec->image_name;
	int length;
	*tag = '\0';
	if (asprintf(&text, "%s\n%s", spec->dockerfile, base) < 0)
		return;
	sha256_text(text, strlen(text), digits);
	free(text);
	registry_of(spec, registry);
	const char *last = name ? strrchr(name, '/') : NULL;
	if (name && strchr(last ? last : name, ':'))
		length = snprintf(tag, 256, "%s%s", registry, name);
	else if (name)
		length = snprintf(tag, 256, "%s%s:%.12s", registry, name, digits);
	else
		length = snprintf(tag, 256, "%ssandbox-%.12s:latest", registry, digits);
	if (length > 250)
		*tag = '\0';
}

Image *image_of(Docker *docker, const Spec *spec)
{
	char tag[256];
	image_name(docker, spec, tag);
	for (Image *image = docker->images; image; image = image->next)
		if (strcmp(image->tag, tag) == 0)
			return image;
	Image *image = calloc(1, sizeof *image);
	if (!image)
		return NULL;
	image->docker = docker;
	image->spec = spec;
	image->lock = -1;
	memcpy(image->tag, tag, sizeof tag);
	image->next = docker->images;
	docker->images = image;
	return image;
}

/* ---- states ---- */

/* The file goes while it is still locked: who waits for it finds out that it is another one now. */
static void release_lock(Image *image)
{
	if (image->lock < 0)
		return;
	(void)unlink(image->lock_path);
	close(image->lock);
	image->lock = -1;
}

static void settle(Image *image, enum ImageState state)
{
	Docker *docker = image->docker;
	Box *next;
	image->state = state;
	image->again = 0;
	release_lock(image);
	byte_queue_free(&image->context);
	messages_clear(&image->messages);
	free(image->header);
	image->header = NULL;
	image->request.header = NULL;
	sbx__log_progress(docker->log, NULL);
	for (Box *box = docker->boxes; box; box = next) {
		next = box->next;
		if (box->image == image)
			box_go_on(box);
	}
	if (state == IMAGE_FAILED)
		image->state = IMAGE_NEW; /* the next call may try again */
}

static void failed(Image *image, const char *why)
{
	snprintf(image->problem, sizeof image->problem, "the image of %s '%.160s' %.800s",
			 image->spec->is_task ? "task" : "sandbox", image->spec->name, why);
	settle(image, IMAGE_FAILED);
}

static void log_line(Image *image, const char *text)
{
	sbx_log_line(image->docker->log, "image", text, strlen(text));
}

/* The engine's own words on a request whose answer is a stream of messages; NULL: it went well. */
static const char *words_of(Image *image, HttpRequest *request, const char *problem, char *text,
							size_t size)
{
	Messages *m = &image->messages;
	if (!problem)
		messages_end(image->docker, m);
	if (!problem && request->status == 200 && !*m->problem)
		return NULL;
	if (problem || request->status != 200)
		docker_describe(image->docker, request, problem, text, size);
	else
		snprintf(text, size, "%.600s", m->problem);
	return text;
}

static bool message_came(HttpRequest *request, const char *bytes, size_t length)
{
	Image *image = request->context;
	return messages_take(image->docker, &image->messages, bytes, length);
}

/* The request, of which the answer is a stream of messages. */
static void begin_stream(Image *image, enum ImageState state,
						 void (*on_end)(HttpRequest *request, const char *problem))
{
	messages_clear(&image->messages);
	image->state = state;
	image->since = docker_now();
	image->request.context = image;
	image->request.on_data = message_came;
	image->request.on_end = on_end;
	image->request.content_type = NULL;
}

/* ---- looking ---- */

static void look(Image *image, void (*on_end)(HttpRequest *request, const char *problem))
{
	image->request.context = image;
	image->request.on_data = NULL;
	image->request.on_end = on_end;
	image->request.content_type = image->request.header = NULL;
	snprintf(image->path, sizeof image->path, "%s/images/%s/json", image->docker->prefix,
			 image->tag);
	if (!docker_send(image->docker, &image->request, "GET", image->path, NULL, 0))
		failed(image, "cannot be asked for: no memory");
}

static void looked(HttpRequest *request, const char *problem);

/* ---- building ---- */

static void build_failed(Image *image, const char *why)
{
	char text[1024];
	build_explain(image, why, text, sizeof text);
	failed(image, text);
}

/* The stream may have been cut off, or the base come without its tag. */
static void looked_for_built(HttpRequest *request, const char *problem)
{
	Image *image = request->context;
	if (!problem && request->status == 200)
		settle(image, IMAGE_READY);
	else
		build_failed(image, "the engine has stopped the build without a word");
}

static void built(HttpRequest *request, const char *problem)
{
	Image *image = request->context;
	char text[700];
	const char *words = words_of(image, request, problem, text, sizeof text);
	if (words)
		build_failed(image, words);
	else
		look(image, looked_for_built);
}

static void build(Image *image)
{
	begin_stream(image, IMAGE_BUILDING, built);
	log_line(image, image->tag);
	if (!build_start(image))
		failed(image, image->docker->tar ? "cannot be built: no memory" : image->docker->problem);
	else
		sweep_start(image->docker);
}

/* ---- its registry ---- */

/* "NAME:TAG" in two, for a query. */
static void split_tag(const Image *image, char name[256], const char **tag)
{
	const char *slash = strrchr(image->tag, '/');
	const char *colon = strchr(slash ? slash : image->tag, ':');
	snprintf(name, 256, "%.*s", (int)(colon ? (size_t)(colon - image->tag) : strlen(image->tag)),
			 image->tag);
	*tag = colon ? colon + 1 : "latest";
}

static void pulled(HttpRequest *request, const char *problem)
{
	Image *image = request->context;
	char text[700], why[700], line[1000];
	const char *words = words_of(image, request, problem, text, sizeof text);
	if (words) {
		registry_explain(image->spec, image->tag, words, image->no_secret, why, sizeof why);
		snprintf(line, sizeof line, "%s is built here: %s", image->tag, why);
		log_line(image, line);
		build(image);
		return;
	}
	look(image, looked);
}

/* Somebody may have pushed it. What stands in the way of that is told, and it is built. */
static void pull(Image *image)
{
	char name[256];
	const char *tag;
	split_tag(image, name, &tag);
	image->was_pulled = true;
	begin_stream(image, IMAGE_PULLING, pulled);
	image->header = registry_auth(image->docker, image->spec, image->no_secret);
	image->request.header = image->header;
	snprintf(image->path, sizeof image->path, "%s/images/create?fromImage=%s&tag=%s",
			 image->docker->prefix, name, tag);
	if (!docker_send(image->docker, &image->request, "POST", image->path, NULL, 0))
		failed(image, "cannot be pulled: no memory");
}

static void pushed(HttpRequest *request, const char *problem)
{
	Image *image = request->context;
	char text[700], why[700], line[1000];
	const char *words = words_of(image, request, problem, text, sizeof text);
	if (!words) {
		settle(image, IMAGE_READY);
		return;
	}
	registry_explain(image->spec, image->tag, words, "", why, sizeof why);
	snprintf(line, sizeof line, "cannot be pushed: %s", why);
	failed(image, line);
}

void image_push(Image *image)
{
	char name[256], problem[256], line[400];
	const char *tag;
	split_tag(image, name, &tag);
	begin_stream(image, IMAGE_PUSHING, pushed);
	image->header = registry_auth(image->docker, image->spec, problem);
	image->request.header = image->header;
	snprintf(image->path, sizeof image->path, "%s/images/%s/push?tag=%s", image->docker->prefix,
			 name, tag);
	snprintf(line, sizeof line, "cannot be pushed: %s", image->header ? "no memory" : problem);
	if (!image->header ||
		!docker_send(image->docker, &image->request, "POST", image->path, NULL, 0))
		failed(image, line);
}

/* ---- one at a time on this machine ---- */

static void take_lock(Image *image)
{
	const char *parent = getenv("TMPDIR");
	struct stat ours, there;
	if (!*image->lock_path) {
		char digits[65];
		sha256_text(image->tag, strlen(image->tag), digits);
		snprintf(image->lock_path, sizeof image->lock_path, "%.200s/sbx-build-%ld-%.12s.lock",
				 parent && *parent == '/' ? parent : "/tmp", (long)getuid(), digits);
	}
	if (image->lock < 0)
		image->lock = open(image->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	image->state = IMAGE_LOCKING;
	bool taken = image->lock >= 0 && flock(image->lock, LOCK_EX | LOCK_NB) == 0;
	if (taken && (fstat(image->lock, &ours) || stat(image->lock_path, &there) ||
				  ours.st_ino != there.st_ino)) {
		close(image->lock); /* the last builder has removed it */
		image->lock = -1;
		taken = false;
		image->again = docker_now();
		return;
	}
	if (taken || image->lock < 0) {
		image->again = 0;
		image->asked_under_lock = true;
		image->state = IMAGE_ASKED;
		look(image, looked);
		return;
	}
	image->again = docker_now() + LOCK_REST_MS;
}

static void looked(HttpRequest *request, const char *problem)
{
	Image *image = request->context;
	char text[512];
	if (!problem && request->status == 200) {
		settle(image, IMAGE_READY);
	} else if (!problem && request->status == 404) {
		if (image->asked_under_lock && image->spec->registry && !image->was_pulled)
			pull(image);
		else if (image->asked_under_lock)
			build(image);
		else
			take_lock(image);
	} else {
		docker_describe(image->docker, request, problem, text, sizeof text);
		failed(image, text);
	}
}

void image_ensure(Image *image)
{
	image->state = IMAGE_ASKED;
	image->asked_under_lock = image->was_pulled = false;
	*image->no_secret = '\0';
	if (*image->tag)
		look(image, looked);
	else
		failed(image, "has a name of more than 250 characters");
}

/* ---- turns ---- */

/* A line on the terminal for one that is under way: "image NAME: Step 2/4 : RUN make, 12 s". */
static void show_progress(Image *image)
{
	static const char *const verbs[] = {"pulled", "built", "pushed"};
	char what[300], text[700];
	messages_progress(&image->messages, what, sizeof what);
	snprintf(text, sizeof text, "%s is %s, %lld s%s%s", image->tag,
			 verbs[image->state - IMAGE_PULLING], (long long)(docker_now() - image->since) / 1000,
			 *what ? ": " : "", what);
	sbx__log_progress(image->docker->log, text);
	image->shown = docker_now();
}

static bool is_shown(const Image *image)
{
	return image->state >= IMAGE_PULLING && image->state <= IMAGE_PUSHING &&
		   sbx__log_has_terminal(image->docker->log);
}

void image_poll(Docker *docker)
{
	bool shown = false;
	for (Image *image = docker->images; image; image = image->next) {
		if (image->again && image->again <= docker_now())
			take_lock(image);
		if (shown || !is_shown(image))
			continue;
		shown = true;
		if (image->shown + PROGRESS_MS <= docker_now())
			show_progress(image);
	}
}

int image_timeout(const Docker *docker)
{
	int64_t least = -1;
	for (const Image *image = docker->images; image; image = image->next) {
		int64_t due = image->again      ? image->again
					  : is_shown(image) ? image->shown + PROGRESS_MS
										: 0;
		int64_t left = due - docker_now();
		if (due && (least < 0 || left < least))
			least = left < 0 ? 0 : left;
	}
	return (int)least;
}

void image_free_all(Docker *docker)
{
	while (docker->images) {
		Image *image = docker->images;
		docker->images = image->next;
		if (docker->http)
			http_cancel(docker->http, &image->request);
		release_lock(image);
		byte_queue_free(&image->context);
		messages_clear(&image->messages);
		free(image->header);
		free(image);
	}
}
