# Values in wire form, the Python side; runtime/values/wire.h documents the form. Placed before worker.py.
# SPDX-License-Identifier: Apache-2.0
import os
import sys
from struct import Struct

u32 = Struct('<I')
u64 = Struct('<Q')
i64 = Struct('<q')
f64 = Struct('<d')
time_fields = Struct('<qi')
NO_ZONE = -1 << 31
HANDLES = ('File', 'Dir', 'DataFrame')
DEEPEST = 1000
box = globals().get('box')  # in a container: worker_box.py


# ---- to the wire ----

class Wire:
    """A value's bytes under construction. Subclasses of the plain kinds cross as the plain kind."""

    def __init__(self, run_folder):
        self.run_folder = run_folder
        self.parts = []
        self.around = set()  # the containers around the present value, by identity

    def put(self, value):
        put = putters.get(type(value))
        if put is None:
            put = find_putter(value, bool(self.around))
        put(self, value)

    def enter(self, tag, value):
        if id(value) in self.around:
            raise ValueError(f'the result has a {type(value).__name__} that contains itself')
        if len(self.around) >= DEEPEST:
            raise ValueError(f'the result is nested more than {DEEPEST} deep')
        self.around.add(id(value))
        self.parts.append(tag + u64.pack(len(value)))

    def data(self, tag, data):
        self.parts += (tag + u64.pack(len(data)), data)


def find_putter(value, inside):
    for kind in type(value).__mro__:
        module = str(kind.__module__)
        if kind in putters:
            return putters[kind]
        if module == 'datetime' and kind.__name__ in ('datetime', 'timedelta'):
            return put_datetime if kind.__name__ == 'datetime' else put_timedelta
        if module.startswith('flyte.io') and kind.__name__ in HANDLES:
            return put_handle
        if module.partition('.')[0] == 'pandas' and kind.__name__ == 'DataFrame':
            return put_frame
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == 'builtins' else f'{kind.__module__}.{kind.__qualname__}'
    raise TypeError(f"the result {'contains' if inside else 'is'} an object of type {name}, which cannot leave a task; "
                    'what can: None, bool, int, float, str, bytes, list, tuple, dict, set, frozenset, datetime, '
                    'timedelta, File, Dir and DataFrame')


def put_none(wire, value):
    wire.parts.append(b'N')


def put_bool(wire, value):
    wire.parts.append(b'T' if value else b'F')


def put_int(wire, value):
    if -1 << 63 <= value < 1 << 63:
        wire.parts.append(b'i' + i64.pack(value))
        return
    size = abs(value)
    wire.data(b'-' if value < 0 else b'+', size.to_bytes((size.bit_length() + 7) // 8, 'little'))


def put_float(wire, value):
    wire.parts.append(b'f' + f64.pack(value))


def put_str(wire, value):
    wire.data(b's', str.encode(value, 'utf-8', 'surrogatepass'))


def put_bytes(wire, value):
    wire.data(b'b', bytes(value))


def items_putter(tag):
    def put_items(wire, value):
        wire.enter(tag, value)
        for item in value:
            wire.put(item)
        wire.around.discard(id(value))
    return put_items


def put_dict(wire, value):
    wire.enter(b'd', value)
    for key, item in value.items():
        wire.put(key)
        wire.put(item)
    wire.around.discard(id(value))


def put_datetime(wire, value):
    import datetime
    offset = value.utcoffset()
    minutes, rest = NO_ZONE, None
    if offset is not None:
        minutes, rest = divmod(offset, datetime.timedelta(minutes=1))
    if rest:
        raise ValueError('the result has a datetime whose zone is no whole number of minutes')
    clock = value.replace(tzinfo=None) - datetime.datetime(1970, 1, 1)
    wire.parts.append(b'D' + time_fields.pack(clock // datetime.timedelta(microseconds=1), minutes))


def put_timedelta(wire, value):
    import datetime
    wire.parts.append(b'X' + i64.pack(value // datetime.timedelta(microseconds=1)))


def put_handle(wire, value):
    name = next(kind.__name__ for kind in type(value).__mro__ if kind.__name__ in HANDLES)
    if name == 'DataFrame':
        save_frame(value, wire.run_folder)
    path = os.fspath((value.uri if name == 'DataFrame' else value.path) or '')
    if box:
        path = box.leave(path)
    elif path and '://' not in path:
        path = os.path.abspath(path)
    wire.parts.append(b'h' + bytes([HANDLES.index(name)]))
    for text in (path, getattr(value, 'format', None), getattr(value, 'hash', None)):
        wire.put(text or None)


def put_frame(wire, value):
    import flyte.io
    put_handle(wire, flyte.io.DataFrame.wrap_df(value))


putters = {
    type(None): put_none, bool: put_bool, int: put_int, float: put_float, str: put_str, bytes: put_bytes,
    bytearray: put_bytes, list: items_putter(b'l'), tuple: items_putter(b't'), set: items_putter(b'S'),
    frozenset: items_putter(b'Z'), dict: put_dict,
}


def save_frame(handle, run_folder):
    """A frame that exists in memory only is put into a file of the run's folder."""
    frame = getattr(handle, 'val', None)
    uri = handle.uri
    if frame is None or uri and os.path.exists(uri):
        return
    if not uri or '://' in uri:
        os.makedirs(run_folder, exist_ok=True)
        import tempfile
        uri = os.path.join(tempfile.mkdtemp(dir=run_folder), 'frame')
    try:
        import pyarrow
        handle.format, uri = 'parquet', uri + '.parquet' * (not handle.uri)
        frame.to_parquet(uri)
    except ImportError:
        handle.format, uri = 'csv', uri + '.csv' * (not handle.uri)
        frame.to_csv(uri, index=False)
    handle.uri = uri


def deeply(work):
    """Does the work; again with a higher recursion limit if the value is nested more deeply than that allows."""
    try:
        return work()
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + 6 * DEEPEST)
        try:
            return work()
        finally:
            sys.setrecursionlimit(limit)


def value_to_wire(value, run_folder):
    def write():
        wire = Wire(run_folder)
        wire.put(value)
        return b''.join(wire.parts)
    return deeply(write)


# ---- from the wire ----

class Reader:
    """Takes fields from the front of a message."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def bytes(self, size):
        at = self.at
        self.at = at + size
        return self.data[at:at + size]

    def u32(self):
        return u32.unpack(self.bytes(4))[0]

    def u64(self):
        return u64.unpack(self.bytes(8))[0]

    def text(self):
        return self.bytes(self.u32()).decode('utf-8', 'surrogatepass')

    def fields(self, fields):
        return fields.unpack(self.bytes(fields.size))

    def value(self):
        return takers[self.bytes(1)](self)


def take_items(reader):
    return [reader.value() for _ in range(reader.u64())]


def take_big(reader):
    return int.from_bytes(reader.bytes(reader.u64()), 'little')


def take_dict(reader):
    result = {}
    for _ in range(reader.u64()):
        key = reader.value()
        result[key] = reader.value()
    return result


def take_datetime(reader):
    import datetime
    microseconds, minutes = reader.fields(time_fields)
    value = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=microseconds)
    if minutes == NO_ZONE:
        return value
    return value.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)))


def take_timedelta(reader):
    import datetime
    return datetime.timedelta(microseconds=reader.fields(i64)[0])


def take_handle(reader):
    import flyte.io
    name = HANDLES[reader.bytes(1)[0]]
    path, format, hash = reader.value(), reader.value(), reader.value()
    if box:
        path = box.enter(path)
    if name == 'DataFrame':
        return flyte.io.DataFrame(uri=path, format=format or '', hash=hash)
    return getattr(flyte.io, name)(path=path, format=format or '', hash=hash)


takers = {
    b'N': lambda reader: None, b'T': lambda reader: True, b'F': lambda reader: False,
    b'i': lambda reader: reader.fields(i64)[0], b'+': take_big, b'-': lambda reader: -take_big(reader),
    b'f': lambda reader: reader.fields(f64)[0],
    b's': lambda reader: reader.bytes(reader.u64()).decode('utf-8', 'surrogatepass'),
    b'b': lambda reader: reader.bytes(reader.u64()),
    b'l': take_items, b't': lambda reader: tuple(take_items(reader)), b'S': lambda reader: set(take_items(reader)),
    b'Z': lambda reader: frozenset(take_items(reader)), b'd': take_dict,
    b'D': take_datetime, b'X': take_timedelta, b'h': take_handle,
}


def value_from_wire(data):
    return deeply(lambda: Reader(data).value())
