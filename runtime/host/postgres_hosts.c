/*
 * See postgres_hosts.h. A list "a,b" whose names have the addresses a1, a2 and b1 becomes host=a,a,b hostaddr=a1,a2,b1, which
 * libpq tries in turn as it does with addresses that it has found itself.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postgres_hosts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MOST_NAMES = 32,     /* each is a thread of curl's while it is looked up */
	MOST_ADDRESSES = 32, /* of a name; others are not tried */
	ADDRESS_LENGTH = 64  /* an IPv6 one with its zone */
};

#define SYSTEM_FOLDER "/etc/postgresql-common" /* of Debian's libpq */

/* The three parameters, in which a host has an item each. */
enum { HOST, HOSTADDR, PORT, LISTS };

typedef struct PostgresHost {
	char *items[LISTS]; /* "": the default */
	bool is_name, is_ended;
	size_t count; /* of its addresses */
	char addresses[MOST_ADDRESSES][ADDRESS_LENGTH];
	HttpRequest request;
} PostgresHost;

struct PostgresHosts {
	size_t count;
	bool has_ports; /* one for each host */
	Http *names;
	char *joined[LISTS]; /* what postgres_hosts_get has made */
	PostgresHost each[];
};

/* ---- reading the lists ---- */

static size_t count_items(const char *list)
{
	size_t count = 1;
	for (; *list; list++)
		count += *list == ',';
	return count;
}

/* The item at *list, which goes on to the next; NULL: no memory. At the list's end there are only "". */
static char *take_item(const char **list)
{
	size_t length = strcspn(*list, ",");
	char *item = strndup(*list, length);
	*list += length + ((*list)[length] == ',');
	return item;
}

static bool is_address(const char *host)
{
	char plain[ADDRESS_LENGTH];
	unsigned char bytes[16];
	size_t length = strcspn(host, "%");
	if (length >= sizeof plain)
		return false;
	memcpy(plain, host, length);
	plain[length] = '\0';
	return inet_pton(AF_INET6, plain, bytes) == 1 ||
		   (!host[length] && inet_pton(AF_INET, plain, bytes) == 1);
}

/* Would libpq look it up? */
static bool is_name(const PostgresHost *h)
{
	const char *host = h->items[HOST];
	return *host && !*h->items[HOSTADDR] && !strchr("/@", *host) && !is_address(host);
}

bool postgres_hosts_open(const char *host, const char *hostaddr, const char *port,
						 PostgresHosts **out, const char **problem)
{
	bool has_address = hostaddr && *hostaddr, has_port = port && *port;
	*out = NULL;
	*problem = "out of memory";
	if (!host || !*host)
		return true;
	size_t count = count_items(host), ports = has_port ? count_items(port) : 1;
	if ((has_address && count_items(hostaddr) != count) || (ports != 1 && ports != count))
		return true; /* libpq says what is wrong with that */
	size_t names = 0;
	PostgresHosts *hosts = calloc(1, sizeof *hosts + count * sizeof *hosts->each);
	if (!hosts)
		return false;
	hosts->count = count;
	hosts->has_ports = ports > 1;
	const char *lists[LISTS] = {host, has_address ? hostaddr : "", hosts->has_ports ? port : ""};
	for (size_t i = 0; i < count; i++) {
		PostgresHost *h = &hosts->each[i];
		for (int list = 0; list < LISTS; list++)
			if (!(h->items[list] = take_item(&lists[list]))) {
				postgres_hosts_close(hosts);
				return false;
			}
		h->is_name = is_name(h);
		names += h->is_name;
	}
	if (names && names <= MOST_NAMES)
		*out = hosts;
	else
		postgres_hosts_close(hosts);
	*problem = "the connection has more than 32 hosts to look up";
	return names <= MOST_NAMES;
}

void postgres_hosts_close(PostgresHosts *hosts)
{
	if (!hosts)
		return;
	for (size_t i = 0; i < hosts->count; i++) {
		PostgresHost *h = &hosts->each[i];
		if (hosts->names)
			http_cancel(hosts->names, &h->request);
		for (int list = 0; list < LISTS; list++)
			free(h->items[list]);
	}
	for (int list = 0; list < LISTS; list++)
		free(hosts->joined[list]);
	free(hosts);
}

/* ---- looking up ---- */

static void address_came(HttpRequest *request, const char *address)
{
	PostgresHost *h = request->context;
	if (h->count < MOST_ADDRESSES && strlen(address) < ADDRESS_LENGTH)
		memcpy(h->addresses[h->count++], address, strlen(address) + 1);
}

static void look_up_ended(HttpRequest *request, const char *problem)
{
	(void)problem; /* it has no address then */
	((PostgresHost *)request->context)->is_ended = true;
}

bool postgres_hosts_look_up(PostgresHosts *hosts, Http *names)
{
	hosts->names = names;
	for (size_t i = 0; i < hosts->count; i++) {
		PostgresHost *h = &hosts->each[i];
		h->is_ended = !h->is_name || !http_is_name(h->items[HOST]);
		if (h->is_ended)
			continue;
		h->request = (HttpRequest){.method = "GET",
								   .path = h->items[HOST],
								   .context = h,
								   .on_address = address_came,
								   .on_end = look_up_ended};
		if (!http_start(names, &h->request))
			return false;
	}
	return true;
}

bool postgres_hosts_are_known(const PostgresHosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		if (!hosts->each[i].is_ended)
			return false;
	return true;
}

/* ---- what libpq is told ---- */

static size_t count_addresses(const PostgresHost *h)
{
	return h->is_name ? h->count : 1;
}

bool postgres_hosts_are_some(const PostgresHosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		if (count_addresses(&hosts->each[i]))
			return true;
	return false;
}

static char *join(const PostgresHosts *hosts, int list, int times)
{
	char *text = NULL;
	const char *comma = "";
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return NULL;
	while (times-- > 0)
		for (size_t i = 0; i < hosts->count; i++) {
			const PostgresHost *h = &hosts->each[i];
			for (size_t a = 0; a < count_addresses(h); a++) {
				bool is_found = list == HOSTADDR && h->is_name;
				fprintf(out, "%s%s", comma, is_found ? h->addresses[a] : h->items[list]);
				comma = ",";
			}
		}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* *has_empty: one of the lists is "". */
static bool join_all(PostgresHosts *hosts, int times, bool *has_empty)
{
	*has_empty = false;
	for (int list = 0; list < (hosts->has_ports ? LISTS : PORT); list++) {
		free(hosts->joined[list]);
		hosts->joined[list] = join(hosts, list, times);
		if (!hosts->joined[list])
			return false;
		*has_empty |= !*hosts->joined[list];
	}
	return true;
}

bool postgres_hosts_get(PostgresHosts *hosts, PostgresAddresses *out)
{
	bool has_empty;
	if (!postgres_hosts_are_some(hosts) || !join_all(hosts, 1, &has_empty))
		return false;
	/* An empty parameter is none to libpq, which would take the connection's own, with its names: what is left of it stands
	   there twice, with a comma. */
	if (has_empty && !join_all(hosts, 2, &has_empty))
		return false;
	*out = (PostgresAddresses){hosts->joined[HOST], hosts->joined[HOSTADDR], hosts->joined[PORT]};
	return true;
}

void postgres_hosts_list(const PostgresHosts *hosts, bool known, char text[300])
{
	size_t used = 0;
	*text = '\0';
	for (size_t i = 0; i < hosts->count && used < 200; i++) {
		const PostgresHost *h = &hosts->each[i];
		if (h->is_name && (h->count > 0) == known)
			used += (size_t)snprintf(text + used, 300 - used, "%s'%.60s'", used ? ", " : "",
									 h->items[HOST]);
	}
}

/* ---- services ---- */

static bool has_directory(const char *folder, const char *name)
{
	char path[4096], line[2048];
	bool found = false;
	snprintf(path, sizeof path, "%s%s", folder, name);
	FILE *file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof line, file)) {
		const char *text = line;
		while (isspace((unsigned char)*text))
			text++;
		found = strncmp(text, "ldap", 4) == 0;
	}
	if (file)
		fclose(file);
	return found;
}

/* In the places that libpq looks at, in whatever service: a line "ldap://...". */
bool postgres_service_asks(void)
{
	const char *own = getenv("PGSERVICEFILE"), *home = getenv("HOME");
	const char *system = getenv("PGSYSCONFDIR");
	char room[2048];
	struct passwd entry, *user = NULL;
	if (!home || !*home)
		home = getpwuid_r(geteuid(), &entry, room, sizeof room, &user) == 0 && user ? user->pw_dir
																					: "";
	return (own ? has_directory(own, "") : has_directory(home, "/.pg_service.conf")) ||
		   has_directory(system ? system : SYSTEM_FOLDER, "/pg_service.conf");
}
