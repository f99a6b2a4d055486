const assert = require('node:assert/strict')
const { createClient } = require('tautline')

assert.equal(createClient({ url: 'wss://example.com/ws' }).state.status, 'idle')
