import type { ReactElement } from 'react'
import { useStore } from '../hooks/useStore.ts'
import { useTransport } from '../hooks/useTransport.ts'
import { gatewayUrl, NAMES, type Transport } from '../model/transport.ts'

/** Which server the page talks to. */
export function TransportSelect(): ReactElement {
  const [chosen, choose] = useTransport()
  const url = useStore(gatewayUrl)
  return (
    <label className="transport">
      <span className="label">Transport</span>
      <select data-testid="transport" value={chosen} onChange={({ target }) => void choose(target.value as Transport)}>
        <option value="relay">{NAMES.relay}</option>
        <option value="gateway" disabled={!url}>
          {NAMES.gateway}
        </option>
      </select>
    </label>
  )
}
