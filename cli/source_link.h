/*
 * Where a line of a source file can be read on the web: links to the commit that the file's git repository is at.
 *
 *     SourceLinks *links = source_links_open(NULL, problem);
 *     char *link = source_link(links, "flows/pipeline.py", 12);
 *     ... "https://github.com/acme/flows/blob/3f2a.../flows/pipeline.py#L12", or NULL ...
 *     free(link);
 *     source_links_close(links);
 *
 * There is no link where there is no git, no repository that git trusts, no commit, no remote whose URL has a known host, or
 * where the file is not in the commit. The line is left out unless the work tree is clean. git is asked once for each
 * folder (git.h says what it may do). docs/source-links.md is for users.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBXC_SOURCE_LINK_H
#define SBXC_SOURCE_LINK_H

#include <stdbool.h>

typedef struct SourceLinks SourceLinks;

/*
 * hosts: a file with more hosts (source_hosts.c); NULL: the one that SBX_SOURCE_HOSTS names, or none. NULL is returned,
 * with *problem for the user, where that file cannot be read or is wrong.
 */
SourceLinks *source_links_open(const char *hosts, char problem[512]);
void source_links_close(SourceLinks *links); /* accepts NULL */
/* line 0: a link to the whole file. Made with malloc; NULL: there is no link. */
char *source_link(SourceLinks *links, const char *path, unsigned line);

/* ---- source_url.c ---- */

/*
 * "https://host/path" of what a remote's URL says, without user, password and the port of another protocol; host is a part
 * of it. Made with malloc; NULL: it names no place on the web.
 */
char *source_url(const char *remote, char host[256]);
/* Percent-encoded but for "/" and what needs it nowhere. Made with malloc; NULL: no memory. */
char *source_url_path(const char *path);

/* ---- source_hosts.c ---- */

typedef struct SourceHosts SourceHosts;
/* NULL: *problem says why. path NULL: only those that are built in. */
SourceHosts *source_hosts_open(const char *path, char problem[512]);
void source_hosts_close(SourceHosts *hosts); /* accepts NULL */
/* The form of a host's links, or NULL: it is not known. */
const char *source_hosts_find(const SourceHosts *hosts, const char *host);
/*
 * Fills a form: {url}, {host}, {commit}, {path}, {line}; what stands in [ ] is left out where line is 0. path is encoded
 * already. Made with malloc; NULL: no memory.
 */
char *source_hosts_fill(const char *form, const char *url, const char *host, const char *commit,
						const char *path, unsigned line);

#endif
