/*
 * A remote's URL as the address of its web page. git takes "https://host/path", "ssh://user@host:port/path", other
 * schemes, "user@host:path", and names of files; what is no host and path gives nothing. Users, passwords and tokens
 * are dropped before anything else is looked at.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source_link.h"

enum { MOST_URL = 2000, MOST_HOST = 253 };

/* ---- paths ---- */

static bool is_plain(unsigned char c)
{
	return isalnum(c) || strchr("-._~/", c);
}

char *source_url_path(const char *path)
{
	char *out = malloc(strlen(path) * 3 + 1), *end = out;
	if (!out)
		return NULL;
	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		if (*p < 0x80 && is_plain(*p)) {
			*end++ = (char)*p;
			continue;
		}
		*end++ = '%';
		*end++ = "0123456789ABCDEF"[*p >> 4];
		*end++ = "0123456789ABCDEF"[*p & 15];
	}
	*end = '\0';
	return out;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place. False: a percent sign without two digits, or a NUL. */
static bool decode(char *text)
{
	char *to = text;
	for (const char *from = text; *from; from++) {
		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		int high = hex(from[1]), low = high < 0 ? -1 : hex(from[2]);
		if (low < 0 || high * 16 + low == 0)
			return false;
		*to++ = (char)(high * 16 + low);
		from += 2;
	}
	*to = '\0';
	return true;
}

/* No empty part, "." or "..", no control character; at least one part. */
static bool is_path(const char *path)
{
	if (!*path)
		return false;
	for (const char *part = path;; part++) {
		size_t length = strcspn(part, "/");
		if (!length || (length == 1 && *part == '.') ||
			(length == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		for (size_t i = 0; i < length; i++)
			if ((unsigned char)part[i] < 0x20 || part[i] == 0x7f)
				return false;
		part += length;
		if (!*part)
			return true;
	}
}

/* Without slashes around it and ".git" behind it. */
static char *trim_path(char *path)
{
	while (*path == '/')
		path++;
	size_t length = strlen(path);
	while (length && path[length - 1] == '/')
		length--;
	if (length > 4 && memcmp(path + length - 4, ".git", 4) == 0)
		length -= 4;
	path[length] = '\0';
	return path;
}

/* ---- hosts ---- */

/* Lower case, into `host`. False: it is no name of a host. */
static bool read_host(const char *text, size_t length, char host[256])
{
	if (!length || length > MOST_HOST || text[0] == '-' || text[0] == '.')
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c >= 0x80 || !(isalnum(c) || c == '-' || c == '.'))
			return false;
		host[i] = (char)tolower(c);
	}
	host[length] = '\0';
	return true;
}

/* The port behind a host: "" or ":443". False: not of that form. */
static bool read_port(const char *text, size_t length, unsigned *port)
{
	*port = 0;
	if (!length)
		return true;
	if (text[0] != ':' || length > 6)
		return false;
	for (size_t i = 1; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*port = *port * 10 + (unsigned)(text[i] - '0');
	}
	return *port < 65536;
}

static char *put_together(const char *host, unsigned port, char *path)
{
	char *encoded, *url = NULL;
	path = trim_path(path);
	if (!is_path(path) || !(encoded = source_url_path(path)))
		return NULL;
	int length = port ? asprintf(&url, "https://%s:%u/%s", host, port, encoded)
					  : asprintf(&url, "https://%s/%s", host, encoded);
	free(encoded);
	return length < 0 ? NULL : url;
}

/* ---- the forms ---- */

/* "scheme://user@host:port/path", from behind the "//". */
static char *with_scheme(char *rest, bool is_https, bool is_http, char host[256])
{
	size_t authority = strcspn(rest, "/?#");
	char *at = memrchr(rest, '@', authority), *name = at ? at + 1 : rest;
	size_t length = authority - (size_t)(name - rest), end = 0;
	unsigned port;
	while (end < length && name[end] != ':')
		end++;
	if (rest[authority] != '/' || !read_host(name, end, host) ||
		!read_port(name + end, length - end, &port))
		return NULL;
	if (is_http && port && port != 80) /* which port its https has nobody knows */
		return NULL;
	if (strpbrk(rest, "?#") || !decode(rest + authority)) /* a query may be a token */
		return NULL;
	return put_together(host, is_https && port != 443 ? port : 0, rest + authority);
}

/* "user@host:path" */
static char *of_ssh(char *remote, char host[256])
{
	char *colon = strchr(remote, ':');
	if (!colon || (size_t)(colon - remote) != strcspn(remote, ":/"))
		return NULL;
	const char *at = memrchr(remote, '@', (size_t)(colon - remote));
	const char *name = at ? at + 1 : remote;
	if (colon - name < 2) /* "C:\folder" */
		return NULL;
	if (!read_host(name, (size_t)(colon - name), host))
		return NULL;
	return put_together(host, 0, colon + 1);
}

char *source_url(const char *remote, char host[256])
{
	static const char *const schemes[] = {"https", "http", "ssh", "git", "git+ssh", "ssh+git"};
	char *copy, *url = NULL;
	host[0] = '\0';
	if (strlen(remote) > MOST_URL || strstr(remote, "::") || !(copy = strdup(remote)))
		return NULL; /* "helper::address" is for a program of that name */
	char *rest = strstr(copy, "://");
	if (!rest) {
		url = of_ssh(copy, host);
	} else {
		for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
			if (strlen(schemes[i]) == (size_t)(rest - copy) &&
				strncasecmp(copy, schemes[i], (size_t)(rest - copy)) == 0)
				url = with_scheme(rest + 3, i == 0, i == 1, host);
	}
	free(copy);
	return url;
}
