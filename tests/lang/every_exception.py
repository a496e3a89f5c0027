"""Each exception type of Python is raised once, with and without arguments. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="every_exception")


@env.sandbox.orchestrator
def raise_arithmeticerror():
    raise ArithmeticError
    # raises: ArithmeticError


@env.sandbox.orchestrator
def raise_assertionerror():
    raise AssertionError("text")
    # raises: AssertionError: text


@env.sandbox.orchestrator
def raise_attributeerror():
    raise AttributeError("text")
    # raises: AttributeError: text


@env.sandbox.orchestrator
def raise_baseexception():
    raise BaseException("text")
    # raises: BaseException: text


@env.sandbox.orchestrator
def raise_blockingioerror():
    raise BlockingIOError
    # raises: BlockingIOError


@env.sandbox.orchestrator
def raise_brokenpipeerror():
    raise BrokenPipeError
    # raises: BrokenPipeError


@env.sandbox.orchestrator
def raise_buffererror():
    raise BufferError("text")
    # raises: BufferError: text


@env.sandbox.orchestrator
def raise_byteswarning():
    raise BytesWarning("a", 1)
    # raises: BytesWarning: ('a', 1)


@env.sandbox.orchestrator
def raise_childprocesserror():
    raise ChildProcessError("text")
    # raises: ChildProcessError: text


@env.sandbox.orchestrator
def raise_connectionabortederror():
    raise ConnectionAbortedError("text")
    # raises: ConnectionAbortedError: text


@env.sandbox.orchestrator
def raise_connectionerror():
    raise ConnectionError
    # raises: ConnectionError


@env.sandbox.orchestrator
def raise_connectionrefusederror():
    raise ConnectionRefusedError("text")
    # raises: ConnectionRefusedError: text


@env.sandbox.orchestrator
def raise_connectionreseterror():
    raise ConnectionResetError("text")
    # raises: ConnectionResetError: text


@env.sandbox.orchestrator
def raise_deprecationwarning():
    raise DeprecationWarning("a", 1)
    # raises: DeprecationWarning: ('a', 1)


@env.sandbox.orchestrator
def raise_eoferror():
    raise EOFError("text")
    # raises: EOFError: text


@env.sandbox.orchestrator
def raise_encodingwarning():
    raise EncodingWarning
    # raises: EncodingWarning


@env.sandbox.orchestrator
def raise_exception():
    raise Exception
    # raises: Exception


@env.sandbox.orchestrator
def raise_fileexistserror():
    raise FileExistsError
    # raises: FileExistsError


@env.sandbox.orchestrator
def raise_filenotfounderror():
    raise FileNotFoundError("text")
    # raises: FileNotFoundError: text


@env.sandbox.orchestrator
def raise_floatingpointerror():
    raise FloatingPointError("a", 1)
    # raises: FloatingPointError: ('a', 1)


@env.sandbox.orchestrator
def raise_futurewarning():
    raise FutureWarning("text")
    # raises: FutureWarning: text


@env.sandbox.orchestrator
def raise_importerror():
    raise ImportError("text")
    # raises: ImportError: text


@env.sandbox.orchestrator
def raise_importwarning():
    raise ImportWarning("text")
    # raises: ImportWarning: text


@env.sandbox.orchestrator
def raise_indexerror():
    raise IndexError("text")
    # raises: IndexError: text


@env.sandbox.orchestrator
def raise_interruptederror():
    raise InterruptedError("text")
    # raises: InterruptedError: text


@env.sandbox.orchestrator
def raise_isadirectoryerror():
    raise IsADirectoryError("text")
    # raises: IsADirectoryError: text


@env.sandbox.orchestrator
def raise_keyerror():
    raise KeyError("text")
    # raises: KeyError: 'text'


@env.sandbox.orchestrator
def raise_lookuperror():
    raise LookupError("text")
    # raises: LookupError: text


@env.sandbox.orchestrator
def raise_memoryerror():
    raise MemoryError("text")
    # raises: MemoryError: text


@env.sandbox.orchestrator
def raise_modulenotfounderror():
    raise ModuleNotFoundError("text")
    # raises: ModuleNotFoundError: text


@env.sandbox.orchestrator
def raise_nameerror():
    raise NameError
    # raises: NameError


@env.sandbox.orchestrator
def raise_notadirectoryerror():
    raise NotADirectoryError("a", 1)
    # raises: NotADirectoryError: [Errno a] 1


@env.sandbox.orchestrator
def raise_notimplementederror():
    raise NotImplementedError("text")
    # raises: NotImplementedError: text


@env.sandbox.orchestrator
def raise_overflowerror():
    raise OverflowError("text")
    # raises: OverflowError: text


@env.sandbox.orchestrator
def raise_pendingdeprecationwarning():
    raise PendingDeprecationWarning("text")
    # raises: PendingDeprecationWarning: text


@env.sandbox.orchestrator
def raise_permissionerror():
    raise PermissionError
    # raises: PermissionError


@env.sandbox.orchestrator
def raise_processlookuperror():
    raise ProcessLookupError("a", 1)
    # raises: ProcessLookupError: [Errno a] 1


@env.sandbox.orchestrator
def raise_recursionerror():
    raise RecursionError("text")
    # raises: RecursionError: text


@env.sandbox.orchestrator
def raise_referenceerror():
    raise ReferenceError("text")
    # raises: ReferenceError: text


@env.sandbox.orchestrator
def raise_resourcewarning():
    raise ResourceWarning
    # raises: ResourceWarning


@env.sandbox.orchestrator
def raise_runtimeerror():
    raise RuntimeError("a", 1)
    # raises: RuntimeError: ('a', 1)


@env.sandbox.orchestrator
def raise_runtimewarning():
    raise RuntimeWarning("text")
    # raises: RuntimeWarning: text


@env.sandbox.orchestrator
def raise_stopasynciteration():
    raise StopAsyncIteration("a", 1)
    # raises: StopAsyncIteration: ('a', 1)


@env.sandbox.orchestrator
def raise_stopiteration():
    raise StopIteration("text")
    # raises: StopIteration: text


@env.sandbox.orchestrator
def raise_syntaxwarning():
    raise SyntaxWarning("text")
    # raises: SyntaxWarning: text


@env.sandbox.orchestrator
def raise_systemerror():
    raise SystemError("text")
    # raises: SystemError: text


@env.sandbox.orchestrator
def raise_timeouterror():
    raise TimeoutError("a", 1)
    # raises: TimeoutError: [Errno a] 1


@env.sandbox.orchestrator
def raise_typeerror():
    raise TypeError
    # raises: TypeError


@env.sandbox.orchestrator
def raise_unboundlocalerror():
    raise UnboundLocalError("text")
    # raises: UnboundLocalError: text


@env.sandbox.orchestrator
def raise_unicodedecodeerror():
    raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    # raises: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte


@env.sandbox.orchestrator
def raise_unicodeencodeerror():
    raise UnicodeEncodeError("ascii", "\u20ac", 0, 1, "why")
    # raises: UnicodeEncodeError: 'ascii' codec can't encode character '\u20ac' in position 0: why


@env.sandbox.orchestrator
def raise_unicodeerror():
    raise UnicodeError("a", 1)
    # raises: UnicodeError: ('a', 1)


@env.sandbox.orchestrator
def raise_unicodetranslateerror():
    raise UnicodeTranslateError("abc", 1, 2, "why")
    # raises: UnicodeTranslateError: can't translate character '\x62' in position 1: why


@env.sandbox.orchestrator
def raise_unicodewarning():
    raise UnicodeWarning("text")
    # raises: UnicodeWarning: text


@env.sandbox.orchestrator
def raise_userwarning():
    raise UserWarning("text")
    # raises: UserWarning: text


@env.sandbox.orchestrator
def raise_valueerror():
    raise ValueError("text")
    # raises: ValueError: text


@env.sandbox.orchestrator
def raise_warning():
    raise Warning("text")
    # raises: Warning: text


@env.sandbox.orchestrator
def raise_zerodivisionerror():
    raise ZeroDivisionError("text")
    # raises: ZeroDivisionError: text


@env.sandbox.orchestrator
def raise_oserror():
    raise OSError(2, "No such file", "name")
    # raises: FileNotFoundError: [Errno 2] No such file: 'name'


@env.sandbox.orchestrator
def raise_plain_oserror():
    raise OSError("text")
    # raises: OSError: text


@env.sandbox.orchestrator
def raise_syntaxerror():
    raise SyntaxError("bad")
    # raises: SyntaxError: bad


@env.sandbox.orchestrator
def raise_indentationerror():
    raise IndentationError("bad")
    # raises: IndentationError: bad


@env.sandbox.orchestrator
def raise_from():
    raise ValueError("v") from KeyError("k")
    # raises: ValueError: v


@env.sandbox.orchestrator
def raise_from_type():
    raise ValueError("v") from KeyError
    # raises: ValueError: v


@env.sandbox.orchestrator
def raise_from_none():
    raise ValueError("v") from None
    # raises: ValueError: v


@env.sandbox.orchestrator
def raise_from_chain():
    e = KeyError("k")
    raise ValueError("v") from [e][0]
    # raises: ValueError: v
