// Two frames as the real gateway sent them, each the first of its connection, with what they say. The decoders' tests read them too.
import { readFileSync } from 'node:fs'

const read = (name) => readFileSync(new URL(`../../../inflate/tests/vectors/${name}`, import.meta.url))
const vector = (kind) => ({ text: String(read(`hello-${kind}.json`)), bytes: read(`hello-${kind}.bin`) })

export const HELLO_ZLIB = vector('zlib')
export const HELLO_ZSTD = vector('zstd')
