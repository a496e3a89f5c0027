# A minimal stand-in for the flyte package, used where the real one is not installed.
#
# It knows what a task needs while it runs: environments and their decorators, which leave functions callable, and
# File, Dir and DataFrame with local paths. Every other name answers with something that can be called, indexed,
# entered, awaited and derived from, and does nothing. `run_folder` is put here by the worker.
# SPDX-License-Identifier: Apache-2.0
import functools
import os
import shutil
import sys
import types


class Anything:
    """An object that lets itself be used in any way, without effect."""

    def __init__(self, name='flyte'):
        self.__dict__['_name'] = name

    def __getattr__(self, name):
        if name.startswith('__') and name.endswith('__'):
            raise AttributeError(name)
        return Anything(f'{self._name}.{name}')

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
            return args[0]  # used as a decorator
        return Anything(self._name)

    def __mro_entries__(self, bases):
        return ()

    def __instancecheck__(self, value):
        return False

    def __subclasscheck__(self, kind):
        return False

    def __getitem__(self, key):
        return self

    def __setitem__(self, key, value):
        pass

    def __setattr__(self, name, value):
        pass

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __bool__(self):
        return True

    def __or__(self, other):
        return self

    __ror__ = __add__ = __radd__ = __or__

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        return False

    def __await__(self):
        return self
        yield

    def __repr__(self):
        return f'<{self._name} (flyte is not installed)>'


# ---- tasks and environments ----

class Task:
    """What @env.task makes of a function: still the function, with the names that task objects have."""

    def __init__(self, func, name, settings):
        self.func = func
        self.name = name
        self.settings = settings
        functools.update_wrapper(self, func)
        del self.__wrapped__

    def __call__(self, *args, **kwargs):
        return self.func(*args, **kwargs)

    async def aio(self, *args, **kwargs):
        result = self.func(*args, **kwargs)
        return await result if hasattr(result, '__await__') else result

    def forward(self, *args, **kwargs):
        return self.func(*args, **kwargs)

    def override(self, **settings):
        return self

    def __get__(self, owner, kind=None):
        return self if owner is None else types.MethodType(self, owner)

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return Anything(f'{self.name}.{name}')


class CodeTask:
    """An orchestrator given as a string. It runs in a compiled program, not here."""

    def __init__(self, source='', name='sandboxed-code', **settings):
        self.source = source
        self.name = name

    def __call__(self, *args, **kwargs):
        raise RuntimeError(f"'{self.name}' is an orchestrator given as a string: "
                           'it cannot be called from a task while the flyte package is not installed')

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return Anything(f'{self.name}.{name}')


class Sandbox:
    def __init__(self, environment):
        self.environment = environment

    def orchestrator(self, function=None, **settings):
        if isinstance(function, str):
            return CodeTask(function, **settings)
        return self.environment.task(function, **settings)

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return Anything(f'sandbox.{name}')


class TaskEnvironment:
    def __init__(self, name='', *args, **settings):
        self.name = name
        self.__dict__.update(settings)
        self.sandbox = Sandbox(self)

    def task(self, function=None, **settings):
        if function is None:
            return functools.partial(self.task, **settings)
        if isinstance(function, Task):
            function = function.func
        name = getattr(function, '__name__', 'task')
        return Task(function, settings.get('name') or f'{self.name}.{name}', settings)

    @classmethod
    def from_task(cls, name, *tasks, **settings):
        return cls(name, **settings)

    def clone_with(self, name, **settings):
        return type(self)(name, **settings)

    def add_dependency(self, *environments):
        pass

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return Anything(f'TaskEnvironment.{name}')


class Mapper:
    """flyte.map: one call after the other here."""

    def __call__(self, function, *iterables, return_exceptions=True, **settings):
        for arguments in zip(*iterables):
            try:
                yield function(*arguments)
            except Exception as error:
                if not return_exceptions:
                    raise
                yield error

    async def aio(self, function, *iterables, return_exceptions=True, **settings):
        for arguments in zip(*iterables):
            try:
                result = function(*arguments)
                yield await result if hasattr(result, '__await__') else result
            except Exception as error:
                if not return_exceptions:
                    raise
                yield error


def trace(function=None, **settings):
    return function if function is not None else trace


async def orchestrate_local(*args, **kwargs):
    raise RuntimeError('flyte.sandbox.orchestrate_local cannot be called from a task while the flyte package is not '
                       'installed')


# ---- files ----

class Now:
    """A result that may be awaited or not: the real package's file handles are asynchronous."""

    def __await__(self):
        return self._plain(self)
        yield


class BytesNow(Now, bytes):
    _plain = bytes


class TextNow(Now, str):
    _plain = str


class IntNow(Now, int):
    _plain = int


def awaitable(value):
    kinds = {bytes: BytesNow, str: TextNow, int: IntNow}
    return kinds[type(value)](value) if type(value) in kinds else value


class Handle:
    """An open file whose read and write can be awaited, and need not be."""

    def __init__(self, file):
        self._file = file

    def read(self, *args):
        return awaitable(self._file.read(*args))

    def readline(self, *args):
        return awaitable(self._file.readline(*args))

    def write(self, data):
        return awaitable(self._file.write(data))

    def close(self):
        self._file.close()
        return Anything()

    def flush(self):
        self._file.flush()
        return Anything()

    def __iter__(self):
        return iter(self._file)

    async def __aiter__(self):
        for line in self._file:
            yield line

    def __getattr__(self, name):
        return getattr(self._file, name)


class Opened:
    """What File.open gives: to be entered with `async with`, or `with`."""

    def __init__(self, path, mode):
        self.path, self.mode = path, mode

    def __enter__(self):
        if any(letter in self.mode for letter in 'wax+'):
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self.file = open(self.path, self.mode)
        return Handle(self.file)

    def __exit__(self, *exception):
        self.file.close()

    async def __aenter__(self):
        return self.__enter__()

    async def __aexit__(self, *exception):
        self.file.close()


new_names = {}


def new_path(name):
    """A path in the run's folder that nobody has yet."""
    os.makedirs(run_folder, exist_ok=True)
    number = new_names.get(name, 0)
    while True:
        number += 1
        new_names[name] = number
        folder = os.path.join(run_folder, f'{os.getpid()}-{number}')
        try:
            os.mkdir(folder)
        except FileExistsError:
            continue
        return os.path.join(folder, name)


def local(path):
    """A path of this machine, or an error that says what is missing."""
    path = os.fspath(path)
    if path.startswith('file://'):
        return path[7:]
    if '://' in path:
        raise RuntimeError(f"'{path}' is not a local path; install the flyte package to reach remote storage")
    return path


class Stored:
    """What File and Dir share: a path, and where it leads."""

    kind = 'file'

    def __init__(self, path='', name=None, format='', hash=None, **more):
        self.path = os.fspath(path)
        self.name = name
        self.format = format or ''
        self.hash = hash

    def __class_getitem__(cls, item):
        return cls

    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        from pydantic_core import core_schema
        return core_schema.is_instance_schema(cls)

    @classmethod
    def from_local_sync(cls, local_path, remote_destination=None, hash_method=None, **more):
        path = os.path.abspath(local(local_path))
        if not os.path.exists(path):
            raise ValueError(f'{cls.__name__} not found: {local_path}')
        if remote_destination is not None:
            to = os.path.abspath(local(remote_destination))
            os.makedirs(os.path.dirname(to), exist_ok=True)
            copy(path, to)
            path = to
        return cls(path, os.path.basename(path), hash=hash_method if isinstance(hash_method, str) else None)

    @classmethod
    async def from_local(cls, *args, **kwargs):
        return cls.from_local_sync(*args, **kwargs)

    @classmethod
    def from_existing_remote(cls, remote_path, file_cache_key=None, **more):
        return cls(remote_path, hash=file_cache_key)

    def exists_sync(self):
        return os.path.exists(local(self.path))

    async def exists(self):
        return self.exists_sync()

    def download_sync(self, local_path=None):
        path = local(self.path)
        if not os.path.exists(path):
            raise FileNotFoundError(f"No such file or directory: '{path}'")
        if local_path is None:
            return path
        to = os.path.abspath(os.fspath(local_path))
        if os.path.isfile(path) and (os.path.isdir(to) or os.fspath(local_path).endswith(os.sep)):
            to = os.path.join(to, os.path.basename(path))
        os.makedirs(os.path.dirname(to), exist_ok=True)
        copy(path, to)
        return to

    async def download(self, local_path=None):
        return self.download_sync(local_path)

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self):
        return hash(self.path)

    def __fspath__(self):
        return local(self.path)

    def __repr__(self):
        return f'{type(self).__name__}(path={self.path!r})'


def copy(path, to):
    if path == to:
        return
    if os.path.isdir(path):
        shutil.copytree(path, to, dirs_exist_ok=True)
    else:
        shutil.copy2(path, to)


class File(Stored):
    @classmethod
    def new_remote(cls, file_name=None, hash_method=None):
        return cls(new_path(file_name or 'file'), hash=hash_method if isinstance(hash_method, str) else None)

    @classmethod
    def named_remote(cls, name):
        os.makedirs(run_folder, exist_ok=True)
        return cls(os.path.join(run_folder, name))

    def open(self, mode='rb', **more):
        return Opened(local(self.path), mode)

    def open_sync(self, mode='rb', **more):
        path = local(self.path)
        if any(letter in mode for letter in 'wax+'):
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        return open(path, mode)


class Dir(Stored):
    @classmethod
    def new_remote(cls, dir_name=None, hash_method=None):
        path = new_path(dir_name or 'dir')
        os.makedirs(path)
        return cls(path)

    def walk_sync(self, recursive=True, file_pattern='*', max_depth=None):
        import fnmatch
        top = local(self.path)
        for folder, folders, names in os.walk(top):
            folders.sort()
            depth = 1 + (0 if folder == top else os.path.relpath(folder, top).count(os.sep) + 1)
            if not recursive or max_depth is not None and depth >= max_depth:
                folders.clear()
            for name in sorted(names):
                if fnmatch.fnmatch(name, file_pattern):
                    yield File(os.path.join(folder, name), name)

    async def walk(self, recursive=True, max_depth=None):
        for file in self.walk_sync(recursive, max_depth=max_depth):
            yield file

    def list_files_sync(self):
        return list(self.walk_sync(recursive=False))

    async def list_files(self):
        return self.list_files_sync()

    def get_file_sync(self, file_name):
        path = os.path.join(local(self.path), file_name)
        return File(path, file_name) if os.path.exists(path) else None

    async def get_file(self, file_name):
        return self.get_file_sync(file_name)


class DataFrame:
    """A table in a file; needs pandas to be read or written."""

    def __init__(self, uri=None, format='', hash=None, val=None, **more):
        self.uri = uri
        self.format = format or ''
        self.hash = hash
        self.val = val
        self.frame_type = None

    def __class_getitem__(cls, item):
        return cls

    __get_pydantic_core_schema__ = Stored.__dict__['__get_pydantic_core_schema__']

    @classmethod
    def wrap_df(cls, val=None, uri=None):
        return cls(uri, val=val)

    from_df = wrap_df

    @classmethod
    def from_local_sync(cls, df, *args, **kwargs):
        return cls(val=df)

    @classmethod
    async def from_local(cls, df, *args, **kwargs):
        return cls(val=df)

    @classmethod
    def from_existing_remote(cls, remote_path, format=None, **more):
        return cls(remote_path, format)

    def open(self, dataframe_type=None):
        self.frame_type = dataframe_type
        return self

    def all_sync(self):
        if self.val is None:
            self.val = read_frame(local(self.uri or ''), self.format)
        return self.val

    def all(self):
        return FrameNow(self)

    async def iter(self):
        yield self.all_sync()

    def __repr__(self):
        return f'DataFrame(uri={self.uri!r}, format={self.format!r})'


class FrameNow:
    """DataFrame.all(): awaited it gives the frame; used without await it passes everything on to the frame."""

    def __init__(self, handle):
        self.__dict__['_frame'] = handle.all_sync()

    def __await__(self):
        return self._frame
        yield

    def __getattr__(self, name):
        return getattr(self._frame, name)

    def __getitem__(self, key):
        return self._frame[key]

    def __len__(self):
        return len(self._frame)

    def __iter__(self):
        return iter(self._frame)


def read_frame(path, format):
    import pandas
    kind = format or os.path.splitext(path)[1].lstrip('.') or 'parquet'
    if os.path.isdir(path) and kind != 'parquet':
        path = os.path.join(path, sorted(os.listdir(path))[0])
    if kind == 'csv':
        return pandas.read_csv(path)
    if kind in ('pickle', 'pkl'):
        return pandas.read_pickle(path)
    return pandas.read_parquet(path)


# ---- connectors ----

class Record:
    """A class of which only the fields are known that it is made with."""

    def __init__(self, *args, **fields):
        self.__dict__.update(fields)

    def __repr__(self):
        fields = ', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())
        return f'{type(self).__name__}({fields})'


class Resource(Record):
    message = log_links = outputs = custom_info = None


class ResourceMeta(Record):
    pass


class AsyncConnector:
    name = 'Async Connector'
    task_type_name = ''
    task_type_version = 0
    metadata_type = ResourceMeta


class AsyncConnectorExecutorMixin:
    pass


class ConnectorRegistry:
    @classmethod
    def register(cls, connector, override=False):
        pass


# ---- the modules ----

def exception_class(name):
    return type(name, (Exception,), {'__module__': 'flyte.errors'})


contents = {
    'flyte': {
        'TaskEnvironment': TaskEnvironment, 'trace': trace, 'map': Mapper(), 'run': Anything('flyte.run'),
        'init': Anything('flyte.init'), '__version__': '0', '_sbx_standin': True,
    },
    'flyte.errors': {},
    'flyte.io': {'File': File, 'Dir': Dir, 'DataFrame': DataFrame},
    'flyte.sandbox': {
        'orchestrator_from_str': CodeTask, 'CodeTaskTemplate': CodeTask, 'orchestrate_local': orchestrate_local,
    },
    'flyte.connectors': {
        'AsyncConnector': AsyncConnector, 'AsyncConnectorExecutorMixin': AsyncConnectorExecutorMixin,
        'ConnectorRegistry': ConnectorRegistry, 'Resource': Resource, 'ResourceMeta': ResourceMeta,
    },
}
for alias, module in (('flyte.connectors._connector', 'flyte.connectors'), ('flyte.io._file', 'flyte.io'),
                      ('flyte.io._dir', 'flyte.io'), ('flyte.io._dataframe', 'flyte.io')):
    contents[alias] = contents[module]
for kind in (File, Dir, DataFrame):
    kind.__module__ = 'flyte.io'


class Module(types.ModuleType):
    """A module that has every name."""

    def __getattr__(self, name):
        if name.startswith('__') and name.endswith('__'):
            raise AttributeError(f'module {self.__name__!r} has no attribute {name!r}')
        if self.__name__ == 'flyte' and name == 'logger':
            import logging
            value = logging.getLogger('flyte')
        elif self.__name__.endswith('.errors') or name.endswith(('Error', 'Exception')):
            value = exception_class(name)
        elif f'{self.__name__}.{name}' in contents:
            __import__(f'{self.__name__}.{name}')
            return sys.modules[f'{self.__name__}.{name}']
        else:
            value = Anything(f'{self.__name__}.{name}')
        setattr(self, name, value)
        return value


def make_module(name):
    module = Module(name)
    module.__dict__.update(contents.get(name, {}))
    module.__path__ = []
    return module
