//! One client of a run: its world, and what the run has to remember of it.

use crate::network::ClientHears;
use crate::support::{World, config};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tautline::protocol::tautline::Tautline;
use tautline::{Config, Overflow, QueueConfig, SocketEvent};

/// Most messages in a queue.
pub(crate) const QUEUE: usize = 40;

pub(crate) struct Peer {
    pub(crate) world: World,
    /// What each id says.
    pub(crate) payloads: BTreeMap<u64, (&'static str, String)>,
    pub(crate) session: String,
    pub(crate) wanted: BTreeSet<&'static str>,
    pub(crate) sent: u64,
    pub(crate) frozen_until: u64,
    pub(crate) away: bool,
    /// Events that happened, to happen again when they are old.
    pub(crate) late: Vec<(u32, ClientHears)>,
    /// A message that sabotage holds back.
    pub(crate) kept: Option<Value>,
}

impl Peer {
    pub(crate) fn config(seed: u64) -> Config {
        let overflow = if seed.is_multiple_of(2) { Overflow::Reject } else { Overflow::DropOldest };
        Config { queue: QueueConfig { max: QUEUE, max_bytes: 10_000, overflow, always: true }, ..config() }
    }

    pub(crate) fn new(index: usize, seed: u64) -> Self {
        let session = format!("simulated-session-{index}");
        Self {
            world: World::seeded(Self::config(seed), Box::<Tautline>::default(), &session, seed),
            payloads: BTreeMap::new(),
            session,
            wanted: BTreeSet::new(),
            sent: 0,
            frozen_until: 0,
            away: false,
            late: Vec::new(),
            kept: None,
        }
    }

    /// When it wants to be woken, in whole milliseconds; a frozen one wakes later.
    pub(crate) fn due(&self) -> Option<u64> {
        let due = self.world.client.poll_timeout()?.0;
        let millis = due.since(tautline::Instant::from_millis(0)).as_micros().div_ceil(1000);
        Some(millis.max(self.frozen_until))
    }
}

pub(crate) fn hear(world: &mut World, socket: u32, hears: ClientHears) {
    match hears {
        ClientHears::Opened => world.socket_event(socket, SocketEvent::Opened),
        ClientHears::Frame(data) => world.receive_data(socket, &data),
        ClientHears::Closed(code) => world.socket_event(socket, SocketEvent::Closed { code }),
    }
}
