// The gateway as a program: `node tests/gateway/main.mjs '{"heartbeatIntervalMs": 1000}'` prints where it listens as JSON.
import { control } from './control.mjs'
import { Gateway } from './gateway.mjs'

const gateway = await Gateway.start(JSON.parse(process.argv[2] ?? '{}'))
const commands = await control(gateway)
console.log(JSON.stringify({ url: gateway.url, resumeUrl: gateway.resumeUrl, api: gateway.api, control: commands.url }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
