//! What is under way between the clients and the server, in order of arrival.

use crate::support::Data;
use std::collections::{BTreeMap, BTreeSet};
use tautline_relay::hub::{ConnectionId, Frame};

/// Something that arrives.
#[derive(Clone)]
pub(crate) enum Arrival {
    /// A connection attempt at the server.
    Knock(ConnectionId),
    /// A frame at the server.
    ToServer(ConnectionId, Frame),
    /// An end at the server.
    ServerHearsEnd(ConnectionId, Option<u16>),
    ToClient(usize, u32, ClientHears),
    Resolved {
        peer: usize,
        attempt: u32,
        url: bool,
        token: &'static str,
        fails: bool,
    },
}

#[derive(Clone)]
pub(crate) enum ClientHears {
    Opened,
    Frame(Data),
    Closed(Option<u16>),
}

/// One socket's way through the network. What arrives after a direction died is lost.
pub(crate) struct Link {
    pub(crate) peer: usize,
    pub(crate) socket: u32,
    /// Whether the page that opened it is still there.
    pub(crate) live: bool,
    pub(crate) up_dead: bool,
    pub(crate) down_dead: bool,
    up_last: u64,
    down_last: u64,
}

#[derive(Default)]
pub(crate) struct Network {
    pub(crate) links: BTreeMap<ConnectionId, Link>,
    under_way: BTreeMap<(u64, u64), Arrival>,
    sequence: u64,
    connections: u64,
    pub(crate) unreachable: BTreeSet<usize>,
}

impl Network {
    pub(crate) fn link(&mut self, peer: usize, socket: u32, now: u64) -> ConnectionId {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let link = Link { peer, socket, live: true, up_dead: false, down_dead: false, up_last: now, down_last: now };
        self.links.insert(connection, link);
        connection
    }

    pub(crate) fn find(&self, peer: usize, socket: u32) -> Option<ConnectionId> {
        self.links.iter().find(|(_, link)| link.live && (link.peer, link.socket) == (peer, socket)).map(|(id, _)| *id)
    }

    /// Sends something towards the server, behind everything sent before on this link.
    pub(crate) fn up(&mut self, connection: ConnectionId, at: u64, arrival: Arrival) {
        if let Some(link) = self.links.get_mut(&connection) {
            link.up_last = link.up_last.max(at);
            let at = link.up_last;
            self.put(at, arrival);
        }
    }

    /// Sends something towards the client, behind everything sent before on this link.
    pub(crate) fn down(&mut self, connection: ConnectionId, at: u64, hears: ClientHears) {
        if let Some(link) = self.links.get_mut(&connection).filter(|link| link.live) {
            link.down_last = link.down_last.max(at);
            let (at, arrival) = (link.down_last, Arrival::ToClient(link.peer, link.socket, hears));
            self.put(at, arrival);
        }
    }

    /// The page is gone: nothing reaches it any more. Its open connections.
    pub(crate) fn unload(&mut self, peer: usize) -> Vec<ConnectionId> {
        self.under_way.retain(|_, arrival| match arrival {
            Arrival::ToClient(to, ..) | Arrival::Resolved { peer: to, .. } => *to != peer,
            Arrival::Knock(_) | Arrival::ToServer(..) | Arrival::ServerHearsEnd(..) => true,
        });
        let links = self.links.iter_mut().filter(|(_, link)| link.live && link.peer == peer);
        links
            .map(|(connection, link)| {
                link.live = false;
                *connection
            })
            .collect()
    }

    /// Something that comes when it comes.
    pub(crate) fn put(&mut self, at: u64, arrival: Arrival) {
        self.sequence += 1;
        self.under_way.insert((at, self.sequence), arrival);
    }

    /// Something that cannot be taken yet keeps its place among its like.
    pub(crate) fn postpone(&mut self, key: (u64, u64), until: u64, arrival: Arrival) {
        self.under_way.insert((until, key.1), arrival);
    }

    pub(crate) fn next(&self) -> Option<u64> {
        self.under_way.keys().next().map(|(at, _)| *at)
    }

    pub(crate) fn take_due(&mut self, now: u64) -> Option<((u64, u64), Arrival)> {
        let entry = self.under_way.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove_entry())
    }
}
