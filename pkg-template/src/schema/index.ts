/** Schemas of payloads: checks what servers send with any library that speaks Standard Schema (zod, valibot, ArkType, …), and gives the types. */
import { TautlineError } from '../error.ts'
import type { Validate } from '../options.ts'

/** A schema, as far as Standard Schema says what one is. */
export interface Schema<Output = unknown> {
  /** Standard Schema's place. */
  readonly '~standard': {
    /** Of Standard Schema. */
    readonly version: 1
    /** Which library. */
    readonly vendor: string
    /** Checks a value. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    /** What comes out, for the compiler alone. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** What a check says: a value, or why not. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** Why a payload was refused. */
export interface SchemaIssue {
  /** In words. */
  readonly message: string
  /** Where in the payload. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Schemas by event. */
export type SchemaMap = Readonly<Record<string, Schema>>

/** The events that schemas describe: for `createClient<EventsOf<typeof map>>`, or `Register`. */
export type EventsOf<Schemas extends SchemaMap> = {
  [Event in keyof Schemas]: Schemas[Event] extends Schema<infer Output> ? Output : never
}

/** What a refused payload's error has as its `cause`. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
  /** Everything that is wrong. */
  readonly issues: readonly SchemaIssue[]

  constructor(issues: readonly SchemaIssue[]) {
    super(issues.map(({ message, path = [] }) => [path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'), message].filter(Boolean).join(': ')).join('; '))
    this.issues = issues
  }
}

/**
 * For the option `validate`: payloads of these events are checked, and are heard as their schema gives them. Others are heard as they come.
 *
 * @example
 * const map = { message: z.object({ text: z.string() }) }
 * const client = createClient<EventsOf<typeof map>>({ url, validate: schemas(map) })
 * client.onLifecycle('problem', ({ error }) => error.code === 'peer/invalid-payload' && report(error.cause))
 */
export function schemas(map: SchemaMap): Validate {
  return (event, payload) => {
    const schema = Object.hasOwn(map, event) ? map[event] : undefined
    if (!schema) return payload
    const result = schema['~standard'].validate(payload)
    if (result instanceof Promise) {
      throw new TautlineError('misuse/unsupported', { message: `The schema of "${event}" is asynchronous; a message cannot wait for it.` })
    }
    if (result.issues) throw new SchemaError(result.issues)
    return result.value
  }
}
