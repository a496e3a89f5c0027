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

    def __init__(self, phase=0, message=None, log_links=None, outputs=None, custom_info=None):
        super().__init__(phase=phase, message=message, log_links=log_links, outputs=outputs, custom_info=custom_info)


class ResourceMeta(Record):
    """What finds a job again; its fields must be JSON, or dataclasses of such."""

    def encode(self):
        import dataclasses
        import json
        return json.dumps(dataclasses.asdict(self) if dataclasses.is_dataclass(self) else self.__dict__).encode()

    @classmethod
    def decode(cls, data):
        import json
        return record_of(cls, json.loads(data))


def record_of(kind, value):
    """A dataclass, with the dataclasses in it, from what JSON kept of it; other kinds as JSON has them."""
    import dataclasses
    if not isinstance(value, dict) or not isinstance(kind, type):
        return value
    if not dataclasses.is_dataclass(kind):
        return kind(**value) if issubclass(kind, Record) else value
    import typing
    hints = typing.get_type_hints(kind)
    fields = {field.name for field in dataclasses.fields(kind) if field.init}
    return kind(**{name: record_of(hints.get(name), item) for name, item in value.items() if name in fields})


class AsyncConnector:
    name = 'Async Connector'
    task_type_name = ''
    task_type_version = 0
    metadata_type = ResourceMeta

    async def create(self, *args, **kwargs):
        raise NotImplementedError(f'{type(self).__name__} has no create()')

    async def get(self, *args, **kwargs):
        raise NotImplementedError(f'{type(self).__name__} has no get()')

    async def delete(self, *args, **kwargs):
        raise NotImplementedError(f'{type(self).__name__} has no delete()')


class FlyteConnectorNotFound(ValueError):
    pass


class ConnectorRegistry:
    _REGISTRY = {}

    @classmethod
    def register(cls, connector, override=False):
        key = connector.task_type_name, getattr(connector, 'task_type_version', 0)
        if key in cls._REGISTRY and not override:
            raise ValueError(f'Duplicate connector for task type: {key[0]} and version: {key[1]}')
        cls._REGISTRY[key] = connector

    @classmethod
    def get_connector(cls, task_type_name, task_type_version=0):
        found = cls._REGISTRY.get((task_type_name, task_type_version))
        if found is None:
            raise FlyteConnectorNotFound(f'Cannot find connector for task type: {task_type_name} and version: '
                                         f'{task_type_version}')
        return found


class NativeInterface:
    def __init__(self, inputs=None, outputs=None, docstring=None):
        self.inputs, self.outputs, self.docstring = inputs or {}, outputs or {}, docstring

    @classmethod
    def from_types(cls, inputs=None, outputs=None, default_inputs=None):
        return cls({name: (kind, None) for name, kind in (inputs or {}).items()}, outputs)


class TaskTemplate(Record):
    """What task classes of connectors derive from."""

    task_type, task_type_version = 'python', 0

    def __init__(self, name='', interface=None, **settings):
        super().__init__(name=name, interface=interface or NativeInterface(), **settings)

    def custom_config(self, context=None):
        return None

    def sql(self, context=None):
        return None

    def __call__(self, *args, **kwargs):
        return self.execute(**dict(zip(self.interface.inputs, args)), **kwargs)

    async def aio(self, *args, **kwargs):
        return await self(*args, **kwargs)


class AsyncConnectorExecutorMixin:
    """Creates a job with the task's connector and looks at it until it ends."""

    async def execute(self, **kwargs):
        import asyncio
        connector = ConnectorRegistry.get_connector(self.task_type, self.task_type_version)
        custom = dict(self.custom_config(None) or {})
        secrets = {}
        for key, variable in (custom.get('secrets') or {}).items():
            if variable not in os.environ:
                raise ValueError(f'Secret {variable} not found in environment.')
            secrets[key] = os.environ[variable]
        template = Record(id=Record(name=self.name), type=self.task_type, task_type_version=self.task_type_version,
                          custom=custom, sql=Record(statement=self.sql(None) or ''), interface=self.interface)
        meta = await connector.create(task_template=template, output_prefix=new_path('output'), inputs=kwargs, **secrets)
        pause, resource = 0.05, Resource(TaskExecution.RUNNING)
        try:
            while not is_terminal_phase(resource.phase):
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 3)
                resource = await connector.get(resource_meta=meta, **secrets)
        except BaseException:
            await connector.delete(resource_meta=meta, **secrets)
            raise
        for link in resource.log_links or ():
            print(f'{link.name}: {link.uri}')
        if resource.phase != TaskExecution.SUCCEEDED:
            raise RuntimeError(f'Failed to run the task {self.name} with error: {resource.message}')
        values = tuple((resource.outputs or {}).values())
        return None if not values else values[0] if len(values) == 1 else values


class Phases:
    """TaskExecution.Phase: numbers and their names."""

    names = ('UNDEFINED', 'QUEUED', 'RUNNING', 'SUCCEEDED', 'ABORTED', 'FAILED', 'INITIALIZING', 'WAITING_FOR_RESOURCES',
             'RETRYABLE_FAILED', 'TIMED_OUT')

    def __getattr__(self, name):
        if name not in self.names:
            raise AttributeError(name)
        return self.names.index(name)

    def Name(self, number):
        return self.names[number]

    def Value(self, name):
        return self.names.index(name)


class TaskExecution:
    Phase = Phases()


for number, name in enumerate(Phases.names):
    setattr(TaskExecution, name, number)


class TaskLog(Record):
    UNKNOWN, CSV, JSON = 0, 1, 2
    EXTERNAL, DASHBOARD, IDE = 0, 1, 2
    name = uri = ''


def is_terminal_phase(phase):
    return phase in (TaskExecution.SUCCEEDED, TaskExecution.ABORTED, TaskExecution.FAILED, TaskExecution.RETRYABLE_FAILED,
                     TaskExecution.TIMED_OUT)


def convert_to_flyte_phase(state):
    """The phase that the word of a service means."""
    words = {
        TaskExecution.SUCCEEDED: ('done', 'succeeded', 'success', 'completed', 'finished'),
        TaskExecution.FAILED: ('failed', 'failure', 'error', 'timeout', 'timedout', 'canceled', 'cancelled', 'skipped',
                               'internal_error'),
        TaskExecution.RUNNING: ('running', 'terminating', 'in_progress'),
        TaskExecution.INITIALIZING: ('pending', 'queued', 'initializing', 'submitted'),
    }
    for phase, known in words.items():
        if state.lower() in known:
            return phase
    raise ValueError(f'Unrecognized state: {state}')


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
        'FlyteConnectorNotFound': FlyteConnectorNotFound,
    },
    'flyte.connectors.utils': {'is_terminal_phase': is_terminal_phase, 'convert_to_flyte_phase': convert_to_flyte_phase},
    'flyte.extend': {'TaskTemplate': TaskTemplate},
    'flyte.models': {'NativeInterface': NativeInterface},
    'flyteidl2.core.execution_pb2': {'TaskExecution': TaskExecution, 'TaskLog': TaskLog},
}
for alias, module in (('flyte.connectors._connector', 'flyte.connectors'), ('flyte._task', 'flyte.extend'),
                      ('flyteidl.core.execution_pb2', 'flyteidl2.core.execution_pb2'),
                      ('flyte.io._file', 'flyte.io'),
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
