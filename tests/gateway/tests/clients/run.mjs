// One client as a program of its own: what it shows its user goes to standard output, one JSON a line; what comes in is sent.
import { createInterface } from 'node:readline'

const [name, gateway, how] = process.argv.slice(2)
const events = { push: (event) => console.log(JSON.stringify(event, (_key, value) => (typeof value === 'bigint' ? String(value) : value))) }
const errors = { push: (error) => console.error(String(error?.stack ?? error).slice(0, 500)) }
const { open } = await import(`./${name}.mjs`)
const send = await open(JSON.parse(gateway), JSON.parse(how), events, errors)
for await (const line of createInterface({ input: process.stdin })) await send(JSON.parse(line))
// Whoever started it is gone.
process.exit(0)
