//! `subscribe` and `unsubscribe`: who hears a channel, and from where on.

use super::answer::Answer;
use super::connection::ConnectionId;
use super::message::Subject;
use super::presence::views;
use super::refusal::{Refusal, RefusalCode};
use super::stats::Limit;
use super::{Hub, Output};

impl Hub {
    pub(super) fn subscribe(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        name: &str,
        position: Option<(&str, u64)>,
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
        position: Option<(&str, u64)>,
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
        let member = open.member.clone();
        let (name, _) = self.channel(now_ms, name)?;
        if let Some(open) = self.open_mut(connection) {
            open.channels.insert(name.clone());
        }
        let Some(channel) = self.channels.get_mut(&name) else { return Ok(()) };
        channel.subscribers.insert(connection, presence);
        let recovery = channel.recover(position);
        let subscribed = Answer::Subscribed {
            channel: &name,
            epoch: &channel.epoch,
            offset: recovery.offset,
            latest: channel.latest(),
            recovered: recovery.recovered,
            presence: presence.then(|| views(&channel.members)),
        };
        self.outputs.push_back(Output::Send { connection, frame: subscribed.frame() });
        let before = self.outputs.len();
        let replay = channel.after(recovery.offset).cloned();
        self.outputs.extend(replay.map(|frame| Output::Send { connection, frame }));
        let replayed = self.outputs.len() - before;
        self.stats.replayed += replayed as u64;
        tracing::debug!(
            tautline.connection.id = connection.0,
            tautline.member.id = &*member,
            messaging.operation.name = "subscribe",
            messaging.destination.name = &*name,
            messaging.batch.message_count = replayed,
            "subscribed"
        );
        Ok(())
    }

    pub(super) fn unsubscribe(&mut self, now_ms: u64, connection: ConnectionId, name: &str) {
        let Some(open) = self.open_mut(connection) else { return };
        let Some(name) = open.channels.take(name) else { return };
        let member = open.member.clone();
        self.drop_subscription(now_ms, connection, &name, &member, true);
    }

    /// Takes a subscriber out of a channel, and its member too: at once if it `left`, otherwise after the grace time.
    pub(super) fn drop_subscription(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        name: &str,
        member: &str,
        left: bool,
    ) {
        let Some(channel) = self.channels.get_mut(name) else { return };
        channel.subscribers.remove(&connection);
        channel.touch(now_ms);
        if left {
            self.leave(name, member, connection);
        } else {
            self.grant_grace(now_ms, name, member, connection);
        }
    }
}
