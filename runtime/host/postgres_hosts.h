/*
 * Where a connection to PostgreSQL goes. libpq would look the names of its hosts up itself, and wait for that: so they are
 * looked up here by curl's resolver, and libpq is given the addresses beside the names, which certificates are checked for.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_POSTGRES_HOSTS_H
#define SBX_POSTGRES_HOSTS_H

#include <stdbool.h>

#include "http.h"

typedef struct PostgresHosts PostgresHosts;

/* The parameters of libpq, lists of the same length: NULL where the connection's own are right. */
typedef struct PostgresAddresses {
	const char *host, *hostaddr, *port;
} PostgresAddresses;

/* Of the parameters as libpq has them: lists, or NULL. False: *problem tells why. *out is NULL where there is nothing to
 * look up: addresses and paths of sockets, or lists that libpq refuses. */
bool postgres_hosts_open(const char *host, const char *hostaddr, const char *port,
						 PostgresHosts **out, const char **problem);
void postgres_hosts_close(PostgresHosts *hosts); /* accepts NULL; look-ups end with it */
/* All names at once; what comes of them is there after a poll of `names`. False: no memory. */
bool postgres_hosts_look_up(PostgresHosts *hosts, Http *names);
/* Is nothing more to come? */
bool postgres_hosts_are_known(const PostgresHosts *hosts);
/* Is there something to connect to by now? */
bool postgres_hosts_are_some(const PostgresHosts *hosts);
/* What can be connected to by now, until the close. A name that is not known is left out; false: none is, or no memory. */
bool postgres_hosts_get(PostgresHosts *hosts, PostgresAddresses *out);
/* "'db.example', 'other.example'": names, shortened, that are known or are not; "": there are none. */
void postgres_hosts_list(const PostgresHosts *hosts, bool known, char text[300]);

/* May libpq ask a directory (LDAP), and wait, for what pg_service.conf says of a service? */
bool postgres_service_asks(void);

#endif
