/*
 * Building an image: its Dockerfile and the empty folders for inputs and outputs go to the engine as a tar, and the engine
 * says how it goes (docker_messages.c).
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docker.h"

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

static void put(ByteQueue *out, const char *text)
{
	byte_queue_add(out, text, strlen(text));
}

static bool make_path(Image *image)
{
	Docker *docker = image->docker;
	Documents *d = docker->documents;
	Document *arguments = document_make(d);
	ByteQueue path = {0};
	const char *base = image_base(docker, image->spec), *network = getenv("SBX_BUILD_NETWORK");
	if (*base)
		document_set_text(d, arguments, "BASE", base);
	char *text = document_text(d, arguments);
	put(&path, docker->prefix);
	put(&path, "/build?rm=1&forcerm=1&t=");
	put_escaped(&path, image->tag);
	put(&path, "&buildargs=");
	put_escaped(&path, text ? text : "{}");
	if (network && *network) {
		put(&path, "&networkmode=");
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

void build_explain(const Image *image, const char *words, char *text, size_t size)
{
	const Messages *m = &image->messages;
	const char *base = image_base(image->docker, image->spec);
	char problem[700];
	if (*m->package) {
		snprintf(text, size, "cannot be built: there is no package '%s' (%s)", m->package, m->step);
		return;
	}
	if (!strstr(m->step, " : FROM ")) {
		snprintf(text, size, "cannot be built: %s%s%.500s", m->step, *m->step ? ": " : "", words);
		return;
	}
	if (!*base)
		base = image->spec->image ? image->spec->image : "python";
	registry_explain(image->spec, base, words, image->no_secret, problem, sizeof problem);
	snprintf(text, size, "cannot be built: its base image %.200s cannot be pulled: %s", base,
			 problem);
}

bool build_start(Image *image)
{
	const char *dockerfile = image->spec->dockerfile;
	const TarFile files[] = {{"Dockerfile", 0644, dockerfile, strlen(dockerfile)},
							 {"var", 0755, NULL, 0},
							 {"var/inputs", 0755, NULL, 0},
							 {"var/outputs", 01777, NULL, 0}};
	Docker *docker = image->docker;
	byte_queue_clear(&image->context);
	free(image->header);
	image->header =
		image->spec->secret ? registry_config(docker, image->spec, image->no_secret) : NULL;
	if (!make_path(image) || !docker_tar(docker) ||
		!tar_make(docker->tar, files, sizeof files / sizeof *files, &image->context))
		return false;
	image->request.content_type = "application/x-tar";
	image->request.header = image->header; /* NULL: none */
	return docker_send(docker, &image->request, "POST", image->path,
					   byte_queue_front(&image->context), byte_queue_length(&image->context));
}
