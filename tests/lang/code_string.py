# A code string: its last expression is its result. SPDX-License-Identifier: Apache-2.0
n = len("ab")
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
k = 3
def scaled(x):
    return x * k
k = 4
first = max(1, 2)
max = 5
[fib(10), scaled(2), n, first, max, [scaled(i) for i in range(3)]]  # expect: [55, 8, 2, 2, 5, [0, 4, 8]]
