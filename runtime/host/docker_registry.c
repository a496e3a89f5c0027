/*
 * Credentials for registries, from the secret that ImageConfig(registry_secret=...) names: a variable of this process, as any
 * secret. It holds a Docker configuration, {"auths": {"HOST": {"auth": "..."}}}, which is what Flyte and Kubernetes keep
 * for pulling images, or plainly USER:PASSWORD for the one registry of the image.
 *
 * They leave this process in a header for the engine, in a form that the engine defines: JSON in base64. Nothing here logs,
 * and no message shows a part of a secret.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docker.h"

#define HUB "docker.io"
#define HUB_KEY "https://index.docker.io/v1/"

/* ---- base64: what the library has for bytes in JSON ---- */

/* A C string, made with malloc; NULL: not base64, or with a null character in it. */
static char *decode(const char *text)
{
	static const sbx_type type = {.kind = SBX_BYTES};
	sbx_heap *heap;
	sbx_value bytes;
	size_t length;
	char *decoded = NULL;
	if (sbx_heap_open(0, &heap))
		return NULL;
	sbx_value encoded = sbx_str_make(heap, text, strlen(text));
	if (sbx_kind(encoded) == SBX_STR && !sbx_value_convert(heap, &type, 1, encoded, &bytes)) {
		const unsigned char *from = sbx_peek_bytes(bytes, &length);
		decoded = memchr(from, 0, length) ? NULL : strndup((const char *)from, length);
	}
	sbx_heap_close(heap);
	return decoded;
}

/* NAME and the text in base64 as URLs have it, made with malloc. */
static char *header_of(const char *name, const char *text)
{
	sbx_heap *heap;
	sbx_value json;
	size_t length;
	char *header = NULL;
	if (sbx_heap_open(0, &heap))
		return NULL;
	sbx_value bytes = sbx_bytes_make(heap, text, strlen(text));
	if (sbx_kind(bytes) == SBX_BYTES && !sbx_json_dump(heap, bytes, &json)) {
		const char *quoted = sbx_peek_str(heap, json, &length);
		if (quoted && asprintf(&header, "%s%.*s", name, (int)length - 2, quoted + 1) < 0)
			header = NULL;
	}
	sbx_heap_close(heap);
	for (char *p = header; p && *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	return header;
}

/* ---- hosts ---- */

static void name_host(const char *start, size_t length, char host[256])
{
	snprintf(host, 256, "%.*s", (int)(length < 255 ? length : 255), start);
	if (!length || !strcmp(host, "index.docker.io") || !strcmp(host, "registry-1.docker.io"))
		snprintf(host, 256, HUB);
}

/* "ghcr.io" of the image ghcr.io/team/name; one whose name has no host belongs to Docker's own registry. */
static void host_of_image(const char *name, char host[256])
{
	size_t length = strcspn(name, "/");
	bool has_host = name[length] && (memchr(name, '.', length) || memchr(name, ':', length) ||
									 (length == 9 && !memcmp(name, "localhost", 9)));
	name_host(name, has_host ? length : 0, host);
}

/* "ghcr.io" of a key of a Docker configuration: ghcr.io, https://ghcr.io/v2/. */
static void host_of_key(const char *key, char host[256])
{
	const char *scheme = strstr(key, "://"), *start = scheme ? scheme + 3 : key;
	name_host(start, strcspn(start, "/"), host);
}

/* ---- logins ---- */

/* {"username", "password", "serveraddress"} in `logins` under its host. false: no colon in it. */
static bool add_login(Docker *docker, Document *logins, const char *host, const char *pair)
{
	Documents *d = docker->documents;
	const char *colon = strchr(pair, ':');
	char *user = colon ? strndup(pair, (size_t)(colon - pair)) : NULL;
	Document *login = user ? document_make(d) : NULL;
	if (!login) {
		free(user);
		return false;
	}
	document_set_text(d, login, "username", user);
	document_set_text(d, login, "password", colon + 1);
	document_set_text(d, login, "serveraddress", strcmp(host, HUB) ? host : HUB_KEY);
	document_set_member(d, logins, strcmp(host, HUB) ? host : HUB_KEY, login);
	free(user);
	return true;
}

/* One member of "auths". */
static bool add_entry(Docker *docker, Document *logins, const char *key, const Document *entry)
{
	Documents *d = docker->documents;
	const char *auth = document_get_text(d, entry, "auth");
	const char *user = document_get_text(d, entry, "username");
	const char *password = document_get_text(d, entry, "password");
	const char *token = document_get_text(d, entry, "identitytoken");
	char host[256], *pair = NULL;
	host_of_key(key, host);
	if (token && *token) {
		Document *login = document_make(d);
		document_set_text(d, login, "identitytoken", token);
		document_set_member(d, logins, strcmp(host, HUB) ? host : HUB_KEY, login);
		return true;
	}
	if (auth && *auth)
		pair = decode(auth);
	else if (user && password && asprintf(&pair, "%s:%s", user, password) < 0)
		pair = NULL;
	bool good = pair && add_login(docker, logins, host, pair);
	free(pair);
	return good;
}

static bool add_configuration(Docker *docker, Document *logins, const char *text)
{
	Documents *d = docker->documents;
	Document *configuration = document_read(d, text, strlen(text));
	size_t count = document_count(d, configuration, "auths");
	bool good = count > 0;
	for (size_t i = 0; good && i < count; i++)
		good = add_entry(docker, logins, document_key(d, configuration, "auths", i),
						 document_item(d, configuration, "auths", i));
	document_free(d, configuration);
	return good;
}

/* Host to login, of a spec's secret; empty without one. NULL: problem tells why. */
static Document *read_logins(Docker *docker, const Spec *spec, const char *host, char problem[256])
{
	Documents *d = docker->documents;
	Document *logins = document_make(d);
	char *variable = spec->secret ? secret_variable(NULL, spec->secret) : NULL;
	const char *text = variable ? getenv(variable) : NULL;
	bool good = logins != NULL;
	*problem = '\0';
	if (spec->secret && !text) {
		snprintf(problem, 256, "the secret '%.80s' is not in the environment (%.80s)", spec->secret,
				 variable ? variable : "");
		good = false;
	} else if (text) {
		text += strspn(text, " \t\r\n");
		good = *text == '{' ? add_configuration(docker, logins, text)
							: add_login(docker, logins, host, text);
		if (!good)
			snprintf(problem, 256,
					 "the secret '%.80s' is neither USER:PASSWORD nor a Docker configuration "
					 "({\"auths\": ...})",
					 spec->secret);
	}
	free(variable);
	if (good)
		return logins;
	document_free(d, logins);
	return NULL;
}

/* The registry that credentials without a host are for: the image's, else that of its base. */
static void own_host(const Docker *docker, const Spec *spec, char host[256])
{
	char name[512];
	if (spec->registry) { /* may be a host alone */
		snprintf(name, sizeof name, "%.400s/image", spec->registry);
		host_of_image(name, host);
	} else {
		host_of_image(spec->image          ? spec->image
					  : docker->base_image ? docker->base_image
										   : "python",
					  host);
	}
}

char *registry_auth(Docker *docker, const Spec *spec, char problem[256])
{
	Documents *d = docker->documents;
	char host[256], *header = NULL;
	own_host(docker, spec, host);
	Document *logins = read_logins(docker, spec, host, problem);
	if (!logins)
		return NULL;
	const Document *login = NULL;
	const char *wanted = strcmp(host, HUB) ? host : HUB_KEY;
	for (size_t i = 0; i < document_count(d, logins, NULL); i++)
		if (strcmp(document_key(d, logins, NULL, i), wanted) == 0)
			login = document_item(d, logins, NULL, i);
	if (spec->secret && !login) {
		snprintf(problem, 256, "the secret '%.80s' has nothing for %.120s", spec->secret, host);
	} else {
		char *text = login ? document_text(d, login) : strdup("{}");
		header = text ? header_of("X-Registry-Auth: ", text) : NULL;
		free(text);
		if (!header)
			snprintf(problem, 256, "no memory, or the secret '%.80s' is not UTF-8",
					 spec->secret ? spec->secret : "");
	}
	document_free(d, logins);
	return header;
}

char *registry_config(Docker *docker, const Spec *spec, char problem[256])
{
	char host[256];
	own_host(docker, spec, host);
	Document *logins = read_logins(docker, spec, host, problem);
	char *text = logins ? document_text(docker->documents, logins) : NULL;
	char *header = text ? header_of("X-Registry-Config: ", text) : NULL;
	free(text);
	document_free(docker->documents, logins);
	return header;
}

/* ---- what registries answer ---- */

void registry_explain(const Spec *spec, const char *name, const char *words, const char *no_secret,
					  char *text, size_t size)
{
	static const char *const denied[] = {"denied", "unauthorized", "authentication required",
										 "no basic auth", "forbidden"};
	static const char *const missing[] = {"not found", "manifest unknown", "name unknown",
										  "does not exist"};
	static const char *const away[] = {"connection refused", "no such host", "timeout",
									   "deadline",           "unreachable",  "no route to",
									   "HTTP response to",   "x509",         "EOF",
									   "reset by peer",      "dial tcp"};
	const struct {
		const char *const *marks;
		size_t count;
		const char *meaning;
	} kinds[] = {{denied, 5, "denies access"},
				 {missing, 4, "does not have it"},
				 {away, 11, "cannot be reached"}};
	char host[256];
	host_of_image(name, host);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		bool found = false;
		for (size_t k = 0; k < kinds[i].count; k++)
			found |= strcasestr(words, kinds[i].marks[k]) != NULL;
		if (!found)
			continue;
		const char *remedy = i ? "" : "; name credentials by ImageConfig(registry_secret=...)";
		char check[160];
		if (!i && *no_secret) {
			snprintf(check, sizeof check, "; %.150s", no_secret);
			remedy = check;
		} else if (!i && spec->secret) {
			snprintf(check, sizeof check, "; check the secret '%.100s'", spec->secret);
			remedy = check;
		}
		snprintf(text, size, "the registry %.100s %s (%.400s)%s", host, kinds[i].meaning, words,
				 remedy);
		return;
	}
	snprintf(text, size, "%.600s", words);
}
