//! What each event of the broker leads to.

use super::broker::Event;
use super::connection::{ConnectionId, Pending};
use super::message::Subject;
use super::refusal::Closing;
use super::{Hub, Output};

impl Hub {
    pub(super) fn event(&mut self, now_ms: u64, event: Event) {
        match event {
            Event::Attached { connection, session, result } => self.attached(now_ms, connection, session, result),
            Event::Replaced { connection } => self.end(now_ms, connection, Closing::REPLACED),
            Event::Settled { connection, id, outcome } => self.settled(now_ms, connection, id, outcome),
            Event::Published { ticket, result } => {
                self.stats.published += u64::from(result.is_ok());
                self.outputs.push_back(Output::Published { ticket, result });
            }
            Event::Subscribed { connection, channel, result } => {
                self.subscribed(now_ms, connection, &channel, result);
            }
            Event::History { connection, result } => self.history_read(now_ms, connection, result),
            Event::Members { connection, result } => self.members_read(now_ms, connection, result),
            Event::TrackRefused { connection, channel, refusal } => {
                if let Some(open) = self.open_mut(connection) {
                    open.tracked.remove(&channel);
                    self.refuse(now_ms, connection, &refusal, &Subject::Channel(channel.to_string()));
                }
            }
            Event::Message { channel, frame } => {
                self.stats.fanned_out += 1;
                let Some(listeners) = self.channels.get(&channel) else { return };
                let before = self.outputs.len();
                let joined = listeners.iter().filter(|(_, listener)| listener.joined);
                self.outputs.extend(
                    joined.map(|(connection, _)| Output::Send { connection: *connection, frame: frame.clone() }),
                );
                self.stats.delivered += (self.outputs.len() - before) as u64;
            }
            Event::Signal { channel, frame, except } => {
                let Some(listeners) = self.channels.get(&channel) else { return };
                let others = listeners.iter().filter(|(other, listener)| listener.joined && Some(**other) != except);
                self.outputs.extend(
                    others.map(|(connection, _)| Output::Send { connection: *connection, frame: frame.clone() }),
                );
            }
            Event::Presence { channel, frame } => {
                let Some(listeners) = self.channels.get(&channel) else { return };
                let told = listeners.iter().filter(|(_, listener)| listener.joined && listener.presence);
                self.outputs
                    .extend(told.map(|(connection, _)| Output::Send { connection: *connection, frame: frame.clone() }));
            }
            Event::Renewed { channel, snapshot } => self.renewed(&channel, &snapshot),
            Event::LimitMet { limit, times } => self.stats.count_limit(limit, times),
        }
    }

    /// Notes that the broker has answered, and returns what was asked.
    pub(super) fn take_pending(&mut self, connection: ConnectionId) -> Option<Pending> {
        let it = self.connections.get_mut(&connection)?;
        if !it.waiting.is_empty() {
            self.unblocked.push_back(connection);
        }
        it.pending.take()
    }
}
