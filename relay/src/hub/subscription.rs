//! `subscribe` and `unsubscribe`: who hears a channel, and from where on.

use std::sync::Arc;

use super::answer::Answer;
use super::broker::{Command, Position, Snapshot};
use super::connection::{ConnectionId, Open, Pending};
use super::message::Subject;
use super::refusal::{Refusal, RefusalCode};
use super::stats::Limit;
use super::{Hub, Output};

/// Somebody who listens to a channel.
#[derive(Debug)]
pub(crate) struct Listener {
    /// Whether it hears of presence.
    pub(crate) presence: bool,
    /// Whether it knows where it stands; until then it hears nothing.
    pub(crate) joined: bool,
}

impl Hub {
    pub(super) fn subscribe(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        name: &str,
        position: Option<Position>,
        presence: bool,
    ) {
        if let Err(refusal) = self.try_subscribe(now_ms, connection, name, position, presence) {
            self.refuse(now_ms, connection, &refusal, &Subject::Channel(name.into()));
        }
    }

    fn try_subscribe(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        name: &str,
        position: Option<Position>,
        presence: bool,
    ) -> Result<(), Refusal> {
        let limit = self.config.channels_per_connection;
        let Some(open) = self.open(connection) else { return Ok(()) };
        if !open.grant.allows(name) {
            return Err(Refusal::forbidden(name));
        }
        if open.channels.len() >= limit && !open.channels.contains(name) {
            self.stats.count_limit(Limit::ChannelsPerConnection, 1);
            return Err(Refusal {
                limit: Some(limit as u64),
                ..Refusal::new(RefusalCode::ChannelLimit, "more channels than one connection may have")
            });
        }
        // The broker in memory has this limit itself, for all channels it keeps.
        if self.memory.is_none() && self.channels.len() >= self.config.channels && !self.channels.contains_key(name) {
            self.stats.count_limit(Limit::Channels, 1);
            return Err(Refusal::no_room_for_channel());
        }
        let channel = self.channel(name);
        let listeners = self.channels.entry(channel.clone()).or_default();
        listeners.entry(connection).or_insert(Listener { presence, joined: false }).presence = presence;
        if let Some(it) = self.connections.get_mut(&connection) {
            it.pending = Some(Pending::Subscribe);
        }
        if let Some(open) = self.open_mut(connection) {
            open.channels.insert(channel.clone());
        }
        self.ask(now_ms, Command::Subscribe { connection, channel, position, presence });
        Ok(())
    }

    /// The name of a channel, shared if anybody listens to it.
    pub(super) fn channel(&self, name: &str) -> Arc<str> {
        self.channels.get_key_value(name).map_or_else(|| name.into(), |(name, _)| name.clone())
    }

    /// The broker's answer to a subscribe.
    pub(super) fn subscribed(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        name: &Arc<str>,
        result: Result<Snapshot, Refusal>,
    ) {
        let Some(Pending::Subscribe) = self.take_pending(connection) else { return };
        let snapshot = match result {
            Ok(snapshot) => snapshot,
            Err(refusal) => {
                self.forget_unjoined(now_ms, connection, name);
                return self.refuse(now_ms, connection, &refusal, &Subject::Channel(name.to_string()));
            }
        };
        if let Some(listener) = self.channels.get_mut(name).and_then(|listeners| listeners.get_mut(&connection)) {
            listener.joined = true;
        }
        self.tell_where_it_stands(connection, name, &snapshot, snapshot.members.is_some());
        tracing::debug!(
            tautline.connection.id = connection.0,
            tautline.member.id = self.open(connection).map(|open| &*open.member),
            messaging.operation.name = "subscribe",
            messaging.destination.name = &**name,
            messaging.batch.message_count = snapshot.replay.len(),
            "subscribed"
        );
    }

    fn tell_where_it_stands(&mut self, connection: ConnectionId, name: &str, snapshot: &Snapshot, presence: bool) {
        let Snapshot { epoch, offset, latest, recovered, members, replay, since } = snapshot;
        let subscribed = Answer::Subscribed {
            channel: name,
            epoch,
            offset: *offset,
            latest: *latest,
            recovered: *recovered,
            presence: members.as_deref().filter(|_| presence),
        };
        self.send(connection, subscribed.frame());
        let frames = replay.iter().chain(since).cloned();
        self.outputs.extend(frames.map(|frame| Output::Send { connection, frame }));
        self.stats.replayed += replay.len() as u64;
    }

    /// Who subscribed in vain listens no more, unless it did so before.
    fn forget_unjoined(&mut self, now_ms: u64, connection: ConnectionId, name: &Arc<str>) {
        let Some(listeners) = self.channels.get_mut(name) else { return };
        if listeners.get(&connection).is_none_or(|listener| listener.joined) {
            return;
        }
        listeners.remove(&connection);
        if let Some(open) = self.open_mut(connection) {
            open.channels.remove(name);
        }
        self.desert(now_ms, name);
    }

    /// A channel goes on under another epoch, or messages of it were lost: all who listen are told where it stands.
    pub(super) fn renewed(&mut self, name: &str, snapshot: &Snapshot) {
        let Some(listeners) = self.channels.get(name) else { return };
        let joined = listeners.iter().filter(|(_, listener)| listener.joined);
        let told: Vec<_> = joined.map(|(connection, listener)| (*connection, listener.presence)).collect();
        for (connection, presence) in told {
            self.tell_where_it_stands(connection, name, snapshot, presence);
        }
    }

    pub(super) fn unsubscribe(&mut self, now_ms: u64, connection: ConnectionId, name: &str) {
        let Some(open) = self.open_mut(connection) else { return };
        let Some(name) = open.channels.take(name) else { return };
        open.tracked.remove(&name);
        let member = open.member.clone();
        self.stop_listening(now_ms, connection, &name);
        self.ask(now_ms, Command::Leave { connection, channel: name, member });
    }

    /// A connection is no more. Its member in this channel goes at once if it `left`, otherwise after the grace time.
    pub(super) fn drop_subscription(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        open: &Open,
        name: &Arc<str>,
        left: bool,
    ) {
        self.stop_listening(now_ms, connection, name);
        let (channel, member) = (name.clone(), open.member.clone());
        if left {
            self.ask(now_ms, Command::Leave { connection, channel, member });
        } else if open.tracked.contains(name) {
            self.ask(now_ms, Command::Fade { connection, channel, member });
        }
    }

    fn stop_listening(&mut self, now_ms: u64, connection: ConnectionId, name: &Arc<str>) {
        if let Some(listeners) = self.channels.get_mut(name) {
            listeners.remove(&connection);
            self.desert(now_ms, name);
        }
    }

    fn desert(&mut self, now_ms: u64, name: &Arc<str>) {
        if self.channels.get(name).is_some_and(|listeners| listeners.is_empty()) {
            self.channels.remove(name);
            self.ask(now_ms, Command::Desert { channel: name.clone() });
        }
    }
}
