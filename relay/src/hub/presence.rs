//! Presence: who is in a channel, with which state.
//!
//! Decides what counts as a change and when a dropped member is gone (rule 6 of the protocol's section 4). A member is a
//! session, so a reconnect within the grace time finds itself still there.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::answer::{Answer, MemberView};
use super::channel::Channel;
use super::connection::ConnectionId;
use super::message::Subject;
use super::refusal::{Refusal, RefusalCode};
use super::stats::Limit;
use super::timer::Timer;
use super::{Hub, Output};

#[derive(Debug)]
pub(crate) struct Member {
    user: Option<Arc<str>>,
    version: u64,
    /// Kept as text: two states are equal when their bytes are.
    state: Box<RawValue>,
    /// The connection that tracks it.
    connection: ConnectionId,
    /// When it is gone, unless it tracks again before.
    leaves_ms: Option<u64>,
}

impl Member {
    fn view<'a>(&'a self, id: &'a str) -> MemberView<'a> {
        MemberView { id, user: self.user.as_deref(), version: self.version, state: &self.state }
    }
}

/// All members of a channel, as its subscribers see them.
pub(crate) fn views(members: &BTreeMap<Arc<str>, Member>) -> Vec<MemberView<'_>> {
    members.iter().map(|(id, member)| member.view(id)).collect()
}

impl Hub {
    pub(super) fn track(&mut self, now_ms: u64, connection: ConnectionId, name: &str, state: &RawValue) {
        let Some(open) = self.open(connection) else { return };
        let refusal = if !open.grant.allows(name) {
            Some(Refusal::forbidden(name))
        } else if !open.channels.contains(name) {
            Some(Refusal::not_subscribed(name))
        } else {
            None
        };
        let (id, user) = (open.member.clone(), open.user.clone());
        if let Some(refusal) = refusal {
            return self.refuse(now_ms, connection, &refusal, &Subject::Channel(name.into()));
        }
        if let Err((refusal, limit)) = self.room_for(name, &id, state) {
            self.stats.count_limit(limit, 1);
            return self.refuse(now_ms, connection, &refusal, &Subject::Channel(name.into()));
        }
        let Some(channel) = self.channels.get_mut(name) else { return };
        let Some(member) = channel.members.get_mut(&id) else {
            self.stats.members += 1;
            self.stats.presence_bytes += state.get().len();
            let member = Member { user, version: 1, state: state.to_owned(), connection, leaves_ms: None };
            let joined = Some([member.view(&id)]);
            let frame = Answer::Presence { channel: name, joined, updated: None, left: None }.frame();
            channel.members.insert(id, member);
            return tell(&mut self.outputs, channel, frame);
        };
        member.connection = connection;
        member.leaves_ms = None;
        if member.state.get() != state.get() {
            self.stats.presence_bytes += state.get().len();
            self.stats.presence_bytes -= member.state.get().len();
            member.state = state.to_owned();
            member.version += 1;
            let updated = Some([member.view(&id)]);
            let frame = Answer::Presence { channel: name, joined: None, updated, left: None }.frame();
            tell(&mut self.outputs, channel, frame);
        }
    }

    /// Whether a member with this state fits into the channel.
    fn room_for(&self, name: &str, id: &str, state: &RawValue) -> Result<(), (Refusal, Limit)> {
        let (size, limit) = (state.get().len(), self.config.presence_state_limit);
        if size > limit {
            return Err((Refusal::too_large("state", limit, size), Limit::PresenceState));
        }
        let limit = self.config.presence_members;
        let Some(channel) = self.channels.get(name) else { return Ok(()) };
        let before = channel.members.get(id).map(|member| member.state.get().len());
        if before.is_none() && channel.members.len() >= limit {
            let refusal = Refusal::new(RefusalCode::Unavailable, "the channel has no room for another member");
            return Err((Refusal { limit: Some(limit as u64), ..refusal }, Limit::PresenceMembers));
        }
        let grown = size.saturating_sub(before.unwrap_or(0));
        if grown > 0 && self.stats.presence_bytes + grown > self.config.presence_total {
            let refusal = Refusal::new(RefusalCode::Unavailable, "the server has no room for more presence states");
            return Err((refusal, Limit::PresenceTotal));
        }
        Ok(())
    }

    pub(super) fn untrack(&mut self, now_ms: u64, connection: ConnectionId, name: &str) {
        let Some(open) = self.open(connection) else { return };
        let member = open.member.clone();
        if let Some(channel) = self.channels.get_mut(name) {
            channel.touch(now_ms);
        }
        self.leave(name, &member, connection);
    }

    /// A member goes, if this session's connection is the one that speaks for it now or nobody does.
    pub(super) fn leave(&mut self, name: &str, member: &str, connection: ConnectionId) {
        let Some(channel) = self.channels.get_mut(name) else { return };
        let mine = |it: &Member| it.connection == connection || it.leaves_ms.is_some();
        if channel.members.get(member).is_some_and(mine)
            && let Some(gone) = channel.members.remove(member)
        {
            self.stats.members -= 1;
            self.stats.presence_bytes -= gone.state.get().len();
            let left = Some([member]);
            let frame = Answer::Presence { channel: name, joined: None, updated: None, left }.frame();
            tell(&mut self.outputs, channel, frame);
        }
    }

    /// A member's connection dropped: it stays for the grace time.
    pub(super) fn grant_grace(&mut self, now_ms: u64, name: &str, member: &str, connection: ConnectionId) {
        let leaves_ms = now_ms.saturating_add(self.config.presence_grace_ms);
        let Some(channel) = self.channels.get_mut(name) else { return };
        let Some((id, it)) = channel.members.iter_mut().find(|(id, _)| &***id == member) else { return };
        if it.connection == connection {
            it.leaves_ms = Some(leaves_ms);
            let timer = Timer::Member { channel: name.into(), member: id.clone() };
            self.timers.set(leaves_ms, timer);
        }
    }

    /// The grace time of a member may be over.
    pub(super) fn member_due(&mut self, now_ms: u64, name: &str, member: &str) {
        let Some(channel) = self.channels.get_mut(name) else { return };
        let Some(it) = channel.members.get(member) else { return };
        if it.leaves_ms.is_some_and(|leaves_ms| leaves_ms <= now_ms) {
            let connection = it.connection;
            channel.touch(now_ms);
            self.leave(name, member, connection);
        }
    }
}

/// Tells everybody who subscribed with presence.
fn tell(outputs: &mut std::collections::VecDeque<Output>, channel: &Channel, frame: super::Frame) {
    let listeners = channel.subscribers.iter().filter(|(_, presence)| **presence);
    outputs.extend(listeners.map(|(connection, _)| Output::Send { connection: *connection, frame: frame.clone() }));
}
