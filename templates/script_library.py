# What a sandbox's script begins with: reads inputs, writes outputs, shows tracebacks. Python 3.8 and newer.
# SPDX-License-Identifier: Apache-2.0

def _sbx_make(variables, program, source, first, count, shift):
    """What reads inputs and writes outputs. It uses no name of the module, so that the code may use them all."""
    import argparse, datetime, json, operator, os, re, sys, traceback
    from builtins import (AttributeError, NameError, OSError, OverflowError, TypeError, UnicodeError, ValueError, bool,
                          dict, float, getattr, hasattr, int, isinstance, len, list, open, repr, sorted, str, tuple, type)

    folder = {'in': os.environ.get('SBX_INPUTS', '/var/inputs'), 'out': os.environ.get('SBX_OUTPUTS', '/var/outputs')}
    on_cluster = os.environ.get('SBX_RFC3339') == '1'
    units = {'h': 3600000000, 'm': 60000000, 's': 1000000, 'ms': 1000, 'us': 1, '\u00b5s': 1, '\u03bcs': 1}
    second = datetime.timedelta(seconds=1)

    def unlimited(function, value):
        """Python 3.11 limits the digits of an int; a value that crosses has any number of them."""
        if not hasattr(sys, 'set_int_max_str_digits'):
            return function(value)
        before = sys.get_int_max_str_digits()
        sys.set_int_max_str_digits(0)
        try:
            return function(value)
        finally:
            sys.set_int_max_str_digits(before)

    # ---- a value from its text ----

    def read_bool(text):
        return text.strip().lower() not in ('false', '0', '')

    def read_str(text):
        try:
            return os.fsencode(text).decode('utf-8', 'surrogatepass')
        except UnicodeError:
            return text

    def read_datetime(text):
        match = re.match(r'(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d(?::?\d\d)?)?$',
                         text.strip())
        if not match:
            raise ValueError(text)
        day, clock, seconds, fraction, zone = match.groups()
        zone = '+00:00' if zone == 'Z' else zone or ''
        if zone and zone[3] != ':':
            zone = zone[:3] + ':' + zone[3:]
        fraction = ((fraction or '') + '000000')[:6]
        return datetime.datetime.fromisoformat(f'{day}T{clock or "00:00"}:{seconds or "00"}.{fraction}{zone}')

    def read_timedelta(text):
        """1h30m, -1.5s, 90: hours to microseconds; a bare number is seconds."""
        text = text.strip()
        sign, rest = (-1, text[1:]) if text[:1] == '-' else (1, text[1:] if text[:1] == '+' else text)
        if re.match(r'\d+\.?\d*$', rest):
            rest += 's'
        total, place = 0, 0
        for match in re.finditer(r'(\d+)?(?:\.(\d*))?(h|ms|us|\u00b5s|\u03bcs|ns|m|s)', rest):
            whole, fraction, unit = match.groups()
            if match.start() != place or not (whole or fraction):
                raise ValueError(text)
            place = match.end()
            digits = int((whole or '') + (fraction or ''))
            size = 10 ** len(fraction or '')
            total += digits // (1000 * size) if unit == 'ns' else digits * units[unit] // size
        if not rest or place != len(rest):
            raise ValueError(text)
        return datetime.timedelta(microseconds=sign * total)

    readers = {'int': lambda text: unlimited(int, text), 'float': float, 'bool': read_bool, 'str': read_str,
               'datetime': read_datetime, 'timedelta': read_timedelta, 'File': str, 'Dir': str}

    def from_json(kind, value):
        """An item of a list or dict: as JSON has it, but for what JSON does not know."""
        if kind.startswith('list['):
            return [from_json(kind[5:-1], item) for item in value]
        if kind.startswith('dict['):
            return {key: from_json(kind[10:-1], item) for key, item in value.items()}
        if kind == 'float':
            return float(value)
        return readers[kind](value) if kind in ('datetime', 'timedelta') else value

    def read(kind, text):
        if kind in readers:
            return readers[kind](text)
        return from_json(kind, unlimited(json.loads, text))

    def read_folder(kind, path):
        """A list or dict as a Flyte backend lays it down: a folder with a file, or a folder, for each item."""
        inner = kind[5:-1] if kind.startswith('list[') else kind[10:-1]

        def item(name):
            place = os.path.join(path, name)
            if os.path.isdir(place):
                return read_folder(inner, place)
            with open(place, 'rb') as file:
                text = file.read().decode('utf-8', 'surrogatepass')
            return text if inner == 'str' else read(inner, text)
        if kind.startswith('list['):
            return [item(name) for name in sorted(os.listdir(path), key=int)]
        return {name: item(name) for name in sorted(os.listdir(path))}

    # ---- the text of a value ----

    def fits(kind, value):
        """The value as its kind, or an exception: numbers of other libraries are numbers too."""
        if kind == 'int':
            return operator.index(value)
        if kind == 'float' and not isinstance(value, str) and hasattr(value, '__float__'):
            return float(value)
        if kind == 'bool' and (isinstance(value, bool) or type(value).__name__ in ('bool_', 'bool')):
            return bool(value)
        wanted = {'str': str, 'datetime': datetime.datetime, 'timedelta': datetime.timedelta}.get(kind)
        if wanted and isinstance(value, wanted):
            return value
        if kind.startswith('list[') and isinstance(value, (list, tuple)):
            return [to_json(kind[5:-1], item) for item in value]
        if kind.startswith('dict[') and isinstance(value, dict):
            return {fits('str', key): to_json(kind[10:-1], item) for key, item in value.items()}
        raise TypeError(kind)

    def to_json(kind, value):
        value = fits(kind, value)
        return write(kind, value) if kind in ('datetime', 'timedelta') else value

    def write(kind, value):
        if kind == 'str':
            return str.__str__(value)
        if kind == 'bool':
            return 'true' if value else 'false'
        if kind == 'float':
            return float.__repr__(value)
        if kind == 'datetime':
            return value.isoformat() + ('Z' if on_cluster and value.tzinfo is None else '')
        if kind == 'timedelta':
            total = (value.days * 86400 + value.seconds) * 1000000 + value.microseconds
            sign, total = ('-', -total) if total < 0 else ('', total)
            return (f'{sign}{total // 1000000}.{total % 1000000:06d}'.rstrip('0').rstrip('.')) + 's'
        if kind == 'int':
            return unlimited(int.__repr__, value)
        return unlimited(json.dumps, value)

    # ---- tracebacks: the code's lines by their numbers in the user's file ----

    def place(report, seen):
        if report is None or id(report) in seen:
            return
        seen.append(id(report))
        kept = []
        for frame in report.stack:
            if frame.filename == script and first <= frame.lineno < first + count:
                frame = traceback.FrameSummary(source, frame.lineno + shift, frame.name, line=frame.line)
            elif frame.filename == script and frame.lineno < first:
                continue
            kept.append(frame)
        report.stack[:] = kept
        for inner in [report.__cause__, report.__context__] + list(getattr(report, 'exceptions', None) or ()):
            place(inner, seen)

    def show(kind, error, trace):
        report = traceback.TracebackException(kind, error, trace)
        place(report, [])
        for part in report.format():
            sys.stderr.write(part)

    script = _sbx_make.__code__.co_filename
    sys.excepthook = show
    if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(script)):
        del sys.path[0]  # an input is no module

    class Sandbox:
        def __init__(self):
            self.parser = argparse.ArgumentParser(prog=program, add_help=False, allow_abbrev=False)
            self.kinds, self.given = {}, {}

        def argument(self, name, kind):
            """Declares an input: an argument, or else the file of its name."""
            def convert(text):
                try:
                    return read(kind, text)
                except (ValueError, TypeError, OverflowError, AttributeError):
                    raise argparse.ArgumentTypeError(f'expected {kind}, got {text[:100]!r}') from None
            self.kinds[name] = convert
            self.parser.add_argument('--' + name, dest=name, type=convert, metavar=kind.upper(), default=argparse.SUPPRESS)

        def parse(self):
            words = []
            for word in sys.argv[1:]:
                if word.startswith('--') and word[2:-3] in self.kinds and word.endswith('=--'):
                    self.given[word[2:-3]] = self.kinds[word[2:-3]]('--')  # argparse takes this value for its end mark
                else:
                    words.append(word)
            self.given.update(self.parser.parse_args(words).__dict__)

        def value(self, name, kind):
            if name in self.given:
                return self.given[name]
            path = os.path.join(folder['in'], name)
            if kind in ('File', 'Dir'):
                return path
            try:
                if os.path.isdir(path):
                    return read_folder(kind, path)
                with open(path, 'rb') as file:
                    text = file.read().decode('utf-8', 'surrogatepass')
            except OSError:
                self.parser.error(f'the input {name} ({kind}) is missing')
            try:
                return text if kind == 'str' else read(kind, text)
            except (ValueError, TypeError, OverflowError, AttributeError):
                self.parser.error(f'the input {name}: expected {kind}, got {text[:100]!r}')

        def output(self, name, kind):
            """Writes the variable to the file of its name."""
            if name not in variables:
                raise NameError(f"the output '{name}' ({kind}) was never assigned")
            value = variables[name]
            try:
                text = write(kind, fits(kind, value))
            except (TypeError, ValueError, OverflowError):
                raise TypeError(f"the output '{name}': expected {kind}, got {type(value).__name__}: "
                                f'{repr(value)[:100]}') from None
            with open(os.path.join(folder['out'], name), 'wb') as file:
                file.write(text.encode('utf-8', 'surrogatepass'))

    return Sandbox()
