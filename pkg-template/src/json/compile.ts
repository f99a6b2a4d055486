/** Checks a description and turns it into what the core reads (src/protocol/json/config.rs). */
import { type ErrorCode, codes as known } from '../codes.ts'
import { invalid } from '../error.ts'
import { presets } from './presets.ts'
import type { JsonProtocol } from './protocol.ts'

/** A description as the core takes it: messages are JSON text, names and their meanings are pairs. */
export interface Compiled {
  readonly fields: Readonly<Record<string, string>>
  readonly unaddressed: string
  readonly send: Readonly<Record<string, string>>
  readonly events: readonly (readonly [string, string])[]
  readonly receive: readonly (readonly [string, string])[]
  readonly codes: readonly (readonly [string, number])[]
  readonly typingTtlMs: number
  readonly silenceMs: number
  readonly tokenCloses: readonly number[]
  readonly finalCloses: readonly number[]
}

const FIELDS = {
  type: 'type',
  channel: 'channel',
  event: 'event',
  payload: 'payload',
  timestamp: 'timestamp',
  id: 'id',
  member: 'payload.user',
  memberId: 'id',
  members: '',
  code: 'payload.code',
  message: 'payload.message',
  connection: 'payload.connectionId',
  shard: 'payload.shardId',
  heartbeat: '',
}

/** What each message must have and may have, besides `$time`. */
const MESSAGES: Readonly<Record<string, readonly [needed: string, allowed?: string]>> = {
  auth: ['token'],
  refresh: ['token'],
  subscribe: ['channel'],
  unsubscribe: ['channel'],
  publish: ['channel event payload', 'id'],
  emit: ['event payload', 'id'],
  signal: ['channel event payload'],
  typing: ['channel'],
  stopTyping: ['channel'],
  track: ['channel state'],
  untrack: ['channel'],
  ping: [''],
  pong: ['', 'timestamp'],
}

const MEANINGS = ['ready', 'refused', 'error', 'subscribed', 'ping', 'pong', 'ack', 'joined', 'left', 'updated', 'typing', 'stopTyping', 'ignored']
/** Templates are numbered in one byte. */
const MOST_EVENTS = 200
const SPREAD = '"...":"$payload",'
const DAY = 86_400_000

/** @throws {TautlineError} `misuse/invalid-option`, naming the option */
export function compile(protocol: JsonProtocol): Compiled {
  const given = group('protocol', protocol, ['fields', 'unaddressed', 'send', 'events', 'receive', 'codes', 'closeCodes', 'typingTtlMs', 'silenceMs'])
  const { send = presets.channels.send, receive = presets.channels.receive, unaddressed = 'client' } = given
  if (unaddressed !== 'channel' && unaddressed !== 'client') invalid('protocol.unaddressed', "'channel' or 'client'", unaddressed)
  const types = typesOf(receive)
  const acks = types.some(([, meaning]) => meaning === 'ack')
  const closes = group('protocol.closeCodes', given['closeCodes'] ?? {}, ['token', 'final'])
  const fields = fieldsOf(given['fields'] ?? {})
  const needs = (field: string, meanings: readonly string[]): void => {
    const type = types.find(([, meaning]) => meanings.includes(meaning))
    if (type && !fields[field]) invalid(`protocol.fields.${field}`, `a place, because protocol.receive.${type[1]} needs it`, null)
  }
  needs('id', ['ack'])
  needs('channel', ['subscribed', 'joined', 'left', 'updated', 'typing', 'stopTyping'])
  needs('member', ['typing', 'stopTyping'])
  return {
    fields,
    unaddressed,
    send: messagesOf(send, acks),
    events: eventsOf(given['events'] ?? {}, acks),
    receive: types,
    codes: codesOf(given['codes'] ?? {}),
    typingTtlMs: milliseconds('typingTtlMs', given['typingTtlMs'] ?? 10_000, 1),
    silenceMs: milliseconds('silenceMs', given['silenceMs'] ?? 0, 0),
    tokenCloses: closesOf('token', closes['token'] ?? [4401]),
    finalCloses: closesOf('final', closes['final'] ?? [4403]),
  }
}

/** The placeholders of a message. */
export function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/(?<!\\)"\$(\w+)"/g)].map(([, name]) => name ?? '')
}

/** Whether a message carries the members of the payload, which then has to be an object. */
export function spreads(text: string): boolean {
  return text.includes(SPREAD)
}

function fieldsOf(given: unknown): Record<string, string> {
  const fields: Record<string, string> = { ...FIELDS }
  for (const [name, place] of entries('protocol.fields', given, Object.keys(FIELDS))) {
    const path = `protocol.fields.${name}`
    const required = name === 'type' || name === 'memberId'
    if (place === null && !required) fields[name] = ''
    else if (typeof place === 'string' && /^[^.]+(\.[^.]+)*$/.test(place) && place.length <= 200) fields[name] = place
    else invalid(path, `a name, or names joined by dots${required ? '' : '; null for nowhere'}`, place)
  }
  return fields
}

function messagesOf(given: unknown, acks: boolean): Record<string, string> {
  const messages: Record<string, string> = {}
  for (const [name, message] of entries('protocol.send', given, Object.keys(MESSAGES))) {
    const [needed, allowed = ''] = MESSAGES[name] ?? ['']
    const id = acks && (name === 'publish' || name === 'emit') ? ' id' : ''
    messages[name] = messageOf(`protocol.send.${name}`, message, words(needed + id), words(allowed))
  }
  return messages
}

function eventsOf(given: unknown, acks: boolean): [string, string][] {
  const events = entries('protocol.events', given)
  if (events.length > MOST_EVENTS) invalid('protocol.events', `at most ${MOST_EVENTS}`, events.length)
  return events.map(([name, message]) => [
    name,
    messageOf(`protocol.events.${name}`, message, acks ? ['id'] : [], ['channel', 'event', 'payload', 'id']),
  ])
}

function messageOf(path: string, message: unknown, needed: readonly string[], allowed: readonly string[]): string {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) invalid(path, 'an object: an example of the message', message)
  let text = ''
  try {
    text = JSON.stringify(message)
  } catch {
    // Stays empty, which is no object.
  }
  if (!text.startsWith('{')) invalid(path, 'plain data', message)
  const found = placeholders(text)
  const missing = needed.find((name) => !found.includes(name))
  if (missing !== undefined) invalid(path, `"$${missing}" somewhere in it`, text)
  const permitted = [...needed, ...allowed, 'time']
  const unknown = found.find((name) => !permitted.includes(name))
  if (unknown !== undefined) invalid(path, `no other placeholder than ${permitted.map((name) => `$${name}`).join(', ')}`, `$${unknown}`)
  const dots = text.split('"...":').length - 1
  if (dots !== text.split(`{${SPREAD}`).length - 1) invalid(path, "'...': '$payload' to be the first of an object, and not alone in it", text)
  return text
}

function typesOf(given: unknown): [string, string][] {
  const types: [string, string][] = []
  for (const [meaning, names] of entries('protocol.receive', given, MEANINGS)) {
    for (const type of typeof names === 'string' ? [names] : listOf(`protocol.receive.${meaning}`, names)) {
      if (typeof type !== 'string' || type === '') invalid(`protocol.receive.${meaning}`, 'a type, or a list of types', type)
      const other = types.find(([name]) => name === type)
      if (other) invalid(`protocol.receive.${meaning}`, `a type that is not protocol.receive.${other[1]} already`, type)
      types.push([type, meaning])
    }
  }
  return types
}

/** The core knows its codes by number. */
function codesOf(given: unknown): [string, number][] {
  return entries('protocol.codes', given).map(([name, code]) => {
    const index = known.indexOf(code as ErrorCode)
    if (index >= 0 && String(code).startsWith('refused/')) return [name, index + 1]
    return invalid(`protocol.codes.${name}`, "a code that begins with 'refused/'", code)
  })
}

function closesOf(name: string, given: unknown): number[] {
  return listOf(`protocol.closeCodes.${name}`, given).map((code) => {
    if (typeof code === 'number' && Number.isInteger(code) && code >= 1000 && code <= 4999) return code
    return invalid(`protocol.closeCodes.${name}`, 'close codes from 1000 to 4999', code)
  })
}

function milliseconds(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && value >= least && value <= DAY) return Math.round(value)
  return invalid(`protocol.${name}`, `a number from ${least} to ${DAY}`, value)
}

function listOf(path: string, given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : invalid(path, 'a list', given)
}

/** What is given of an object's members; undefined counts as not given. */
function entries(path: string, given: unknown, names?: readonly string[]): [string, unknown][] {
  return Object.entries(group(path, given, names)).filter(([, value]) => value !== undefined)
}

function group(path: string, given: unknown, names?: readonly string[]): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) invalid(path, 'an object', given)
  const stranger = names && Object.keys(given).find((key) => !names.includes(key))
  if (stranger !== undefined) invalid(`${path}.${stranger}`, `one of ${names?.join(', ')}`, 'an unknown option')
  return given as Record<string, unknown>
}

function words(text: string): readonly string[] {
  return text.split(' ').filter(Boolean)
}
