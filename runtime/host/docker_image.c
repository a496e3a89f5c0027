/*
 * Images: there already, or built once. The name of an image is made of what it is made of, so one that is there is
 * the right one: a second run builds, packs and sends nothing.
 *
 * Boxes of this process that need the same image wait for one Image. Processes of one machine wait for a lock on a
 * file that has the image's name; who gets it looks again before building. A lock goes with its process, so a killed
 * builder leaves nothing that waits.
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

enum { LOCK_REST_MS = 50 };

/* ---- names ---- */

static const char *base_of(const Docker *docker, const Spec *spec)
{
	return docker->base_image && !spec->image ? docker->base_image : "";
}

/* "sandbox-" and twelve digits of a hash of the Dockerfile and the base that stands in for its own. */
void image_name(const Docker *docker, const Spec *spec, char tag[256])
{
	char digits[65], *text;
	const char *base = base_of(docker, spec);
	if (asprintf(&text, "%s\n%s", spec->dockerfile, base) < 0) {
		*tag = '\0';
		return;
	}
	sha256_text(text, strlen(text), digits);
	free(text);
	if (spec->image_name && strchr(spec->image_name, ':'))
		snprintf(tag, 256, "%.200s", spec->image_name);
	else if (spec->image_name)
		snprintf(tag, 256, "%.200s:%.12s", spec->image_name, digits);
	else
		snprintf(tag, 256, "sandbox-%.12s:latest", digits);
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
	byte_queue_free(&image->output);
	byte_queue_free(&image->said);
	image->context = image->output = image->said = (ByteQueue){0};
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
	snprintf(image->problem, sizeof image->problem, "the image of sandbox '%s' %.900s",
			 image->spec->name, why);
	settle(image, IMAGE_FAILED);
}

static void log_line(Image *image, const char *text, size_t length)
{
	sbx_log_line(image->docker->log, "image", text, length);
}

/* ---- building ---- */

/* apt: "E: Unable to locate package x"; pip: "No matching distribution found for x". */
static void find_package(Image *image, const char *line)
{
	static const char *const marks[] = {
		"E: Unable to locate package ", "E: Couldn't find any package by glob '", "E: Version '",
		"No matching distribution found for ", "ERROR: Invalid requirement: "};
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		const char *found = strstr(line, marks[i]);
		if (!found || *image->package)
			continue;
		found += strlen(marks[i]);
		snprintf(image->package, sizeof image->package, "%.*s", (int)strcspn(found, "'\n\r ("),
				 found);
	}
}

/* A step's output comes in pieces and with colours: makes plain lines of it. */
static void take_output(Image *image, const char *text)
{
	ByteQueue *said = &image->said;
	for (; *text; text++) {
		if (*text == '\033') {
			text += strcspn(text, "m");
			if (!*text)
				break;
		} else if (*text != '\n') {
			if (byte_queue_length(said) < 4000)
				byte_queue_add(said, text, 1);
		} else if (byte_queue_length(said)) {
			log_line(image, (const char *)byte_queue_front(said), byte_queue_length(said));
			byte_queue_add(said, "", 1);
			if (!said->failed)
				find_package(image, (const char *)byte_queue_front(said));
			byte_queue_clear(said);
		}
	}
}

/* One object of the build's answer. */
static void take_line(Image *image, const char *line, size_t length)
{
	Documents *d = image->docker->documents;
	Document *message = document_read(d, line, length);
	const char *stream = document_get_text(d, message, "stream");
	const char *error = document_get_text(d, message, "error");
	if (!message) {
		if (!*image->problem)
			snprintf(image->problem, sizeof image->problem, "%s",
					 "the engine's answer to the build is not JSON");
		return;
	}
	if (stream && strncmp(stream, "Step ", 5) == 0)
		snprintf(image->step, sizeof image->step, "%.*s", (int)strcspn(stream, "\n"), stream);
	if (stream)
		take_output(image, stream);
	if (error && !*image->problem) {
		find_package(image, error);
		snprintf(image->problem, sizeof image->problem, "%.600s", error);
	}
	document_free(d, message);
}

static bool build_says(HttpRequest *request, const char *bytes, size_t length)
{
	Image *image = request->context;
	ByteQueue *text = &image->output;
	byte_queue_add(text, bytes, length);
	for (const char *line, *end; (line = (const char *)byte_queue_front(text)) &&
								 byte_queue_length(text) &&
								 (end = memchr(line, '\n', byte_queue_length(text))) != NULL;) {
		if (end > line)
			take_line(image, line, (size_t)(end - line));
		byte_queue_skip(text, (size_t)(end - line) + 1);
	}
	return !text->failed && byte_queue_length(text) < 16 << 20;
}

static void build_failed(Image *image, const char *why)
{
	char text[1024];
	if (*image->package)
		snprintf(text, sizeof text, "cannot be built: there is no package '%s' (%s)",
				 image->package, image->step);
	else
		snprintf(text, sizeof text, "cannot be built: %s%s%.500s", image->step,
				 *image->step ? ": " : "", why);
	failed(image, text);
}

static void looked_for_built(HttpRequest *request, const char *problem)
{
	Image *image = request->context;
	if (!problem && request->status == 200)
		settle(image, IMAGE_READY);
	else
		build_failed(image, "the engine has stopped the build without a word");
}

static void look(Image *image, void (*on_end)(HttpRequest *request, const char *problem));

static void built(HttpRequest *request, const char *problem)
{
	Image *image = request->context;
	char text[512];
	if (byte_queue_length(&image->output) && !problem)
		take_line(image, (const char *)byte_queue_front(&image->output),
				  byte_queue_length(&image->output));
	if (problem || request->status != 200) {
		docker_describe(image->docker, request, problem, text, sizeof text);
		build_failed(image, text);
	} else if (*image->problem) {
		snprintf(text, sizeof text, "%.500s", image->problem);
		build_failed(image, text);
	} else {
		look(image, looked_for_built); /* the stream may have been cut off */
	}
}

/* Adds text, with what a query refuses as %XX. */
static void put_escaped(ByteQueue *out, const char *text)
{
	char hex[4];
	for (; *text; text++) {
		bool plain = (*text >= '0' && *text <= '9') ||
					 ((*text | 32) >= 'a' && (*text | 32) <= 'z') || strchr("-_.~", *text);
		snprintf(hex, sizeof hex, plain ? "%c" : "%%%02X", (unsigned char)*text);
		byte_queue_add(out, hex, strlen(hex));
	}
}

static bool make_path(Image *image)
{
	Docker *docker = image->docker;
	Documents *d = docker->documents;
	Document *arguments = document_make(d);
	ByteQueue path = {0};
	const char *base = base_of(docker, image->spec), *network = getenv("SBX_BUILD_NETWORK");
	if (*base)
		document_set_text(d, arguments, "BASE", base);
	char *text = document_text(d, arguments);
	byte_queue_add(&path, docker->prefix, strlen(docker->prefix));
	byte_queue_add(&path, "/build?rm=1&forcerm=1&t=", 24);
	put_escaped(&path, image->tag);
	byte_queue_add(&path, "&buildargs=", 11);
	put_escaped(&path, text ? text : "{}");
	if (network && *network) {
		byte_queue_add(&path, "&networkmode=", 13);
		put_escaped(&path, network);
	}
	byte_queue_add(&path, "", 1);
	bool good = text && !path.failed && byte_queue_length(&path) <= sizeof image->path;
	if (good)
		memcpy(image->path, byte_queue_front(&path), byte_queue_length(&path));
	byte_queue_free(&path);
	free(text);
	document_free(d, arguments);
	return good;
}

static void build(Image *image)
{
	const char *dockerfile = image->spec->dockerfile;
	const TarFile files[] = {{"Dockerfile", 0644, dockerfile, strlen(dockerfile)},
							 {"var", 0755, NULL, 0},
							 {"var/inputs", 0755, NULL, 0},
							 {"var/outputs", 01777, NULL, 0}};
	Docker *docker = image->docker;
	image->state = IMAGE_BUILDING;
	*image->problem = *image->step = *image->package = '\0';
	log_line(image, image->tag, strlen(image->tag));
	if (!make_path(image) ||
		!tar_make(docker->tar, files, sizeof files / sizeof *files, &image->context)) {
		failed(image, "cannot be built: no memory");
		return;
	}
	image->request.on_data = build_says;
	image->request.on_end = built;
	image->request.content_type = "application/x-tar";
	if (!docker_send(docker, &image->request, "POST", image->path,
					 byte_queue_front(&image->context), byte_queue_length(&image->context)))
		failed(image, "cannot be built: no memory");
}

/* ---- looking ---- */

static void look(Image *image, void (*on_end)(HttpRequest *request, const char *problem))
{
	image->request.context = image;
	image->request.on_data = NULL;
	image->request.on_end = on_end;
	image->request.content_type = NULL;
	snprintf(image->path, sizeof image->path, "%s/images/%s/json", image->docker->prefix,
			 image->tag);
	if (!docker_send(image->docker, &image->request, "GET", image->path, NULL, 0))
		failed(image, "cannot be asked for: no memory");
}

static void looked(HttpRequest *request, const char *problem);

/* One builder at a time on this machine. */
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
		if (image->asked_under_lock)
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
	image->asked_under_lock = false;
	look(image, looked);
}

void image_poll(Docker *docker)
{
	for (Image *image = docker->images; image; image = image->next)
		if (image->again && image->again <= docker_now())
			take_lock(image);
}

int image_timeout(const Docker *docker)
{
	int least = -1;
	for (const Image *image = docker->images; image; image = image->next) {
		int64_t left = image->again ? image->again - docker_now() : -1;
		if (image->again && (least < 0 || left < least))
			least = left < 0 ? 0 : (int)left;
	}
	return least;
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
		byte_queue_free(&image->output);
		byte_queue_free(&image->said);
		free(image);
	}
}
