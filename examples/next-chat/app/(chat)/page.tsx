import { redirect } from 'next/navigation'
import { conversations } from '@/lib/conversations'

export default function Home(): never {
  redirect(`/c/${conversations[0]?.id}`)
}
