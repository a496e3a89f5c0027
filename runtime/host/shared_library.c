/*
 * See shared_library.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shared_library.h"

#include <dlfcn.h>
#include <string.h>

bool shared_library_load(const char *file, const SharedName *names, size_t count, void *table)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	bool good = library != NULL;
	for (size_t i = 0; good && i < count; i++) {
		void *symbol = dlsym(library, names[i].name);
		good = symbol != NULL;
		/* ISO C has no cast from an object's pointer to a function's */
		memcpy((char *)table + names[i].place, &symbol, sizeof symbol);
	}
	if (library)
		dlclose(library);
	return good;
}
