//! Decides whether a message is new, old or late, and whether some are missing.
//!
//! In: subscriptions and messages with their positions. Out: [`Recovered`], [`Arrival`]. Two guards against doubles: the offset
//! within an epoch, and (sender, id) across epochs, for a server that lost its memory (docs/PROTOCOL.md, section 4).

use super::Position;
use crate::host::Host;
use crate::output::Recovered;

/// How many publishers per channel are remembered. The one heard longest ago is forgotten first.
const SENDERS: usize = 256;

/// Where we stand in one channel.
pub(crate) struct Recovery<H: Host> {
    position: Option<Position<H>>,
    /// Messages up to here were there before we (re)joined.
    replay_until: u64,
    /// By publisher the first id that was not heard, the most recent publisher last.
    senders: Vec<(u64, u64)>,
}

/// What a message is to us.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Whether the application has not had it yet.
    pub(crate) new: bool,
    /// Whether it was missed and came late.
    pub(crate) replayed: bool,
    /// The last offset we hold, if some after it are missing.
    pub(crate) gap_after: Option<u64>,
}

impl Arrival {
    const OLD: Self = Self { new: false, replayed: false, gap_after: None };
}

impl<H: Host> Recovery<H> {
    pub(crate) const fn new() -> Self {
        Self { position: None, replay_until: 0, senders: Vec::new() }
    }

    pub(crate) const fn position(&self) -> Option<&Position<H>> {
        self.position.as_ref()
    }

    /// The server let us join: replay starts after `offset` and ends with `latest`. How that joins on, and the last offset that
    /// we held.
    pub(crate) fn handle_subscribed(
        &mut self,
        epoch: H::Text,
        offset: u64,
        latest: u64,
        recovered: bool,
    ) -> (Recovered, u64) {
        self.replay_until = latest;
        match &mut self.position {
            Some(held) if recovered && (offset == held.offset || offset < held.offset && held.epoch == epoch) => {
                // Not back to a smaller offset: what we hold stays held. But a server may count on from here under another epoch.
                held.epoch = epoch;
                (Recovered::Yes, held.offset)
            }
            position => match position.replace(Position { epoch, offset }) {
                Some(held) => (Recovered::No, held.offset),
                None => (Recovered::First, 0),
            },
        }
    }

    pub(crate) fn handle_message(&mut self, offset: u64, sender: u64, id: u64) -> Arrival {
        let Some(position) = self.position.as_mut().filter(|position| offset > position.offset) else {
            return Arrival::OLD;
        };
        let held = core::mem::replace(&mut position.offset, offset);
        Arrival {
            new: advance(&mut self.senders, sender, id),
            replayed: offset <= self.replay_until,
            gap_after: (offset != held + 1).then_some(held),
        }
    }

    /// The next message, of which nothing is to be said but whether it was missed and came late. `None`: anything else, and
    /// nothing was noted.
    pub(crate) fn handle_next(&mut self, offset: u64, sender: u64, id: u64) -> Option<bool> {
        let position = self.position.as_mut()?;
        if offset != position.offset + 1 || !advance(&mut self.senders, sender, id) {
            return None;
        }
        position.offset = offset;
        Some(offset <= self.replay_until)
    }
}

/// Notes a publisher's id; false when it was heard before.
fn advance(senders: &mut Vec<(u64, u64)>, sender: u64, id: u64) -> bool {
    if sender == 0 {
        return true;
    }
    let known = senders.iter().rposition(|(known, _)| *known == sender);
    let first = known.map_or(0, |index| senders.remove(index).1);
    if senders.len() == SENDERS {
        senders.remove(0);
    }
    senders.push((sender, first.max(id + 1)));
    id >= first
}
