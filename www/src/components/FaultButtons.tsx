import type { ReactElement } from 'react'
import { useConnectionState, useTautline } from 'tautline/react'
import { useStore } from '../hooks/useStore.ts'
import { DOWN_MS, dropSocket, killRelay, STALL_MS, stallNetwork } from '../model/faults.ts'
import { note } from '../model/journal.ts'
import { goOffline, goOnline, offline } from '../model/offline.ts'
import { transport } from '../model/transport.ts'
import { FaultButton } from './FaultButton.tsx'
import { useCurrentRoom } from './Rooms.tsx'

const MANY = 100

/** Harm that is real: each says in one line what will be seen. */
export function FaultButtons(): ReactElement {
  const room = useCurrentRoom()
  const isOffline = useStore(offline)
  const { status } = useConnectionState()
  const client = useTautline()
  const away = status === 'closed' || status === 'failed'
  // The gateway does no harm to order.
  const harmful = useStore(transport) === 'relay'
  const breakable = harmful && status === 'connected'

  const sendMany = (): void => {
    note('message', `${MANY} messages to ${room.name}`)
    for (let number = 1; number <= MANY; number += 1) void room.chat.sendMessage(`Message ${number} of ${MANY}`)
  }
  return (
    <section className="faults" aria-labelledby="faults-title">
      <h3 className="label" id="faults-title">
        Break it
      </h3>
      <ul>
        <FaultButton name="drop" title="Drop my socket" effect="Cut. Nothing is lost" disabled={!breakable} onPress={dropSocket} />
        <FaultButton
          name="stall"
          title="Stall my network"
          effect={`For ${STALL_MS / 1_000} s. A heartbeat finds out`}
          disabled={!breakable}
          onPress={stallNetwork}
        />
        <FaultButton
          name="kill"
          title={`Kill the relay for ${DOWN_MS / 1_000} s`}
          effect="Its memory goes: an honest gap"
          disabled={!harmful}
          onPress={killRelay}
        />
        <FaultButton
          name="offline"
          title={isOffline ? 'Go online' : 'Go offline'}
          effect={isOffline ? 'Tries at once' : 'Every attempt fails'}
          disabled={!harmful && !isOffline}
          onPress={() => (isOffline ? goOnline() : void goOffline())}
        />
        <FaultButton
          name="hang-up"
          title={away ? 'Call again' : 'Hang up'}
          effect={away ? 'Connects, and sends what waited' : 'What you write waits'}
          onPress={() => (away ? client.connect() : client.close())}
        />
        <FaultButton name="many" title={`Send ${MANY} messages`} effect="At once. In order, and each once" onPress={sendMany} />
      </ul>
    </section>
  )
}
