# What makes a worker one that runs the connectors of the user's file: sent to it as its second message, and executed
# among the names of worker.py. Operations are tasks of one event loop, so that many are under way at once.
# SPDX-License-Identifier: Apache-2.0
import asyncio
import inspect
import json


class NoConnector(Exception):
    """Its text has the task types that there are."""


# ---- which connector ----

def subclasses(kind):
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def declared_connectors():
    """Classes that derive from AsyncConnector and name a task type, or a version, themselves: a class in the file is
    declaration enough."""
    module = sys.modules.get('flyte.connectors')
    base = getattr(module, 'AsyncConnector', None)
    for one in subclasses(base) if isinstance(base, type) else ():
        own = 'task_type_name' in vars(one) or 'task_type_version' in vars(one)
        if own and isinstance(getattr(one, 'task_type_name', None), str) and one.task_type_name:
            yield one


def registered_connectors():
    registry = getattr(sys.modules.get('flyte.connectors'), 'ConnectorRegistry', None)
    for key, connector in dict(getattr(registry, '_REGISTRY', None) or {}).items():
        if isinstance(key, tuple):
            yield *key, connector
        else:
            yield key.task_type_name, key.task_type_version, connector


def find_connector(task_type, version, made={}):
    known = {}
    for one in declared_connectors():
        known.setdefault((one.task_type_name, getattr(one, 'task_type_version', 0)), one)
    for name, number, connector in registered_connectors():
        known[name, number] = connector
    found = known.get((task_type, version))
    if found is None:
        raise NoConnector(', '.join(f"'{name}' (version {number})" for name, number in sorted(known)))
    if isinstance(found, type):
        if found not in made:
            made[found] = found()
        found = made[found]
    return found


# ---- metadata ----

def encode_metadata(meta):
    """The class's name, a zero byte, and what its encode() gives, or JSON."""
    kind = type(meta)
    if isinstance(meta, (bytes, bytearray)):
        return b'bytes\0' + bytes(meta)
    encode = getattr(meta, 'encode', None)
    if encode is not None and not isinstance(meta, str):
        return f'{kind.__module__}:{kind.__qualname__}'.encode() + b'\0' + bytes(encode())
    import dataclasses
    if dataclasses.is_dataclass(meta):
        return f'{kind.__module__}:{kind.__qualname__}'.encode() + b'\0' + json.dumps(dataclasses.asdict(meta)).encode()
    return b'json\0' + json.dumps(meta).encode()


def decode_metadata(connector, data):
    name, _, data = data.partition(b'\0')
    if name == b'bytes':
        return data
    if name == b'json':
        return json.loads(data)
    module, _, qualified = name.decode().partition(':')
    kind = sys.modules.get(module)
    for part in qualified.split('.'):
        kind = getattr(kind, part, None)
    if not isinstance(kind, type):
        kind = getattr(connector, 'metadata_type', None)
    if not isinstance(kind, type):
        raise TypeError(f"the metadata is of {module}.{qualified}, which the file no longer has")
    if hasattr(kind, 'decode'):
        return kind.decode(data)
    return kind(**json.loads(data))


# ---- what a connector is given ----

class TaskTemplate:
    """The parts of Flyte's task template that a connector reads."""

    def __init__(self, **fields):
        self.__dict__.update(fields)

    def __repr__(self):
        return f'TaskTemplate({self.id.name!r}, type={self.type!r})'


def as_custom(value):
    """A protobuf Struct where the connector's file uses protobuf, else a dict."""
    if 'google.protobuf' not in sys.modules:
        return value
    try:
        from google.protobuf import json_format
        from google.protobuf.struct_pb2 import Struct
        return json_format.ParseDict(value, Struct())
    except ImportError:
        return value


class Job:
    """One operation's message."""

    def __init__(self, message):
        self.operation = message.text()
        self.task_type, self.version = message.text(), message.u32()
        self.task, self.module, self.function, self.key = (message.text() for _ in range(4))
        self.extra, self.config = message.text(), message.text()
        self.metadata = message.bytes(message.u32())
        self.given = {}
        for _ in range(message.u32()):
            name = message.text()
            self.given[name] = value_from_wire(message.bytes(message.u32()))

    def settings(self, program):
        """custom_config= as the task object has it, which may be any object; else as it was declared."""
        found = sys.modules[self.module or program.main]
        for part in self.function.split('.'):
            found = getattr(found, part, None)
        value = getattr(found, 'settings', {}) if found is not None else {}
        value = value.get('custom_config') or value.get('plugin_config') if isinstance(value, dict) else None
        if value is None:
            return json.loads(self.config) if self.config else {}
        import dataclasses
        if dataclasses.is_dataclass(value):
            return dataclasses.asdict(value)
        return dict(value) if isinstance(value, dict) else dict(vars(value))

    def inputs(self, program):
        """With the defaults of parameters that were left out."""
        try:
            signature = inspect.signature(program.function(self.module, self.function))
        except (TypeError, ValueError):
            return self.given
        defaults = {name: parameter.default for name, parameter in signature.parameters.items()
                    if parameter.default is not parameter.empty}
        return {name: self.given.get(name, defaults.get(name)) for name in signature.parameters
                if name in self.given or name in defaults} or self.given

    def secrets(self, custom):
        """Keyword arguments: {'api_key': 'NAME_IN_THE_ENVIRONMENT'} in the config's "secrets"."""
        wanted = custom.get('secrets') if isinstance(custom, dict) else None
        values = {}
        for name, variable in (wanted or {}).items():
            if variable not in os.environ:
                raise ValueError(f'Secret {variable} not found in environment.')
            values[name] = os.environ[variable]
        return values

    def set_environment(self):
        """env_vars= and secrets= of the task; they stay set, since operations are under way at once."""
        if self.extra:
            wanted = {}
            Environment.read_extra(self.extra, wanted, lambda line: None)
            os.environ.update(wanted)

    def template(self, program, custom):
        function = program.function(self.module, self.function)
        metadata = TaskTemplate(runtime=TaskTemplate(version='sbx'))
        sql = custom.get('query') if isinstance(custom, dict) else None
        return TaskTemplate(
            id=TaskTemplate(name=self.task), type=self.task_type, task_type_version=self.version, custom=as_custom(custom),
            metadata=metadata, sql=TaskTemplate(statement=sql or ''), config={},
            interface=TaskTemplate(inputs=dict(getattr(function, '__annotations__', {})), outputs={}))


def accepted(function, wanted, more):
    """What of `more` the function has parameters for, with all of `wanted`."""
    try:
        names = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return wanted
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in names.values())
    kept = {name: value for name, value in wanted.items() if takes_any or name in names}
    return {**kept, **{name: value for name, value in more.items() if name in names}}


# ---- what it gives ----

PHASES = ('UNDEFINED', 'QUEUED', 'RUNNING', 'SUCCEEDED', 'ABORTED', 'FAILED', 'INITIALIZING', 'WAITING_FOR_RESOURCES',
          'RETRYABLE_FAILED', 'TIMED_OUT')


def phase_number(phase):
    if isinstance(phase, str) and phase.upper() in PHASES:
        return PHASES.index(phase.upper())
    phase = getattr(phase, 'value', phase)
    if isinstance(phase, int) and 0 <= phase < len(PHASES):
        return int(phase)
    raise ValueError(f'get() gave a resource of phase {phase!r}; the phases are those of TaskExecution')


def text_or_none(value):
    return value if value is None else str(value)


def link_of(link):
    if isinstance(link, dict):
        return str(link.get('name') or 'log'), str(link.get('uri') or '')
    return str(getattr(link, 'name', None) or 'log'), str(getattr(link, 'uri', None) or '')


def resource_values(resource):
    custom = getattr(resource, 'custom_info', None)
    return (phase_number(resource.phase), text_or_none(getattr(resource, 'message', None)), getattr(resource, 'outputs', None),
            tuple(link_of(link) for link in getattr(resource, 'log_links', None) or ()),
            json.dumps(custom, default=str) if custom else None)


# ---- operations ----

async def awaited(value):
    return await value if hasattr(value, '__await__') else value


async def operate(program, job):
    program.function(job.module, job.function)  # imports the module
    if job.module:
        __import__(program.main)
    connector = find_connector(job.task_type, job.version)
    job.set_environment()
    custom = job.settings(program)
    secrets = job.secrets(custom)
    if job.operation == 'create':
        execution = TaskTemplate(idempotency_key=job.key, task_execution_id=TaskTemplate(name=job.key))
        wanted = {'task_template': job.template(program, custom), 'output_prefix': f'{program.run_folder}/{job.key}',
                  'inputs': job.inputs(program), **secrets}
        arguments = accepted(connector.create, wanted, {'task_execution_metadata': execution})
        return encode_metadata(await awaited(connector.create(**arguments)))
    meta = decode_metadata(connector, job.metadata)
    function = connector.get if job.operation == 'get' else connector.delete
    names = accepted(function, {'resource_meta': meta, **secrets}, {})
    if 'resource_meta' in names:
        result = await awaited(function(**names))
    else:
        result = await awaited(function(meta, **names))
    return resource_values(result) if job.operation == 'get' else None


class Connectors:
    def __init__(self, program):
        self.program = program
        self.loop = asyncio.new_event_loop()
        self.flusher = Flusher()
        self.tasks = {}
        self.data = bytearray()

    async def serve(self, sequence, job):
        try:
            result = await operate(self.program, job)
            parts = b'R', sequence, value_to_wire(result, self.program.run_folder)
        except asyncio.CancelledError:
            parts = None
        except NoConnector as error:
            parts = b'E', sequence, packed_text('NoConnector'), packed_text(str(error)), packed_text('')
        except BaseException as error:
            name, text, trace = describe(error, self.program.carried)
            parts = b'E', sequence, packed_text(name), packed_text(text), packed_text(trace)
        self.tasks.pop(sequence, None)
        self.flusher.flush()
        if parts:
            send(*parts)

    def take(self, body):
        message = Reader(bytes(body))
        sequence = message.u64()
        job = Job(message)
        if job.operation == 'abandon':
            task = self.tasks.pop(sequence, None)
            if task is not None:
                task.cancel()
            return
        self.tasks[sequence] = self.loop.create_task(self.serve(sequence, job))

    def readable(self):
        chunk = os.read(CHANNEL, 1 << 16)
        if not chunk:
            self.loop.stop()
            return
        self.data += chunk
        while len(self.data) >= header.size:
            _, version, _, length = header.unpack_from(self.data)
            if version != VERSION or len(self.data) < header.size + length:
                break
            body = self.data[header.size:header.size + length]
            del self.data[:header.size + length]
            self.take(body)

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.add_reader(CHANNEL, self.readable)
        self.loop.run_forever()


Connectors(worker.program).run()
raise EOFError
