# The worker: runs tasks of one Python program for a process of sbxc, one call after the other.
#
# It takes messages from descriptor 3 and writes its answers there; runtime/host/local_protocol.c has their form, and
# runtime/values/wire.h that of values. Everything that a task prints goes to descriptors 1 and 2, which are pipes.
# Start-up counts: nothing is imported here that a call may do without.
# SPDX-License-Identifier: Apache-2.0
VERSION = 1
CHANNEL = 3
REPLY = globals().get('REPLY', CHANNEL)  # in a container: worker_box.py
OWN_NAME = '<sbx worker>'
header = Struct('<2sBcI')
own_pid = os.getpid()


# ---- messages ----

def read_exactly(size):
    chunk = os.read(CHANNEL, min(size, 1 << 20))
    if len(chunk) == size:
        return chunk
    parts = []
    while chunk:
        parts.append(chunk)
        size -= len(chunk)
        if not size:
            return b''.join(parts)
        chunk = os.read(CHANNEL, min(size, 1 << 20))
    raise EOFError


def read_message():
    _, version, kind, length = header.unpack(read_exactly(header.size))
    if version != VERSION:
        raise EOFError
    return kind, Reader(read_exactly(length) if length else b'')


def send(kind, sequence, *parts):
    if os.getpid() != own_pid:
        os._exit(1)  # a task forked, and this is the child
    body = u64.pack(sequence) + b''.join(parts)
    data = memoryview(header.pack(b'SB', VERSION, kind, len(body)) + body)
    while data:
        data = data[os.write(REPLY, data):]


def packed_text(text):
    data = text.encode('utf-8', 'surrogatepass').replace(b'\0', b'\\x00')
    return u32.pack(len(data)) + data


# ---- the user's modules ----

class Carried:
    """Finder and loader of the modules whose text the program carries."""

    def __init__(self, main, sources, folder):
        path = sources[0][0]
        here = os.path.dirname(path)
        if not os.path.exists(path) and folder:
            here = folder
        self.folder = os.path.abspath(here) if os.path.isdir(here or '.') else None
        self.texts = {}   # module name -> (path, text, is a package)
        base = os.path.dirname(path)
        self.texts[main] = (*sources[0], False)
        for path, text in sources[1:]:
            if path.endswith('.py'):
                name, package = self.module_name(os.path.relpath(path, base or '.'))
                self.texts.setdefault(name, (path, text, package))  # later ones: code strings inside that file

    @staticmethod
    def module_name(path):
        parts = path[:-3 if path.endswith('.py') else None].split(os.sep)
        package = len(parts) > 1 and parts[-1] == '__init__'
        return '.'.join(parts[:-1] if package else parts), package

    def find_spec(self, name, path=None, target=None):
        if name not in self.texts:
            return None
        from _frozen_importlib import ModuleSpec
        path, _, package = self.texts[name]
        full = os.path.abspath(path)
        if self.folder and not os.path.exists(full):
            full = os.path.join(self.folder, os.path.basename(path))
        spec = ModuleSpec(name, self, origin=full, is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations.append(os.path.dirname(full))
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        path, text, _ = self.texts[module.__spec__.name]
        fill_linecache(self, 'linecache' in sys.modules)
        if 'orchestrat' in text:
            tolerate_orchestrators()
        exec(compile(text, path, 'exec', dont_inherit=True), module.__dict__)

    def get_source(self, name):
        return self.texts[name][1]

    def is_package(self, name):
        return self.texts[name][2]


class CarriedFolders:
    """Packages without an __init__.py whose folder is not there; last in line, so that the real ones win."""

    def __init__(self, carried):
        self.names = {name[:i] for name in carried.texts for i, c in enumerate(name) if c == '.'}

    def find_spec(self, name, path=None, target=None):
        if name not in self.names:
            return None
        from _frozen_importlib import ModuleSpec
        return ModuleSpec(name, None, is_package=True)


def fill_linecache(carried, wanted=True):
    """Tracebacks show the text that runs, though the file may be gone or changed."""
    if not wanted:
        return
    import linecache
    for name, (path, _, _) in carried.texts.items():
        if path not in linecache.cache:
            text = carried.get_source(name)
            linecache.cache[path] = (len(text), None, text.splitlines(True), path)


def lenient(make):
    """The function `make`, but what it refuses stays as it is."""
    def made(*args, **settings):
        given = next((arg for arg in args if callable(arg) or isinstance(arg, str)), None)
        try:
            result = make(*args, **settings)
        except Exception:
            return given if given is not None else lambda function: function
        return result if given is not None else lenient(result)
    return made


def tolerate_orchestrators():
    """Orchestrators run in the compiled program: if the real package refuses one (it knows fewer types), the tasks
    beside it must not suffer."""
    try:
        import flyte
        if not hasattr(flyte, '_sbx_standin'):
            namespace = sys.modules['flyte._task_environment']._SandboxNamespace
            if not hasattr(namespace.orchestrator, '_sbx_lenient'):
                namespace.orchestrator = lenient(namespace.orchestrator)
                namespace.orchestrator._sbx_lenient = True
    except Exception:
        pass  # no flyte, or one that is made otherwise


class Standin:
    """Finder and loader of the stand-in for the flyte package; last in line, so that the real one wins."""

    names = ('flyte', 'flyteidl', 'flyteidl2', 'flyteplugins')

    def __init__(self, text, run_folder):
        self.text = text
        self.run_folder = run_folder
        self.made = None

    def find_spec(self, name, path=None, target=None):
        top = name.partition('.')[0]
        if top not in self.names:
            return None
        flyte = sys.modules.get('flyte')
        if flyte is not None and not hasattr(flyte, '_sbx_standin') and top != 'flyteplugins':
            return None
        if flyte is not None and not hasattr(flyte, '_sbx_standin'):
            return None
        from _frozen_importlib import ModuleSpec
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        if self.made is None:
            self.made = {'__name__': OWN_NAME, 'run_folder': self.run_folder}
            exec(compile(self.text, OWN_NAME, 'exec'), self.made)
        return self.made['make_module'](spec.name)

    def exec_module(self, module):
        pass


def prepare_flyte(run_folder):
    """The real package puts new files into the run's folder, as the stand-in does."""
    import flyte
    if hasattr(flyte, '_sbx_standin'):
        return
    try:
        from flyte._context import internal_ctx
        from flyte._initialize import is_initialized
        from flyte.models import RawDataPath
        if not is_initialized():
            flyte.init()
        os.makedirs(run_folder, exist_ok=True)
        internal_ctx().new_raw_data_path(RawDataPath(path=run_folder)).__enter__()
    except Exception:
        pass  # a version that is made otherwise: what it does by itself holds


class Program:
    """What the first message told: the user's program."""

    def __init__(self, message):
        self.main = message.text()
        folder = message.text()
        self.run_folder = message.text()
        standin = message.text()
        sources = [(message.text(), message.text()) for _ in range(message.u32())]
        if sources[0][0] == '<string>' and len(sources) > 1:
            # A code string by itself; its tasks are those of the file that comes next.
            del sources[0]
            self.main = Carried.module_name(os.path.basename(sources[0][0]))[0]
        if self.main in sys.modules or self.main in getattr(sys, 'stdlib_module_names', ()):
            self.main = '_sbx_' + self.main  # a file called random.py must not hide the library's
        self.carried = Carried(self.main, sources, folder)
        if sys.path and sys.path[0] == '':
            del sys.path[0]
        if self.carried.folder:
            sys.path.insert(0, self.carried.folder)
        sys.meta_path.insert(0, self.carried)
        sys.meta_path.append(CarriedFolders(self.carried))
        sys.meta_path.append(Standin(standin, self.run_folder))
        sys.argv[:] = [sources[0][0]]
        self.found = {}
        self.prepared = False

    def function(self, module, name):
        key = module, name
        if key not in self.found:
            self.found[key] = self.find_function(module or self.main, name)
        return self.found[key]

    def find_function(self, module, name):
        __import__(module)
        if 'flyte.io' in sys.modules and not self.prepared:
            self.prepared = True
            prepare_flyte(self.run_folder)
        found = sys.modules[module]
        for part in name.split('.'):
            if not hasattr(found, part):
                raise AttributeError(f"module '{module}' has no function '{name}' when it is imported")
            found = getattr(found, part)
        # A task object of flyte, or of the stand-in, wraps the function.
        while not hasattr(found, '__code__') and callable(getattr(found, 'func', None)):
            found = found.func
        if not callable(found):
            raise TypeError(f"'{name}' in module '{module}' is not a function")
        return found


# ---- a call ----

class Environment:
    """The environment variables of one call, put back afterwards."""

    def __init__(self, call, attempt, extra, run, note):
        wanted = {'SBX_CALL_ID': str(call), 'SBX_ATTEMPT': str(attempt)}
        if run:  # it is recorded: what names it in every process that takes it up
            wanted['SBX_RUN'] = run
        if extra:
            self.read_extra(extra, wanted, note)
        self.before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)

    @staticmethod
    def read_extra(extra, wanted, note):
        import json
        extra = json.loads(extra)
        for name, value in (extra.get('env_vars') or {}).items():
            wanted[str(name)] = str(value)
        secrets = extra.get('secrets') or []
        for secret in secrets if isinstance(secrets, list) else [secrets]:
            if isinstance(secret, str):
                secret = {'key': secret}
            key, group = secret.get('key', ''), secret.get('group')
            standard = (f'{group}_{key}' if group else key).replace('-', '_').upper()
            value = os.environ.get(standard)
            if value is None:
                note(f"secret '{key}' is not in the environment ({standard})")
            else:
                wanted[secret.get('as_env_var') or standard] = value
        if extra.get('resources'):
            resources = extra['resources']
            if isinstance(resources, dict):
                resources = ', '.join(f'{name}={value}' for name, value in resources.items())
            note(f'resources (not enforced): {resources}')

    def restore(self):
        for name, value in self.before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def bind(function, given):
    """Positional and keyword arguments from parameters by name."""
    inner = function
    while hasattr(inner, '__wrapped__'):
        inner = inner.__wrapped__
    code = getattr(inner, '__code__', None)
    if code is None or not (code.co_posonlyargcount or code.co_flags & 12):
        return [], given
    names = code.co_varnames[:code.co_argcount]
    rest = list(code.co_varnames[code.co_argcount + code.co_kwonlyargcount:])
    more = given.pop(rest.pop(0), ()) if code.co_flags & 4 else ()
    keywords = given.pop(rest.pop(0), {}) if code.co_flags & 8 else {}
    count = len(names) if more else code.co_posonlyargcount
    defaults = dict(zip(reversed(names), reversed(inner.__defaults__ or ())))
    positional = []
    for name in names[:count]:
        if name not in given and name not in defaults:
            break
        positional.append(given.pop(name) if name in given else defaults[name])
    return positional + list(more), {**given, **keywords}


class Loop:
    """One event loop for all async tasks, so that what they keep between calls still works."""

    def __init__(self):
        self.loop = None

    def run(self, awaitable):
        import asyncio
        if self.loop is None or self.loop.is_closed():
            self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        value, error = self.loop.run_until_complete(settle(awaitable))
        self.cancel_others(asyncio)
        if error is not None:
            raise error
        return value

    def cancel_others(self, asyncio):
        others = asyncio.all_tasks(self.loop)
        if others:
            for other in others:
                other.cancel()
            self.loop.run_until_complete(asyncio.gather(*others, return_exceptions=True))


async def settle(awaitable):
    # Exceptions leave as values: the frames of asyncio are no part of the user's traceback.
    try:
        return await awaitable, None
    except BaseException as error:
        return None, error


def trim(error, seen):
    """Takes the frames of the worker and of Python's import machinery out of the traceback."""
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        kept, trace = [], error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file != OWN_NAME and not file.startswith('<frozen importlib'):
                kept.append(trace)
            trace = trace.tb_next
        shorter = None
        for trace in reversed(kept):
            shorter = type(trace)(shorter, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
        error.__traceback__ = shorter
        trim(error.__cause__, seen)
        error = error.__context__


def describe(error, carried):
    """Type, text and traceback of an exception, as Python shows them, without the worker's own frames."""
    kind = type(error)
    name = kind.__qualname__
    trim(error, set())
    if kind.__module__ not in ('builtins', '__main__', None):
        name = f'{kind.__module__}.{name}'
    try:
        text = error.msg if isinstance(error, SyntaxError) and error.msg else str(error)
    except Exception:
        text = '<exception str() failed>'
    try:
        import traceback
        fill_linecache(carried)
        lines = ''
        if error.__traceback__ or error.__cause__ or error.__context__:
            lines = ''.join(traceback.format_exception(kind, error, error.__traceback__))
    except Exception:
        lines = ''
    return name, text, lines


class Flusher:
    """Writes out what a call has printed, by Python and by C code."""

    def __init__(self):
        self.known = 0
        self.c_flush = None

    def flush(self):
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        if len(sys.modules) != self.known:
            self.known = len(sys.modules)
            if self.c_flush is None and self.has_c_code():
                import ctypes
                self.c_flush = ctypes.CDLL(None).fflush
        if self.c_flush is not None:
            self.c_flush(None)

    @staticmethod
    def has_c_code():
        """Has something been loaded that may use C's stdio? The standard library's own modules do not."""
        if 'ctypes' in sys.modules or '_cffi_backend' in sys.modules:
            return True
        for module in list(sys.modules.values()):
            path = getattr(module, '__file__', None)
            if isinstance(path, str) and path.endswith('.so') and 'lib-dynload' not in path:
                return True
        return False


class Worker:
    def __init__(self, program):
        self.program = program
        self.loop = Loop()
        self.flusher = Flusher()
        self.folder = os.getcwd()

    def serve(self, message):
        sequence = message.u64()
        try:
            parts = b'R', sequence, self.call(sequence, message)
        except BaseException as error:
            name, text, trace = describe(error, self.program.carried)
            parts = b'E', sequence, packed_text(name), packed_text(text), packed_text(trace)
        self.flusher.flush()
        send(*parts)

    def call(self, sequence, message):
        message.text()  # the task's name
        module, function = message.text(), message.text()
        imported = (module, function) in self.program.found
        if not imported:
            send(b'S', sequence)  # its timeout counts from B on, when the user's file is imported
        message.text()  # the label
        call, attempt, extra, run = message.u64(), message.u32(), message.text(), message.text()
        environment = Environment(call, attempt, extra, run, lambda line: send(b'N', sequence, line.encode()))
        try:
            function = self.program.function(module, function)
            send(b'B', sequence)
            given = {}
            for _ in range(message.u32()):
                name = message.text()
                given[name] = value_from_wire(message.bytes(message.u32()))
            positional, keywords = bind(function, given)
            result = function(*positional, **keywords)
            if hasattr(result, '__await__'):
                result = self.loop.run(result)
            return value_to_wire(result, self.program.run_folder)
        finally:
            environment.restore()
            try:
                if os.getcwd() != self.folder:
                    os.chdir(self.folder)
            except OSError:
                pass


def main():
    os.set_inheritable(CHANNEL, False)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding='utf-8', errors='backslashreplace', line_buffering=True)
    try:
        _, message = read_message()
        worker = Worker(Program(message))
        while True:
            kind, message = read_message()
            if kind == b'X':
                exec(compile(message.text(), OWN_NAME, 'exec'), {**globals(), 'worker': worker})
            worker.serve(message)
    except EOFError:
        pass  # the other end has gone
    # What Python would do at its end that others can see, and nothing more: the host waits for it.
    if 'atexit' in sys.modules:
        sys.modules['atexit']._run_exitfuncs()
    Flusher().flush()
    os._exit(0)


main()
