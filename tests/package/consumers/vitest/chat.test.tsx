// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { TautlineProvider } from 'tautline/react'
import { createFakeServer, type FakeServer } from 'tautline/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Chat } from './chat'

type Events = { message: { text: string } }

let server: FakeServer<Events>
beforeEach(() => {
  server = createFakeServer<Events>()
  render(
    <TautlineProvider url={server.url}>
      <Chat room="room" />
    </TautlineProvider>,
  )
})
afterEach(() => {
  cleanup()
  server.close()
})

test('shows what others say', async () => {
  await screen.findByText('connected')
  server.join('room', { user: 'ada' }).send('message', { text: 'hi' })
  await screen.findByText('hi')
})

test('sends, and shows its own words when the server has them', async () => {
  fireEvent.click(screen.getByText('Send'))
  await screen.findByText('hello')
  expect(server.messages('room')).toMatchObject([{ event: 'message', payload: { text: 'hello' } }])
})

test('says that the line is lost', async () => {
  await screen.findByText('connected')
  server.down()
  await screen.findByText('reconnecting')
  server.up()
  await waitFor(() => screen.getByText('connected'), { timeout: 5000 })
})
