/*
 * What is known of names outside a program: which builtins, modules of the standard library and packages run nothing of
 * the program's and change nothing. All that does not stand here may do anything.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "module_index.h"

/* They call nothing that they are given and change nothing: as calls, decorators, base classes. */
static const char quiet_names[] =
	" abc.* builtins.ArithmeticError builtins.AssertionError builtins.AttributeError "
	"builtins.BaseException"
	" builtins.ConnectionError builtins.Exception builtins.FileNotFoundError builtins.ImportError "
	"builtins.IndexError"
	" builtins.KeyError builtins.LookupError builtins.NotImplementedError builtins.OSError "
	"builtins.OverflowError"
	" builtins.PermissionError builtins.RuntimeError builtins.StopIteration builtins.TimeoutError "
	"builtins.TypeError"
	" builtins.ValueError builtins.Warning builtins.ZeroDivisionError builtins.bool builtins.bytes"
	" builtins.classmethod builtins.complex builtins.dict builtins.float builtins.frozenset "
	"builtins.int"
	" builtins.isinstance builtins.len builtins.list builtins.object builtins.print "
	"builtins.property builtins.range"
	" builtins.repr builtins.set builtins.slice builtins.staticmethod builtins.str builtins.super "
	"builtins.tuple"
	" collections.Counter collections.OrderedDict collections.abc.* collections.deque"
	" collections.namedtuple contextlib.asynccontextmanager contextlib.contextmanager "
	"dataclasses.dataclass"
	" dataclasses.field datetime.* decimal.Decimal flyte.* fractions.Fraction functools.cache "
	"functools.cached_property"
	" functools.lru_cache functools.singledispatch functools.total_ordering "
	"functools.update_wrapper functools.wraps"
	"  math.* os.cpu_count os.environ.get os.fspath os.getcwd os.getenv os.path.* "
	"pathlib.Path"
	" pathlib.PosixPath pathlib.PurePath pathlib.PurePosixPath re.compile re.escape "
	"string.Template textwrap.*"
	" torch.nn.Module types.MappingProxyType types.SimpleNamespace typing.* typing_extensions.* "
	"uuid.UUID ";

/* They may call what they are given, and change nothing else; nor do their results, as paths and loggers would. */
static const char pure_names[] =
	" __future__.* abc.* base64.* bisect.* collections.* contextlib.* copy.* dataclasses.* "
	"datetime.* decimal.Decimal"
	" enum.Enum enum.Flag enum.IntEnum enum.IntFlag enum.StrEnum enum.auto enum.unique flyte.* "
	"fractions.* functools.*"
	" hashlib.* heapq.* itertools.* json.* math.* numbers.* operator.* os.cpu_count os.environ.get "
	"os.fspath os.getcwd"
	" os.getenv os.path.* pathlib.PurePath pathlib.PurePosixPath pydantic.* re.* statistics.* "
	"string.* struct.*"
	" textwrap.* torch.nn.Module types.MappingProxyType types.SimpleNamespace typing.* "
	"typing_extensions.* uuid.* zlib.* ";

/* Of Flyte, what runs things. */
static const char running_names[] =
	" flyte.deploy flyte.map flyte.run flyte.serve "
	"flyte.with_runcontext flyte.sandbox.orchestrate_local typing.get_type_hints"
	" typing_extensions.get_type_hints ";

static const char impure_builtins[] = " __build_class__ __builtins__ __import__ __loader__ "
									  "__spec__ breakpoint compile delattr eval exec globals input"
									  " locals open vars ";

static const char standard_modules[] = " __future__ abc argparse array ast asyncio atexit base64 "
									   "binascii bisect builtins bz2 calendar cmath codecs"
									   " collections colorsys concurrent configparser contextlib "
									   "contextvars copy copyreg csv ctypes dataclasses datetime"
									   " decimal difflib dis email enum errno faulthandler fcntl "
									   "filecmp fnmatch fractions ftplib functools gc getpass"
									   " gettext glob graphlib grp gzip hashlib heapq hmac html "
									   "http imaplib importlib inspect io ipaddress itertools json"
									   " keyword linecache locale logging lzma mailbox marshal "
									   "math mimetypes mmap multiprocessing netrc ntpath numbers"
									   " operator optparse os pathlib pickle pickletools pkgutil "
									   "platform plistlib posixpath pprint profile pwd py_compile"
									   " pydoc queue quopri random re reprlib resource runpy sched "
									   "secrets select selectors shelve shlex shutil signal"
									   " smtplib socket socketserver sqlite3 ssl stat statistics "
									   "string stringprep struct subprocess symtable sys sysconfig"
									   " tarfile tempfile textwrap threading time timeit token "
									   "tokenize tomllib traceback tracemalloc types typing"
									   " typing_extensions unicodedata unittest urllib uuid venv "
									   "warnings wave weakref xml xmlrpc zipapp zipfile zipimport"
									   " zlib zoneinfo flyte ";

static const char dynamic_names[] = " __annotations__ __builtins__ __import__ __loader__ __main__ "
									"__spec__ eval exec globals importlib locals vars ";
static const char dynamic_attributes[] =
	" __bases__ __builtins__ __class_getitem__ __code__ __globals__ __init_subclass__ __loader__ "
	"__mro_entries__ __spec__"
	" __subclasses__ _getframe f_back f_builtins f_globals f_locals import_module modules ";
static const char dynamic_modules[] = " __main__ cloudpickle ctypes dill gc imp importlib inspect "
									  "joblib pickle pkgutil pydoc runpy shelve zipimport ";

static bool is_word_of(const char *words, const char *word, size_t length)
{
	const char *at = words;
	while (length && (at = memmem(at, strlen(at), word, length))) {
		if (at[-1] == ' ' && at[length] == ' ')
			return true;
		at++;
	}
	return false;
}

static bool is_listed(const char *names, const char *path)
{
	char pattern[256];
	size_t length = strlen(path);
	if (length > sizeof pattern - 3)
		return false;
	if (is_word_of(names, path, length))
		return true;
	memcpy(pattern, path, length + 1);
	for (size_t i = length; i-- > 1;)
		if (pattern[i] == '.') {
			pattern[i + 1] = '*';
			if (is_word_of(names, pattern, i + 2))
				return true;
		}
	return false;
}

bool load_is_pure_path(const char *path)
{
	if (!strncmp(path, "builtins.", 9))
		return !is_word_of(impure_builtins, path + 9, strlen(path + 9));
	return is_listed(pure_names, path) && !is_listed(running_names, path);
}

bool load_is_standard_module(const char *name)
{
	return is_word_of(standard_modules, name, strcspn(name, "."));
}

bool load_is_dynamic_name(const char *name)
{
	size_t length = strlen(name);
	bool is_private = length > 2 && !strncmp(name, "__", 2) && strcmp(name + length - 2, "__") != 0;
	return is_private || is_word_of(dynamic_names, name, length);
}

bool load_is_dynamic_attribute(const char *name)
{
	return strchr("_fim", *name) && is_word_of(dynamic_attributes, name, strlen(name));
}

bool load_is_dynamic_module(const char *name)
{
	return is_word_of(dynamic_modules, name, strcspn(name, "."));
}

bool load_is_quiet_path(const char *path)
{
	return is_listed(quiet_names, path) && !is_listed(running_names, path);
}

bool load_is_keeping_path(const char *path)
{
	static const char keeping_names[] =
		" abc.* builtins.classmethod builtins.property"
		" builtins.staticmethod contextlib.* dataclasses.* flyte.* functools.* typing.*"
		" typing_extensions.* ";
	return is_listed(keeping_names, path);
}

bool load_is_running_path(const char *path)
{
	return is_listed(running_names, path);
}
