/** What schemas say of types. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { type Client, createClient } from '../src/index.ts'
import { type EventsOf, type Schema, schemas } from '../src/schema/index.ts'

const map = { message: z.object({ text: z.string() }), count: z.coerce.number() }
expectTypeOf<EventsOf<typeof map>>().toEqualTypeOf<{ message: { text: string }; count: number }>()

const client: Client<EventsOf<typeof map>> = createClient<EventsOf<typeof map>>({ url: '/ws', validate: schemas(map) })
client.on('message', ({ text }) => expectTypeOf(text).toBeString())
client.on('count', (count) => expectTypeOf(count).toBeNumber())

// Everything that Standard Schema allows is a schema here.
declare const standard: StandardSchemaV1<unknown, { a: number }>
const schema: Schema<{ a: number }> = standard
schemas({ a: schema })
// @ts-expect-error no schema
schemas({ a: 5 })
