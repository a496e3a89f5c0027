// Measures Monty, in process: a task call by start and resume, the start of the pipeline up to its first task call, and the
// memory of one suspended run. Prints "name value unit" lines, or nothing when the package is not there.
// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module'
const require = createRequire(process.argv[2] + '/')
const { Monty, MontySnapshot } = require('@pydantic/monty')

const PIPELINE = `
fib_result = fib(n)
linear_result = add(multiply(n, 2), 5)
total = add(fib_result, linear_result)
{"fib": fib_result, "linear": linear_result, "total": total}
`
const LOOP = `
total = 0
for i in range(n):
    total = total + fib(i)
total
`
const now = () => Number(process.hrtime.bigint())
const median = (xs) => xs.sort((a, b) => a - b)[xs.length >> 1]

function advance(progress) {
  // names of external functions are looked up first; both kinds are answered alike
  return progress instanceof MontySnapshot ? progress.resume({ returnValue: progress.args[0] }) : progress.resume({})
}

function callTime(calls) {
  const program = new Monty(LOOP, { inputs: ['n'], externalFunctions: ['fib'] })
  let progress = program.start({ inputs: { n: calls } })
  const begin = now()
  while (progress.output === undefined) progress = advance(progress)
  return (now() - begin) / calls
}

function startTime(count) {
  const program = new Monty(PIPELINE, { inputs: ['n'], externalFunctions: ['fib', 'add', 'multiply'] })
  const begin = now()
  for (let i = 0; i < count; i++) program.start({ inputs: { n: i } })
  return (now() - begin) / count
}

function bytesAlive(count) {
  const program = new Monty(PIPELINE, { inputs: ['n'], externalFunctions: ['fib', 'add', 'multiply'] })
  const kept = []
  global.gc?.()
  const before = process.memoryUsage().rss
  for (let i = 0; i < count; i++) kept.push(program.start({ inputs: { n: i } }))
  return (process.memoryUsage().rss - before) / kept.length
}

const FEW = `
name = "orchestrator-" + str(n)
ratio = n / 3
sizes = [n, n + 1, n + 2]
total = fib(n)
[name, ratio, sizes, total]
`
const MANY = `
numbers = list(range(n))
total = fib(n)
total + len(numbers)
`

// A run that waits for its first task: bytes, time of dump and of load.
function snapshotFigures(label, source, n, times) {
  let progress = new Monty(source, { inputs: ['n'], externalFunctions: ['fib'] }).start({ inputs: { n } })
  while (!(progress instanceof MontySnapshot)) progress = progress.resume({})
  const dumps = [], loads = []
  let bytes
  for (let round = 0; round < 5; round++) {
    let begin = now()
    for (let i = 0; i < times; i++) bytes = progress.dump()
    dumps.push((now() - begin) / times)
    begin = now()
    for (let i = 0; i < times; i++) MontySnapshot.load(bytes)
    loads.push((now() - begin) / times)
  }
  console.log(`${label}_bytes ${bytes.length} bytes`)
  console.log(`${label}_dump ${median(dumps).toFixed(0)} ns`)
  console.log(`${label}_load ${median(loads).toFixed(0)} ns`)
}
snapshotFigures('snapshot_few', FEW, 7, 2000)
snapshotFigures('snapshot_many', MANY, 10000, 100)

console.log(`suspended_run ${bytesAlive(20000).toFixed(0)} bytes`)
callTime(2000)
console.log(`task_call ${median([0, 1, 2, 3, 4].map(() => callTime(20000))).toFixed(1)} ns`)
console.log(`run_start ${median([0, 1, 2, 3, 4].map(() => startTime(20000))).toFixed(1)} ns`)
